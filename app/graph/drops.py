"""Where a layer that is dragged would land."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from app.graph.layout import Layout
from app.graph.viewport import Viewport
from app.theme import Theme
from core.layers import Path


@dataclass(frozen=True)
class Gap:
    """Between two columns: the index a layer would get there, and where it is on the picture."""

    row: Path
    index: int
    x: float

    @property
    def path(self) -> Path:
        """The place of a layer put there."""
        return (*self.row, self.index)


def gap_in_row(layout: Layout, row: Path, x: float) -> Gap:
    """The gap of one row that lies nearest to a point, at a zoom of one.

    Args:
        layout: Where the columns stand.
        row: ``()`` for the network's own row, or the path of a residual group.
        x: The point.
    """
    columns = [column for column in layout.columns if column.path and column.path[:-1] == row]
    middles = [column.box.centre[0] for column in columns]
    index = sum(middle < x for middle in middles)
    if index < len(columns):
        place = layout.columns.index(columns[index])
        # A group begins where the first of its layers stands.
        place -= columns[index].stage.group
        left = layout.columns[place - 1].box
        edge = (left.x + left.width + layout.columns[place].box.x) / 2
    else:
        last = columns[-1].box
        edge = last.x + last.width + 24
    return Gap(row, index, edge)


def paint_gap(painter: QPainter, view: Viewport, layout: Layout, gap: Gap, tokens: Theme) -> None:
    """A line from top to bottom, in the accent colour."""
    bounds = view.box(layout.bounds)
    x = gap.x * view.scale + view.x
    painter.setPen(QPen(QColor(tokens.accent), 3.0))
    painter.drawLine(QPointF(x, bounds.y + 8), QPointF(x, bounds.y + bounds.height - 8))
