"""Copies of a run in main memory, for the time when its device fails."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from core.messages.snapshot import DeviceReport
from core.sentence import Sentence
from core.training.memento import Memento
from core.training.run import Run
from core.training.state import on_cpu

EVERY = 2.0
"""Seconds between two copies of a state on a GPU, which may take its memory along."""


class SafeCopies:
    """The newest copy of one run; none is needed while it computes in main memory."""

    def __init__(self) -> None:
        self._kept: Memento | None = None
        self._kept_at = 0.0

    def forget(self) -> None:
        """Begins anew with another run."""
        self._kept = None
        self._kept_at = 0.0

    def keep(self, run: Run) -> None:
        """Copies the run's state, if it lies on another device and it is time again."""
        if run.trainer.device.type != "cpu" and perf_counter() - self._kept_at > EVERY:
            self._kept = replace(run.memento(), training=on_cpu(run.trainer.state()))
            self._kept_at = perf_counter()

    def newest(self, run: Run) -> Memento | None:
        """The run's last safe state if the device still gives it out, else the last copy."""
        try:
            return replace(run.memento(), training=on_cpu(run.safe))
        except RuntimeError:
            return self._kept


def fallen_back(failed: DeviceReport, reason: str) -> DeviceReport:
    """The CPU, in the place of a device that failed."""
    return DeviceReport("cpu", "CPU", f"{failed.label} failed: {reason}")


def notice(failed: DeviceReport, reason: str, step: int) -> Sentence:
    """What a person is told of it."""
    return Sentence(
        "{device} failed ({reason}); the run goes on on the CPU from step {step}.",
        "Choose a smaller batch or network to go back to it.",
        device=failed.label,
        reason=reason,
        step=step,
    )
