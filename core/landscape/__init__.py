"""Loss surfaces of a network and of test functions, computed on copies beside the run."""
