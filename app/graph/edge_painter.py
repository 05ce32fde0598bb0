"""Edges: their pens, those that are lit, and the marks on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.graph.drawing import Paper, mix
from app.graph.inputs import Inputs
from app.graph.layout import Layout, Links
from app.graph.scene import LEVELS, EdgeScene, Scene, levels_of
from app.theme import Theme

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
