"""All parameters as tables of numbers."""
