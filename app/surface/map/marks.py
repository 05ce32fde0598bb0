"""Names of states on a surface, and what the pointer is at, in whichever picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QApplication

from app.kit import theme
from app.kit.text import translated
from app.surface.shared.contours import Frame
from app.surface.shared.overlay import Overlay, ToPixels, draw_text, edge, pen, text_outline
from app.surface.shared.paths import BALL, arrow_line
from core.messages.surface_views import Doubles

Marks = tuple[tuple[str, float, float], ...]

_CROSS = 4.0
_RING = 8.5
_OFF = 13.0
"""Pixels from a place to its name."""
_OUTSIDE, _COVERED = 5_000, 10_000
"""What is worse for a name than so many points of a path under it: an edge, another name."""
_SIDES = ((0.0, -1.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0))


class MarkItem(Overlay):
    """``Start``, ``Now``: names beside their places."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: Marks = ()
        self._paths: list[Doubles] = []
        self._descents: Sequence[tuple[Doubles, Doubles]] = ()

    def show_marks(
        self, marks: Marks, paths: list[Doubles], descents: Sequence[tuple[Doubles, Doubles]] = ()
    ) -> None:
        """Names other places.

        Args:
            marks: A name, x and y each.
            paths: Points (k, 2) that names keep off; their ends need no cross of their own.
            descents: Where arrows begin, and a place in their direction: (2,) each.
        """
        self.marks, self._paths, self._descents = marks, paths, descents
        self.update()

    def draw(self, painter: QPainter, place: ToPixels) -> None:
        """Names that lie neither over one another nor, where it can be, over a path."""
        lines = [place(points) for points in self._paths]
        ends = np.array([line[index] for line in lines for index in (0, -1)]).reshape(-1, 2)
        seen = QRectF(self.viewRect())
        corners = place(np.array([[seen.left(), seen.top()], [seen.right(), seen.bottom()]]))
        whole = QRectF(QPointF(*corners[0]), QPointF(*corners[1])).normalized()
        for shape, at, middle in self._named(place, whole):
            if not (np.hypot(*(ends - at).T) < _RING).any():
                _draw_cross(painter, *at)
            _draw_name(painter, shape, middle)

    def rooms(self, frame: Frame) -> list[Doubles]:
        """What names cover where the plane is seen so: points (n, 2) of it, close together."""

        def place(points: Doubles) -> Doubles:
            return np.array([0.0, frame.size[1]]) + frame.pixels(points) * (1.0, -1.0)

        found = []
        for shape, _, middle in self._named(place, QRectF(0, 0, *frame.size)):
            box = shape.boundingRect().translated(middle)
            x, y = np.linspace(box.left(), box.right(), 9), np.linspace(box.top(), box.bottom(), 3)
            pixels = np.stack(np.meshgrid(x, frame.size[1] - y), -1).reshape(-1, 2)
            found.append(frame.back(pixels))
        return found

    def _named(
        self, place: ToPixels, whole: QRectF
    ) -> Iterator[tuple[QPainterPath, Doubles, QPointF]]:
        """The letters of each name in view, the pixel (2,) of its place, and its own middle."""
        arrows = [arrow_line(place(a), place(b) - place(a), BALL) for a, b in self._descents]
        crowd = np.concatenate([*map(place, self._paths), *arrows, np.zeros((0, 2))])
        names = Names(crowd, whole)
        for name, x, y in self.marks:
            at = place(np.array([x, y]))
            if np.isfinite(at).all() and whole.contains(*at):
                shape = text_outline(translated(name), QApplication.font(), bold=True)
                yield shape, at, names.room_for(shape.boundingRect(), at, _OFF)


@dataclass
class Names:
    """Finds room for names one after another.

    Attributes:
        crowd: (n, 2) pixels that a name should not cover.
        whole: The picture, which it should not leave.
        written: Where text stands already.
    """

    crowd: Doubles
    whole: QRectF
    written: list[QRectF] = field(default_factory=list)

    def room_for(self, letters: QRectF, at: Doubles, off: float) -> QPointF:
        """Where the middle of a name is least in the way: above, beside or below its place.

        Args:
            letters: How large it is.
            at: (2,) pixels of its place.
            off: Pixels from there to its nearest edge.
        """
        size = letters.adjusted(-3, -3, 3, 3)
        boxes = []
        for right, down in _SIDES:
            middle = QPointF(
                at[0] + right * (off + size.width() / 2), at[1] + down * (off + size.height() / 2)
            )
            box = QRectF(QPointF(0, 0), size.size())
            box.moveCenter(middle)
            boxes.append(box)
        chosen = min(boxes, key=self._harm)
        self.written.append(chosen)
        return chosen.center()

    def _harm(self, box: QRectF) -> int:
        x, y = self.crowd.T
        inside = (x > box.left()) & (x < box.right()) & (y > box.top()) & (y < box.bottom())
        covered = sum(box.intersects(other) for other in self.written)
        return int(inside.sum()) + _COVERED * covered + _OUTSIDE * (not self.whole.contains(box))


def _draw_cross(painter: QPainter, x: float, y: float) -> None:
    lines = [QLineF(x - _CROSS, y, x + _CROSS, y), QLineF(x, y - _CROSS, x, y + _CROSS)]
    for width, colour, alpha in ((3.6, edge(), 200), (1.4, QColor(theme.current().text), 255)):
        painter.setPen(pen(colour, width, alpha=alpha))
        painter.drawLines(lines)


def _draw_name(painter: QPainter, shape: QPainterPath, middle: QPointF) -> None:
    halo = edge()
    halo.setAlpha(225)
    painter.save()
    painter.translate(middle)
    draw_text(painter, shape, theme.current().text, halo, 4.5)
    painter.restore()


class PointerItem(Overlay):
    """Two hairlines through the place under the pointer, and a ring around a path's point."""

    def __init__(self) -> None:
        super().__init__()
        self.point: tuple[float, float] | None = None
        self.met: tuple[float, float] | None = None

    def show_pointer(
        self, point: tuple[float, float] | None, met: tuple[float, float] | None
    ) -> None:
        """Marks a place, and the path's point it is near to."""
        if (point, met) != (self.point, self.met):
            self.point, self.met = point, met
            self.update()

    def draw(self, painter: QPainter, place: ToPixels) -> None:
        """The hairlines keep their contrast on any colour."""
        if self.point is not None:
            x, y = place(np.array(self.point))
            seen = QRectF(painter.viewport())
            upright = QLineF(x, seen.top(), x, seen.bottom())
            lines = [upright, QLineF(seen.left(), y, seen.right(), y)]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            for colour, width, alpha in ((edge(), 3.0, 70), (theme.current().text, 1.0, 150)):
                painter.setPen(pen(colour, width, alpha=alpha))
                painter.drawLines(lines)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.met is not None:
            at = QPointF(*place(np.array(self.met)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((edge(), 5.0), (QColor(theme.current().text), 2.0)):
                painter.setPen(pen(colour, width))
                painter.drawEllipse(at, _RING, _RING)
