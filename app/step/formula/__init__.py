"""The formula of one number, in symbols and in numbers."""
