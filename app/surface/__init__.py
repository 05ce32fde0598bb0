"""The loss surface: where it lies, its map, its relief, its profiles."""
