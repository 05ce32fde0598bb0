"""Which learning rate suits: the finder and the grid of trials."""
