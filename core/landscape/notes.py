"""What is kept of a runner's way: losses, points and states, thinned by halves on long races."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.scenery import Doubles

NOTES = 4096
"""Losses kept: more could not be told apart on a screen."""

STOPS = 200
"""States kept, however small."""


@dataclass(frozen=True)
class Note:
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


class Notes:
    """A runner's losses by step: the last, the least and the first below a target are kept
    whatever happens, the rest is thinned.

    Args:
        most: How many to keep.
    """

    def __init__(self, most: int = NOTES) -> None:
        self._most = max(2, most)
        self._stride = 1
        self._steps = array("q")
        self._losses = array("d")
        self._seconds = array("d")
        self._points = array("d")
        self._target: float | None = None
        self.first: Note | None = None
        self.last: Note | None = None
        self.best = math.nan
        self.reached: Note | None = None

    def seek(self, target: float | None) -> None:
        """Says which loss counts as reached.

        On a race so long that notes were thinned, an earlier step than the one found may have
        reached it too.
        """
        if target == self._target:
            return
        self._target = target
        self.reached = None
        if target is None:
            return
        steps, losses = self.steps(), self.losses()
        for at in np.flatnonzero(losses <= target)[:1]:
            seconds = self._with_last(self._seconds, "seconds")
            self.reached = Note(int(steps[at]), float(losses[at]), float(seconds[at]))

    def add(self, note: Note) -> None:
        """Takes the next one in; its loss is finite."""
        self.first = self.first or note
        self.last = note
        if not note.loss >= self.best:  # not a number before the first
            self.best = note.loss
        if self.reached is None and self._target is not None and note.loss <= self._target:
            self.reached = note
        if note.step % self._stride == 0:
            self._keep(note)

    def steps(self) -> NDArray[np.int64]:
        """(k,) rising: the steps of those kept, always with the last."""
        return self._with_last(self._steps, "step")

    def losses(self) -> Doubles:
        """(k,) at these steps."""
        return self._with_last(self._losses, "loss")

    def points(self) -> Doubles:
        """(k, 2) at these steps; (0, 2) on a network."""
        points = np.array(self._points).reshape(-1, 2)
        if self._lacks_last() and self.last is not None and self.last.point:
            points = np.vstack([points, self.last.point])
        return points

    def _lacks_last(self) -> bool:
        return self.last is not None and self._steps[-1] != self.last.step

    def _with_last(self, kept: array[int] | array[float], name: str) -> NDArray:  # type: ignore[type-arg]
        found = np.array(kept)  # of an array: a copy of its memory
        return np.append(found, getattr(self.last, name)) if self._lacks_last() else found

    def _keep(self, note: Note) -> None:
        self._steps.append(note.step)
        self._losses.append(note.loss)
        self._seconds.append(note.seconds)
        self._points.extend(note.point)
        if len(self._steps) > self._most:
            self._thin()

    def _thin(self) -> None:
        """Leaves every second of them."""
        self._stride *= 2
        kept = np.flatnonzero(np.array(self._steps) % self._stride == 0)
        points = np.array(self._points).reshape(-1, 2)
        self._steps = array("q", np.array(self._steps)[kept].tobytes())
        self._losses = array("d", np.array(self._losses)[kept].tobytes())
        self._seconds = array("d", np.array(self._seconds)[kept].tobytes())
        if len(points):
            self._points = array("d", points[kept].tobytes())


class Trail:
    """A runner's states by step, evenly spread over its way; the start is always among them.

    Args:
        budget: Bytes that they may take; two are kept whatever they take.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._stride = 1
        self._steps: list[int] = []
        self._states: list[Tensor] = []

    def wants(self, step: int) -> bool:
        """Whether the state behind this step is to be kept."""
        return step % self._stride == 0

    def add(self, step: int, state: Tensor) -> None:
        """Keeps a state, (p,) float32, that nobody writes to again."""
        self._steps.append(step)
        self._states.append(state)
        self.fit(self._budget)

    def fit(self, budget: int) -> None:
        """Makes do with so many bytes."""
        self._budget = budget
        most = max(2, min(STOPS, budget // max(1, self._states[0].nbytes)))
        while len(self._steps) > most:
            self._stride *= 2
            kept = [i for i, step in enumerate(self._steps) if step % self._stride == 0]
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
