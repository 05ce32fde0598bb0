"""A number that a person works out: the question, what answers it, and what is made of that."""
