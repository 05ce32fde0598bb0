"""The rules by which each operation of a step makes its numbers, put into words."""
