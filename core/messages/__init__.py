"""All that crosses between engine and window; no torch."""
