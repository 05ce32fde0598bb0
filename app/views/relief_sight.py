"""What the eye sees of a relief: whether a place is hidden, and what lies under the pointer."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.views.relief_camera import TALL, Camera, Projection
from app.views.relief_shape import Relief, bilinear
from core.scenery import Doubles

_LIFT = 0.012
"""A place on the surface is looked for from so far above it, or its own cell would hide it."""

_SIDES = (-33, 33, 57, 123, 147, -147, -123)
"""Degrees: three quarters of the box, never one of its walls alone."""

_GLANCE = 20


def hidden(
    relief: Relief, places: Doubles, projection: Projection, looks: int
) -> NDArray[np.bool_]:
    """(k,) whether the surface stands between places (k, 3) of the box and the eye.

    Args:
        relief: The surface.
        places: On it, or above.
        projection: Says where the eye is.
        looks: So many times each line of sight is looked at.
    """
    if not len(places):
        return np.zeros(0, np.bool_)
    start = places + np.array([0.0, 0.0, _LIFT])
    towards = projection.camera.eye - start
    ends = _leaving(start, towards)
    steps = (np.arange(looks) + 0.5) / looks
    line = start[:, None] + towards[:, None] * (ends[:, None] * steps)[..., None]
    ground = _ground(relief, line.reshape(-1, 3)).reshape(len(places), looks)
    with np.errstate(invalid="ignore"):
        return np.asarray((ground > line[..., 2]).any(1))


def pointed(relief: Relief, projection: Projection, x: float, y: float) -> tuple[int, int] | None:
    """The column and row of the point that is drawn nearest to a pixel; None beside the surface."""
    place = struck(relief, projection, x, y)
    if place is None:
        return None
    column, row = _indices(relief, place[None])[0].astype(int)
    beside = min(column + 1, len(relief.x) - 1)
    above = min(row + 1, len(relief.y) - 1)
    corners = [(c, r) for c in (column, beside) for r in (row, above)]
    known = [corner for corner in corners if np.isfinite(relief.share[corner[1], corner[0]])]
    drawn = projection.to_screen(np.array([relief.places[r, c] for c, r in known]))
    nearest = int(np.hypot(drawn[:, 0] - x, drawn[:, 1] - y).argmin())
    return known[nearest]


def struck(relief: Relief, projection: Projection, x: float, y: float) -> Doubles | None:
    """(3,) where the line of sight through a pixel first meets the surface; None if nowhere."""
    eye, direction = projection.camera.eye, projection.ray(x, y)
    enter, leave = _inside(eye, direction)
    if not enter < leave:
        return None
    # Two looks for each cell that it can pass.
    t = np.linspace(enter, leave, 4 * (len(relief.x) + len(relief.y)))
    line = eye + direction * t[:, None]
    above = line[:, 2] - _ground(relief, line)
    with np.errstate(invalid="ignore"):
        met = np.flatnonzero(above[:-1] * above[1:] <= 0)
    if not len(met):
        return None
    first = int(met[0])
    before, after = abs(above[first]), abs(above[first + 1])
    part = before / (before + after) if before + after > 0 else 0.0
    return np.asarray(line[first] + (line[first + 1] - line[first]) * part)


def clearest(relief: Relief, points: Doubles, camera: Camera) -> Camera:
    """The camera turned to the side from which most of the surface and of its paths is seen.

    Args:
        relief: Few points are enough.
        points: (k, 2) of paths, which count as much as the surface.
        camera: Its elevation and zoom are kept; among equals its own side wins.
    """
    places = relief.places.reshape(-1, 3)
    stood = relief.standing(points)
    sights = [places[np.isfinite(places).all(1)], stood[np.isfinite(stood).all(1)]]
    sights = [part for part in sights if len(part)]

    def seen(turned: Camera) -> float:
        projection = Projection(turned, 1.0, 1.0)
        return sum(1 - float(hidden(relief, part, projection, _GLANCE).mean()) for part in sights)

    sides = [replace(camera, azimuth=math.radians(side)) for side in _SIDES]
    return max([camera, *sides], key=seen)


def _ground(relief: Relief, places: Doubles) -> Doubles:
    return bilinear(relief.share, _indices(relief, places)) * TALL


def _indices(relief: Relief, places: Doubles) -> Doubles:
    columns = _index(places[:, 0], relief.u)
    return np.stack([columns, _index(places[:, 1], relief.v)], -1)


def _index(values: Doubles, axis: Doubles) -> Doubles:
    """Columns or rows with fractions; -1 beside the surface."""
    known = np.interp(values, axis, np.arange(len(axis)), left=-1.0, right=-1.0)
    return np.asarray(known)


def _leaving(start: Doubles, towards: Doubles) -> Doubles:
    """(k,) the share of the way to the eye after which nothing can stand in between."""
    low, high = np.array([-1.0, -1.0, -np.inf]), np.array([1.0, 1.0, TALL])
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.where(towards > 0, (high - start) / towards, (low - start) / towards)
    ends[~np.isfinite(ends)] = np.inf
    return np.asarray(np.clip(ends.min(1), 0.0, 1.0))


def _inside(eye: Doubles, direction: Doubles) -> tuple[float, float]:
    """Between which multiples of the direction the box of the surface is passed."""
    low, high = np.array([-1.0, -1.0, -1e-9]), np.array([1.0, 1.0, TALL + 1e-9])
    with np.errstate(divide="ignore"):
        ends = np.sort(np.stack([(low - eye) / direction, (high - eye) / direction]), 0)
    return float(max(ends[0].max(), 0.0)), float(ends[1].min())
