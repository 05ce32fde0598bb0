"""What is written beside nodes: biases beneath them, and what inputs and outputs are called."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF

from app.canvas.model.layout import Column
from app.canvas.paint.drawing import SMALLEST_POINTS, digits_font, short, text_font
from app.canvas.paint.edge_labels import FEW
from app.canvas.paint.nodes import LEAST_WITH_NUMBER, number_font
from app.canvas.paint.picture import Paper, Picture
from core.messages.record import key_of


def draw_biases(paper: Paper, picture: Picture) -> None:
    """Where the network is small enough to read every number."""
    layout, painter = picture.layout, paper.painter
    points = 7.5 * min(paper.view.scale, 1.2)
    few = layout.edges <= FEW and not any(column.is_block for column in layout.columns)
    if not few or points < SMALLEST_POINTS:
        return
    painter.setFont(digits_font(points))
    painter.setPen(QColor(paper.tokens.text_dim))
    metrics = painter.fontMetrics()
    for column in layout.columns[1:]:
        bias = picture.numbers.parameter(f"{key_of(column.path)}.bias")
        if bias is None or bias.values.shape != column.stage.shape:
            continue
        centres = paper.view.to_screen(column.centres)
        for unit, (x, y) in zip(column.units.tolist(), centres, strict=True):
            text = f"b {short(float(bias.values[unit]))}"
            low = y + layout.radius * paper.view.scale + metrics.ascent() + 4
            painter.drawText(QPointF(x - metrics.horizontalAdvance(text) / 2, low), text)


def draw_names(paper: Paper, picture: Picture) -> None:
    """Left of the inputs, and right of the outputs."""
    data, columns = picture.snapshot.data, picture.layout.columns
    size = picture.layout.radius * paper.view.scale
    if data is None or size < LEAST_WITH_NUMBER:
        return
    _names(paper, columns[0], data.feature_names, size, right=False)
    _names(paper, columns[-1], data.class_names or data.target_names, size, right=True)


def _names(paper: Paper, column: Column, names: Sequence[str], size: float, *, right: bool) -> None:
    painter, view = paper.painter, paper.view
    if len(names) != column.stage.units:
        return
    painter.setFont(text_font(view.scale * 0.92))
    painter.setPen(QColor(paper.tokens.text_dim))
    metrics = QFontMetricsF(painter.font())
    widest = QFontMetricsF(number_font(size)).horizontalAdvance("-0.000000") / 2
    width, gap = 64 * max(view.scale, 0.6), max(size, widest) + 8
    side = Qt.AlignmentFlag.AlignLeft if right else Qt.AlignmentFlag.AlignRight
    for unit, (x, y) in zip(column.units.tolist(), view.to_screen(column.centres), strict=True):
        left = x + gap if right else x - gap - width
        text = metrics.elidedText(names[unit], Qt.TextElideMode.ElideRight, width)
        area = QRectF(left, y - 12, width, 24)
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, text)
