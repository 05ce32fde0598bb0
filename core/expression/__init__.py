"""Rules as trees, and a printer for each form in which a rule is read."""
