"""At which steps a run measures the test set, and over how many of its samples.

Both follow from the experiment alone, never from a clock: two equal runs, in the window or in the
terminal, on a quick machine or a slow one, have equal curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod

import numpy as np
import torch
from torch import Tensor

from core.experiment.layers import Residual
from core.experiment.network import Network, blocks_of

PART = 1000
"""Samples of a test set that are measured within an epoch; the whole of a smaller one."""

SHARE = 0.015
"""The most of a run's work that measuring between the ends of epochs may be."""

SMALLEST_STEP = 2.5e6
"""Multiplications that a core does in the time that the smallest step takes: some 80 µs."""

SMALLEST_MEASUREMENT = 3 * SMALLEST_STEP
"""The same for a measurement and what goes on around it."""


@dataclass(frozen=True)
class Grid:
    """The steps 1, 2, 4, 8 and so on while these lie close, then evenly; after a change anew.

    Attributes:
        epoch: Steps in an epoch.
        parts: In how many even parts an epoch is measured; the last ends with it.
        epochs: How many epochs are passed from one measurement to the next, where they are short;
            ``parts`` is then 1.
    """

    epoch: int
    parts: int = 1
    epochs: int = 1

    @classmethod
    def of(cls, steps_per_epoch: int, batch: int, work: float, tests: int) -> Grid:
        """As dense as the share of work allows.

        Args:
            batch: Samples in a step.
            work: Multiplications that one sample's forward pass takes.
            tests: Samples in the test set.
        """
        # Per sample a step takes as long as four or five passes forward in large chunks.
        step = SMALLEST_STEP + 4 * work * batch
        measurement = SMALLEST_MEASUREMENT + work * min(tests, PART)
        apart = max(1, ceil(measurement / step / SHARE))
        if apart > steps_per_epoch:
            return cls(steps_per_epoch, 1, ceil(apart / steps_per_epoch))
        return cls(steps_per_epoch, steps_per_epoch // apart)

    def _is_close(self, step: int) -> bool:
        """Whether a step is so early that the doubled ones lie closer than the even ones."""
        return step * self.parts <= self.epoch * self.epochs

    def next_after(self, step: int, epoch: int, epoch_step: int, since: int = 0) -> int:
        """The first step of the grid after one that lies so far in an epoch.

        Args:
            step: Updates taken.
            epoch: Whole epochs in them.
            epoch_step: Those of the epoch under way.
            since: The last step at which a person changed the rules: what follows is new.
        """
        even = step - epoch_step + self._mark_after(epoch, epoch_step)
        doubled = 1 << (step - since).bit_length()
        return min(since + doubled, even) if self._is_close(doubled) else even

    def has(self, step: int, epoch: int, epoch_step: int, since: int = 0) -> bool:
        """Whether a step is one of the grid; the run's first moment is, and that of a change."""
        taken = step - since
        if taken & (taken - 1) == 0 and self._is_close(taken):
            return True
        if epoch_step == 0:
            return epoch % self.epochs == 0
        return self.epochs == 1 and self._mark_after(epoch, epoch_step - 1) == epoch_step

    def _mark_after(self, epoch: int, epoch_step: int) -> int:
        """Where the next even measurement is, in steps from the beginning of the epoch."""
        if self.epochs > 1:
            return (self.epochs - epoch % self.epochs) * self.epoch
        part = epoch_step * self.parts // self.epoch
        marks = (self._mark(number) for number in range(part, self.parts))
        return next((mark for mark in marks if mark > epoch_step), self.epoch)

    def _mark(self, part: int) -> int:
        return round(part * self.epoch / self.parts)


def work_of(network: Network) -> float:
    """About how many multiplications one sample's forward pass takes."""
    blocks = [block for block in blocks_of(network) if not isinstance(block.shape.layer, Residual)]
    return sum(
        weights.numel() * prod(block.shape.output_shape[1:])
        for block in blocks
        for weights in block.parameters()
        if weights.dim() > 1
    )


def fixed_part(tests: int, seed: int) -> Tensor:
    """Which test samples are measured within an epoch, then all others: (tests,) int64.

    Drawn, since files are often sorted: MNIST's second half is the harder to read.
    """
    drawn = np.random.default_rng([seed, 2]).permutation(tests)
    parts = np.sort(drawn[:PART]), np.sort(drawn[PART:])
    return torch.from_numpy(np.concatenate(parts))
