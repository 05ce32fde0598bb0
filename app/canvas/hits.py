"""What lies under the pointer, and what lies next to a place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.canvas.model.layout import Column, Layout
from app.canvas.model.numbers import Floats
from app.canvas.model.viewport import Viewport
from app.canvas.paint.headings import heading_box
from app.link.focus import Spot

REACH = 6.0
"""Pixels to either side of an edge, however thin it is drawn."""


@dataclass(frozen=True)
class Hit:
    """What a point meets.

    Attributes:
        spot: A node, an edge, or a number of a block.
        column: The column that it belongs to, counted from 0; None for an edge or the ground.
        heading: Whether it is the column's heading.
    """

    spot: Spot | None = None
    column: int | None = None
    heading: bool = False


def hit(layout: Layout, view: Viewport, x: float, y: float) -> Hit:
    """What lies at a pixel: nodes go before edges."""
    wx, wy = view.to_world(x, y)
    for index, column in enumerate(layout.columns):
        if heading_box(layout, index).holds(wx, wy):
            return Hit(None, index, heading=True)
        spot = _in_column(column, wx, wy, layout.radius)
        if spot is not None:
            return Hit(spot, index)
    return Hit(edge_at(layout, wx, wy, REACH / view.scale))


def edge_at(layout: Layout, x: float, y: float, reach: float) -> Spot | None:
    """The edge nearest to a point, at a zoom of one, if it is within reach."""
    best, found = reach, None
    for links in layout.links:
        if links is None or not links.weighted or not len(links.lines):
            continue
        distances = distance_to(links.lines, x, y)
        nearest = int(distances.argmin())
        if distances[nearest] <= best:
            best = float(distances[nearest])
            path = layout.columns[links.column].path
            found = Spot(path, int(links.targets[nearest]), int(links.sources[nearest]))
    return found


def distance_to(lines: Floats, x: float, y: float) -> Floats:
    """From a point to each line, (e,), of lines (e, 4): x1, y1, x2, y2."""
    start, along = lines[:, :2], lines[:, 2:] - lines[:, :2]
    away = np.array([x, y]) - start
    squared = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip((away * along).sum(axis=1) / squared, 0, 1)
    rest = away - along * share[:, None]
    return np.asarray(np.hypot(rest[:, 0], rest[:, 1]))


def _in_column(column: Column, x: float, y: float, radius: float) -> Spot | None:
    if column.grid is not None:
        box = column.box
        number = column.grid.number_at(x - box.x, y - box.y) if box.holds(x, y) else None
        if number is None:
            return None
        unit, i, j = number
        return Spot(column.path, unit, pixel=None if column.grid.flat else (i, j))
    if not len(column.centres):
        return None
    away = column.centres - [x, y]
    distances = np.abs(away).max(axis=1) if column.stage.is_image else np.hypot(*away.T)
    nearest = int(distances.argmin())
    spot = Spot(column.path, int(column.units[nearest]))
    if column.stage.is_image and distances[nearest] <= radius:
        _, rows, columns = column.stage.shape
        down, right = ((radius - away[nearest, axis]) / (2 * radius) for axis in (1, 0))
        pixel = (min(int(down * rows), rows - 1), min(int(right * columns), columns - 1))
        return replace(spot, pixel=pixel)
    return spot if distances[nearest] <= radius + 2 else None


def beside(layout: Layout, spot: Spot, right: int, down: int) -> Spot | None:
    """Where an arrow key leads from a place: to the next column, or within this one."""
    index = layout.index_of(spot.path)
    if index is None:
        return None
    if down:
        return _within(layout.columns[index], spot, down)
    target = index + right
    if not 0 <= target < len(layout.columns):
        return None
    there, here = layout.columns[target], layout.columns[index]
    place = here.place_of(spot.unit)
    if place is None or not len(there.units):
        return first_of(there)
    nearest = np.abs(there.centres[:, 1] - here.centres[place, 1]).argmin()
    return Spot(there.path, int(there.units[nearest]))


def first_of(column: Column) -> Spot:
    """The first number of a column."""
    if len(column.units):
        return Spot(column.path, int(column.units[0]))
    return Spot(column.path, 0, pixel=(0, 0) if column.stage.is_image else None)


def _within(column: Column, spot: Spot, down: int) -> Spot | None:
    if column.is_block:
        unit = spot.unit + down
        fits = 0 <= unit < column.stage.units
        return Spot(column.path, unit, pixel=spot.pixel) if fits else None
    place = column.place_of(spot.unit)
    if place is None:
        return first_of(column)
    fits = 0 <= place + down < len(column.units)
    return Spot(column.path, int(column.units[place + down])) if fits else None
