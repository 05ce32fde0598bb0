"""How the range of a surface is moved and changed by mouse, and where that ends."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

from core.surveys import LEAST_RANGE, MOST_RANGE

_LEAST, _MOST = 2 * LEAST_RANGE, MOST_RANGE / 2
"""Ranges beyond which the wheel leads nowhere: well within those that may be asked for."""


class SurfaceBox(pg.ViewBox):  # type: ignore[misc]
    """Moved with the left button; the right one is for the menu."""

    def __init__(self) -> None:
        super().__init__()
        self.setLimits(minXRange=_LEAST, minYRange=_LEAST, maxXRange=_MOST, maxYRange=_MOST)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Leaves the right button alone."""
        if event.button() == Qt.MouseButton.RightButton:
            event.ignore()
        else:
            super().mouseDragEvent(event, axis)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Stops at the largest and smallest range; pyqtgraph would go on sideways there."""
        factor = 1.02 ** (event.delta() * self.state["wheelScaleFactor"])
        if self.has_room(factor):
            super().wheelEvent(event, axis)
        else:
            event.accept()

    def has_room(self, factor: float) -> bool:
        """Whether so many times as much can be shown."""
        sizes = (factor * (high - low) for low, high in self.viewRange())
        return all(_LEAST <= size <= _MOST for size in sizes)
