"""What the present operation reads and writes: edges with arrows, windows and single numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from app.canvas.model.numbers import Floats
from app.canvas.paint.blocks import draw_patch, draw_pixel
from app.canvas.paint.drawing import outline
from app.canvas.paint.edges import MANY, Edges, draw_lines
from app.canvas.paint.picture import Paper, Picture

MOST_ARROWS = 48
"""Lit edges with an arrowhead each; of more, that many are chosen."""


class LitEdges:
    """The lit edges in full colour, an arrow on each that has come so far on its way.

    Args:
        edges: Drawn before; it has the lines of all of them.
    """

    def __init__(self, edges: Edges) -> None:
        self._edges = edges

    def draw(self, paper: Paper, picture: Picture) -> None:
        """Over the picture of them all."""
        direction = picture.scene.light.direction
        for (links, edges), own in zip(picture.edges, self._edges.lines, strict=True):
            lit = np.flatnonzero(edges.lit).tolist()
            if not lit:
                continue
            chosen = [own[i] for i in lit]
            draw_lines(paper, chosen, edges.levels[edges.lit], crowd=len(lit), many=len(lit) > MANY)
            if direction:
                _arrows(paper, paper.view.to_screen(links.lines[edges.lit]), direction, picture.way)


def _arrows(paper: Paper, lines: Floats, direction: int, way: float) -> None:
    painter, tokens = paper.painter, paper.tokens
    if len(lines) > MOST_ARROWS:
        lines = lines[np.linspace(0, len(lines) - 1, MOST_ARROWS).astype(int)]
    start, end = (lines[:, :2], lines[:, 2:]) if direction > 0 else (lines[:, 2:], lines[:, :2])
    along = end - start
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1.0)[:, None]
    unit = along / length
    across = np.column_stack([-unit[:, 1], unit[:, 0]])
    tip = start + along * (0.1 + 0.52 * way) + unit * 5
    outline(painter, tokens.surface, 1.0, tokens.text)
    for point, back, side in zip(tip, unit, across, strict=True):
        left, right = point - 9 * back + 4.5 * side, point - 9 * back - 4.5 * side
        painter.drawPolygon(QPolygonF([QPointF(*point), QPointF(*left), QPointF(*right)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_parts(paper: Paper, picture: Picture) -> None:
    """Windows and single numbers of maps."""
    layout, light, colour = picture.layout, picture.scene.light, paper.tokens.text
    for patch in light.patches:
        index = layout.index_of(patch.path)
        if index is not None:
            draw_patch(paper, layout.columns[index], patch, colour)
    for part in light.units:
        index = layout.index_of(part.path)
        if index is not None and part.unit is not None:
            draw_pixel(paper, layout.columns[index], part.unit, part.pixel, colour)
