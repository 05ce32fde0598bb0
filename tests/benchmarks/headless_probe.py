"""Prints the samples a second of a preset's training without a window."""

import sys
from statistics import median

import torch

from core.presets import PRESETS
from core.training import warmup
from tests.benchmarks.throughput import STEPS, our_loop


def main() -> None:
    torch.set_num_threads(1)
    warmup.finish()
    name = sys.argv[1]
    spec, steps = PRESETS[name].spec, STEPS[name]
    run = our_loop(spec)
    run(steps // 2)
    print(median(steps * spec.training.batch_size / run(steps) for _ in range(5)))


if __name__ == "__main__":
    main()
