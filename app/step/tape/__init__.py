"""The operations of a recorded step as a list."""
