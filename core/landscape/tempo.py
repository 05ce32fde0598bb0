"""When the next step of a race is due that goes at a pace one can watch."""

from __future__ import annotations

import math


class Tempo:
    """Keeps time for steps that follow one another at a pace.

    The pace may be another each time it is asked: what counts is when the last step was due.
    """

    def __init__(self) -> None:
        self._last = -math.inf

    def due_in(self, pace: float, now: float) -> float:
        """Seconds until the next step may be taken; 0 where it may at once.

        Args:
            pace: Steps a second.
            now: A moment of ``perf_counter``.
        """
        return max(0.0, self._last + 1 / pace - now)

    def taken(self, pace: float, now: float) -> None:
        """Says that a step is taken now; one that comes late is not made up for."""
        due = self._last + 1 / pace
        self._last = due if now - due < 1 / pace else now
