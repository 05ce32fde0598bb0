"""Lessons in the window: their list, and a page at a time beside the learner's own network."""
