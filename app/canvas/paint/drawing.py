"""Small helps for painting: mixed colours, fonts that follow the zoom, text on a ground, maps."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication

from app.canvas.model.blocks import heat, rgb
from app.canvas.model.layout import Box
from app.canvas.model.numbers import Floats
from app.kit import theme
from app.kit.numbers import four_digits
from app.kit.theme import Theme

SMALLEST_POINTS = 6.5
"""Below this a text is left out, since nobody could read it."""
DIM = 0.36
"""How much is left of what is not lit."""


def mix(one: str, other: str, share: float) -> QColor:
    """A colour so far on the way from one to another."""
    parts = zip(rgb(one), rgb(other), strict=True)
    return QColor(*(round(start + (end - start) * share) for start, end in parts))


def signed(tokens: Theme, value: float, limit: float) -> QColor:
    """A number's colour: its sign, as strong as its share of the limit."""
    share = min(abs(value) / limit, 1.0) if limit and np.isfinite(value) else 0.0
    return mix(tokens.surface, tokens.negative if value < 0 else tokens.positive, share)


def readable_on(colour: QColor) -> QColor:
    """Black or white, whichever stands out more."""
    light = 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue()
    return QColor("#101216" if light > 140 else "#ffffff")


def faded(colour: str, opacity: float) -> QColor:
    """A colour through which something shines."""
    fill = QColor(colour)
    fill.setAlphaF(opacity)
    return fill


def text_font(scale: float, *, bold: bool = False, points: float = theme.BODY_POINTS) -> QFont:
    """The window's face, at a size that follows the zoom within what reads well."""
    font = QApplication.font()
    text = theme.scale()
    font.setPointSizeF(points * text * min(max(scale / text, 0.8), 1.3))
    font.setBold(bold)
    return font


@lru_cache(maxsize=4096)
def short(value: float) -> str:
    """A number in four significant digits."""
    return four_digits(value)


def outline(painter: QPainter, colour: str, width: float, fill: str | None = None) -> None:
    """What is drawn next has a line of that colour around it, and a fill or none."""
    painter.setPen(QPen(QColor(colour), width))
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else QColor(fill))


def rect(box: Box) -> QRectF:
    """Qt's rectangle."""
    return QRectF(box.x, box.y, box.width, box.height)


def boxed(painter: QPainter, area: QRectF, radius: float, line: QPen, fill: QColor) -> None:
    """A rounded box as one fill in another: ten times as fast as an outline.

    Args:
        painter: Drawn with.
        area: Up to the middle of its line.
        radius: Of its corners.
        line: Its line's colour and width.
        fill: What it is filled with.
    """
    painter.setPen(Qt.PenStyle.NoPen)
    half = line.widthF() / 2
    for colour, out in ((line.color(), half), (fill, -half)):
        painter.setBrush(colour)
        piece = area.adjusted(-out, -out, out, out)
        painter.drawRoundedRect(piece, radius + out, radius + out)


def pill(painter: QPainter, middle: QPointF, text: str, ground: str, colour: str) -> QRectF:
    """A text on a rounded ground, around a point, in the painter's font."""
    area = pill_rect(painter.font(), middle, text)
    path = QPainterPath()
    path.addRoundedRect(area, area.height() / 2, area.height() / 2)
    painter.fillPath(path, faded(ground, 0.9))
    painter.setPen(QColor(colour))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    return area


def pill_rect(font: QFont, middle: QPointF, text: str) -> QRectF:
    """The room that such a text takes."""
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 8, metrics.height() + 1
    return QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)


def heat_image(values: Floats, limit: float, tokens: Theme) -> QImage:
    """Numbers (rows, columns) as colours, a pixel each; ``limit`` gets the whole colour."""
    pixels = heat(values, limit, (tokens.positive, tokens.negative, tokens.surface))
    rows, columns = pixels.shape[:2]
    # The copy is Qt's own; without it the image would outlive its pixels.
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()


class HeatImages:
    """The pictures of one moment, each made when it is first wanted."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._images: dict[Hashable, list[QImage]] = {}

    def get(
        self, moment: tuple[object, ...], key: Hashable, make: Callable[[], list[QImage]]
    ) -> list[QImage]:
        """Those of a key; all are forgotten with another moment."""
        if moment != self._of:
            self._of, self._images = moment, {}
        if key not in self._images:
            self._images[key] = make()
        return self._images[key]
