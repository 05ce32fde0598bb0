"""The weights of one unit behind a block, whose edges are too many to draw: its strongest ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.canvas.model.layout import Column, Layout
from app.canvas.model.light import window_of
from app.canvas.model.numbers import Floats, Shown
from app.canvas.model.stack import NetworkStage
from app.link.focus import Spot

STRONGEST = 12
"""How many inputs of a unit are drawn."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Edges of one unit, the weakest first.

    Attributes:
        lines: (e, 4) x1, y1, x2, y2, from the inputs' cells to the unit.
        values: (e,) a number each; of a kernel its mean.
        limit: The largest magnitude among all of the unit's.
    """

    lines: Floats
    values: Floats
    limit: float


def strongest_inputs(layout: Layout, spot: Spot, shown: Shown | None) -> Inputs | None:
    """The inputs of a unit with the largest numbers, of what its layer's edges show.

    None where all edges are drawn, or none can be.
    """
    ends = _ends(layout, spot)
    if ends is None or shown is None or spot.unit >= len(shown.values):
        return None
    values = shown.seen[spot.unit].reshape(ends[0].stage.units, -1).mean(axis=1)
    strength = np.nan_to_num(np.abs(values))
    chosen = np.argsort(strength, kind="stable")[-STRONGEST:]
    found = [
        (source, line)
        for source in chosen[strength[chosen] > 0].tolist()
        if (line := way_of(layout, replace(spot, source=source))) is not None
    ]
    if not found:
        return None
    sources = [source for source, _ in found]
    return Inputs(np.array([line for _, line in found]), values[sources], float(strength.max()))


def way_of(layout: Layout, spot: Spot) -> Floats | None:
    """The line of a weight that has no edge, x1, y1, x2, y2; None for any other place.

    To a pixel it comes from the middle of its patch.
    """
    ends = None if spot.source is None else _ends(layout, spot)
    if ends is None or spot.source is None:
        return None
    to = None if spot.pixel is None else (spot.pixel[0] + 0.5, spot.pixel[1] + 0.5)
    start = _side(ends[0], spot.source, layout.radius, _middle_of_patch(ends[1].stage, spot))
    end = _side(ends[1], spot.unit, -layout.radius, to)
    return None if start is None or end is None else np.array([*start, *end])


def _middle_of_patch(stage: NetworkStage, spot: Spot) -> tuple[float, float] | None:
    """Row and column, as far as it lies in the map and not in the padding."""
    if stage.layer is None or spot.pixel is None:
        return None
    window = window_of(stage.layer, *spot.pixel)
    if window is None:
        return None
    (top, left), (high, wide) = window
    row, column = np.clip((top + high / 2, left + wide / 2), 0, stage.before[1:])
    return float(row), float(column)


def _ends(layout: Layout, spot: Spot) -> tuple[Column, Column] | None:
    """The columns at either end of a weight, where a block is one of them."""
    index = layout.index_of(spot.path)
    if not index or layout.links[index - 1] is not None:
        return None
    before, here = layout.columns[index - 1], layout.columns[index]
    return (before, here) if here.stage.is_dense else None


def _side(
    column: Column, unit: int, radius: float, at: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Where a line meets a unit: a node's side, or a block's map, in its middle or at a cell."""
    place = column.place_of(unit)
    if place is not None:
        x, y = column.centres[place].tolist()
        return x + radius, y
    box, (rows, columns) = column.box_of(unit), column.stage.map_shape
    if box is None or column.grid is None:
        return None
    row, across = (rows / 2, columns / 2) if at is None else at
    return box.x + across * column.grid.cell, box.y + row * column.grid.cell
