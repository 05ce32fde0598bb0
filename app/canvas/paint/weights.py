"""The number on each edge: none over another or over a node, where few edges cross it."""

from __future__ import annotations

from math import inf

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from app.canvas.model.light import Light
from app.canvas.model.numbers import Floats
from app.canvas.paint.drawing import SMALLEST_POINTS, pill, pill_rect, short
from app.canvas.paint.nodes import half_width
from app.canvas.paint.picture import Paper, Picture
from app.kit import theme
from core.expression.hidden import is_hidden

FEW = 18
"""Edges that all carry their number; of more, those that are lit do, up to as many."""
PLACES = (
    0.32, 0.38, 0.44, 0.26, 0.5, 0.56, 0.2, 0.62, 0.68, 0.14, 0.74, 0.8, 0.86,
    0.35, 0.41, 0.29, 0.47, 0.53, 0.23, 0.59, 0.65, 0.17, 0.71, 0.77, 0.83,
)  # fmt: skip
"""Where on an edge its number may stand, from where the data comes, the best first."""
_SHARES = np.array(PLACES)[:, None]
_APART = 2.0
"""Pixels that are left between two numbers: where edges cross, they would read as one."""
_PER_CROSSING = 2.0
"""So many places further on a number may stand, to lie over one other edge less."""


def smallest() -> float:
    """The smallest face that is written; who wants small text wants smaller numbers, not none."""
    return SMALLEST_POINTS * min(1.0, theme.scale())


def draw_numbers(paper: Paper, picture: Picture) -> None:
    """Those of edges, none over another or a node, the largest first; of many, those lit.

    One that a person works out has a question mark, before all others.

    A number for which there is no free place along its edge is left out.
    """
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    points = 8.0 * min(view.scale, 1.25 * theme.scale())
    if points < smallest():
        return
    painter.setFont(theme.number_font(points))
    light, wanted = picture.scene.light, _wanted(picture)
    numbers = [
        _Wanted(painter.font(), _came(paper, line, light), value, is_strong=lit or not light.active)
        for lit in ((True, False) if light.active else (False,))
        for line, value in wanted[lit]
    ]
    places = _places(numbers, _of_nodes(paper, picture), _edges(paper, picture))
    for number, place in zip(numbers, places, strict=True):
        if place is not None:
            painter.setOpacity(1.0 if number.is_strong else 0.45)
            colour = tokens.text if number.is_strong else tokens.text_dim
            pill(painter, QPointF(*number.points[place]), number.text, tokens.surface, colour)
    painter.setOpacity(1.0)


def _came(paper: Paper, line: Floats, light: Light) -> Floats:
    """A line from where its number comes."""
    ends = paper.view.to_screen(line)
    return ends if light.direction >= 0 else np.roll(ends, 2)


def _edges(paper: Paper, picture: Picture) -> Floats:
    """All lines in pixels, (edges, 4), where they are few."""
    if picture.layout.edges > FEW:
        return np.empty((0, 4))
    return np.array(
        [paper.view.to_screen(one) for links, _ in picture.edges for one in links.lines]
    )


class _Wanted:
    """A number that is to stand on its edge.

    Attributes:
        points: Where it may, (places, 2).
        areas: The room that it takes at each.
        is_strong: Whether it is among those that are lit.
    """

    def __init__(self, font: QFont, line: Floats, value: float, *, is_strong: bool) -> None:
        self.text, self.is_strong = short(value), is_strong
        start, end = line[:2], line[2:]
        self.points = start + (end - start) * _SHARES
        here = pill_rect(font, QPointF(0.0, 0.0), self.text)
        self.areas = [here.translated(*point) for point in self.points]


def _places(numbers: list[_Wanted], nodes: list[QRectF], edges: Floats) -> list[int | None]:
    """Which of its places each number gets; None for none.

    Where there is room they keep apart and off other edges; else as many as possible find a place,
    and who has the least choice comes first.
    """
    ranks = [np.arange(len(PLACES)) + _PER_CROSSING * _crossings(one, edges) for one in numbers]
    free = [
        [place for place in np.argsort(rank, kind="stable").tolist() if _is_free(one, place, nodes)]
        for one, rank in zip(numbers, ranks, strict=True)
    ]
    given = list(range(len(numbers)))
    tight = sorted(given, key=lambda i: (not numbers[i].is_strong, len(free[i])))
    plans: list[list[int | None]] = []
    for apart, order in ((_APART, given), (_APART, tight), (0.0, given), (0.0, tight)):
        plans.append(_placed(numbers, free, order, apart))
        if None not in plans[-1]:
            break
    return min(plans, key=lambda plan: plan.count(None))


def _placed(
    numbers: list[_Wanted], free: list[list[int]], order: list[int], apart: float
) -> list[int | None]:
    taken, found = list[QRectF](), list[int | None]([None] * len(numbers))
    for i in order:
        place = next((one for one in free[i] if _is_free(numbers[i], one, taken)), None)
        found[i] = place
        if place is not None:
            taken.append(numbers[i].areas[place].adjusted(-apart, -apart, apart, apart))
    return found


def _is_free(number: _Wanted, place: int, taken: list[QRectF]) -> bool:
    return not any(number.areas[place].intersects(other) for other in taken)


def _crossings(number: _Wanted, edges: Floats) -> Floats:
    """Over how many edges it would lie at each of its places; its own is among them."""
    if not len(edges):
        return np.zeros(len(PLACES))
    left, top, right, bottom = edges.T
    x, y, area = number.points[:, :1], number.points[:, 1:], number.areas[0]
    wide = np.where(right == left, 1.0, right - left)
    share = (x - left) / wide
    away = np.abs(top + share * (bottom - top) - y)
    near = (area.height() + np.abs((bottom - top) / wide) * area.width()) / 2
    return np.asarray(((away < near) & (share >= 0) & (share <= 1)).sum(axis=1), float)


def _wanted(picture: Picture) -> dict[bool, list[tuple[Floats, float]]]:
    """Lines and numbers, by whether they are lit."""
    few = picture.layout.edges <= FEW
    found: dict[bool, list[tuple[Floats, float]]] = {True: [], False: []}
    lit = sum(int(edges.lit.sum()) for _, edges in picture.edges)
    if not few and lit > FEW:
        return {True: _hidden(picture), False: []}
    for links, edges in picture.edges:
        for line, value, is_lit in zip(links.lines, edges.values, edges.lit, strict=True):
            if (np.isfinite(value) or is_hidden(value)) and (few or is_lit):
                found[bool(is_lit)].append((line, float(value)))
    for numbers in found.values():
        numbers.sort(key=lambda one: -inf if is_hidden(one[1]) else -abs(one[1]))
    return found


def _hidden(picture: Picture) -> list[tuple[Floats, float]]:
    """Those that a person works out: marked, however many edges there are."""
    stepping = picture.snapshot.stepping
    if stepping is None or stepping.record.hidden is None:
        return []
    return [
        (links.lines[place], float(edges.values[place]))
        for links, edges in picture.edges
        for place in np.flatnonzero(np.isnan(edges.values)).tolist()
        if is_hidden(float(edges.values[place]))
    ]


def _of_nodes(paper: Paper, picture: Picture) -> list[QRectF]:
    """What the nodes take, with the bias that is written below each."""
    size = picture.layout.radius * paper.view.scale
    wide, below = half_width(size), QFontMetricsF(paper.painter.font()).height() + 4
    return [
        QRectF(x - wide, y - size, 2 * wide, 2 * size + (below if number else 0))
        for number, column in enumerate(picture.layout.columns)
        for x, y in paper.view.to_screen(column.centres)
    ]
