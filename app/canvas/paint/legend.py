"""The legend: what colours and widths stand for now, how far they reach, and whose numbers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPainterPath

from app.canvas.model.colouring import EdgeQuantity, Reach
from app.canvas.model.layout import Layout
from app.canvas.model.scene import Scene
from app.canvas.model.words import edge_name, node_name, stage_name
from app.canvas.paint.drawing import Paper, short, text_font
from app.kit import theme
from app.kit.theme import Theme
from core.experiment.layers import Path

HEIGHT = 34
BAR = (72.0, 8.0)
OF_ONE_SAMPLE = (EdgeQuantity.CONTRIBUTION,)
"""What edges show of a sample; the rest is the whole batch's, or the network's own."""


@dataclass(frozen=True)
class LegendRow:
    """One scale: its words, and the magnitude at its ends; None where there is nothing to see."""

    text: str
    limit: float | None


def legend_rows(layout: Layout, scene: Scene, reach: Reach, place: Path | None) -> list[LegendRow]:
    """The two scales, of the layer looked at where each layer has its own.

    Args:
        layout: The columns.
        scene: What they show.
        reach: How far a scale reaches.
        place: The layer looked at; None for the output.
    """
    found = None if place is None else layout.index_of(place)
    index = len(layout.columns) - 1 if found is None else found
    nodes = scene.nodes[index]
    quantity, limit = _edges_at(layout, scene, max(index, 1))
    rows = [
        LegendRow(
            _text(_NODES, node_name(nodes.quantity), layout, reach, index), nodes.limit or None
        )
    ]
    if quantity is not None:
        words = edge_name(quantity)
        text = _text(_EDGES, words, layout, reach, max(index, 1))
        rows.append(LegendRow(text, limit or None))
    return [row for row in rows if row.limit is not None]


def _edges_at(layout: Layout, scene: Scene, index: int) -> tuple[EdgeQuantity | None, float]:
    edges = scene.edges[index - 1] if index <= len(scene.edges) else None
    links = layout.links[index - 1] if index <= len(layout.links) else None
    if edges is None or links is None or not links.weighted:
        return None, 0.0
    return edges.quantity, edges.limit


_NODES = ("Nodes: {what} of {layer}", "Nodes: {what}")
_EDGES = ("Edges: {what} of {layer}", "Edges: {what}")


def _text(template: tuple[str, str], what: str, layout: Layout, reach: Reach, index: int) -> str:
    one, all_ = (QCoreApplication.translate("graph", text) for text in template)
    if reach is Reach.LAYER:
        return one.format(what=what, layer=stage_name(layout.columns[index].stage))
    return all_.format(what=what)


def draw_legend(paper: Paper, rows: list[LegendRow]) -> None:
    """In the lower left corner: side by side, or one over the other where that is too narrow."""
    painter = paper.painter
    painter.setFont(text_font(0.92))
    width, top = paper.size.width(), paper.size.height() - HEIGHT
    ground = QColor(paper.tokens.surface)
    ground.setAlphaF(0.9)
    painter.fillRect(QRectF(0, top, width, HEIGHT), ground)
    left, room = 2.0 * theme.GRID, width - 4.0 * theme.GRID
    if sum(_needed(painter, row) for row in rows) > room:
        line = HEIGHT / len(rows)
        for index, row in enumerate(rows):
            _row(paper, row, QPointF(left, top + (index + 0.5) * line), room)
        return
    x = left
    for row in rows:
        x = _row(paper, row, QPointF(x, top + HEIGHT / 2), room)


def _needed(painter: QPainter, row: LegendRow) -> float:
    """The width of a row with nothing cut off, and of the gap behind it."""
    limit = row.limit or 0.0
    words = (row.text, short(-limit), short(limit))
    metrics = QFontMetricsF(painter.font())
    return sum(metrics.horizontalAdvance(text) for text in words) + BAR[0] + 6 * theme.GRID


def _row(paper: Paper, row: LegendRow, start: QPointF, room: float) -> float:
    """Words, least, colours, most; gives where the next may begin."""
    painter, tokens = paper.painter, paper.tokens
    metrics = QFontMetricsF(painter.font())
    x, baseline = start.x(), start.y() + metrics.ascent() / 2 - 1
    least, most = short(-(row.limit or 0.0)), short(row.limit or 0.0)
    ends = metrics.horizontalAdvance(least) + metrics.horizontalAdvance(most)
    rest = room - ends - BAR[0] - 6 * theme.GRID
    text = metrics.elidedText(row.text, Qt.TextElideMode.ElideRight, rest)
    painter.setPen(QColor(tokens.text))
    painter.drawText(QPointF(x, baseline), text)
    x += metrics.horizontalAdvance(text) + theme.GRID
    painter.setPen(QColor(tokens.text_dim))
    painter.drawText(QPointF(x, baseline), least)
    bar = QRectF(x + metrics.horizontalAdvance(least) + 6, start.y() - BAR[1] / 2, *BAR)
    draw_scale(painter, tokens, bar)
    painter.setPen(QColor(tokens.text_dim))
    painter.drawText(QPointF(bar.right() + 6, baseline), most)
    return bar.right() + 6 + metrics.horizontalAdvance(most) + 3 * theme.GRID


def draw_scale(painter: QPainter, tokens: Theme, bar: QRectF) -> None:
    """From orange over nothing to blue."""
    colours = QLinearGradient(bar.topLeft(), bar.topRight())
    for place, colour in ((0.0, tokens.negative), (0.5, tokens.surface), (1.0, tokens.positive)):
        colours.setColorAt(place, QColor(colour))
    path = QPainterPath()
    path.addRoundedRect(bar, 4, 4)
    painter.fillPath(path, colours)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(tokens.line))
    painter.drawPath(path)
