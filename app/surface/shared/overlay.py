"""What lies over the colours of a surface, drawn in pixels: it keeps its size in any zoom."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.kit import theme
from core.messages.surface_views import Doubles

BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
"""Why a picture shows a frame when it gets the focus."""

_PIECE = 8
"""Lines of a long path that are stroked together."""

_SHORT = 64
"""Points of a path that is stroked as a whole."""

ToPixels = Callable[[Doubles], Doubles]
"""Points (n, 2) or (2,) of the plane -> pixels."""


class Overlay(pg.GraphicsObject):  # type: ignore[misc]
    """Covers the whole picture; ``draw`` paints in pixels."""

    def boundingRect(self) -> QRectF:
        """All that is seen: what is drawn reaches some pixels beyond its points."""
        return QRectF(self.viewRect())

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        """Draws with the plane's units turned into pixels beforehand."""
        to_pixels = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, placed(to_pixels))

    def draw(self, painter: QPainter, place: ToPixels) -> None:
        """Paints; ``place`` turns points (n, 2) of the plane into pixels."""
        raise NotImplementedError


def placed(to_pixels: QTransform) -> ToPixels:
    """A transform without rotation, for many points at once."""
    scale = np.array([to_pixels.m11(), to_pixels.m22()])
    origin = np.array([to_pixels.dx(), to_pixels.dy()])
    return lambda points: np.asarray(points) * scale + origin


def polyline(points: Doubles) -> QPainterPath:
    """A line through pixels (n, 2), with gaps where they are not finite."""
    finite = bool(np.isfinite(points).all())
    connect = "all" if finite else "finite"
    path: QPainterPath = pg.functions.arrayToQPath(
        points[:, 0], points[:, 1], connect=connect, finiteCheck=not finite
    )
    return path


def stroke(painter: QPainter, points: Doubles, *pens: QPen) -> None:
    """Draws a line through pixels (n, 2) with one pen after another, piece by piece.

    Qt fills the outline of a whole stroke at once, in a time that rises with the square of how
    often it crosses itself: a path that swings from wall to wall would take a second.
    """
    size = _PIECE if len(points) > _SHORT else _SHORT
    starts = range(0, max(1, len(points) - 1), size)
    pieces = [polyline(points[start : start + size + 1]) for start in starts]
    for each in pens:
        for piece in pieces:
            painter.strokePath(piece, each)


def pen(
    colour: QColor | str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine, alpha: int = 255
) -> QPen:
    """A pen with round ends and corners."""
    tone = QColor(colour)
    tone.setAlpha(alpha)
    round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    return QPen(tone, width, style, round_cap, round_join)


def edge() -> QColor:
    """What parts lines and balls from the colours behind them: white by day, night by night."""
    tokens = theme.current()
    return QColor(tokens.sunken if tokens.dark else tokens.surface)


@lru_cache(maxsize=256)
def _outline(text: str, family: str, points: float, bold: bool) -> QPainterPath:
    font = QFont(family)
    font.setPointSizeF(points)
    font.setBold(bold)
    path = QPainterPath()
    path.addText(QPointF(0, 0), font, text)
    box = path.boundingRect()
    # Centred between the heights of digits, so that all labels of a row sit alike.
    digits = QPainterPath()
    digits.addText(QPointF(0, 0), font, "0")
    return path.translated(-box.center().x(), -digits.boundingRect().center().y())


def text_outline(text: str, font: QFont, *, bold: bool = False) -> QPainterPath:
    """Letters as a shape around the origin; made once a text."""
    return _outline(text, font.family(), font.pointSizeF(), bold)


def draw_text(
    painter: QPainter, shape: QPainterPath, colour: QColor | str, halo: QColor, width: float = 4.0
) -> None:
    """Letters with a halo, at the painter's origin."""
    painter.setPen(pen(halo, width, alpha=halo.alpha()))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(shape)
    painter.fillPath(shape, QColor(colour))


def add_arrow(shape: QPainterPath, foot: QPointF, tip: QPointF, head: float) -> None:
    """Adds a stroke with two barbs at its tip, in pixels."""
    way = tip - foot
    length = max(1e-9, (way.x() ** 2 + way.y() ** 2) ** 0.5)
    ahead = way / length * head
    across = QPointF(-ahead.y(), ahead.x()) * 0.65
    shape.moveTo(foot)
    shape.lineTo(tip)
    shape.addPolygon(QPolygonF([tip - ahead + across, tip, tip - ahead - across]))
