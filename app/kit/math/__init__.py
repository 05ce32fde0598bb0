"""Formulas, drawn as mathematics and read as text."""
