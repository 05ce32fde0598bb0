"""How far the arrows on lit edges have come since the last step."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, QVariantAnimation, Signal

from app import theme

ARROW_SECONDS = 0.04
"""From one picture of moving arrows to the next."""


class Arrows(QObject):
    """Runs from 0 to 1 once a step; ``moved`` asks for a new picture, some times a second."""

    moved = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run = QVariantAnimation(self)
        self._run.setStartValue(0.0)
        self._run.setEndValue(1.0)
        self._run.valueChanged.connect(self._move)
        self._moved_at = 0.0

    @property
    def way(self) -> float:
        """How far they have come, 0 to 1; 1 where nothing runs."""
        running = self._run.state() == QVariantAnimation.State.Running
        return float(self._run.currentValue()) if running else 1.0

    def start(self) -> None:
        """From the beginning; with reduced motion they are there at once."""
        self._run.stop()
        if theme.animation_ms():
            self._run.setDuration(theme.animation_ms())
            self._run.start()

    def stop(self) -> None:
        """They are there."""
        self._run.stop()

    def _move(self, way: float) -> None:
        """The whole picture is painted each time, so not with every tick."""
        if way >= 1.0 or perf_counter() - self._moved_at > ARROW_SECONDS:
            self._moved_at = perf_counter()
            self.moved.emit()
