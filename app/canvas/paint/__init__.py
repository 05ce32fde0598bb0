"""The layers of the picture, painted one over the other."""
