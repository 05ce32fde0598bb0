"""The network as a graph, to read and to build with."""
