"""The losses of a network at many parameters."""
