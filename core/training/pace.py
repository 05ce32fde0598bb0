"""How fast a run goes and how long it will still take."""

from __future__ import annotations

from collections import deque

WINDOW = 1.5
"""Seconds that the speed shown is an average of: steady to the eye, quick to follow a change."""


class Pace:
    """Samples a second over the last moments of training, time spent on anything else left out."""

    def __init__(self) -> None:
        self._parts: deque[tuple[float, int, int]] = deque()
        self._seconds = 0.0
        self._samples = 0
        self._steps = 0
        self.epoch_seconds = 0.0
        self.epoch_samples = 0

    def add(self, seconds: float, samples: int, steps: int) -> None:
        """Adds a stretch of training."""
        self._parts.append((seconds, samples, steps))
        self._seconds += seconds
        self._samples += samples
        self._steps += steps
        self.epoch_seconds += seconds
        self.epoch_samples += samples
        while self._seconds > WINDOW and len(self._parts) > 1:
            old_seconds, old_samples, old_steps = self._parts.popleft()
            self._seconds -= old_seconds
            self._samples -= old_samples
            self._steps -= old_steps

    def end_epoch(self) -> float:
        """The speed of the epoch now over, in samples a second."""
        speed = self.epoch_samples / self.epoch_seconds if self.epoch_seconds else 0.0
        self.epoch_seconds = 0.0
        self.epoch_samples = 0
        return speed

    @property
    def samples_per_second(self) -> float | None:
        """None before anything was trained."""
        return self._samples / self._seconds if self._seconds > 0 else None

    def seconds_for(self, steps: int | None) -> float | None:
        """How long so many steps will take; None while unknown."""
        if steps is None or self._seconds <= 0 or self._steps == 0:
            return None
        return steps * self._seconds / self._steps
