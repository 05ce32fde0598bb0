"""The surface as a map in two dimensions."""
