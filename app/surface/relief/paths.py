"""What moves over a surface, painted: paths, balls, the next steps, and the place pointed at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QRadialGradient

from app.kit import theme
from app.kit.plots.style import colour_of
from app.kit.text import translated
from app.surface.map.marks import Names
from app.surface.relief.axes import Axes
from app.surface.relief.camera import TALL, Projection
from app.surface.relief.painter import visible
from app.surface.relief.scene import ReliefScene, on_floor
from app.surface.shared.grid import steepest
from app.surface.shared.overlay import draw_text, edge, pen, polyline, text_outline
from app.surface.shared.paths import PathPoint, arrow_line, draw_descent, draw_ghost
from core.messages.surface_views import Doubles, PathView

_RADIUS = 0.036
_LEAST, _MOST = 5.0, 16.0
_BEHIND = 155
"""How strongly, of 255, what the surface hides shines through it."""

_LITTLE = 0.02
"""Of the range: so near, the surface is as good as straight."""

_AHEAD = 90
"""How strongly, of 255, what lies ahead of a run is drawn that is looked at in its past."""


@dataclass(frozen=True)
class SurfaceSpot:
    """A place on the surface as it is drawn.

    Attributes:
        at: Its pixel.
        foot: The pixel below it on the floor.
        up: Pixels that a ball's radius takes there.
        is_hidden: Whether the surface stands before it.
        floats: Whether it is not on the surface at all.
    """

    at: QPointF
    foot: QPointF
    up: float
    is_hidden: bool
    floats: bool = False

    @property
    def middle(self) -> QPointF:
        """Of a ball that lies there."""
        if self.floats:
            return self.at
        return self.at - QPointF(0.0, 0.75 * self.up)


class ReliefPaths:
    """Paints all that stands on one surface, in one picture."""

    def __init__(self, painter: QPainter, scene: ReliefScene, projection: Projection) -> None:
        self._painter = painter
        self._scene = scene
        self._stage = scene.stage
        self._projection = projection
        self._drawn: list[Doubles] = []  # pixels (n, 2) that names keep off

    def paint_paths(self) -> None:
        """Lines first, then what stands out of them."""
        for path in self._scene.paths:
            self._paint_line(path)
        found = ((path, self.spot(_stand(path))) for path in self._scene.paths)
        spots = [(path, spot) for path, spot in found if spot is not None]
        # Those behind first: nearer balls may stand before them.
        spots.sort(key=lambda pair: pair[1].at.y())
        for path, spot in spots:
            self._paint_drop(spot, colour_of(path.id))
        for path, spot in spots:
            self._paint_ends(path, self._at_own_height(path, spot))

    def _at_own_height(self, path: PathView, below: SurfaceSpot) -> SurfaceSpot:
        """Where a ball stands whose loss is not the surface's: over its foot there, or under it."""
        share = self._scene.own_shares.get(path.id)
        if share is None:
            return below
        ground = self._stage.ground
        place = ground.standing(_stand(path)[None])
        place[0, 2] = share * TALL
        x, y, _ = self._projection.to_screen(place)[0].tolist()
        behind = bool(np.isnan(visible(place, self._stage, self._projection)).any())
        spot = replace(below, at=QPointF(x, y), is_hidden=behind, floats=True)
        self._paint_stem(spot, below, colour_of(path.id))
        return spot

    def _paint_stem(self, spot: SurfaceSpot, below: SurfaceSpot, colour: QColor) -> None:
        """From a ball to its foot on the surface."""
        painter = self._painter
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for tone, width in ((edge(), 4.5), (colour, 2.0)):
            painter.setPen(pen(tone, width))
            painter.drawLine(QLineF(spot.middle, below.at))
            painter.drawEllipse(below.at, 5.0, 3.2)

    def paint_pointer(self, point: tuple[float, float] | None, met: PathPoint | None) -> None:
        """The place under the pointer, in whichever picture, and the path's point it is at."""
        at = point if met is None else met.point
        spot = None if at is None else self.spot(np.array(at))
        if spot is None:
            return
        colour = QColor(theme.current().text) if met is None else colour_of(met.path.id)
        painter = self._painter
        self._paint_drop(spot, colour)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for tone, width in ((edge(), 4.5), (colour, 2.0)):
            painter.setPen(pen(tone, width))
            painter.drawEllipse(spot.at, 6.5, 5.0)

    def spot(self, point: Doubles) -> SurfaceSpot | None:
        """Where a point (2,) of the plane is drawn; None beside the surface."""
        ground = self._stage.ground
        place = ground.standing(point[None])
        if not np.isfinite(place).all():
            return None
        drawn = self._projection.to_screen(np.concatenate([place, on_floor(ground, point[None])]))
        radius = float(self._projection.enlarged(place)[0]) * _RADIUS
        raised = place + np.array([0.0, 0.0, _RADIUS])
        behind = bool(np.isnan(visible(raised, self._stage, self._projection)).any())
        at, foot = (QPointF(x, y) for x, y, _ in drawn.tolist())
        return SurfaceSpot(at, foot, min(max(radius, _LEAST), _MOST), behind)

    def _paint_line(self, path: PathView) -> None:
        """What lies ahead of a run that is looked at in its past is fainter."""
        here = path.at % len(path.points)
        colour = colour_of(path.id)
        self._paint_stretch(path.points[here:], colour, _AHEAD)
        self._paint_stretch(path.points[: here + 1], colour, 255)

    def _paint_stretch(self, points: Doubles, colour: QColor, alpha: int) -> None:
        places = self._stage.draped(points)
        if len(places) < 2:
            return
        drawn = self._projection.to_screen(places)[:, :2]
        self._drawn.append(drawn)
        behind = np.isnan(visible(places, self._stage, self._projection)[:, 0])
        painter = self._painter
        if behind.any():
            # With the points beside them, so that no gap is left.
            near = np.convolve(behind, np.ones(3))[1:-1] > 0
            dots = pen(colour, 1.4, Qt.PenStyle.DotLine, alpha=min(_BEHIND, alpha))
            painter.strokePath(polyline(np.where(near[:, None], drawn, np.nan)), dots)
        shown = polyline(np.where(behind[:, None], np.nan, drawn))
        painter.strokePath(shown, pen(edge(), 5.0, alpha=min(200, alpha)))
        painter.strokePath(shown, pen(colour, 2.4, alpha=alpha))

    def _paint_drop(self, spot: SurfaceSpot, colour: QColor) -> None:
        """From the surface down to the floor: where on the plane it is."""
        painter = self._painter
        way = QLineF(spot.at, spot.foot)
        painter.setPen(pen(edge(), 3.0, alpha=120))
        painter.drawLine(way)
        painter.setPen(pen(colour, 1.2, Qt.PenStyle.DashLine, alpha=210))
        painter.drawLine(way)
        painter.setPen(pen(edge(), 1.2))
        painter.setBrush(colour)
        painter.drawEllipse(spot.foot, 3.6, 2.4)

    def _paint_ends(self, path: PathView, spot: SurfaceSpot) -> None:
        painter, colour = self._painter, colour_of(path.id)
        painter.save()
        if path.next is not None:
            there = self.spot(np.array(path.next))
            if there is not None:
                ends, radius = (spot.middle, there.middle), there.up * 0.86
                draw_ghost(painter, *ends, colour, radius, alpha=80, edge_width=3.2)
        if spot.is_hidden:
            painter.setOpacity(0.55)
        if not spot.floats:
            self._paint_shadow(spot)
        self._paint_descent(path, spot)
        draw_ball(painter, spot.middle, colour, spot.up)
        painter.restore()

    def _paint_descent(self, path: PathView, spot: SurfaceSpot) -> None:
        """Where steepest descent leads, along the surface: a next step may be too short to see."""
        if path.descent is None:
            return
        surface, here = self._stage.surface, _stand(path)
        way = steepest(surface.plane, np.array([path.descent], np.float64))[0]
        little = _LITTLE * min(surface.window.width, surface.window.height)
        ends = np.stack([here, here + way * (little / max(np.abs(way).max(), 1e-300))])
        drawn = self._projection.to_screen(self._stage.ground.standing(ends))[:, :2]
        way = drawn[1] - drawn[0]
        draw_descent(self._painter, path, spot.middle, way, spot.up)
        self._drawn.append(arrow_line(np.array(spot.middle.toTuple()), way, spot.up))

    def _paint_shadow(self, spot: SurfaceSpot) -> None:
        """Where the ball touches the ground."""
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(0, 0, 0, 70))
        beside = spot.at + QPointF(spot.up * 0.35, 1.0)
        self._painter.drawEllipse(beside, spot.up * 1.25, spot.up * 0.6)

    def paint_marks(self) -> None:
        """The names of states beside their places, over neither one another nor what
        ``paint_paths`` has painted before."""
        paths, painter = self._scene.paths, self._painter
        stood = [_stand(path) for path in paths]
        crowd = np.concatenate([np.zeros((0, 2)), *self._drawn])
        axes = Axes(self._stage, self._projection, painter.font())
        whole = QRectF(0, 0, self._projection.width, self._projection.height)
        names = Names(crowd, whole, axes.upright_boxes)
        for name, x, y in self._scene.stage.surface.plane.marks:
            place = np.array([x, y])
            spot = self.spot(place)
            if spot is None:
                continue
            if not any(np.allclose(place, ball) for ball in stood):
                self._paint_dot(spot)
            shape = text_outline(translated(name), painter.font(), bold=True)
            at = np.array(spot.middle.toTuple())
            halo = edge()
            halo.setAlpha(215)
            painter.save()
            painter.setOpacity(0.6 if spot.is_hidden else 1.0)
            painter.translate(names.room_for(shape.boundingRect(), at, spot.up + 3.0))
            draw_text(painter, shape, theme.current().text, halo, 4.0)
            painter.restore()

    def _paint_dot(self, spot: SurfaceSpot) -> None:
        self._painter.setPen(pen(edge(), 1.6))
        self._painter.setBrush(QColor(theme.current().text))
        self._painter.drawEllipse(spot.at, 4.2, 3.4)


def _stand(path: PathView) -> Doubles:
    """(2,) where a path has got to; the last place it was at, if it has left for infinity."""
    so_far = path.points[: path.at % len(path.points) + 1]
    finite = so_far[np.isfinite(so_far).all(1)]
    return np.asarray(finite[-1] if len(finite) else path.points[-1])


def draw_ball(painter: QPainter, at: QPointF, colour: QColor, size: float) -> None:
    """A ball in the light that also falls on the surface, from above left."""
    light = QRadialGradient(at + QPointF(-0.35, -0.42) * size, 1.45 * size)
    light.setColorAt(0.0, colour.lighter(185))
    light.setColorAt(0.35, colour)
    light.setColorAt(1.0, colour.darker(165))
    painter.setPen(pen(edge(), 1.2, alpha=230))
    painter.setBrush(light)
    painter.drawEllipse(at, size, size)
