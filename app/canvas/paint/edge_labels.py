"""The numbers on edges: of a few all, of many those that are lit."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.canvas.model.numbers import Floats
from app.canvas.paint.drawing import SMALLEST_POINTS, digits_font, pill, pill_rect, short
from app.canvas.paint.picture import Paper, Picture

FEW = 18
"""Edges that all carry their number; of more, those that are lit do, up to as many."""
PLACES = (0.32, 0.44, 0.22, 0.56, 0.68)
"""Where on an edge its number may stand, from where the data comes, the best first."""


def draw(paper: Paper, picture: Picture) -> None:
    """Each number once, none over another."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    points = 8.0 * min(view.scale, 1.25)
    if points < SMALLEST_POINTS:
        return
    painter.setFont(digits_font(points))
    taken: list[QRectF] = []
    light, wanted = picture.scene.light, _wanted(picture)
    for lit in (True, False) if light.active else (False,):
        strong = lit or not light.active
        painter.setOpacity(1.0 if strong else 0.45)
        for line, value in wanted[lit]:
            ends = view.to_screen(line)
            came = ends if light.direction >= 0 else np.roll(ends, 2)
            place = _free_place(painter, came, value, taken)
            if place is not None:
                colour = tokens.text if strong else tokens.text_dim
                taken.append(pill(painter, place, short(value), tokens.surface, colour))
    painter.setOpacity(1.0)


def _wanted(picture: Picture) -> dict[bool, list[tuple[Floats, float]]]:
    """Lines and numbers, by whether they are lit."""
    few = picture.layout.edges <= FEW
    found: dict[bool, list[tuple[Floats, float]]] = {True: [], False: []}
    lit = sum(int(edges.lit.sum()) for _, edges in picture.edges)
    if not few and lit > FEW:
        return found
    for links, edges in picture.edges:
        for line, value, is_lit in zip(links.lines, edges.values, edges.lit, strict=True):
            if np.isfinite(value) and (few or is_lit):
                found[bool(is_lit)].append((line, float(value)))
    return found


def _free_place(
    painter: QPainter, line: Floats, value: float, taken: list[QRectF]
) -> QPointF | None:
    start, end = line[:2], line[2:]
    for share in PLACES:
        point = QPointF(*(start + (end - start) * share))
        area = pill_rect(painter.font(), point, short(value))
        if not any(area.intersects(other) for other in taken):
            return point
    return None
