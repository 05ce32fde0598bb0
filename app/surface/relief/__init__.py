"""The surface as a relief in three dimensions."""
