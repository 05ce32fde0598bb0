"""The broken-step lab: a fault to be found, marked, named and repaired."""
