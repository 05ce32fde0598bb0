"""Lessons: pages of text over a real experiment, with what to do, what to answer and what then."""
