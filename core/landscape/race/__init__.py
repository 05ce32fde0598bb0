"""Optimizers set off from one point; learning rates tried."""
