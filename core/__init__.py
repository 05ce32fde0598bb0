"""The engine: torch and numpy, and never Qt."""
