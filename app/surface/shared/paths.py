"""Paths over a surface: where each came from, where it stands, and where it goes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QRadialGradient

from app.kit import theme
from app.kit.plots.style import OWN, colour_of
from app.surface.shared.grid import steepest
from app.surface.shared.overlay import Overlay, ToPixels, add_arrow, edge, pen, stroke
from core.messages.surface_views import Doubles, PathView, PlaneView

BALL = 6.5
_RING = 4.5
_DOT = 1.9
_APART = 9.0
"""Pixels between two points that are drawn."""
_DESCENT = 32.0


@dataclass(frozen=True)
class PathPoint:
    """A point of a path that the pointer is near to."""

    path: PathView
    index: int

    @property
    def step(self) -> int:
        """Updates behind it."""
        return int(self.path.steps[self.index])

    @property
    def point(self) -> tuple[float, float]:
        """Its foot on the plane."""
        x, y = self.path.points[self.index]
        return float(x), float(y)


Distances = Callable[[PathView], Doubles]
"""(k,) pixels from the pointer to each point of a path; not finite where it is not seen."""


def nearest(paths: Sequence[PathView], distances: Distances, reach: float) -> PathPoint | None:
    """The point of any path that lies nearest, and not further than ``reach`` pixels.

    Of several just as near the newest counts: a path that stands still is met where it stands.
    """
    best, least = None, reach
    for path in paths:
        if not len(path.points):
            continue
        apart = distances(path)
        apart = np.where(np.isfinite(apart), apart, np.inf)
        index = len(apart) - 1 - int(apart[::-1].argmin())
        if apart[index] <= least:
            best, least = PathPoint(path, index), float(apart[index])
    return best


def apart_from(point: tuple[float, float], scale: tuple[float, float]) -> Distances:
    """From a point of the plane, where ``scale`` pixels are a unit of x and of y."""
    return lambda path: np.hypot(*((path.points - point) * scale).T)


def point_at(paths: Sequence[PathView], moment: tuple[int, int] | None) -> PathPoint | None:
    """The point of a path at a moment (path id, step); None where it is not among these."""
    for path in paths:
        if moment is not None and path.id == moment[0]:
            index = int(path.steps.searchsorted(moment[1]))
            if index < len(path.steps) and path.steps[index] == moment[1]:
                return PathPoint(path, index)
    return None


class PathsItem(Overlay):
    """All paths; a race's runners in their colours."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: tuple[PathView, ...] = ()
        self._plane: PlaneView | None = None

    def show_paths(self, paths: tuple[PathView, ...], plane: PlaneView) -> None:
        """Draws other paths on a plane."""
        self.paths, self._plane = paths, plane
        self.update()

    def draw(self, painter: QPainter, place: ToPixels) -> None:
        shown = [path for path in self.paths if len(path.points)]
        for path in shown:
            points, colour = place(path.points), colour_of(path.id)
            here = path.at % len(path.points)
            _draw_ahead(painter, points[here:], colour)
            _draw_line(painter, points[: here + 1], colour)
        for path in shown:
            self._draw_ends(painter, path, place)

    def _draw_ends(self, painter: QPainter, path: PathView, place: ToPixels) -> None:
        colour, points = colour_of(path.id), place(path.points)[: path.at % len(path.points) + 1]
        finite = points[np.isfinite(points).all(1)]
        if not len(finite):
            return
        here = QPointF(*finite[-1])
        if path.next is not None and np.isfinite(path.next).all():
            there = QPointF(*place(np.array(path.next)))
            draw_ghost(painter, here, there, colour, BALL - 1, alpha=90, edge_width=3.4)
        if path.descent is not None and self._plane is not None:
            start, end = descent_of(path, self._plane)
            draw_descent(painter, path, here, place(end) - place(start), BALL)
        _draw_ring(painter, QPointF(*finite[0]), colour)
        draw_ball(painter, here, colour)


def descent_of(path: PathView, plane: PlaneView) -> tuple[Doubles, Doubles]:
    """Where a path stands (2,), and a place (2,) straight downhill of it; both the same without
    a descent."""
    start = path.points[path.at]
    if path.descent is None:
        return start, start
    way = steepest(plane, np.array([path.descent], np.float64))[0]
    return start, start + way / max(np.abs(way).max(), 1e-300)


