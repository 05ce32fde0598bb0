"""A loss surface as a shape in a box: what is known of its points, and bilinear between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.link.surface_choice import Quantity
from app.surface.relief.camera import TALL
from app.surface.shared.colours import Limits, heights, limits, shares, table
from app.surface.shared.grid import finer
from core.messages.surface_views import Doubles, SurfaceView


@dataclass(frozen=True, eq=False)
class Relief:
    """Heights over a grid.

    Attributes:
        x: (w,) rising.
        y: (h,) rising.
        drawn: (h, w) heights; nan where there is none.
        limits: The heights that stand at the bottom and the top of the box.
    """

    x: Doubles
    y: Doubles
    drawn: Doubles
    limits: Limits

    @cached_property
    def share(self) -> Doubles:
        """(h, w) how far up each point stands, 0..1; what explodes is cut off flat at 1."""
        return shares(self.drawn, self.limits)

    @cached_property
    def u(self) -> Doubles:
        """(w,) x in the box, -1..1."""
        return _spread(self.x, self.x)

    @cached_property
    def v(self) -> Doubles:
        """(h,) y in the box, -1..1."""
        return _spread(self.y, self.y)

    @cached_property
    def places(self) -> Doubles:
        """(h, w, 3) the points in the box."""
        u, v = np.meshgrid(self.u, self.v)
        return np.stack([u, v, self.share * TALL], -1)

    @cached_property
    def tones(self) -> Doubles:
        """(h, w, 3) the colours 0..1 of the theme in use, without light."""
        known = np.nan_to_num(self.share)
        colours = table()
        return np.asarray(colours[np.round(known * (len(colours) - 1)).astype(np.intp)] / 255)

    @cached_property
    def normals(self) -> Doubles:
        """(h, w, 3) unit vectors at right angles to the surface, upwards."""
        z = np.nan_to_num(self.share) * TALL
        along_v, along_u = np.gradient(z, self.v, self.u)
        normals = np.stack([-along_u, -along_v, np.ones_like(z)], -1)
        return np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True))

    def floor_of(self, points: Doubles) -> Doubles:
        """Points (k, 2) of the plane as (k, 2) in the box."""
        return np.stack([_spread(points[:, 0], self.x), _spread(points[:, 1], self.y)], -1)

    def indices_of(self, points: Doubles) -> Doubles:
        """Points (k, 2) of the plane as columns and rows with fractions; beyond the grid, too."""
        return np.stack([_index(points[:, 0], self.x), _index(points[:, 1], self.y)], -1)

    def shares_at(self, points: Doubles) -> Doubles:
        """(k,) how far up the surface is at points (k, 2); nan beside it and in its holes."""
        return bilinear(self.share, self.indices_of(points))

    def standing(self, points: Doubles) -> Doubles:
        """(k, 3) points (k, 2) of the plane, stood on the surface; nan where there is none."""
        return np.column_stack([self.floor_of(points), self.shares_at(points) * TALL])

    def remeshed(self, quads: int) -> Relief:
        """The same shape with so many quads a side: smooth between few points, bilinear between
        many."""
        times = math.ceil(quads / (max(self.drawn.shape) - 1))
        drawn = finer(self.drawn, self.limits, times) if times > 1 else self.drawn
        rows, columns = (np.linspace(0, count - 1, quads + 1) for count in drawn.shape)
        grid = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)
        sampled = bilinear(drawn, grid).reshape(quads + 1, quads + 1)
        x, y = _at(self.x, columns / times), _at(self.y, rows / times)
        return Relief(x, y, sampled, self.limits)


def relief_of(surface: SurfaceView, quantity: Quantity, is_log: bool) -> Relief:
    """The surface as the choice asks for it, within the limits that both pictures keep."""
    drawn = heights(surface, quantity, is_log)
    return Relief(surface.x, surface.y, drawn, limits(drawn))


def bilinear(values: Doubles, indices: Doubles) -> Doubles:
    """Values (h, w) at columns and rows (k, 2) with fractions; nan outside and beside holes."""
    most = np.array(values.shape[::-1]) - 1
    inside = np.all((indices >= 0) & (indices <= most), axis=-1)
    known = np.where(inside[:, None], indices, 0.0)
    first = np.minimum(known.astype(np.intp), np.maximum(most - 1, 0))
    right, up = (known - first).T
    column, row = first.T
    result = np.zeros(len(indices))
    for weight, beside, above in (
        ((1 - right) * (1 - up), 0, 0),
        (right * (1 - up), 1, 0),
        ((1 - right) * up, 0, 1),
        (right * up, 1, 1),
    ):
        # A corner that does not count may be a hole.
        result += np.where(weight > 0, values[row + above, column + beside], 0.0) * weight
    result[~inside] = np.nan
    return result


def _spread(values: Doubles, axis: Doubles) -> Doubles:
    return np.asarray(2 * (values - axis[0]) / (axis[-1] - axis[0]) - 1)


def _index(values: Doubles, axis: Doubles) -> Doubles:
    first = np.clip(np.searchsorted(axis, values, "right") - 1, 0, len(axis) - 2)
    return np.asarray(first + (values - axis[first]) / (axis[first + 1] - axis[first]))


def _at(axis: Doubles, indices: Doubles) -> Doubles:
    return np.interp(indices, np.arange(len(axis)), axis)


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
