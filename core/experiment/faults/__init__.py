"""Bugs of real code, put into an experiment on purpose: a class each, and the registry of them."""
