"""What the losses of a race are means of, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.scenery import RunnerView


def window_of(runners: tuple[RunnerView, ...]) -> int:
    """Batches that the losses of a race are means of; 1 where each loss is of all there is."""
    return max((one.window for one in runners), default=1)


def about_means(window: int) -> str:
    """What a mean loss is; empty where losses are no means."""
    if window == 1:
        return ""
    text = QCoreApplication.translate(
        "race",
        "The mean over each runner's last {count} batches, so that they can be compared; who takes "
        "all samples in each step has their loss itself.",
    )
    return text.format(count=window)
