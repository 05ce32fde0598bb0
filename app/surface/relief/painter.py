"""A surface painted: the box behind it, the map on the floor, the shape, and its contours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPolygonF, QTransform

from app.kit import theme
from app.surface.relief.axes import Axes
from app.surface.relief.camera import FLOOR, Projection
from app.surface.relief.scene import ReliefStage
from app.surface.relief.sheet import ReliefSheet, hidden, sheet_of
from app.surface.shared.colours import pixels
from app.surface.shared.overlay import pen, polyline
from core.messages.surface_views import Doubles

Fill = Callable[[QPainter, ReliefSheet], Iterator[None]]
"""Fills the quads of a sheet in, by OpenGL or one after another; yields between its pieces."""


@dataclass(frozen=True)
class RenderMode:
    """A way to draw the surface.

    Attributes:
        fill: Does it.
        moving: Quads a side that are fast enough while the picture moves.
        resting: Quads a side while it stands still.
    """

    fill: Fill
    moving: int
    resting: int


_LOOKS = 28
_FLOOR_STRENGTH = {False: 0.72, True: 0.62}
_CORNERS = np.array(
    [(-1, -1, FLOOR), (1, -1, FLOOR), (1, 1, FLOOR), (-1, 1, FLOOR)], dtype=np.float64
)


def paint_surface(
    painter: QPainter,
    stage: ReliefStage,
    projection: Projection,
    fill: Fill,
    *,
    quads: int,
    opacity: float = 1.0,
) -> Iterator[None]:
    """All that stays while paths grow and the pointer moves; yields between its pieces.

    Args:
        painter: On a picture of the projection's size.
        stage: The surface.
        projection: From where it is seen.
        fill: Fills the shape in.
        quads: So many a side.
        opacity: Of all but the axes.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    axes = Axes(stage, projection, painter.font())
    axes.paint_box(painter)
    _paint_floor(painter, stage, projection)
    axes.paint_floor_grid(painter)
    yield
    sheet = sheet_of(stage.mesh(quads), projection)
    yield
    yield from fill(painter, sheet)
    yield
    _paint_levels(painter, stage, projection)
    yield
    if opacity < 1:
        _veil(painter, 1 - opacity, projection)
    axes.paint_labels(painter)


def _veil(painter: QPainter, strength: float, projection: Projection) -> None:
    """Fades all that is painted: if each part were, one would shine through the other."""
    ground = QColor(theme.current().surface)
    ground.setAlphaF(strength)
    painter.save()
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
    painter.fillRect(QRectF(0, 0, projection.width, projection.height), ground)
    painter.restore()


def _paint_floor(painter: QPainter, stage: ReliefStage, projection: Projection) -> None:
    """The flat picture, laid on the floor: a picture of a square may be seen from anywhere."""
    colours = pixels(stage.ground.drawn, stage.ground.limits)
    height, width = colours.shape[:2]
    picture = QImage(colours.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    ends = [QPointF(x, y) for x, y, _ in projection.to_screen(_CORNERS).tolist()]
    # The first and the last values stand at the ends of the axes, in the middle of their pixels.
    inner = [(0.5, 0.5), (width - 0.5, 0.5), (width - 0.5, height - 0.5), (0.5, height - 0.5)]
    seen = QTransform()
    if not QTransform.quadToQuad(QPolygonF([QPointF(*i) for i in inner]), QPolygonF(ends), seen):
        return
    painter.save()
    ground = QPainterPath()
    ground.addPolygon(QPolygonF(ends))
    painter.setClipPath(ground)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setOpacity(_FLOOR_STRENGTH[theme.current().dark])
    painter.setTransform(seen, True)
    painter.drawImage(QPointF(0, 0), picture)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(QColor(theme.current().text), 0.9, alpha=70))
    painter.drawPath(polyline(projection.to_screen(stage.floor_lines)[:, :2]))


def _paint_levels(painter: QPainter, stage: ReliefStage, projection: Projection) -> None:
    """The contours where they are on the shape, as far as they are seen."""
    dark = theme.current().dark
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen("#ffffff" if dark else "#0d1530", 0.9, alpha=52 if dark else 62))
    seen = visible(stage.level_lines, stage, projection)
    painter.drawPath(polyline(projection.to_screen(seen)[:, :2]))


def visible(line: Doubles, stage: ReliefStage, projection: Projection) -> Doubles:
    """A line (n, 3) with nan in the place of points that the surface hides."""
    known = np.isfinite(line).all(1)
    behind = np.zeros(len(line), np.bool_)
    behind[known] = hidden(stage.ground, line[known], projection, _LOOKS)
    return np.where(behind[:, None], np.nan, line)
