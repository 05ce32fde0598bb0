"""Learning rates, tried out: copies of the network trained at each, or at ever larger ones."""
