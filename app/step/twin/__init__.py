"""What if? One thing changed in a second run, and the two beside each other."""
