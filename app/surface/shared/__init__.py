"""What map and relief have in common."""
