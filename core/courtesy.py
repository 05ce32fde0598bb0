"""Letting the window go first.

A training step of a small network holds and drops Python's lock hundreds of times a millisecond;
a window that wants it in between waits at each of its own calls, and a frame of 3 ms takes 20.
So whoever serves a person says when they begin and end, and the training loop waits between two
steps until they are done: both then run at full speed in turns.
"""

from __future__ import annotations

import threading
from time import perf_counter

PATIENCE = 0.012
"""Seconds that training waits at the most each time: less than a frame, so that it goes on beside
a window that is busy for long."""


class Courtesy:
    """A door that the window and the predictor hold shut while they work."""

    def __init__(self) -> None:
        self._free = threading.Event()
        self._free.set()
        self.begin = self._free.clear
        self.end = self._free.set
        self._next = 0.0

    def expect(self, seconds: float) -> None:
        """The window will begin again in so many seconds: its next frame."""
        self._next = perf_counter() + seconds

    def give_way(self, ahead: float = 0.0) -> None:
        """Waits, in a loop that works beside, while somebody who serves a person is at work.

        Args:
            ahead: Seconds before an expected frame from which on nothing more is begun. Where
                there are fewer processors than busy threads, the frame then finds one free.
        """
        if 0 < self._next - perf_counter() < ahead:
            self._free.clear()
        if not self._free.is_set() and not self._free.wait(PATIENCE):
            self._free.set()
