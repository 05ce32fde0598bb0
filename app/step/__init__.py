"""Perspective Step: one training step, taken apart operation by operation."""
