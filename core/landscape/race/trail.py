"""What is kept of a runner's way: losses, points and states, thinned by halves on long races."""

from __future__ import annotations

import math
from array import array
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.landscape.thinning import early, is_kept
from core.messages.surface_views import Doubles

MOST_LOSSES = 4096
"""Losses kept: more could not be told apart on a screen."""

MOST_STATES = 199
"""States of a network kept, however small: with the newest, as many as a path is drawn of."""


FIRST = 6
"""The power of two up to which all steps are kept at first: 64 swings are more than can be told
apart, and eight paths of as many can still be drawn without a halt."""


@dataclass(frozen=True)
class Measurement:
    """What is known of a runner at one moment.

    Attributes:
        step: Updates behind the weights.
        loss: There, before the next update.
        seconds: The time that the steps so far have taken.
        point: (x, y) on a function; empty on a network.
    """

    step: int
    loss: float
    seconds: float
    point: tuple[float, ...] = ()


class LossHistory:
    """A runner's losses by step: the last, the least and the first below a target are kept
    whatever happens, the rest is thinned.

    Losses of batches say little one by one, and less beside those of all samples: what runners
    are compared by is the mean over their last batches.

    Args:
        most: How many to keep.
        window: Losses that a mean is of.

    Attributes:
        last: The newest.
        mean: Of the last ``window`` losses, or of as many as there are.
        begun: The first mean of a whole window; not a number before there is one.
        best: The least mean of a whole window; not a number before there is one.
        reached: Where a mean of a whole window first was at the target or below; its loss is
            that mean.
    """

    def __init__(self, most: int = MOST_LOSSES, window: int = 1) -> None:
        self._most = max(2, most)
        self._recent: deque[float] = deque(maxlen=window)
        self._stride = 1
        self._steps = array("q")
        self._losses = array("d")
        self._means = array("d")
        self._seconds = array("d")
        self._points = array("d")
        self._target: float | None = None
        self.last: Measurement | None = None
        self.mean = self.begun = self.best = math.nan
        self.reached: Measurement | None = None

    def seek(self, target: float | None) -> None:
        """Says which loss counts as reached.

        On a race so long that history were thinned, an earlier step than the one found may have
        reached it too.
        """
        if target == self._target:
            return
        self._target = target
        self.reached = None
        if target is None:
            return
        steps, means = self.steps(), self.means()
        for at in np.flatnonzero((means <= target) & (steps >= self.window - 1))[:1]:
            seconds = self._with_last(self._seconds, self.last.seconds if self.last else 0.0)
            self.reached = Measurement(int(steps[at]), float(means[at]), float(seconds[at]))

    def add(self, measurement: Measurement) -> None:
        """Takes the next one in; its loss is finite."""
        self.last = measurement
        self._recent.append(measurement.loss)
        self.mean = math.fsum(self._recent) / len(self._recent)
        if len(self._recent) == self.window:
            self._compare(measurement)
        if measurement.step % self._stride == 0:
            self._keep(measurement)

    def _compare(self, measurement: Measurement) -> None:
        if math.isnan(self.begun):
            self.begun = self.mean
        if not self.mean >= self.best:  # not a number before the first
            self.best = self.mean
        if self.reached is None and self._target is not None and self.mean <= self._target:
            self.reached = replace(measurement, loss=self.mean)

    @property
    def window(self) -> int:
        """Losses that a mean is of."""
        return self._recent.maxlen or 1

    def steps(self) -> NDArray[np.int64]:
        """(k,) rising: the steps of those kept, always with the last."""
        return self._with_last(self._steps, self.last.step if self.last else 0)

    def losses(self) -> Doubles:
        """(k,) at these steps."""
        return self._with_last(self._losses, self.last.loss if self.last else math.nan)

    def means(self) -> Doubles:
        """(k,) of the losses up to these steps, as ``mean`` was there."""
        return self._with_last(self._means, self.mean)

    def points(self) -> Doubles:
        """(k, 2) at these steps; (0, 2) on a network."""
        points = np.array(self._points).reshape(-1, 2)
        if self._lacks_last() and self.last is not None and self.last.point:
            points = np.vstack([points, self.last.point])
        return points

    def _lacks_last(self) -> bool:
        return self.last is not None and self._steps[-1] != self.last.step

    def _with_last(self, kept: array[int] | array[float], last: float) -> NDArray:  # type: ignore[type-arg]
        found = np.array(kept)  # of an array: a copy of its memory
        return np.append(found, last) if self._lacks_last() else found

    def _keep(self, measurement: Measurement) -> None:
        self._steps.append(measurement.step)
        self._losses.append(measurement.loss)
        self._means.append(self.mean)
        self._seconds.append(measurement.seconds)
        self._points.extend(measurement.point)
        if len(self._steps) > self._most:
            self._thin()

    def _thin(self) -> None:
        """Leaves every second of them."""
        self._stride *= 2
        kept = np.flatnonzero(np.array(self._steps) % self._stride == 0)
        points = np.array(self._points).reshape(-1, 2)
        self._steps = array("q", np.array(self._steps)[kept].tobytes())
        self._losses, self._means, self._seconds = (
            array("d", np.array(values)[kept].tobytes())
            for values in (self._losses, self._means, self._seconds)
        )
        if len(points):
            self._points = array("d", points[kept].tobytes())


class Trail:
    """A runner's states by step: all of the first steps, then fewer with each doubling.

    What swings does so in its first steps; evenly spread, a long race would show it sliding. The
    start is always among them.

    Args:
        budget: Bytes that they may take; two are kept whatever they take.
        most: How many to keep, however small.
    """

    def __init__(self, budget: int, most: int = MOST_STATES) -> None:
        self._budget = budget
        self._most = most
        self._power = FIRST
        self._steps: list[int] = []
        self._states: list[Tensor] = []

    def wants(self, step: int) -> bool:
        """Whether the state behind this step is to be kept."""
        return is_kept(step, self._power)

    def add(self, step: int, state: Tensor) -> None:
        """Keeps a state, (p,) float32, that nobody writes to again."""
        self._steps.append(step)
        self._states.append(state)
        self.fit(self._budget)

    def fit(self, budget: int) -> None:
        """Makes do with so many bytes."""
        self._budget = budget
        most = max(2, min(self._most, budget // max(1, self._states[0].nbytes)))
        if len(self._steps) > most:
            kept, self._power = early(self._steps, most, self._power)
            self._steps = [self._steps[i] for i in kept]
            self._states = [self._states[i] for i in kept]

    def cut(self, step: int) -> None:
        """Forgets what lies behind a step, since the way there was taken back."""
        keep = sum(kept <= step for kept in self._steps)
        del self._steps[keep:], self._states[keep:]

    def up_to(self, step: int, state: Tensor) -> tuple[list[int], list[Tensor]]:
        """Steps and states, where the runner stands as the last of them."""
        if self._steps[-1] == step:
            return list(self._steps), list(self._states)
        return [*self._steps, step], [*self._states, state]
