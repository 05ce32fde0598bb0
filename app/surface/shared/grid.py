"""Between the points of a surface's grid: finer for the eye, the value at a place, the slope."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.surface.shared.colours import Limits
from core.messages.surface_views import Doubles, PlaneView

_CUBIC = np.array([[0, -1, 2, -1], [2, 0, -5, 3], [0, 1, 4, -3], [0, 0, -1, 1]]) / 2
_LINEAR = np.array([[0, 0, 0, 0], [1, -1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
"""Of the two points before and the two behind a place u the weights, by powers of u from 0 on."""


def finer(drawn: Doubles, limits: Limits, times: int, *, logarithmic: bool = False) -> Doubles:
    """Heights on a grid with ``times - 1`` points between each two, smooth where all are finite.

    By cubic convolution (Keys 1981), which passes through all points of the grid. Explosions are
    cut off half a range beyond the limits first: they would ring far into their neighbourhood.

    Of logarithms the losses themselves are interpolated: along a narrow valley a parabola through
    its walls finds the ground, where the logarithms would make a string of pits of it. But never
    lower than the lowest point next to it, so that no valley is drawn that nobody measured.

    Args:
        drawn: (h, w), nan where there is no value.
        limits: Of the colours.
        times: 1 for the grid itself.
        logarithmic: Whether the heights are log10 of losses.

    Returns:
        ((h - 1) times + 1, (w - 1) times + 1).
    """
    half = (limits[1] - limits[0]) / 2
    cut = np.clip(drawn, limits[0] - half, limits[1] + half)
    known = np.isfinite(cut)
    if known.all():
        return _smooth(cut, times, logarithmic=logarithmic)
    if not known.any():
        return np.full([(count - 1) * times + 1 for count in drawn.shape], np.nan)
    fine = _smooth(_filled(cut, known), times, logarithmic=logarithmic)
    # A gap reaches half-way to the known points around it.
    fine[_between(known.astype(np.float64), times, _LINEAR) < 0.5] = np.nan
    return fine


def value_at(x: Doubles, y: Doubles, values: Doubles, point: tuple[float, float]) -> float | None:
    """The value at a place, bilinear between the four points around it; None off the grid.

    Args:
        x: (w,) rising.
        y: (h,) rising.
        values: (h, w).
        point: (x, y).
    """
    if not (x[0] <= point[0] <= x[-1] and y[0] <= point[1] <= y[-1]):
        return None
    column = min(int(np.searchsorted(x, point[0], "right")) - 1, len(x) - 2)
    row = min(int(np.searchsorted(y, point[1], "right")) - 1, len(y) - 2)
    u = (point[0] - x[column]) / (x[column + 1] - x[column])
    v = (point[1] - y[row]) / (y[row + 1] - y[row])
    # A corner that does not count must not make nan of the sum.
    corners = ((0, 0, (1 - u) * (1 - v)), (0, 1, u * (1 - v)), (1, 0, (1 - u) * v), (1, 1, u * v))
    parts = [w * values[row + i, column + j] for i, j, w in corners if w > 0]
    return float(sum(parts))


def downhill(x: Doubles, y: Doubles, drawn: Doubles, plane: PlaneView, points: Doubles) -> Doubles:
    """Where the drawn heights fall most steeply in the space of the parameters.

    Args:
        x: (w,) rising.
        y: (h,) rising.
        drawn: (h, w).
        plane: Whose directions the axes are.
        points: (n, 2) on the grid; the slope is that of the nearest point of it.

    Returns:
        (n, 2) in units of the axes; nan where no slope is known.
    """
    along_x = np.asarray(np.gradient(drawn, x, axis=1))
    along_y = np.asarray(np.gradient(drawn, y, axis=0))
    column = np.clip(np.round((points[:, 0] - x[0]) / (x[-1] - x[0]) * (len(x) - 1)), 0, len(x) - 1)
    row = np.clip(np.round((points[:, 1] - y[0]) / (y[-1] - y[0]) * (len(y) - 1)), 0, len(y) - 1)
    place = row.astype(np.intp), column.astype(np.intp)
    return steepest(plane, -np.stack([along_x[place], along_y[place]], -1))


def steepest(plane: PlaneView, descent: Doubles) -> Doubles:
    """(n, 2) minus the slopes along the plane's directions -> the steepest way down on it.

    The directions may be of different lengths and not at right angles: the steepest way is minus
    the slope times the inverse of their products. So a step of gradient descent on the plane goes
    along its arrow, whatever the axes are.
    """
    first, second = plane.norms
    product = first * second * plane.cosine
    gram = np.array([[first**2, product], [product, second**2]])
    if not np.linalg.det(gram) > 0:
        return descent
    return np.asarray(descent @ np.linalg.inv(gram))


def _smooth(cut: Doubles, times: int, *, logarithmic: bool) -> Doubles:
    if not logarithmic:
        return _between(cut, times, _CUBIC)
    losses = 10.0**cut
    return np.log10(np.maximum(_between(losses, times, _CUBIC), _lowest_beside(losses, times)))


def _filled(cut: Doubles, known: NDArray[np.bool_]) -> Doubles:
    """Gaps bridged along the rows, and rows without a value by their neighbours: only so that the
    known points beside a gap can be interpolated; what fills it is not drawn."""
    filled, places = cut.copy(), np.arange(cut.shape[1])
    rows = np.flatnonzero(known.any(1))
    for row in rows:
        filled[row] = np.interp(places, places[known[row]], cut[row, known[row]])
    nearest = np.abs(np.arange(len(cut))[:, None] - rows).argmin(1)
    return np.asarray(filled[rows[nearest]])


def _lowest_beside(losses: Doubles, times: int) -> Doubles:
    """For each point of the finer grid the least of the nearest grid point and its neighbours."""
    rows = np.pad(losses, 1, mode="edge")
    rows = np.minimum(np.minimum(rows[:-2], rows[1:-1]), rows[2:])
    beside = np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    for axis in (0, 1):
        nearest = np.round(np.arange((losses.shape[axis] - 1) * times + 1) / times)
        beside = beside.take(nearest.astype(np.intp), axis)
    return beside


def _between(values: Doubles, times: int, weights: Doubles) -> Doubles:
    """Along the columns, then along the rows.

    By sums of shifted copies: products of matrices so small wait longer for the threads of a
    linear-algebra library, which the training is using, than they take.
    """
    return _along_columns(_along_columns(values, times, weights).T, times, weights).T


def _along_columns(values: Doubles, times: int, weights: Doubles) -> Doubles:
    """(h, w) -> ((h - 1) times + 1, w); straight on beyond both ends."""
    before, after = 2 * values[:1] - values[1:2], 2 * values[-1:] - values[-2:-1]
    padded = np.concatenate([before, values, after])
    count = len(values) - 1
    powers = (np.arange(times) / times) ** np.arange(4)[:, None]
    between = np.zeros((count, times, values.shape[1]))
    for offset, shares in enumerate(weights @ powers):
        between += shares[None, :, None] * padded[offset : offset + count, None, :]
    return np.concatenate([between.reshape(count * times, -1), values[-1:]])
