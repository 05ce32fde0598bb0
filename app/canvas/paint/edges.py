"""Edges: their pens, those that are lit, and the marks on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from app.canvas.model.inputs import Inputs
from app.canvas.model.layout import Layout, Links
from app.canvas.model.scene import LEVELS, EdgeScene, Scene, levels_of
from app.canvas.paint.drawing import (
    SMALLEST_POINTS,
    Paper,
    digits_font,
    mix,
    pill,
    pill_rect,
    short,
)
from app.kit.theme import Theme

Floats = NDArray[np.float64]

MANY = 1200
"""Edges of which no single one can be followed with the eye any more."""
CROWD = 60
"""Edges between two columns that are all drawn as thick as they are strong."""
THIN, THICK = 0.8, 4.6
MOST_ARROWS = 48
"""Lit edges with an arrowhead each; of more, that many are chosen."""


def pairs(layout: Layout, scene: Scene) -> Iterator[tuple[Links, EdgeScene]]:
    """The edges of each column that has any, with what they show."""
    for links, edges in zip(layout.links, scene.edges, strict=True):
        if links is not None and edges is not None:
            yield links, edges


def draw_lines(
    paper: Paper, lines: Sequence[QLineF], levels: NDArray[np.int8], *, crowd: int, many: bool
) -> None:
    """Lines grouped by pen, the strongest on top.

    Args:
        paper: Where to.
        lines: In pixels.
        levels: Their signs and magnitudes, one each.
        crowd: How many edges stand between the same two columns.
        many: They are too many to smooth each of them in a frame, and for anybody to see it.
    """
    painter = paper.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not many)
    for level in sorted(set(levels.tolist()), key=abs):
        painter.setPen(pen_of(level, paper.tokens, paper.view.scale, crowd=crowd, many=many))
        painter.drawLines([lines[i] for i in np.flatnonzero(levels == level).tolist()])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def pen_of(level: int, tokens: Theme, scale: float, *, crowd: int, many: bool = False) -> QPen:
    """Sign as colour; magnitude as width and strength, less of it where edges stand in a crowd."""
    if level == 0:
        return QPen(QColor(tokens.line if many else tokens.disabled), 1.3 if many else 1.0)
    share = (abs(level) - 1) / (LEVELS - 1)
    sign = tokens.positive if level > 0 else tokens.negative
    thick = max(THICK * min(1.0, (CROWD / crowd) ** 0.5), THIN + 0.4)
    width = (THIN + (thick - THIN) * share) * min(max(scale, 0.4), 2.0)
    # Qt draws what is wider than one pixel and not smoothed twice as fast as a thinner line.
    width = max(width, 1.3) if many else width
    return QPen(mix(tokens.line, sign, 0.3 + 0.7 * share), width)


def draw_lit(
    paper: Paper, layout: Layout, scene: Scene, lines: Sequence[Sequence[QLineF]], way: float
) -> None:
    """The lit edges in full colour, an arrow on each that has come so far on its way.

    Args:
        paper: Where to.
        layout: The columns.
        scene: What they show.
        lines: Of all edges in pixels, as the layer has them.
        way: 0 where the data starts, 1 where it rests.
    """
    for (links, edges), own in zip(pairs(layout, scene), lines, strict=True):
        lit = np.flatnonzero(edges.lit).tolist()
        if not lit:
            continue
        chosen = [own[i] for i in lit]
        draw_lines(paper, chosen, edges.levels[edges.lit], crowd=len(lit), many=len(lit) > MANY)
        if scene.light.direction:
            screen = paper.view.to_screen(links.lines[edges.lit])
            _arrows(paper, screen, scene.light.direction, way)


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
    painter.setPen(QPen(QColor(tokens.surface), 1.0))
    painter.setBrush(QColor(tokens.text))
    for point, back, side in zip(tip, unit, across, strict=True):
        left, right = point - 9 * back + 4.5 * side, point - 9 * back - 4.5 * side
        painter.drawPolygon(QPolygonF([QPointF(*point), QPointF(*left), QPointF(*right)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def mark_edge(painter: QPainter, line: Floats, colour: str, width: float) -> None:
    """An outline around one edge, in pixels of the widget."""
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(QLineF(*line.tolist()))


def draw_inputs(paper: Paper, inputs: Inputs | None) -> None:
    """The strongest inputs of one unit, thin, in the colours and the reach of its card."""
    if inputs is None:
        return
    lines = [QLineF(*line) for line in paper.view.to_screen(inputs.lines).tolist()]
    levels = levels_of(inputs.values, inputs.limit)
    draw_lines(paper, lines, levels, crowd=4 * CROWD, many=False)


def draw_way(paper: Paper, line: Floats) -> None:
    """From an input to a unit across a band, with a ring around where it starts."""
    screen = paper.view.to_screen(line)
    for colour, width in ((paper.tokens.surface, 4.0), (paper.tokens.accent, 2.0)):
        mark_edge(paper.painter, screen, colour, width)
        paper.painter.setBrush(Qt.BrushStyle.NoBrush)
        paper.painter.drawEllipse(QPointF(*screen[:2]), 4.0, 4.0)


def draw_lock(painter: QPainter, tokens: Theme, middle: QPointF, size: float = 1.0) -> None:
    """A small lock, on what is held fast."""
    painter.save()
    painter.translate(middle)
    painter.scale(size, size)
    painter.setPen(QPen(QColor(tokens.surface), 4.0))
    painter.setBrush(QColor(tokens.text))
    painter.drawRoundedRect(-5, -2, 10, 8, 1.5, 1.5)
    painter.setPen(QPen(QColor(tokens.text), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(-3, -7, 6, 9, 0, 180 * 16)
    painter.drawRoundedRect(-5, -2, 10, 8, 1.5, 1.5)
    painter.restore()


def draw_locks(paper: Paper, layout: Layout, scene: Scene) -> None:
    """A lock on every edge that is held fast."""
    view = paper.view
    for links, edges in pairs(layout, scene):
        for line in view.to_screen(links.lines[edges.frozen]):
            middle = QPointF((line[0] + line[2]) / 2, (line[1] + line[3]) / 2)
            draw_lock(paper.painter, paper.tokens, middle)


FEW = 18
"""Edges that all carry their number; of more, those that are lit do, up to as many."""
PLACES = (0.32, 0.44, 0.22, 0.56, 0.68)
"""Where on an edge its number may stand, from where the data comes, the best first."""


def draw_labels(paper: Paper, layout: Layout, scene: Scene) -> None:
    """Each number once, none over another."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    points = 8.0 * min(view.scale, 1.25)
    if points < SMALLEST_POINTS:
        return
    painter.setFont(digits_font(points))
    taken: list[QRectF] = []
    active = scene.light.active
    wanted = _wanted(layout, scene)
    for lit in (True, False) if active else (False,):
        painter.setOpacity(1.0 if lit or not active else 0.45)
        for line, value in wanted[lit]:
            ends = view.to_screen(line)
            came = ends if scene.light.direction >= 0 else np.roll(ends, 2)
            place = _free_place(painter, came, value, taken)
            if place is not None:
                colour = tokens.text if lit or not active else tokens.text_dim
                taken.append(pill(painter, place, short(value), tokens.surface, colour))
    painter.setOpacity(1.0)


