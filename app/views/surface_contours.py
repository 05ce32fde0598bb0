"""Contours over the colours of a surface, each with its value written on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath
from PySide6.QtWidgets import QApplication

from app import theme
from app.views.plot_style import between
from app.views.surface_colours import colour_at
from app.views.surface_levels import Level
from app.views.surface_lines import Frame, Label, place_labels
from app.views.surface_overlay import Overlay, Place, draw_text, pen, polyline, text_outline
from core.scenery import Doubles

LINE_WIDTH = 1.0
"""Any wider, and Qt takes ten times as long to draw it."""
_SMALLER = 0.92
_PALE = 0.62
"""Lighter than this, lines and letters over a colour are dark."""


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

    def draw(self, painter: QPainter, place: Place) -> None:
        """All lines, then all labels."""
        for level, parts in zip(self.levels, self.lines, strict=True):
            painter.setPen(pen(_shade(level.share), LINE_WIDTH))
            painter.drawPath(_joined(parts, place))
        for label in self.labels:
            self._draw_label(painter, label, place)

    def _draw_label(self, painter: QPainter, label: Label, place: Place) -> None:
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


def _joined(parts: Sequence[Doubles], place: Place) -> QPainterPath:
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
    towards, part = ("#ffffff", 0.42) if _is_deep(colour) else ("#10182c", 0.42)
    return between((colour.name(), towards), part)


def _ink(share: float) -> str:
    tokens = theme.current()
    light, dark = (tokens.text, tokens.sunken) if tokens.dark else (tokens.surface, tokens.text)
    return light if _is_deep(colour_at(share)) else dark


def _is_deep(colour: QColor) -> bool:
    """Whether light letters read better on it than dark ones (relative luminance, WCAG 2)."""
    parts = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return bool(linear @ (0.2126, 0.7152, 0.0722) < 0.2)
