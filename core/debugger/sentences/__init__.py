"""One plain sentence for each number of a recorded step, true for the numbers at hand."""
