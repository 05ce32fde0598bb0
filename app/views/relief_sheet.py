"""A relief as it is lit and projected, and the way to fill it in without OpenGL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from app import theme
from app.views.relief_camera import Camera, Projection
from app.views.relief_shape import Relief
from core.scenery import Doubles

_AMBIENT, _DIFFUSE, _SHINE, _GLOSS = 0.60, 0.47, 0.16, 26
_UNDERSIDE = 0.62
_AT_ONCE = 700
"""Quads from one pause to the next: some 4 ms."""

_OVERLAP = 0.6
"""Pixels by which each quad reaches over its neighbours: between smooth edges light shines
through."""


@dataclass(frozen=True, eq=False)
class Sheet:
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


def sheet_of(relief: Relief, projection: Projection) -> Sheet:
    """Lights a relief from above the left shoulder of whoever looks at it."""
    colours = lit(relief, projection.camera)
    order = back_to_front(relief, projection.camera.eye)
    return Sheet(projection, projection.to_screen(relief.places), colours, order)


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


def fill_with_quads(painter: QPainter, sheet: Sheet) -> Iterator[None]:
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
