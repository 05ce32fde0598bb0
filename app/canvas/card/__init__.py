"""The card of one neuron or weight, in which its numbers are read and changed."""
