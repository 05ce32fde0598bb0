"""What is picked or pointed at, here or in another view: outlines, frames, a unit's own inputs."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen

from app.canvas.model.colouring import shown_edges
from app.canvas.model.inputs import strongest_inputs, way_of
from app.canvas.model.layout import Layout, line_of
from app.canvas.model.light import LitPatch, patch_before
from app.canvas.model.numbers import Floats
from app.canvas.model.scene import levels_of
from app.canvas.paint.blocks import draw_patch, draw_pixel
from app.canvas.paint.edges import CROWD, draw_lines, in_pixels
from app.canvas.paint.nodes import node_area
from app.canvas.paint.picture import Paper, Picture
from app.link.focus import Spot


def draw_edges(paper: Paper, picture: Picture) -> None:
    """An outline around each edge."""
    for spot, picked in picture.spots:
        line = line_of(picture.layout, spot)
        if line is not None:
            _outline(paper, paper.view.to_screen(line), paper.tokens.accent, 7.0 if picked else 5.0)


def _outline(paper: Paper, line: Floats, colour: str, width: float) -> None:
    """Around one edge, in pixels of the widget."""
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    paper.painter.setPen(pen)
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
        _outline(paper, line, colour, width)
        paper.painter.setBrush(Qt.BrushStyle.NoBrush)
        paper.painter.drawEllipse(QPointF(*line[:2]), 4.0, 4.0)


def draw_places(paper: Paper, picture: Picture) -> None:
    """A ring around each node; a frame around a pixel, and around the window it was made of."""
    layout, accent = picture.layout, paper.tokens.accent
    for spot, picked in picture.spots:
        index = layout.index_of(spot.path)
        if index is None or spot.source is not None:
            continue
        column, nodes = picture.columns[index]
        is_node = column.place_of(spot.unit) is not None
        if is_node:
            area = node_area(paper, column, nodes, spot.unit, layout.radius)
            _ring(paper, area, 3.0 if picked else 1.8, square=column.stage.is_image)
        if is_node and spot.pixel is None:
            continue
        draw_pixel(paper, column, spot.unit, spot.pixel, accent)
        patch = _patch(layout, index, spot)
        if patch is not None:
            draw_patch(paper, layout.columns[index - 1], patch, accent)


def _ring(paper: Paper, area: QRectF, width: float, *, square: bool) -> None:
    around = area.adjusted(-4, -4, 4, 4)
    paper.painter.setBrush(Qt.BrushStyle.NoBrush)
    paper.painter.setPen(QPen(QColor(paper.tokens.accent), width))
    corner = 3.0 if square else around.height() / 2
    paper.painter.drawRoundedRect(around, corner, corner)


def _patch(layout: Layout, index: int, spot: Spot) -> LitPatch | None:
    """The window of the column before that a pixel was made of."""
    layer = layout.columns[index].stage.layer
    if layer is None or spot.pixel is None:
        return None
    return patch_before(layout.columns[index - 1].path, layer, spot.unit, spot.pixel)
