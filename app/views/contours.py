"""Lines of equal height over a grid, all cells at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SIDES = ((0, 1), (1, 2), (2, 3), (3, 0))
"""Of a cell, between its corners: below left, below right, above right, above left."""


def contour(x: Floats, y: Floats, field: NDArray[np.floating], level: float = 0.0) -> Floats:
    """Where a field passes a level, by marching squares (Lorensen and Cline 1987, in the plane).

    Args:
        x: (w,) rising.
        y: (h,) rising.
        field: (h, w).
        level: The height.

    Returns:
        (2 n, 2) points; each two of them are the ends of a piece of the line.
    """
    height = field.astype(np.float64) - level
    # A corner just at the level counts as above it, and so lies on one side only.
    corners = [height[:-1, :-1], height[:-1, 1:], height[1:, 1:], height[1:, :-1]]
    shape = corners[0].shape
    left, right = (np.broadcast_to(part, shape) for part in (x[:-1], x[1:]))
    low, high = (np.broadcast_to(part[:, None], shape) for part in (y[:-1], y[1:]))
    places = [(left, low), (right, low), (right, high), (left, high)]
    crossings, crossed = [], []
    for one, other in _SIDES:
        a, b = corners[one], corners[other]
        crossed.append((a >= 0) != (b >= 0))
        with np.errstate(invalid="ignore"):
            share = np.divide(a, a - b, out=np.zeros_like(a), where=crossed[-1])
        ends = zip(places[one], places[other], strict=True)
        crossings.append(np.stack([p + (q - p) * share for p, q in ends], -1))
    return _pieces(np.stack(crossed), np.stack(crossings))


def _pieces(crossed: NDArray[np.bool_], crossings: Floats) -> Floats:
    """Joins the crossings of each cell, two by two in the order of its sides.

    Args:
        crossed: (4, h, w) whether the line passes a side of a cell.
        crossings: (4, h, w, 2) where.
    """
    rows = crossed.reshape(4, -1).T
    points = crossings.reshape(4, -1, 2).transpose(1, 0, 2)
    met = rows.any(1)
    # Two or four sides of a cell are passed, so the points of a cell are whole pairs.
    return points[met][rows[met]]
