"""What Chainrule does without a window."""
