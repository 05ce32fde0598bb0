"""The corners: where the step stands, whose numbers these are, and what colours mean."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPainterPath

from app.canvas.model.colouring import Reach
from app.canvas.model.viewport import LEGEND, WORDS
from app.canvas.model.words import Choice, place_text, quantity_name, sample_text, stage_name, tr
from app.canvas.paint.drawing import faded, outline, short, text_font
from app.canvas.paint.picture import Paper, Picture
from app.kit import theme
from app.kit.theme import Theme

BAR = (72.0, 8.0)


@dataclass(frozen=True)
class LegendRow:
    """One scale: its words, and the magnitude at its ends."""

    text: str
    limit: float


def draw(paper: Paper, picture: Picture) -> None:
    """Words at the top, the legend at the bottom."""
    stepping, rows = picture.snapshot.stepping, _rows(picture)
    whose = sample_text(stepping, picture.sample) if rows or stepping else ""
    _draw_words(paper, place_text(stepping), whose)
    several = picture.colouring.reach is Reach.LAYER and len(picture.layout.columns) > 2
    said = tr("Each layer has its own: point at another.") if rows and several else ""
    draw_legend(paper, rows, said)


def _draw_words(paper: Paper, text: str, whose: str) -> None:
    """Where the cursor stands at the left, and whose numbers are shown at the right."""
    painter, tokens = paper.painter, paper.tokens
    room = QRectF(0, 0, paper.size.width(), WORDS * theme.gaps()).adjusted(
        2 * theme.GRID, 4, -2 * theme.GRID, -4
    )
    side = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(text_font(0.92 * theme.scale()))
    painter.setPen(QColor(tokens.text_dim))
    painter.drawText(room, side | Qt.AlignmentFlag.AlignRight, whose)
    room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(whose) - 2 * theme.GRID)
    painter.setFont(text_font(theme.scale(), bold=True, points=11.0))
    painter.setPen(QColor(tokens.text))
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, side | Qt.AlignmentFlag.AlignLeft, shown)


def _rows(picture: Picture) -> list[LegendRow]:
    """The two scales, of the layer looked at where each layer has its own; else of the output."""
    index = _column_looked_at(picture)
    nodes = picture.scene.nodes[index]
    rows = [LegendRow(_text(_NODES, nodes.quantity, picture, index), nodes.limit)]
    into = max(index, 1)
    links, edges = picture.layout.links[into - 1], picture.scene.edges[into - 1]
    if links is not None and edges is not None and links.weighted:
        rows.append(LegendRow(_text(_EDGES, edges.quantity, picture, into), edges.limit))
    return [row for row in rows if row.limit]


def _column_looked_at(picture: Picture) -> int:
    """Of the place pointed at or picked, or else of the step's operation; the output without."""
    spot, entry = picture.looked_at, picture.entry
    path = spot.path if spot is not None else None
    if path is None and entry is not None and entry.name:
        path = entry.path
    found = None if path is None else picture.layout.index_of(path)
    return len(picture.layout.columns) - 1 if found is None else found


_NODES = ("Nodes: {what} of {layer}", "Nodes: {what}")
_EDGES = ("Edges: {what} of {layer}", "Edges: {what}")


def _text(templates: tuple[str, str], shown: Choice, picture: Picture, index: int) -> str:
    template = templates[picture.colouring.reach is not Reach.LAYER]
    stage = picture.layout.columns[index].stage
    what = quantity_name(stage, shown, output=picture.output_letter(index))
    return tr(template).format(what=what, layer=stage_name(stage))


def _say_own(painter: QPainter, paper: Paper, room: QRectF, said: str) -> None:
    """That other layers have other scales, where there is room to say so."""
    metrics = QFontMetricsF(painter.font())
    if said and metrics.horizontalAdvance(said) <= room.width():
        painter.setPen(QColor(paper.tokens.text_dim))
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, side, said)


def draw_legend(paper: Paper, rows: list[LegendRow], said: str = "") -> None:
    """In the lower left corner: side by side, or one over the other where that is too narrow."""
    painter = paper.painter
    painter.setFont(text_font(0.92 * theme.scale()))
    width, top = paper.size.width(), paper.size.height() - theme.points(LEGEND)
    painter.fillRect(QRectF(0, top, width, theme.points(LEGEND)), faded(paper.tokens.surface, 0.9))
    left, room = 2.0 * theme.GRID, width - 4.0 * theme.GRID
    if sum(_needed(painter, row) for row in rows) > room:
        line = theme.points(LEGEND) / len(rows)
        ends = [
            _row(paper, row, QPointF(left, top + (index + 0.5) * line), room)
            for index, row in enumerate(rows)
        ]
        _say_own(painter, paper, QRectF(ends[-1], top + line, left + room - ends[-1], line), said)
        return
    x = left
    for row in rows:
        x = _row(paper, row, QPointF(x, top + theme.points(LEGEND) / 2), room)
    _say_own(painter, paper, QRectF(x, top, left + room - x, theme.points(LEGEND)), said)


def _needed(painter: QPainter, row: LegendRow) -> float:
    """The width of a row with nothing cut off, and of the gap behind it."""
    words = (row.text, short(-row.limit), short(row.limit))
    metrics = QFontMetricsF(painter.font())
    return sum(metrics.horizontalAdvance(text) for text in words) + BAR[0] + 6 * theme.GRID


def _row(paper: Paper, row: LegendRow, start: QPointF, room: float) -> float:
    """Words, least, colours, most; gives where the next may begin."""
    painter, tokens = paper.painter, paper.tokens
    metrics = QFontMetricsF(painter.font())
    x, baseline = start.x(), start.y() + metrics.ascent() / 2 - 1
    least, most = short(-row.limit), short(row.limit)
    rest = room - _needed(painter, replace(row, text=""))
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
    outline(painter, tokens.line, 1.0)
    painter.drawPath(path)
