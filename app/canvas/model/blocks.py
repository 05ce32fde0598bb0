"""Heat maps of layers too wide for nodes: how the numbers are laid out, and their picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from app.canvas.model.numbers import Floats
from core.experiment.layers import Shape

Pixels = NDArray[np.uint8]

TALL = 3.0
"""Height over width that a block of one row of numbers, or of many maps, comes close to."""
LARGEST_CELL = 24.0
"""Pixels at a zoom of one that a number of a block takes at most."""


@dataclass(frozen=True)
class MapGrid:
    """Maps of one size beside and under one another; for a flat layer each map is one number.

    Attributes:
        shape: One sample's, (maps, rows, columns of a map).
        down: How many maps stand one under another.
        across: And beside one another.
        between: Cells left empty between two maps.
        cell: The size of one number, in pixels at a zoom of one.
        flat: Whether the layer has numbers and no maps.
    """

    shape: tuple[int, int, int]
    down: int
    across: int
    between: int
    cell: float
    flat: bool

    @property
    def cells(self) -> tuple[int, int]:
        """How many cells the whole is high and wide."""
        _, rows, columns = self.shape
        high = self.down * (rows + self.between) - self.between
        return high, self.across * (columns + self.between) - self.between

    @property
    def width(self) -> float:
        """In pixels at a zoom of one."""
        return self.cells[1] * self.cell

    @property
    def height(self) -> float:
        """In pixels at a zoom of one."""
        return self.cells[0] * self.cell

    def spread(self, values: Floats, empty: float = np.nan) -> Floats:
        """The numbers of one sample where they stand in the picture, (cells high, cells wide)."""
        maps, rows, columns = self.shape
        room = np.full((self.down * self.across, rows, columns), empty)
        room[:maps] = values.reshape(self.shape)
        padded = np.pad(room, ((0, 0), (0, self.between), (0, self.between)), constant_values=empty)
        whole = padded.reshape(self.down, self.across, *padded.shape[1:]).transpose(0, 2, 1, 3)
        high, wide = self.cells
        return whole.reshape(self.down * padded.shape[1], -1)[:high, :wide]

    def number_at(self, x: float, y: float) -> tuple[int, int, int] | None:
        """Which map, row and column lie at a point of the block; None between two maps."""
        maps, rows, columns = self.shape
        row, i = divmod(int(y // self.cell), rows + self.between)
        column, j = divmod(int(x // self.cell), columns + self.between)
        found = row * self.across + column
        inside = 0 <= row < self.down and 0 <= column < self.across
        if not inside or i >= rows or j >= columns or found >= maps:
            return None
        return found, i, j

    def corner(self, index: int, i: int = 0, j: int = 0) -> tuple[float, float]:
        """Where a number's cell begins, from the block's own corner."""
        _, rows, columns = self.shape
        row, column = divmod(index, self.across)
        return (
            (column * (columns + self.between) + j) * self.cell,
            (row * (rows + self.between) + i) * self.cell,
        )


def grid_of(shape: Shape, width: float, height: float) -> MapGrid:
    """The layout of a layer's numbers that fits into so many pixels, a flat layer's into half.

    The shape is one sample's: (units,) or (channels, rows, columns).
    """
    return card_grid(shape, width / 2 if len(shape) == 1 else width, height, LARGEST_CELL)


def card_grid(shape: Shape, width: float, height: float, largest: float) -> MapGrid:
    """The same with all the room that there is; a number is as wide as ``largest`` at most."""
    flat = len(shape) == 1
    maps, rows, columns = (shape[0], 1, 1) if flat else (shape[0], shape[1], shape[2])
    across = _across(maps, rows / columns)
    between = 0 if flat else (2 if max(rows, columns) > 8 else 1)
    plain = MapGrid((maps, rows, columns), ceil(maps / across), across, between, 1.0, flat)
    return replace(plain, cell=min(width / plain.width, height / plain.height, largest))


def _across(maps: int, slimness: float) -> int:
    """So many beside one another that the whole is tall, and its last row full if it can be."""
    if maps == 1:
        return 1
    wanted = sqrt(maps * slimness / TALL)
    near = range(max(1, round(wanted * 0.6)), max(2, ceil(wanted * 1.6)) + 1)
    full = [across for across in near if maps % across == 0]
    return min(full or near, key=lambda across: abs(across - wanted))


def heat(values: Floats, limit: float, colours: tuple[str, str, str]) -> Pixels:
    """A picture of numbers (rows, columns), (rows, columns, 4) as Qt's RGBA8888; NaN is clear.

    ``limit`` gets the whole colour: that for positive or negative, zero's being the third.
    """
    positive, negative, zero = (np.array(rgb(colour), np.float64) for colour in colours)
    share = np.clip(np.abs(values) / (limit or 1.0), 0, 1)
    share = np.nan_to_num(share)[..., None]
    sign = np.where(values[..., None] < 0, negative, positive)
    picture = np.empty((*values.shape, 4), np.uint8)
    picture[..., :3] = np.rint(zero + (sign - zero) * share)
    picture[..., 3] = np.where(np.isnan(values), 0, 255)
    return picture


def rgb(colour: str) -> tuple[int, int, int]:
    """The three parts of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