def _wanted(layout: Layout, scene: Scene) -> dict[bool, list[tuple[Floats, float]]]:
    """Lines and numbers, by whether they are lit."""
    few = layout.edges <= FEW
    found: dict[bool, list[tuple[Floats, float]]] = {True: [], False: []}
    lit = sum(int(edges.lit.sum()) for _, edges in pairs(layout, scene))
    for links, edges in pairs(layout, scene):
        for line, value, is_lit in zip(links.lines, edges.values, edges.lit, strict=True):
            if np.isfinite(value) and (few or (is_lit and lit <= FEW)):
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


Flags = NDArray[np.bool_]

MOST_OVER = 200
"""Edges that are drawn over an old picture; with more, it is drawn whole."""


class EdgeLayer:
    """The picture of all edges, drawn anew only where one of them looks different.

    Attributes:
        drawn: How many times it was drawn whole.
        touched: How many times a few edges were drawn over what was there.
        lines: Every edge in pixels, by column.
    """

    def __init__(self) -> None:
        self._place: tuple[object, ...] = ()
        self._levels: list[NDArray[np.int8]] = []
        self._pixmap = QPixmap()
        self.lines: list[list[QLineF]] = []
        self.drawn = self.touched = 0

    def pixmap(self, paper: Paper, layout: Layout, scene: Scene) -> QPixmap:
        """The layer, as large as the widget."""
        place = (paper.size, paper.ratio, layout, paper.view, paper.tokens)
        levels = [edges.levels for _, edges in pairs(layout, scene)]
        chosen: list[Flags] | None = None
        if place == self._place:
            chosen = _to_draw_over(self._levels, levels)
        else:
            self.lines = [_in_pixels(paper, links.lines) for links, _ in pairs(layout, scene)]
        if chosen is None:
            self._pixmap = QPixmap(paper.size * paper.ratio)
            self._pixmap.setDevicePixelRatio(paper.ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            chosen = [np.ones(len(one), bool) for one in levels]
            self.drawn += 1
        elif any(flags.any() for flags in chosen):
            self.touched += 1
        self._place, self._levels = place, levels
        self._draw(paper, layout, scene, chosen)
        return self._pixmap

    def _draw(self, paper: Paper, layout: Layout, scene: Scene, chosen: list[Flags]) -> None:
        if not any(flags.any() for flags in chosen):
            return
        painter = QPainter(self._pixmap)
        layer = replace(paper, painter=painter)
        many = layout.edges > MANY
        edges = [edges for _, edges in pairs(layout, scene)]
        for one, lines, flags in zip(edges, self.lines, chosen, strict=True):
            picked = [lines[i] for i in np.flatnonzero(flags).tolist()]
            draw_lines(layer, picked, one.levels[flags], crowd=len(lines), many=many)
        painter.end()


def _to_draw_over(
    before: list[NDArray[np.int8]], now: list[NDArray[np.int8]]
) -> list[Flags] | None:
    """Which edges to draw over the old picture; None where it has to be drawn whole.

    A stronger line covers a weaker one of before, never the other way round.
    """
    changed = [old != new for old, new in zip(before, now, strict=True)]
    if sum(int(flags.sum()) for flags in changed) > MOST_OVER:
        return None
    for old, new, flags in zip(before, now, changed, strict=True):
        if (np.abs(new[flags]) < np.abs(old[flags])).any():
            return None
    return changed


def _in_pixels(paper: Paper, lines: Floats) -> list[QLineF]:
    return [QLineF(x1, y1, x2, y2) for x1, y1, x2, y2 in paper.view.to_screen(lines).tolist()]
