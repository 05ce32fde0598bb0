"""Perspective Build: the forms in which a network and its training are chosen."""
