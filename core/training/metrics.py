"""What is measured while training, kept small however long the run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.messages.snapshot import Curve


def accuracy_of(a: Tensor, labels: Tensor) -> Tensor:
    """Which samples are classified right.

    Args:
        a: ``(n, k)`` outputs or logits with one column a class; or ``(n, 1)`` activations, where
            class 1 is meant above one half.
        labels: ``(n,)`` int64.

    Returns:
        ``(n,)`` bool.
    """
    if a.shape[1] == 1:
        return (a[:, 0] > 0.5).to(labels.dtype) == labels
    # The index that max gives is argmax's; on a CPU it comes in two thirds of the time.
    return a.max(1).indices == labels


class BinnedCurve:
    """Means over bins of steps; the bins double in width whenever they become too many.

    A run of any length so costs the same to keep and to draw, and every value counts once.
    """

    def __init__(self, capacity: int = 640) -> None:
        self._capacity = capacity
        self._sums = np.zeros(capacity)
        self._counts = np.zeros(capacity, np.int64)
        self._width = 1

    def add(self, first_step: int, values: NDArray[np.float32]) -> None:
        """Adds the values of consecutive steps.

        Args:
            first_step: The step of the first value, counted from 1.
            values: ``(n,)``.
        """
        steps = np.arange(first_step - 1, first_step - 1 + len(values))
        while steps[-1] // self._width >= self._capacity:
            self._halve()
        bins = steps // self._width
        np.add.at(self._sums, bins, values)
        np.add.at(self._counts, bins, 1)

    def _halve(self) -> None:
        for array in (self._sums, self._counts):
            array[: self._capacity // 2] = array[::2] + array[1::2]
            array[self._capacity // 2 :] = 0
        self._width *= 2

    def truncate(self, step: int) -> None:
        """Forgets the bins that begin after a step, for a run that goes back."""
        first = -(-step // self._width)
        self._sums[first:] = 0
        self._counts[first:] = 0

    def curve(self) -> Curve:
        """The bins' last steps and means, read-only."""
        filled = np.flatnonzero(self._counts)
        values = (self._sums[filled] / self._counts[filled]).astype(np.float32)
        steps = (filled + 1) * self._width
        if len(filled):
            # The last bin ends at the last step added, not where it will end when full.
            steps[-1] = filled[-1] * self._width + self._counts[filled[-1]]
        return frozen(steps, values)


class PointCurve:
    """Single measurements at single steps."""

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._values: list[float] = []

    def add(self, step: int, value: float) -> None:
        """Adds a measurement; one of the same step is replaced."""
        if self._steps and self._steps[-1] == step:
            self._steps.pop()
            self._values.pop()
        self._steps.append(step)
        self._values.append(value)

    def truncate(self, step: int) -> None:
        """Forgets what was measured after a step."""
        while self._steps and self._steps[-1] > step:
            self._steps.pop()
            self._values.pop()

    def curve(self) -> Curve:
        """The measurements, read-only."""
        return frozen(np.array(self._steps, np.int64), np.array(self._values, np.float32))


def frozen(steps: NDArray[np.int64], values: NDArray[np.float32]) -> Curve:
    """A curve whose arrays can no longer be written."""
    steps.flags.writeable = False
    values.flags.writeable = False
    return Curve(steps, values)
