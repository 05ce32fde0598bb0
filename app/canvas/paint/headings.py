"""What stands over the columns, around residual groups and behind the output."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainterPath, QPen

from app.canvas.model.layout import HEAD, MARGIN, Box, Column, Layout
from app.canvas.model.scene import Scene
from app.canvas.model.words import node_symbol, stage_detail, stage_name
from app.canvas.paint.drawing import Paper, digits_font, rect, short, text_font
from app.canvas.paint.nodes import DIM
from app.kit import theme

WORDS = 40
"""Pixels at the top that the words on the present place take."""
MOST_RING = 6.0
"""Pixels by which the ring of a place that is picked stands out."""


LOSS_AT_LEAST = 40.0
"""Pixels in which the loss and its name stand one over the other."""


def heading_box(layout: Layout, index: int) -> Box:
    """The room of a column's heading, at a zoom of one: half way to its neighbours."""
    column = layout.columns[index]
    middle = column.box.centre[0]
    columns = layout.columns
    left = columns[index - 1].box.centre[0] if index else middle - 2 * MARGIN - column.box.width
    right = columns[index + 1].box.centre[0] if index + 1 < len(columns) else layout.loss.centre[0]
    half = min(middle - left, right - middle) / 2
    top = min(other.box.y for other in columns) - HEAD
    return Box(middle - half, top, 2 * half, HEAD)


def draw_headings(paper: Paper, layout: Layout, scene: Scene) -> None:
    """Name, size and activation, and what the column's numbers are."""
    view = paper.view
    for index, column in enumerate(layout.columns):
        box = view.box(heading_box(layout, index))
        shows = bool(scene.nodes[index].known.any()) or scene.nodes[index].whole is not None
        symbol = node_symbol(column.stage, scene.nodes[index].quantity) if shows else ""
        _heading(paper, column, symbol, rect(box))


def first_line(room: QRectF, scale: float, lines: int) -> float:
    """Where words begin: zoomed out they stay readable, and grow upwards, off the nodes."""
    needed = QFontMetricsF(text_font(scale * 0.92, bold=True)).height() * lines + MOST_RING
    return min(room.top(), room.bottom() - needed)


def _heading(paper: Paper, column: Column, symbol: str, room: QRectF) -> None:
    painter, tokens = paper.painter, paper.tokens
    scale = paper.view.scale
    lines = (
        (stage_name(column.stage), tokens.text, True),
        (stage_detail(column.stage, len(column.units)), tokens.text_dim, False),
        (symbol, tokens.text_dim, False),
    )
    room = room.adjusted(4, 0, -4, 0)
    y = first_line(room, scale, len(lines))
    for text, colour, bold in lines:
        painter.setFont(text_font(scale * 0.92, bold=bold))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QColor(colour))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        area = QRectF(room.left(), y, room.width(), metrics.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, shown)
        y += metrics.height()


def draw_loss(paper: Paper, layout: Layout, scene: Scene, label: str, *, named: bool) -> None:
    """The loss behind the output, whose nodes may have names; a dash until it is computed."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    box, last = rect(view.box(layout.loss)), rect(view.box(layout.columns[-1].box))
    lit = scene.light.loss
    painter.setOpacity(1.0 if lit or not scene.light.active else DIM)
    painter.setPen(QPen(QColor(tokens.text if lit else tokens.disabled), 2.4 if lit else 1.2))
    painter.drawLine(
        QPointF(max(last.right(), box.left() - 48) if named else last.right(), box.center().y()),
        QPointF(box.left(), box.center().y()),
    )
    painter.setBrush(QColor(tokens.surface))
    short_of = max(LOSS_AT_LEAST - box.height(), 0.0) / 2
    box.adjust(0, -short_of, 0, short_of)
    painter.drawRoundedRect(box, theme.GRID, theme.GRID)
    half = box.height() / 2
    painter.setFont(text_font(view.scale * 0.92))
    painter.setPen(QColor(tokens.text_dim))
    painter.drawText(box.adjusted(0, 4, 0, -half), Qt.AlignmentFlag.AlignCenter, label)
    painter.setFont(digits_font(9.5 * min(max(view.scale, 0.7), 1.3)))
    painter.setPen(QColor(tokens.text))
    text = "–" if scene.loss is None else short(scene.loss)
    painter.drawText(box.adjusted(0, half - 4, 0, -4), Qt.AlignmentFlag.AlignCenter, text)
    painter.setOpacity(1.0)


def draw_groups(paper: Paper, layout: Layout, scene: Scene) -> None:
    """A ground behind the layers of a residual group, and the way around them."""
    for index, column in enumerate(layout.columns):
        count = column.stage.group
        if column.stage.layer is None or column.stage.layer.kind != "residual":
            continue
        inner = layout.columns[index - count : index]
        if inner:
            _ground(paper, inner)
        lit = scene.nodes[index].any_lit and scene.nodes[index - count - 1].any_lit
        _way_around(paper, layout, (index - count - 1, index), lit=lit)


def _ground(paper: Paper, inner: tuple[Column, ...]) -> None:
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    boxes = [rect(view.box(column.box)) for column in inner]
    area = boxes[0]
    for other in boxes[1:]:
        area = area.united(other)
    painter.setPen(QPen(QColor(tokens.line), 1.0, Qt.PenStyle.DashLine))
    painter.setBrush(QColor(tokens.window))
    painter.drawRoundedRect(area.adjusted(-20, -16, 20, 16), 12, 12)


def _way_around(
    paper: Paper,
    layout: Layout,
    ends: tuple[int, int],
    *,
    lit: bool,
) -> None:
    """An arc beneath the columns between its two ends."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    start, end = (rect(view.box(layout.columns[i].box)) for i in ends)
    between = layout.columns[ends[0] : ends[1] + 1]
    low = max(rect(view.box(column.box)).bottom() for column in between) + 40 * view.scale
    path = QPainterPath(QPointF(start.center().x(), start.bottom() + 8))
    path.cubicTo(
        QPointF(start.center().x(), low + 20), QPointF(end.center().x(), low + 20),
        QPointF(end.center().x(), end.bottom() + 8),
    )  # fmt: skip
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(tokens.text if lit else tokens.disabled), 3.0 if lit else 1.6))
    painter.drawPath(path)
    painter.setFont(text_font(view.scale, bold=True))
    painter.drawText(QPointF(end.center().x() + 6, end.bottom() + 22), "+")


def draw_words(paper: Paper, text: str, whose: str) -> None:
    """Where the cursor stands at the top left, and whose numbers are shown at the right."""
    painter, tokens = paper.painter, paper.tokens
    room = QRectF(0, 0, paper.size.width(), WORDS).adjusted(2 * theme.GRID, 4, -2 * theme.GRID, -4)
    side = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(text_font(0.92))
    painter.setPen(QColor(tokens.text_dim))
    painter.drawText(room, side | Qt.AlignmentFlag.AlignRight, whose)
    room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(whose) - 2 * theme.GRID)
    painter.setFont(text_font(1.0, bold=True, points=11.0))
    painter.setPen(QColor(tokens.text))
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, side | Qt.AlignmentFlag.AlignLeft, shown)
