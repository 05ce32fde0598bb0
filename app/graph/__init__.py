"""The network as a picture: columns of neurons, joined by weights, to read and to build with."""
