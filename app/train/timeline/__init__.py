"""The steps of the run, to visit again."""
