"""Training pictures changed a little each time they are seen, as other hands would draw them."""
