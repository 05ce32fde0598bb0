"""What lies beneath everything: the grounds of residual groups, and bands where no edges fit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF

from app.canvas.model.layout import Column
from app.canvas.paint.blocks import PAD
from app.canvas.paint.drawing import faded, outline, rect, text_font
from app.canvas.paint.picture import Paper, Picture


def draw_groups(paper: Paper, picture: Picture) -> None:
    """A ground behind the layers of each residual group, and the way around them."""
    columns, nodes = picture.layout.columns, picture.scene.nodes
    for index, column in enumerate(columns):
        before = index - column.stage.group - 1
        if column.stage.layer is None or column.stage.layer.kind != "residual":
            continue
        if column.stage.group:
            _ground(paper, columns[before + 1 : index])
        lit = nodes[index].any_lit and nodes[before].any_lit
        _way_around(paper, columns[before : index + 1], lit=lit)


def _ground(paper: Paper, inner: Sequence[Column]) -> None:
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    area = reduce(QRectF.united, (rect(view.box(column.box)) for column in inner))
    painter.setPen(QPen(QColor(tokens.line), 1.0, Qt.PenStyle.DashLine))
    painter.setBrush(QColor(tokens.window))
    painter.drawRoundedRect(area.adjusted(-20, -16, 20, 16), 12, 12)


def _way_around(paper: Paper, columns: Sequence[Column], *, lit: bool) -> None:
    """An arc beneath columns, from the first to the last."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    boxes = [rect(view.box(column.box)) for column in columns]
    start, end = boxes[0], boxes[-1]
    low = max(box.bottom() for box in boxes) + 40 * view.scale
    path = QPainterPath(QPointF(start.center().x(), start.bottom() + 8))
    path.cubicTo(
        QPointF(start.center().x(), low + 20), QPointF(end.center().x(), low + 20),
        QPointF(end.center().x(), end.bottom() + 8),
    )  # fmt: skip
    outline(painter, tokens.text if lit else tokens.disabled, 3.0 if lit else 1.6)
    painter.drawPath(path)
    painter.setFont(text_font(view.scale, bold=True))
    painter.drawText(QPointF(end.center().x() + 6, end.bottom() + 22), "+")


def draw_bands(paper: Paper, picture: Picture) -> None:
    """Between a block and its neighbour; what is lit of it, from the very places it joins."""
    light, links = picture.scene.light, picture.layout.links
    for (before, here), drawn in zip(pairwise(picture.layout.columns), links, strict=True):
        if drawn is not None:
            continue
        band = _between(_area(paper, before), _area(paper, here))
        paper.painter.fillPath(band, faded(paper.tokens.disabled, 0.1))
        for part in light.links:
            if part.path == here.path:
                ends = _area(paper, before, part.source), _area(paper, here, part.unit)
                _lit_band(paper, *ends, light.direction, picture.way)


def _area(paper: Paper, column: Column, unit: int | None = None) -> QRectF:
    """Where a column is drawn, or one unit of it where that is."""
    box = None if unit is None else column.box_of(unit)
    if box is not None:
        return rect(paper.view.box(box))
    pad = PAD + 1 if column.is_block else 0.0
    return rect(paper.view.box(column.box)).adjusted(-pad, 0, pad, 0)


def _lit_band(paper: Paper, start: QRectF, end: QRectF, direction: int, way: float) -> None:
    """With an arrow that has come so far on its way, where something runs."""
    painter, band = paper.painter, _between(start, end)
    painter.fillPath(band, faded(paper.tokens.text, 0.16))
    outline(painter, paper.tokens.text_dim, 1.0)
    painter.drawPath(band)
    if direction:
        share = 0.15 + 0.5 * way
        left = QPointF(start.right(), start.center().y())
        right = QPointF(end.left(), end.center().y())
        _chevron(paper, left + (right - left) * (share if direction > 0 else 1 - share), direction)


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
