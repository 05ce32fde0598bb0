"""How the layers' numbers spread, step after step."""
