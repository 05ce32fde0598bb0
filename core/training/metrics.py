"""What is measured while training, kept small however long the run."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.experiment.network import Network
from core.messages.curves import Curve
from core.messages.surface_views import read_only

FIRST_POINTS = 64
"""Of a curve of single measurements: these are never thinned out."""


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


@dataclass(frozen=True, eq=False)
class Slice:
    """What a stretch of steps gave.

    Attributes:
        first_step: The step of the first value, counted from 1.
        losses: (k,) float32, the data's loss of each step's batch.
        accuracies: (k,) float32 for classification; None for regression, or if not asked for.
        finite: Whether losses and parameters all are.
    """

    first_step: int
    losses: NDArray[np.float32]
    accuracies: NDArray[np.float32] | None
    finite: bool


class Log:
    """What the steps since the last transfer gave, still on the device.

    Attributes:
        losses: 0-d, one a step.
        zs, targets: Of each step's batch, where the accuracy is asked for.
    """

    def __init__(self, network: Network) -> None:
        self.losses: list[Tensor] = []
        self.zs: list[Tensor] = []
        self.targets: list[Tensor] = []
        self._network = network
        self._parameters = list(network.parameters())

    def clear(self) -> None:
        """Forgets it all."""
        for kept in (self.losses, self.zs, self.targets):
            kept.clear()

    def bring(self, step: int) -> Slice | None:
        """Brings it over from the device, up to a step; None where there is nothing."""
        if not self.losses:
            return None
        with torch.inference_mode():
            values = torch.stack(self.losses).float().cpu().numpy()
            accuracies = self._accuracies() if self.zs else None
            finite = bool(np.isfinite(values).all()) and self._parameters_finite()
        self.clear()
        return Slice(step - len(values) + 1, values, accuracies, finite)

    def _accuracies(self) -> NDArray[np.float32]:
        zs = self.zs
        a = torch.cat(zs)
        if a.shape[1] == 1:
            a = self._network.activate(a)
        right = accuracy_of(a, _labels_of(torch.cat(self.targets))).float().cpu().numpy()
        # All batches are of one size, but for an epoch's last and where the size was changed.
        if len(zs[0]) == len(zs[-1]) and len(right) == len(zs) * len(zs[0]):
            means: NDArray[np.float32] = right.reshape(len(zs), -1).mean(1)
            return means
        sizes = [len(z) for z in zs]
        starts = np.cumsum([0, *sizes[:-1]])
        return (np.add.reduceat(right, starts) / sizes).astype(np.float32)

    def _parameters_finite(self) -> bool:
        # NaN and infinity reach an extreme, and finding both costs a tenth of isfinite().all().
        extremes = [extreme for p in self._parameters for extreme in torch.aminmax(p)]
        return bool(torch.stack(extremes).isfinite().all())


def _labels_of(targets: Tensor) -> Tensor:
    """Class indices from targets in either encoding."""
    if targets.dim() == 1:
        return targets
    return targets[:, 0].round().long() if targets.shape[1] == 1 else targets.argmax(1)


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

    def parts(self) -> tuple[int, NDArray[np.float64], NDArray[np.int64]]:
        """The bins' width, sums and counts, as :meth:`fill` takes them."""
        return self._width, self._sums, self._counts

    def fill(self, width: int, sums: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        """Takes up the bins of another.

        Raises:
            ValueError: They are not such bins.
        """
        alike = (sums.shape, counts.shape) == (self._sums.shape, self._counts.shape)
        kinds = (sums.dtype, counts.dtype) == (self._sums.dtype, self._counts.dtype)
        if not (alike and kinds) or width < 1 or width.bit_count() != 1 or (counts < 0).any():
            raise ValueError("these are not the bins of a curve")
        self._width, self._sums, self._counts = width, sums.copy(), counts.copy()

    def _halve(self) -> None:
        for bins in (self._sums, self._counts):
            bins[: self._capacity // 2] = bins[::2] + bins[1::2]
            bins[self._capacity // 2 :] = 0
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
        return Curve(read_only(steps), read_only(values))


class PointCurve:
    """Single measurements at single steps; of very many every second one is let go.

    The first ones stay, where a run changes most.
    """

    def __init__(self, capacity: int = 2048) -> None:
        self._capacity = capacity
        self._steps = array("q")
        self._values = array("f")

    def add(self, step: int, value: float) -> None:
        """Adds a measurement, of an earlier step too; one of the same step is replaced."""
        place = bisect_left(self._steps, step)
        if self.has(step):
            self._values[place] = value
            return
        self._steps.insert(place, step)
        self._values.insert(place, value)
        if len(self._steps) > self._capacity:
            self._thin()

    def has(self, step: int) -> bool:
        """Whether a step was measured."""
        place = bisect_left(self._steps, step)
        return place < len(self._steps) and self._steps[place] == step

    def parts(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Steps and values, as :meth:`fill` takes them."""
        return np.array(self._steps, np.int64), np.array(self._values, np.float32)

    def fill(self, steps: NDArray[np.int64], values: NDArray[np.float32]) -> None:
        """Takes up the measurements of another.

        Raises:
            ValueError: They are not as many values at as many rising steps.
        """
        alike = steps.shape == values.shape and steps.ndim == 1 and len(steps) <= self._capacity
        kinds = (steps.dtype.name, values.dtype.name) == ("int64", "float32")
        if not (alike and kinds) or (np.diff(steps) <= 0).any() or (steps < 0).any():
            raise ValueError("these are not the points of a curve")
        self._steps, self._values = array("q", steps), array("f", values)

    def _thin(self) -> None:
        first = FIRST_POINTS + (len(self._steps) - FIRST_POINTS - 1) % 2  # so the newest stays
        self._steps[FIRST_POINTS:] = self._steps[first::2]
        self._values[FIRST_POINTS:] = self._values[first::2]

    def truncate(self, step: int) -> None:
        """Forgets what was measured after a step."""
        keep = bisect_right(self._steps, step)
        del self._steps[keep:], self._values[keep:]

    def curve(self) -> Curve:
        """The measurements, read-only."""
        steps, values = np.array(self._steps, np.int64), np.array(self._values, np.float32)
        return Curve(read_only(steps), read_only(values))
