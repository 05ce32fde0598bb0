"""A path draped over a relief."""

from __future__ import annotations

import numpy as np

from app.views.relief_shape import Relief
from core.scenery import Doubles


def drape(relief: Relief, points: Doubles) -> Doubles:
    """A polyline (k, 2) of the plane with a point more wherever it crosses a line of the grid.

    Between two of the resulting points (n, 2) the surface is nearly straight, so that a line
    through the heights there lies on it.
    """
    if len(points) < 2:
        return points
    indices = relief.indices_of(points)
    most = (len(relief.x) - 1, len(relief.y) - 1)
    crossings = [_crossings(indices[:, axis], most[axis]) for axis in (0, 1)]
    ways = np.unique(np.concatenate([np.arange(len(points), dtype=np.float64), *crossings]))
    steps = np.arange(len(points))
    return np.stack([np.interp(ways, steps, points[:, axis]) for axis in (0, 1)], -1)


def _crossings(indices: Doubles, most: int) -> Doubles:
    """Where along a polyline its index passes whole numbers 0..most: 2.5 is half-way to point 3."""
    known = np.isfinite(indices[:-1] + indices[1:])
    a, b = np.where(known, indices[:-1], 0.0), np.where(known, indices[1:], 0.0)
    low = np.clip(np.floor(np.minimum(a, b)) + 1, 0, most + 1).astype(np.intp)
    high = np.clip(np.ceil(np.maximum(a, b)) - 1, -1, most).astype(np.intp)
    counts = np.maximum(high - low + 1, 0)
    pieces = np.repeat(np.arange(len(a)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    passed = low[pieces] + np.arange(len(pieces)) - before
    return np.asarray(pieces + (passed - a[pieces]) / (b[pieces] - a[pieces]))
