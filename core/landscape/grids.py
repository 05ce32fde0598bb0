"""Grids from coarse to fine, each holding the points of the one before, so that none is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.scenery import Doubles
from core.surveys import Window

COARSEST = 13
"""Points a side: fewer would not show a valley."""


def sides(resolution: int) -> list[int]:
    """Points a side from the coarsest grid to the finest.

    Every interval of a grid is halved in the next: 65 gives 17, 33, 65; 51 gives 26, 51.
    """
    found = [resolution]
    while (found[0] - 1) % 2 == 0 and (found[0] - 1) // 2 + 1 >= COARSEST:
        found.insert(0, (found[0] - 1) // 2 + 1)
    return found


@dataclass(frozen=True, eq=False)
class Grid:
    """The points of one grid over a window.

    Attributes:
        x: (n,) rising.
        y: (n,) rising.
        missing: (n, n) whether a point is not in the coarser grid before.
    """

    x: Doubles
    y: Doubles
    missing: NDArray[np.bool_]

    def points(self) -> Tensor:
        """(k, 2) float64: the points that are missing, row by row."""
        rows, columns = np.nonzero(self.missing)
        return torch.from_numpy(np.stack((self.x[columns], self.y[rows]), 1))


def grid(window: Window, side: int, coarser: int | None) -> Grid:
    """One grid over a window.

    Args:
        window: What part of the plane.
        side: Points a side.
        coarser: Points a side of the grid whose points are known already.
    """
    missing = np.ones((side, side), bool)
    if coarser is not None:
        step = (side - 1) // (coarser - 1)
        missing[::step, ::step] = False
    return Grid(
        np.linspace(window.left, window.right, side),
        np.linspace(window.bottom, window.top, side),
        missing,
    )


def refined(coarse: NDArray[np.float32] | None, fine: Grid, found: Tensor) -> NDArray[np.float32]:
    """The values over a grid: those known from the coarser one, and those found since.

    Args:
        coarse: (m, m) of the coarser grid; None where there is none.
        fine: The grid.
        found: Of its missing points, in their order.
    """
    values = np.empty(fine.missing.shape, np.float32)
    values[fine.missing] = found.cpu().numpy()
    if coarse is not None:
        values[~fine.missing] = coarse.ravel()
    return values
