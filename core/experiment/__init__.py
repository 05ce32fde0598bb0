"""What an experiment is: its description, its layers, its network and weights."""
