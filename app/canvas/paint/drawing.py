"""Small helps for painting: mixed colours, fonts that follow the zoom, text on a ground."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath
from PySide6.QtWidgets import QApplication

from app.canvas.model.blocks import rgb
from app.canvas.model.layout import Box
from app.canvas.model.viewport import Viewport
from app.kit import theme
from app.kit.numbers import four_digits
from app.kit.theme import Theme

SMALLEST_POINTS = 6.5
"""Below this a text is left out, since nobody could read it."""


@dataclass(frozen=True)
class Paper:
    """What every painting function needs.

    Attributes:
        painter: In pixels of the widget.
        view: The zoom.
        tokens: The colours.
        size: Of the widget.
        ratio: Pixels of the screen to one of the widget.
    """

    painter: QPainter
    view: Viewport
    tokens: Theme
    size: QSize
    ratio: float


def mix(one: str, other: str, share: float) -> QColor:
    """A colour so far on the way from one to another."""
    start, end = np.array(rgb(one)), np.array(rgb(other))
    red, green, blue = np.rint(start + (end - start) * share).astype(int).tolist()
    return QColor(red, green, blue)


def signed(tokens: Theme, value: float, limit: float) -> QColor:
    """A number's colour: its sign, as strong as its share of the limit."""
    share = min(abs(value) / limit, 1.0) if limit and np.isfinite(value) else 0.0
    return mix(tokens.surface, tokens.negative if value < 0 else tokens.positive, share)


def readable_on(colour: QColor) -> QColor:
    """Black or white, whichever stands out more."""
    light = 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue()
    return QColor("#101216" if light > 140 else "#ffffff")


def text_font(scale: float, *, bold: bool = False, points: float = theme.BODY_POINTS) -> QFont:
    """The window's face, at a size that follows the zoom within what reads well."""
    font = QApplication.font()
    font.setPointSizeF(points * min(max(scale, 0.8), 1.3))
    font.setBold(bold)
    return font


def digits_font(points: float) -> QFont:
    """The face of numbers."""
    return theme.number_font(points)


@lru_cache(maxsize=4096)
def short(value: float) -> str:
    """A number in four significant digits."""
    return four_digits(value)


def rect(box: Box) -> QRectF:
    """Qt's rectangle."""
    return QRectF(box.x, box.y, box.width, box.height)


def pill(painter: QPainter, middle: QPointF, text: str, ground: str, colour: str) -> QRectF:
    """A text on a rounded ground, around a point, in the painter's font."""
    area = pill_rect(painter.font(), middle, text)
    path = QPainterPath()
    path.addRoundedRect(area, area.height() / 2, area.height() / 2)
    fill = QColor(ground)
    fill.setAlphaF(0.9)
    painter.fillPath(path, fill)
    painter.setPen(QColor(colour))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    return area


def pill_rect(font: QFont, middle: QPointF, text: str) -> QRectF:
    """The room that such a text takes."""
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 8, metrics.height() + 1
    return QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)
