"""What Chainrule's speed is, as ratios measured in one run: ``python -m tests.benchmarks``."""
