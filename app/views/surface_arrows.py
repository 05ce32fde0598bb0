"""Arrows that point downhill on a surface."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPolygonF

from app.views.surface_grid import downhill
from app.views.surface_overlay import Overlay, Place, pen
from core.scenery import Doubles, SurfaceView

ACROSS = 12
"""Arrows a side."""

INK = "#0c1428"
_LONGEST = 22.0
_SHORTEST = 7.0
_HEAD = 4.0


def field(surface: SurfaceView, drawn: Doubles) -> tuple[Doubles, Doubles]:
    """Where arrows stand and where they point.

    Args:
        surface: Its grid and plane.
        drawn: (h, w) the heights.

    Returns:
        (n, 2) points and (n, 2) directions in the units of the axes; none where it is flat or
        the slope is not known.
    """
    window = surface.window
    shares = (np.arange(ACROSS) + 0.5) / ACROSS
    x, y = np.meshgrid(window.left + shares * window.width, window.bottom + shares * window.height)
    points = np.stack([x.ravel(), y.ravel()], -1)
    directions = downhill(surface.x, surface.y, drawn, surface.plane, points)
    kept = np.isfinite(directions).all(1) & (np.abs(directions).max(1) > 0)
    return points[kept], directions[kept]


class ArrowItem(Overlay):
    """A field of small arrows, longer where it is steeper."""

    def __init__(self) -> None:
        super().__init__()
        self.points = self.directions = np.zeros((0, 2))

    def show_field(self, points: Doubles, directions: Doubles) -> None:
        """Draws other arrows: (n, 2) feet and (n, 2) directions, in the units of the axes."""
        self.points, self.directions = points, directions
        self.setVisible(len(points) > 0)
        self.update()

    def draw(self, painter: QPainter, place: Place) -> None:
        """Thin dark strokes: seen on any colour, and loud on none."""
        feet = place(self.points)
        turned = place(self.points + self.directions) - feet
        size = np.linalg.norm(turned, axis=1, keepdims=True)
        steepness = np.linalg.norm(self.directions, axis=1, keepdims=True)
        # By rank: slopes differ by powers of ten, and the gentle ones matter most.
        rank = steepness.argsort(0).argsort(0) / max(1, len(steepness) - 1)
        arms = turned / np.maximum(size, 1e-12) * (_SHORTEST + (_LONGEST - _SHORTEST) * rank)
        shape = QPainterPath()
        for (x, y), (dx, dy) in zip(feet - arms / 2, arms, strict=True):
            add_arrow(shape, QPointF(x, y), QPointF(x + dx, y + dy), _HEAD)
        painter.setPen(pen(QColor(INK), 1.0, alpha=170))
        painter.drawPath(shape)


def add_arrow(shape: QPainterPath, foot: QPointF, tip: QPointF, head: float) -> None:
    """Adds a stroke with two barbs at its tip, in pixels."""
    way = tip - foot
    length = max(1e-9, (way.x() ** 2 + way.y() ** 2) ** 0.5)
    ahead = way / length * head
    across = QPointF(-ahead.y(), ahead.x()) * 0.65
    shape.moveTo(foot)
    shape.lineTo(tip)
    shape.addPolygon(QPolygonF([tip - ahead + across, tip, tip - ahead - across]))
