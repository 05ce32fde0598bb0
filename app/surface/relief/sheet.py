"""A relief as it is lit and projected, and the way to fill it in without OpenGL."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from app.kit import theme
from app.surface.relief.camera import TALL, Camera, Projection
from app.surface.relief.shape import Relief, bilinear
from core.messages.surface_views import Doubles

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
    """Columns and rows (k, 2) with fractions; -1 beside the surface."""
    sides = ((places[:, 0], relief.u), (places[:, 1], relief.v))
    return np.stack([np.interp(at, axis, range(len(axis)), -1.0, -1.0) for at, axis in sides], -1)


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


_AMBIENT, _DIFFUSE, _SHINE, _GLOSS = 0.60, 0.47, 0.16, 26
_UNDERSIDE = 0.62
_AT_ONCE = 700
"""Quads from one pause to the next: some 4 ms."""

_OVERLAP = 0.6
"""Pixels by which each quad reaches over its neighbours: between smooth edges light shines
through."""


@dataclass(frozen=True, eq=False)
class ReliefSheet:
    """The surface in one picture.

    Attributes:
        projection: The picture's size, and where the eye is.
        places: (h, w, 3) pixels x and y, and the distance from the eye; nan in holes.
        colours: (h, w, 3) red, green, blue 0..1, with the light on them.
        order: (n, 2) rows and columns of the quads that are whole, those behind first.
    """

    projection: Projection
    places: Doubles
    colours: Doubles
    order: NDArray[np.intp]

    def corners(self, values: Doubles) -> Doubles:
        """(n, 4, ...) of the quads in their order, around each, from values (h, w, ...)."""
        rows, columns = self.order.T
        around = ((0, 0), (0, 1), (1, 1), (1, 0))
        return np.stack([values[rows + down, columns + beside] for down, beside in around], 1)


def sheet_of(relief: Relief, projection: Projection) -> ReliefSheet:
    """Lights a relief from above the left shoulder of whoever looks at it."""
    colours = lit(relief, projection.camera)
    order = back_to_front(relief, projection.camera.eye)
    return ReliefSheet(projection, projection.to_screen(relief.places), colours, order)


def back_to_front(relief: Relief, eye: Doubles) -> NDArray[np.intp]:
    """(n, 2) rows and columns of the whole quads, so that none is before one that it may hide.

    Along a line of sight, both the distance in columns and that in rows from the eye only grow;
    so their sum says what is behind.
    """
    share = relief.share
    whole = np.isfinite(share[:-1, :-1] + share[1:, :-1] + share[:-1, 1:] + share[1:, 1:])
    rows, columns = np.nonzero(whole)
    beside = np.abs(columns + 0.5 - np.interp(eye[0], relief.u, np.arange(len(relief.u))))
    before = np.abs(rows + 0.5 - np.interp(eye[1], relief.v, np.arange(len(relief.v))))
    order = np.argsort(-(beside + before), kind="stable")
    return np.stack([rows[order], columns[order]], -1)


def lit(relief: Relief, camera: Camera) -> Doubles:
    """(h, w, 3) the colours with light, shade and a little gloss (Blinn 1977)."""
    aside = np.array([-np.sin(camera.azimuth), np.cos(camera.azimuth), 0.0])
    ahead = np.array([np.cos(camera.azimuth), np.sin(camera.azimuth), 0.0])
    light = _unit(-0.62 * aside + 0.35 * ahead + np.array([0.0, 0.0, 0.85]))
    towards = _unit(camera.eye - np.nan_to_num(relief.places))
    facing = (relief.normals * towards).sum(-1, keepdims=True)
    normals = np.where(facing < 0, -relief.normals, relief.normals)
    diffuse = np.clip(normals @ light, 0, 1)[..., None]
    halfway = _unit(towards + light)
    shine = np.clip((normals * halfway).sum(-1, keepdims=True), 0, 1) ** _GLOSS
    colours = relief.tones * (_AMBIENT + _DIFFUSE * diffuse) + _SHINE * shine
    under = relief.tones * _UNDERSIDE + 0.08 * theme.current().dark
    return np.asarray(np.clip(np.where(facing < 0, under, colours), 0, 1))


def fill_with_quads(painter: QPainter, sheet: ReliefSheet) -> Iterator[None]:
    """Paints the quads one over another, each in one colour; works wherever Qt does.

    Yields after every few hundred of them.
    """
    corners = sheet.corners(sheet.places[..., :2])
    outwards = corners - corners.mean(1, keepdims=True)
    reach = np.linalg.norm(outwards, axis=-1, keepdims=True)
    grown = corners + outwards * (_OVERLAP / np.maximum(reach, _OVERLAP))
    parts = (sheet.corners(sheet.colours).mean(1) * 255 + 0.5).astype(np.uint32)
    colours = (0xFF000000 | parts[:, 0] << 16 | parts[:, 1] << 8 | parts[:, 2]).tolist()
    quad = pg.functions.create_qpolygonf(4)
    # Eight numbers are written where the polygon keeps its points: no object for each quad.
    memory = pg.functions.ndarray_from_qpolygonf(quad)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    try:
        for done, (colour, points) in enumerate(zip(colours, grown, strict=True), 1):
            memory[:] = points
            painter.setBrush(QColor.fromRgb(colour))
            painter.drawConvexPolygon(quad)
            if not done % _AT_ONCE:
                yield
    finally:
        painter.restore()  # a painting may be given up at a pause


def _unit(vectors: Doubles) -> Doubles:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
