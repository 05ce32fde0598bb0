"""Where everything of the picture stands: pure geometry, in pixels at a zoom of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.canvas.model.blocks import MapGrid, grid_of
from app.canvas.model.numbers import Floats
from app.canvas.model.stack import NetworkStage
from app.link.focus import Spot
from core.experiment.layers import Path

Ints = NDArray[np.int64]

NODES_AT_MOST = 24
"""Units that a layer shows as nodes by itself; wider ones are blocks, until they are opened."""
MARGIN, EDGE = 40.0, 8.0
"""Left and right of everything; above and below it."""
HEAD, FOOT, BARE_FOOT = 56.0, 56.0, 24.0
"""What headings and buttons take, above and below the columns; and the last bias, without them."""
LARGEST_RADIUS, SMALLEST_RADIUS = 32.0, 7.0
WIDEST_PITCH, NARROWEST_PITCH = 120.0, 18.0
WIDEST_GAP, NARROWEST_GAP = 220.0, 72.0
BLOCK = (128.0, 420.0)
"""The largest a block gets: width and height."""
LOSS = (92.0, 60.0)
"""Width and height of the loss, which stands behind the output."""


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


@dataclass(frozen=True, eq=False)
class Column:
    """One stage in its place.

    Attributes:
        stage: What it shows.
        box: What its nodes or its block take up.
        units: (k,) which units have a node, rising; empty for a block.
        centres: (k, 2) the nodes' middles.
        grid: How a block lays its numbers out; None for nodes.
    """

    stage: NetworkStage
    box: Box
    units: Ints
    centres: Floats
    grid: MapGrid | None

    @property
    def path(self) -> Path:
        """The layer's place; ``()`` for the inputs."""
        return self.stage.path

    @property
    def is_block(self) -> bool:
        """Whether it is a heat map and no row of nodes."""
        return self.grid is not None

    def place_of(self, unit: int) -> int | None:
        """Which node shows a unit; None if none does."""
        place = int(np.searchsorted(self.units, unit))
        return place if place < len(self.units) and self.units[place] == unit else None

    def box_of(self, unit: int) -> Box | None:
        """Where a unit stands: its node's square, or its map in the block; None if it does not."""
        place, grid = self.place_of(unit), self.grid
        if place is not None:
            x, y = (self.centres[place] - self.box.width / 2).tolist()
            return Box(x, y, self.box.width, self.box.width)
        if grid is None or unit >= grid.shape[0]:
            return None
        (x, y), (_, rows, columns) = grid.corner(unit), grid.shape
        return Box(self.box.x + x, self.box.y + y, columns * grid.cell, rows * grid.cell)


@dataclass(frozen=True, eq=False)
class Links:
    """The edges into one column, from the column before.

    Attributes:
        column: Into which, counted from 0 for the inputs.
        targets: (e,) the unit each leads to.
        sources: (e,) the unit it comes from.
        lines: (e, 4) x1, y1, x2, y2, from the source's edge to the target's.
        weighted: Whether each stands for a weight of its own.
    """

    column: int
    targets: Ints
    sources: Ints
    lines: Floats
    weighted: bool


@dataclass(frozen=True, eq=False)
class Layout:
    """The whole picture.

    Attributes:
        columns: From left to right, the inputs first.
        links: One a column but the first; None where a block stands at either end.
        radius: Of every node.
        loss: Where the loss is written.
        bounds: Around everything, headings included.
    """

    columns: tuple[Column, ...]
    links: tuple[Links | None, ...]
    radius: float
    loss: Box
    bounds: Box

    def index_of(self, path: Path) -> int | None:
        """Which column shows the layer at a path."""
        return next((i for i, column in enumerate(self.columns) if column.path == path), None)

    @property
    def edges(self) -> int:
        """How many edges there are to draw."""
        return sum(len(links.targets) for links in self.links if links is not None)


def line_of(layout: Layout, spot: Spot) -> Floats | None:
    """The edge of a place, x1, y1, x2, y2; None where it is no edge drawn."""
    index = layout.index_of(spot.path)
    links = layout.links[index - 1] if index else None
    if links is None or spot.source is None:
        return None
    found = links.lines[(links.targets == spot.unit) & (links.sources == spot.source)]
    return next(iter(found), None)


def centre_of(layout: Layout, spot: Spot) -> Floats | None:
    """The middle of a place's node; None where it has none, or is an edge."""
    index = layout.index_of(spot.path)
    if index is None or spot.source is not None:
        return None
    column = layout.columns[index]
    return next(iter(column.centres[column.units == spot.unit]), None)


