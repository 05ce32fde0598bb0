"""States kept along a run, so that one can go back to any of its steps."""

from __future__ import annotations

from array import array
from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from core.training.state import Packed, TrainingState, pack

BUDGET = 256 * 2**20
"""Bytes that the states may take, unless a person chose otherwise."""

MOST = 20_000
"""States, however small: more could not be told apart on a screen."""

LEAST = 1 * 2**20
"""Bytes; a smaller budget would not hold what the present step needs."""


class Timeline:
    """States by their step, the older ones thinned out when they take too much memory.

    The first state stays. Which steps can be computed anew from a state, see
    :mod:`core.training.stretches`.

    Attributes:
        bytes: What the states take.
        budget: What they may take.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._states: list[Packed] = []
        self._steps = array("q")
        self.budget = budget
        self.bytes = 0

    @property
    def first(self) -> int:
        """The earliest step there is a state of; 0 while there is none."""
        return self._steps[0] if self._steps else 0

    @property
    def last(self) -> TrainingState | None:
        """The newest state."""
        return self._states[-1].unpacked() if self._states else None

    @property
    def last_step(self) -> int:
        """The step of the newest state; 0 while there is none."""
        return self._steps[-1] if self._steps else 0

    def steps(self) -> NDArray[np.int64]:
        """(k,) rising: the steps whose states are kept."""
        return np.array(self._steps, np.int64)  # of an array: a copy of its memory

    def add(self, state: TrainingState) -> None:
        """Keeps a state; one of the same step, and all of later ones, give way to it."""
        self.truncate(state.step - 1)
        packed = pack(state, self._states[-1] if self._states else None)
        self._states.append(packed)
        self._steps.append(packed.step)
        self.bytes += packed.bytes
        self._thin()

    def at_or_before(self, step: int) -> TrainingState | None:
        """The newest state kept that is not past a step."""
        position = bisect_right(self._steps, step) - 1
        return self._states[position].unpacked() if position >= 0 else None

    def thinned(self, most: int) -> list[Packed]:
        """At most so many of the states, evenly spread, with the first and the last."""
        count = len(self._states)
        chosen = np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(np.int64))
        return [self._states[index] for index in chosen]

    def truncate(self, step: int) -> None:
        """Forgets the states after a step."""
        keep = bisect_right(self._steps, step)
        self.bytes -= sum(state.bytes for state in self._states[keep:])
        del self._states[keep:], self._steps[keep:]

    def set_budget(self, size: int) -> None:
        """Allows the states so many bytes, and thins them out if need be."""
        self.budget = max(size, LEAST)
        self._thin()

    def _thin(self) -> None:
        """Drops every second state of the older half, until the rest fits."""
        while len(self._states) > 2 and (self.bytes > self.budget or len(self._states) > MOST):
            half = max(2, len(self._states) // 2)
            dropped = set(range(1, half, 2))
            self._states = [s for i, s in enumerate(self._states) if i not in dropped]
            self._steps = array("q", (state.step for state in self._states))
            self.bytes = sum(state.bytes for state in self._states)
