"""The only way to an engine, and what all views of one experiment share."""
