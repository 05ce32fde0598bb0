"""The race of optimizers: who runs, how, and how they fare."""
