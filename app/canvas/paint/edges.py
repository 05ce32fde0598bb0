"""Edges: their pens, and the picture of them all that is kept from one painting to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from app.canvas.model.numbers import Flags, Floats
from app.canvas.model.scene import LEVELS
from app.canvas.paint.drawing import DIM, mix
from app.canvas.paint.picture import Paper, Picture
from app.kit.theme import Theme

MANY = 1200
"""Edges of which no single one can be followed with the eye any more."""
CROWD = 60
"""Edges between two columns that are all drawn as thick as they are strong."""
THIN, THICK = 0.8, 4.6
MOST_OVER = 200
"""Edges that are drawn over an old picture; with more, it is drawn whole."""


class Edges:
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

    def draw(self, paper: Paper, picture: Picture) -> None:
        """All of them; dimmed where something is lit."""
        self._refresh(paper, picture)
        paper.painter.setOpacity(DIM * 0.8 if picture.scene.light.active else 1.0)
        paper.painter.drawPixmap(0, 0, self._pixmap)
        paper.painter.setOpacity(1.0)

    def _refresh(self, paper: Paper, picture: Picture) -> None:
        """Has the pixmap, as large as the widget, show what the edges are now."""
        place = (paper.size, paper.ratio, picture.layout, paper.view, paper.tokens)
        levels = [edges.levels for _, edges in picture.edges]
        chosen: list[Flags] | None = None
        if place == self._place:
            chosen = _to_draw_over(self._levels, levels)
        else:
            self.lines = [in_pixels(paper, links.lines) for links, _ in picture.edges]
        if chosen is None:
            self._pixmap = QPixmap(paper.size * paper.ratio)
            self._pixmap.setDevicePixelRatio(paper.ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            chosen = [np.ones(len(one), bool) for one in levels]
            self.drawn += 1
        elif any(flags.any() for flags in chosen):
            self.touched += 1
        self._place, self._levels = place, levels
        self._draw_over(paper, chosen, many=picture.layout.edges > MANY)

    def _draw_over(self, paper: Paper, chosen: list[Flags], *, many: bool) -> None:
        if not any(flags.any() for flags in chosen):
            return
        painter = QPainter(self._pixmap)
        layer = replace(paper, painter=painter)
        for levels, lines, flags in zip(self._levels, self.lines, chosen, strict=True):
            picked = [lines[i] for i in np.flatnonzero(flags).tolist()]
            draw_lines(layer, picked, levels[flags], crowd=len(lines), many=many)
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


def in_pixels(paper: Paper, lines: Floats) -> list[QLineF]:
    """Lines (e, 4) as Qt draws them."""
    return [QLineF(x1, y1, x2, y2) for x1, y1, x2, y2 in paper.view.to_screen(lines).tolist()]


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
        painter.setPen(_pen_of(level, paper.tokens, paper.view.scale, crowd=crowd, many=many))
        painter.drawLines([lines[i] for i in np.flatnonzero(levels == level).tolist()])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _pen_of(level: int, tokens: Theme, scale: float, *, crowd: int, many: bool) -> QPen:
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
