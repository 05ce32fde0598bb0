"""A surface computed, coarse to fine, and what is read off it."""
