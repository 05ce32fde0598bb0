"""Contours over the colours of a surface, each with its value written on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath
from PySide6.QtWidgets import QApplication

from app.kit import theme
from app.kit.plots.style import between, luminance, picture_rect
from app.surface.shared.colours import Limits, colour_at, pixels
from app.surface.shared.contours import Frame, Label, Level, place_labels
from app.surface.shared.grid import downhill
from app.surface.shared.overlay import (
    Overlay,
    ToPixels,
    add_arrow,
    draw_text,
    pen,
    polyline,
    text_outline,
)
from core.messages.surface_views import Doubles, SurfaceView

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

    def draw(self, painter: QPainter, place: ToPixels) -> None:
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
        self.setRect(picture_rect(x, y, fine.shape))

    def paint(self, painter: QPainter, *rest: Any) -> None:
        """Between pixels the colours go over into one another."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *rest)


LINE_WIDTH = 1.0
"""Any wider, and Qt takes ten times as long to draw it."""
_SMALLER = 0.92


class ContourItem(Overlay):
    """Lines in a shade of the colour they pass through: seen, but never louder than the paths."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: tuple[Level, ...] = ()
        self.lines: list[list[Doubles]] = []
        self.labels: tuple[Label, ...] = ()
        self._texts: tuple[str, ...] = ()

    def show_contours(
        self, levels: tuple[Level, ...], texts: tuple[str, ...], lines: list[list[Doubles]]
    ) -> None:
        """Draws other lines; labels are placed by ``place``.

        Args:
            levels: Rising.
            texts: What is written on each.
            lines: The polylines of each, on the plane.
        """
        if [level.value for level in levels] != [level.value for level in self.levels]:
            self.labels = ()
        self.levels, self._texts, self.lines = levels, texts, lines
        self.update()

    def place(self, frame: Frame, taken: Sequence[Doubles]) -> None:
        """Finds room for the labels in what is seen, off the lines taken."""
        self.labels = place_labels(self.lines, frame, taken, self.labels)
        self.update()

    def draw(self, painter: QPainter, place: ToPixels) -> None:
        for level, parts in zip(self.levels, self.lines, strict=True):
            painter.setPen(pen(_shade(level.share), LINE_WIDTH))
            painter.drawPath(_joined(parts, place))
        for label in self.labels:
            self._draw_label(painter, label, place)

    def _draw_label(self, painter: QPainter, label: Label, place: ToPixels) -> None:
        share = self.levels[label.level].share
        (x, y), (ahead_x, ahead_y) = place(np.array([label.point, label.ahead]))
        angle = math.degrees(math.atan2(ahead_y - y, ahead_x - x))
        painter.save()
        painter.translate(x, y)
        painter.rotate(_upright(angle))
        shape = text_outline(self._texts[label.level], label_font())
        draw_text(painter, shape, _ink(share), colour_at(share), 5.0)
        painter.restore()


def label_font() -> QFont:
    """A little smaller than the window's text."""
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() * _SMALLER)
    return font


def _joined(parts: Sequence[Doubles], place: ToPixels) -> QPainterPath:
    """All lines of a level as one shape."""
    if not parts:
        return QPainterPath()
    gap = np.full((1, 2), np.nan)
    return polyline(np.concatenate([piece for part in parts for piece in (place(part), gap)][:-1]))


def _upright(angle: float) -> float:
    """Text along a line reads from left to right."""
    return (angle + 90) % 180 - 90


def _shade(share: float) -> QColor:
    """The colour of the level, darker on pale and lighter on deep ground."""
    colour = colour_at(share)
    return between((colour.name(), "#ffffff" if _is_deep(colour) else "#10182c"), 0.42)


def _ink(share: float) -> str:
    tokens = theme.current()
    light, dark = (tokens.text, tokens.sunken) if tokens.dark else (tokens.surface, tokens.text)
    return light if _is_deep(colour_at(share)) else dark


def _is_deep(colour: QColor) -> bool:
    """Whether light letters read better on it than dark ones (relative luminance, WCAG 2)."""
    return luminance(colour) < 0.2
