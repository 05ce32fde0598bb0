"""What stands over the columns, and the loss behind the output."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPen, QPolygonF

from app.canvas.model.layout import HEAD, MARGIN, Box, Column, Layout
from app.canvas.model.words import node_symbol, stage_detail, stage_name, tr
from app.canvas.paint.drawing import DIM, boxed, mix, rect, short, text_font
from app.canvas.paint.nodes import half_width
from app.canvas.paint.picture import Paper, Picture
from app.kit import theme

MOST_RING = 6.0
"""Pixels by which the ring of a place that is picked stands out."""
BRACKET = 24.0
"""From the bracket around the outputs to the loss, at a zoom of one."""
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


def draw(paper: Paper, picture: Picture) -> None:
    """Name, size and activation, and what the column's numbers are."""
    for index, (column, nodes) in enumerate(picture.columns):
        box = paper.view.box(heading_box(picture.layout, index))
        shows = bool(nodes.known.any()) or nodes.whole is not None
        output = picture.output_letter(index)
        of_batch = picture.snapshot.stepping is not None and picture.sample is None
        stage, quantity = column.stage, nodes.quantity
        symbol = node_symbol(stage, quantity, output=output, of_batch=of_batch) if shows else ""
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
        if shown != "…":
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, shown)
        y += metrics.height()


def draw_loss(paper: Paper, picture: Picture) -> None:
    """The loss, which outputs with names leave room for; a dash until it is computed."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    scene, output = picture.scene, picture.layout.columns[-1]
    box, last = rect(view.box(picture.layout.loss)), rect(view.box(output.box))
    lit = scene.light.loss
    painter.setOpacity(1.0 if lit or not scene.light.active else DIM)
    painter.setPen(QPen(QColor(tokens.text if lit else tokens.disabled), 2.4 if lit else 1.2))
    # A node is wider than its radius says, to hold its number.
    side = 0.0 if output.is_block else half_width(last.width() / 2) - last.width() / 2
    start = last.right() + side if output.stage.units == 1 else box.left() - BRACKET * view.scale
    painter.drawLine(QPointF(start, box.center().y()), QPointF(box.left(), box.center().y()))
    if output.stage.units > 1:
        _bracket(paper, picture, start)
    name = tr("Loss ℓ") if scene.loss_is_own else tr("Loss L")
    _loss_box(paper, box, name, "–" if scene.loss is None else short(scene.loss))
    painter.setOpacity(1.0)


def _bracket(paper: Paper, picture: Picture, x: float) -> None:
    """Around all outputs, behind what is written beside them: the loss looks at each."""
    column, view = picture.layout.columns[-1], paper.view
    if column.is_block:
        area = rect(view.box(column.box))
        top, bottom = area.top(), area.bottom()
    else:
        heights = view.to_screen(column.centres)[:, 1]
        top, bottom = float(heights.min()), float(heights.max())
    tick = BRACKET / 4 * view.scale
    ends = [QPointF(x - tick, top), QPointF(x, top), QPointF(x, bottom), QPointF(x - tick, bottom)]
    paper.painter.drawPolyline(QPolygonF(ends))


def _loss_box(paper: Paper, box: QRectF, name: str, text: str) -> None:
    painter, scale, tokens = paper.painter, paper.view.scale, paper.tokens
    line, seen = painter.pen(), painter.opacity()
    line.setColor(mix(tokens.surface, line.color().name(), seen))
    words = QFontMetricsF(text_font(scale * 0.92))
    short_of = max(LOSS_AT_LEAST * theme.scale() - box.height(), 0.0) / 2
    wider = max(words.horizontalAdvance(name) + theme.GRID - box.width(), 0.0)
    box.adjust(0, -short_of, wider, short_of)
    painter.setOpacity(1.0)
    boxed(painter, box, theme.GRID, line, QColor(tokens.surface))
    painter.setOpacity(seen)
    half = box.height() / 2
    painter.setFont(text_font(scale * 0.92))
    painter.setPen(QColor(tokens.text_dim))
    painter.drawText(box.adjusted(0, 4, 0, -half), Qt.AlignmentFlag.AlignCenter, name)
    painter.setFont(
        theme.number_font(theme.points(9.5) * min(max(scale / theme.scale(), 0.7), 1.3))
    )
    painter.setPen(QColor(tokens.text))
    painter.drawText(box.adjusted(0, half - 4, 0, -4), Qt.AlignmentFlag.AlignCenter, text)
