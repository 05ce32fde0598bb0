"""The heights of a surface in colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.views.surface_colours import Limits, pixels
from core.scenery import Doubles

_STRIPES = 10
"""Pixels of the fine grid from one stripe to the next, over places without a loss."""


class HeatItem(pg.ImageItem):  # type: ignore[misc]
    """One pixel a point of a fine grid, melted into one another."""

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")

    def show_heights(self, x: Doubles, y: Doubles, fine: Doubles, limits: Limits) -> None:
        """Draws heights between the first and the last x and y.

        Args:
            x: Rising; only its ends count.
            y: Rising; only its ends count.
            fine: (h, w) as ``surface_grid.finer`` gives them.
            limits: Of the colours.
        """
        coloured = pixels(fine, limits, hatched=_STRIPES)
        self.setImage(np.ascontiguousarray(coloured), autoLevels=False, levels=(0, 255))
        height, width = fine.shape
        # The heights stand in the middle of their pixels.
        half_x = float(x[-1] - x[0]) / max(1, width - 1) / 2
        half_y = float(y[-1] - y[0]) / max(1, height - 1) / 2
        self.setRect(
            QRectF(
                float(x[0]) - half_x,
                float(y[0]) - half_y,
                float(x[-1] - x[0]) + 2 * half_x,
                float(y[-1] - y[0]) + 2 * half_y,
            )
        )

    def paint(self, painter: QPainter, *rest: Any) -> None:
        """Between pixels the colours go over into one another."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *rest)
