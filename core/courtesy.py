"""Letting the window go first.

A training step of a small network holds and drops Python's lock hundreds of times a millisecond;
a window that wants it in between waits at each of its own calls, and a frame of 3 ms takes 20.
So whoever serves a person says when they begin and end, and the training loop waits between two
steps until they are done: both then run at full speed in turns.
"""

from __future__ import annotations

import threading

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

    def give_way(self) -> None:
        """Waits, in the training loop, while somebody who serves a person is at work."""
        if not self._free.is_set() and not self._free.wait(PATIENCE):
            self._free.set()