def arrow_line(here: Doubles, way: Doubles, ball: float) -> Doubles:
    """(n, 2) pixels that :func:`draw_descent` covers, close together; none where it draws none.

    Args:
        here: (2,) the ball's middle.
        way: (2,) pixels in the arrow's direction, of any length.
        ball: Its radius.
    """
    size = float(np.linalg.norm(way))
    if not (np.isfinite(size) and size > 0):
        return np.zeros((0, 2))
    return np.asarray(here + way / size * np.linspace(ball, ball + _DESCENT, 12)[:, None])


def draw_descent(
    painter: QPainter, path: PathView, here: QPointF, way: Doubles, ball: float
) -> None:
    """An arrow out of a ball.

    Args:
        painter: In pixels.
        path: Whose ball it is.
        here: The ball's middle.
        way: (2,) pixels in the arrow's direction, of any length.
        ball: Its radius.
    """
    size = float(np.linalg.norm(way))
    if not (np.isfinite(size) and size > 0):
        return
    ahead = QPointF(*(way / size))
    shape = QPainterPath()
    add_arrow(shape, here + ahead * ball, here + ahead * (ball + _DESCENT), 6.0)
    painter.strokePath(shape, pen(edge(), 5.0, alpha=220))
    # Runners come close to one another: whose arrow it is has to be seen.
    ink = QColor(theme.current().text) if path.id == OWN else colour_of(path.id)
    painter.strokePath(shape, pen(ink, 1.8))


def draw_ball(painter: QPainter, at: QPointF, colour: QColor, size: float = BALL) -> None:
    """A ball with light from above left."""
    light = QRadialGradient(at + QPointF(-size * 0.35, -size * 0.4), size * 1.3)
    light.setColorAt(0, colour.lighter(150))
    light.setColorAt(0.55, colour)
    light.setColorAt(1, colour.darker(125))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(edge())
    painter.drawEllipse(at, size + 2, size + 2)
    painter.setBrush(light)
    painter.drawEllipse(at, size, size)


def _draw_ahead(painter: QPainter, points: Doubles, colour: QColor) -> None:
    """The way that a run looked at in its past has gone on."""
    if len(points) > 1:
        stroke(painter, points, pen(edge(), 3.6, alpha=110), pen(colour, 1.4, alpha=130))


def _draw_line(painter: QPainter, points: Doubles, colour: QColor) -> None:
    stroke(painter, points, pen(edge(), 5.0, alpha=190), pen(colour, 2.2))
    painter.setPen(pen(colour, 1.2))
    painter.setBrush(edge())
    for x, y in points[_apart(points)]:
        painter.drawEllipse(QPointF(x, y), _DOT, _DOT)


def _apart(points: Doubles) -> Doubles:
    """The indices of points that are some pixels of way from one another."""
    finite = np.flatnonzero(np.isfinite(points).all(1))
    steps = np.linalg.norm(np.diff(points[finite], axis=0), axis=1)
    sections = (np.concatenate([[0.0], steps.cumsum()]) / _APART).astype(np.int64)
    _, first = np.unique(sections, return_index=True)
    return np.asarray(finite[first])


def _draw_ring(painter: QPainter, at: QPointF, colour: QColor) -> None:
    painter.setBrush(edge())
    for tone, width in ((edge(), 5.0), (colour, 2.2)):
        painter.setPen(pen(tone, width))
        painter.drawEllipse(at, _RING, _RING)


def draw_ghost(
    painter: QPainter,
    here: QPointF,
    there: QPointF,
    colour: QColor,
    radius: float,
    *,
    alpha: int,
    edge_width: float,
) -> None:
    """Where the next step leads: a dashed way to a pale ball."""
    way = QPainterPath(here)
    way.lineTo(there)
    painter.strokePath(way, pen(edge(), 3.6, alpha=150))
    painter.strokePath(way, pen(colour, 1.4, Qt.PenStyle.DashLine))
    pale = QColor(colour)
    pale.setAlpha(alpha)
    painter.setPen(pen(edge(), edge_width, alpha=170))
    painter.setBrush(pale)
    painter.drawEllipse(there, radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(colour, 1.4))
    painter.drawEllipse(there, radius, radius)
