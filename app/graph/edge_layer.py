"""The picture of all edges, kept from one painting to the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter, QPixmap

from app.graph.drawing import Paper
from app.graph.edge_painter import MANY, draw_lines, pairs
from app.graph.layout import Layout
from app.graph.scene import Scene

Floats = NDArray[np.float64]
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
