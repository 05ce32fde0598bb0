"""The loss over a window of a plane, from a coarse grid to a fine one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.landscape.losses.arena import Interruption, OnPlane, Scores
from core.messages.surface_commands import Window
from core.messages.surface_views import Doubles, Floats, read_only

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
class GridPoints:
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


def grid_points(window: Window, side: int, coarser: int | None) -> GridPoints:
    """A grid of so many points a side; ``coarser`` is the side of the one that is known already."""
    missing = np.ones((side, side), bool)
    if coarser is not None:
        step = (side - 1) // (coarser - 1)
        missing[::step, ::step] = False
    return GridPoints(
        np.linspace(window.left, window.right, side),
        np.linspace(window.bottom, window.top, side),
        missing,
    )


def refined(coarse: Floats | None, fine: GridPoints, found: Tensor) -> Floats:
    """The values over a grid: (m, m) those of the coarser one, and those found of the missing."""
    values = np.empty(fine.missing.shape, np.float32)
    values[fine.missing] = found.cpu().numpy()
    if coarse is not None:
        values[~fine.missing] = coarse.ravel()
    return read_only(values)


FIRST_BAND, LARGEST_BAND = 64, 4096
"""Points at a time: few at first, then as many as take"""

BAND_SECONDS = 0.2
"""so long; between two bands progress is told."""


@dataclass(frozen=True, eq=False)
class GridLosses:
    """The values over one grid.

    Attributes:
        x: (w,) rising.
        y: (h,) rising.
        loss: (h, w) the data's loss.
        penalty: (h, w) what the penalties add.
        accuracy: (h, w); None where there is none.
        seconds: Spent so far.
    """

    x: Doubles
    y: Doubles
    loss: Floats
    penalty: Floats
    accuracy: Floats | None
    seconds: float


def coarse_to_fine(
    on_plane: OnPlane,
    window: Window,
    resolution: int,
    interrupted: Interruption,
    progress: Callable[[float], None] = lambda _share: None,
) -> Iterator[GridLosses]:
    """The surface on ever finer grids; no point is computed twice.

    Args:
        on_plane: The plane.
        window: What part of it.
        resolution: Points a side of the finest grid.
        interrupted: As :meth:`core.landscape.losses.arena.OnPlane.scores` takes and raises it.
        progress: Told now and then which share of all points is done.
    """
    begun = perf_counter()
    whole, done = resolution**2, 0
    last: GridLosses | None = None
    coarser: int | None = None
    band = FIRST_BAND
    for side in sides(resolution):
        places = grid_points(window, side, coarser)
        parts: list[Scores] = []
        points = places.points()
        while len(points):
            started = perf_counter()
            parts.append(on_plane.scores(points[:band], interrupted))
            done += len(points[:band])
            progress(done / whole)
            points = points[band:]
            band = _next_band(band, perf_counter() - started)
        last = _grid_losses(last, places, Scores.joined(parts), perf_counter() - begun)
        coarser = side
        yield last


def _next_band(band: int, seconds: float) -> int:
    """How many points to take next, after so many have taken so long."""
    fits = int(band * BAND_SECONDS / max(seconds, 1e-4))
    return max(1, min(fits, 4 * band, LARGEST_BAND))


def _grid_losses(
    before: GridLosses | None, places: GridPoints, found: Scores, seconds: float
) -> GridLosses:
    accuracy = None
    if found.accuracy is not None:
        accuracy = refined(before.accuracy if before else None, places, found.accuracy)
    return GridLosses(
        read_only(places.x),
        read_only(places.y),
        refined(before.loss if before else None, places, found.loss),
        refined(before.penalty if before else None, places, found.penalty),
        accuracy,
        seconds,
    )


def objective_of(grid: GridLosses) -> Floats:
    """(h, w) the loss with the penalties added; the very loss where there are none."""
    return read_only(grid.loss + grid.penalty) if np.any(grid.penalty) else grid.loss
