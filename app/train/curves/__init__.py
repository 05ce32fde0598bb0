"""Losses and accuracies over the steps."""