def lay_out(
    stages: Sequence[NetworkStage],
    size: tuple[float, float],
    opened: Mapping[Path, Sequence[int]] | None = None,
    *,
    foot: float = FOOT,
) -> Layout:
    """Places a network so that it fills the room without stretching beyond what reads well.

    There is at least one column; ``opened`` are the units that a block shows as nodes instead;
    ``foot`` is the room left below the columns.
    """
    first = _placed(stages, size, opened or {}, foot)
    too_wide = first.bounds.width / size[0]
    if too_wide <= 1:
        return first
    # It will be drawn smaller, to fit, so there is more room from top to bottom.
    return _placed(stages, (size[0], size[1] * too_wide), opened or {}, foot)


def _placed(
    stages: Sequence[NetworkStage],
    size: tuple[float, float],
    opened: Mapping[Path, Sequence[int]],
    foot: float,
) -> Layout:
    shown = [_units(stage, opened.get(stage.path)) for stage in stages]
    tallest = max((len(units) for units in shown), default=1)
    room = size[1] - 2 * EDGE - HEAD - foot
    pitch = float(np.clip(room / max(tallest, 1), NARROWEST_PITCH, WIDEST_PITCH))
    radius = float(np.clip(0.4 * pitch, SMALLEST_RADIUS, LARGEST_RADIUS))
    height = max(min(room, BLOCK[1]), BLOCK[1] / 2)
    grids = [
        None if len(units) else grid_of(stage.shape, BLOCK[0], height)
        for stage, units in zip(stages, shown, strict=True)
    ]
    widths = [grid.width if grid else 2 * radius for grid in grids]
    gap = _gap(widths, size[0])
    heights = [grid.height for grid in grids if grid] + [tallest * pitch, LOSS[1]]
    middle = EDGE + HEAD + max(heights) / 2
    columns, x = [], MARGIN
    for stage, units, grid, width in zip(stages, shown, grids, widths, strict=True):
        at = (x + width / 2, middle)
        columns.append(
            _nodes(stage, units, at, (_apart(units, tallest, pitch), radius))
            if grid is None
            else _block(stage, grid, at)
        )
        x += width + gap
    loss = Box(x, middle - LOSS[1] / 2, *LOSS)
    links = [_links(i, *pair, radius) for i, pair in enumerate(pairwise(columns), 1)]
    bounds = Box(0, 0, x + LOSS[0] + MARGIN, 2 * EDGE + HEAD + foot + max(heights))
    return Layout(tuple(columns), tuple(links), radius, loss, bounds)


def _units(stage: NetworkStage, opened: Sequence[int] | None) -> Ints:
    """The units with a node of their own."""
    is_block = stage.is_image or stage.units > NODES_AT_MOST
    shown = opened or (() if is_block else range(stage.units))
    return np.array(sorted(unit for unit in shown if unit < stage.units), np.int64)


def _gap(widths: list[float], room: float) -> float:
    free = room - 2 * MARGIN - LOSS[0] - sum(widths)
    return float(np.clip(free / len(widths), NARROWEST_GAP, WIDEST_GAP))


def _apart(units: Ints, tallest: int, pitch: float) -> float:
    """A short column spreads a little, so that its edges do not all meet in one point."""
    return float(np.clip(tallest * pitch / (len(units) + 1), pitch, WIDEST_PITCH))


def _block(stage: NetworkStage, grid: MapGrid, middle: tuple[float, float]) -> Column:
    x, y = middle[0] - grid.width / 2, middle[1] - grid.height / 2
    none = np.zeros(0, np.int64)
    return Column(stage, Box(x, y, grid.width, grid.height), none, np.zeros((0, 2)), grid)


def _nodes(
    stage: NetworkStage, units: Ints, middle: tuple[float, float], sizes: tuple[float, float]
) -> Column:
    (x, y), (pitch, radius) = middle, sizes
    ys = y + (np.arange(len(units)) - (len(units) - 1) / 2) * pitch
    centres = np.column_stack([np.full(len(units), x), ys])
    half = (len(units) - 1) / 2 * pitch + radius
    return Column(stage, Box(x - radius, y - half, 2 * radius, 2 * half), units, centres, None)


def _links(index: int, before: Column, here: Column, radius: float) -> Links | None:
    if before.is_block or here.is_block:
        return None
    dense = here.stage.is_dense
    if dense:
        to, of = np.indices((len(here.units), len(before.units))).reshape(2, -1)
    else:
        _, to, of = np.intersect1d(here.units, before.units, return_indices=True)
    start, end = before.centres[of].copy(), here.centres[to].copy()
    start[:, 0] += radius
    end[:, 0] -= radius
    weighted = dense or (here.stage.layer is not None and here.stage.layer.kind == "batch_norm")
    lines = np.hstack([start, end])
    return Links(index, here.units[to], before.units[of], lines, weighted)
