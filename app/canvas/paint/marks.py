"""What is picked or pointed at, here or in another view, and what is held fast."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.model.colouring import shown_edges
from app.canvas.model.inputs import strongest_inputs, way_of
from app.canvas.model.layout import centre_of, line_of
from app.canvas.model.light import patch_before
from app.canvas.model.numbers import Floats
from app.canvas.model.scene import levels_of
from app.canvas.paint.blocks import draw_patch, draw_pixel
from app.canvas.paint.drawing import outline
from app.canvas.paint.edges import CROWD, draw_lines, in_pixels
from app.canvas.paint.nodes import node_area
from app.canvas.paint.picture import Paper, Picture
from app.kit.theme import Theme
from app.link.focus import Spot
from core.messages.record import path_of


def draw_edges(paper: Paper, picture: Picture) -> None:
    """An outline around each edge."""
    for spot, picked in picture.spots:
        line = line_of(picture.layout, spot)
        if line is not None:
            _around(paper, paper.view.to_screen(line), paper.tokens.accent, 7.0 if picked else 5.0)


def _around(paper: Paper, line: Floats, colour: str, width: float) -> None:
    """An outline of one edge, in pixels of the widget."""
    flat, round_ = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap
    paper.painter.setPen(QPen(QColor(colour), width, flat, round_))
    paper.painter.drawLine(QLineF(*line.tolist()))


def draw_inputs(paper: Paper, picture: Picture) -> None:
    """The strongest inputs of the unit looked at, and the weights picked, across a band."""
    if picture.looked_at is not None:
        _strongest(paper, picture, picture.looked_at)
    for spot, _ in picture.spots:
        line = way_of(picture.layout, spot)
        if line is not None:
            _way(paper, paper.view.to_screen(line))


def _strongest(paper: Paper, picture: Picture, spot: Spot) -> None:
    """Thin, in the colours and the reach of the unit's card."""
    index = picture.layout.index_of(spot.path)
    if not index:
        return
    stage = picture.layout.columns[index].stage
    _, shown = shown_edges(stage, picture.colouring.edges, picture.entry, picture.numbers)
    inputs = strongest_inputs(picture.layout, spot, shown)
    if inputs is not None:
        levels = levels_of(inputs.values, inputs.limit)
        draw_lines(paper, in_pixels(paper, inputs.lines), levels, crowd=4 * CROWD, many=False)


def _way(paper: Paper, line: Floats) -> None:
    """From an input to a unit, with a ring around where it starts."""
    for colour, width in ((paper.tokens.surface, 4.0), (paper.tokens.accent, 2.0)):
        _around(paper, line, colour, width)
        paper.painter.setBrush(Qt.BrushStyle.NoBrush)
        paper.painter.drawEllipse(QPointF(*line[:2]), 4.0, 4.0)


def draw_places(paper: Paper, picture: Picture) -> None:
    """A ring around each node; a frame around a pixel, and around the window it was made of.

    On a way that is told of, one number leads to the next: windows would hide it.
    """
    layout, accent = picture.layout, paper.tokens.accent
    for spot, picked in picture.spots:
        index = layout.index_of(spot.path)
        if index is None or spot.source is not None:
            continue
        column = layout.columns[index]
        is_node = column.place_of(spot.unit) is not None
        if is_node:
            area = node_area(paper, column, spot.unit, layout.radius)
            _ring(paper, area, 3.0 if picked else 1.8, square=column.stage.is_image)
        if is_node and spot.pixel is None:
            continue
        draw_pixel(paper, column, spot.unit, spot.pixel, accent)
        if spot in picture.lit and not picked and spot != picture.hovered:
            continue
        layer, before = column.stage.layer, layout.columns[index - 1]
        if layer is not None and spot.pixel is not None:
            patch = patch_before(before.path, layer, spot.unit, spot.pixel)
            draw_patch(paper, before, patch, accent)


def _ring(paper: Paper, area: QRectF, width: float, *, square: bool) -> None:
    around = area.adjusted(-4, -4, 4, 4)
    outline(paper.painter, paper.tokens.accent, width)
    corner = 3.0 if square else around.height() / 2
    paper.painter.drawRoundedRect(around, corner, corner)


def draw_lock(painter: QPainter, tokens: Theme, middle: QPointF, size: float = 1.0) -> None:
    """A small lock."""
    painter.save()
    painter.translate(middle)
    painter.scale(size, size)
    outline(painter, tokens.surface, 4.0, tokens.text)
    painter.drawRoundedRect(-5, -2, 10, 8, 1.5, 1.5)
    outline(painter, tokens.text, 1.6)
    painter.drawArc(-3, -7, 6, 9, 0, 180 * 16)
    painter.drawRoundedRect(-5, -2, 10, 8, 1.5, 1.5)
    painter.restore()


def draw_held_weights(paper: Paper, picture: Picture) -> None:
    """A lock on the middle of each edge whose weight is held fast."""
    for links, edges in picture.edges:
        for x1, y1, x2, y2 in paper.view.to_screen(links.lines[edges.frozen]):
            draw_lock(paper.painter, paper.tokens, QPointF((x1 + x2) / 2, (y1 + y2) / 2))


def draw_held_biases(paper: Paper, picture: Picture) -> None:
    """And beside each node whose bias is."""
    reach = picture.layout.radius * paper.view.scale
    for name, index in picture.snapshot.frozen:
        where, _, kind = name.rpartition(".")
        spot = Spot(path_of(where), index[0])
        centre = centre_of(picture.layout, spot) if kind == "bias" else None
        if centre is not None:
            x, y = paper.view.to_screen(centre)
            draw_lock(paper.painter, paper.tokens, QPointF(x + reach + 2, y - reach + 2))
