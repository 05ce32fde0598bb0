"""What joins a block to its neighbour, in place of edges too many to draw."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF

from app.graph.block_painter import PAD
from app.graph.drawing import Paper, rect
from app.graph.layout import Box, Column


def place_rect(
    paper: Paper, column: Column, unit: int | None = None, radius: float = 0.0
) -> QRectF:
    """Where a column, or one unit of it, is drawn."""
    box = column.box
    place = None if unit is None else column.place_of(unit)
    if place is not None:
        x, y = column.centres[place]
        box = Box(x - radius, y - radius, 2 * radius, 2 * radius)
    elif column.grid is not None and unit is not None and unit < column.grid.shape[0]:
        _, rows, columns = column.grid.shape
        left, top = column.grid.corner(unit)
        cell = column.grid.cell
        box = Box(box.x + left, box.y + top, columns * cell, rows * cell)
    pad = PAD + 1 if column.is_block and box is column.box else 0.0
    return rect(paper.view.box(box)).adjusted(-pad, 0, pad, 0)


def draw_band(paper: Paper, start: QRectF, end: QRectF) -> None:
    """From a whole column to the next."""
    fill = QColor(paper.tokens.disabled)
    fill.setAlphaF(0.1)
    paper.painter.fillPath(_between(start, end), fill)


def draw_lit_band(
    paper: Paper, start: QRectF, end: QRectF, direction: int, way: float | None
) -> None:
    """What is lit of it; with an arrow that has come so far, where something runs."""
    fill = QColor(paper.tokens.text)
    fill.setAlphaF(0.16)
    path = _between(start, end)
    paper.painter.fillPath(path, fill)
    painter = paper.painter
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(paper.tokens.text_dim), 1.0))
    painter.drawPath(path)
    if way is not None:
        share = 0.15 + 0.5 * way
        share = share if direction > 0 else 1 - share
        left, right = (
            QPointF(start.right(), start.center().y()),
            QPointF(end.left(), end.center().y()),
        )
        _chevron(paper, left + (right - left) * share, direction)


def _between(start: QRectF, end: QRectF) -> QPainterPath:
    path = QPainterPath()
    corners = [start.topRight(), end.topLeft(), end.bottomLeft(), start.bottomRight()]
    path.addPolygon(QPolygonF([*corners, corners[0]]))
    return path


def _chevron(paper: Paper, point: QPointF, direction: int) -> None:
    reach = 8.0 * direction
    pen = QPen(QColor(paper.tokens.text), 3.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    paper.painter.setPen(pen)
    back = [point + QPointF(-reach, side) for side in (-12.0, 12.0)]
    paper.painter.drawPolyline(QPolygonF([back[0], point + QPointF(reach, 0), back[1]]))
