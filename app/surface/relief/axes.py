"""The box that a relief stands in: its back walls, few ticks, and what the axes are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from app.kit import theme
from app.kit.numbers import four_digits, percent
from app.kit.plots.ticks import (
    factor_texts,
    percent_text,
    round_factors,
    round_values,
    spacing_of,
    tick_text,
)
from app.surface.relief.camera import FLOOR, TALL, Projection
from app.surface.relief.scene import ReliefStage
from app.surface.shared.colours import Limits, is_flat
from core.messages.surface_views import Doubles

MOST = 5
"""Ticks on an axis: they say how large things are, the reading says the rest."""


@dataclass(frozen=True)
class Tick:
    """A value on an axis: how far along it stands, 0..1, and how it is written."""

    share: float
    text: str


def one_tick(limits: Limits, *, logarithmic: bool, percents: bool) -> list[Tick]:
    """The height that all of a flat surface has."""
    middle = sum(limits) / 2
    value = 10**middle if logarithmic else middle
    return [Tick(0.5, percent(value) if percents else four_digits(value))]


def ticks(low: float, high: float, *, percents: bool = False) -> list[Tick]:
    """At most five round values between two."""
    spacing = spacing_of(high - low, MOST - 1)
    text = percent_text if percents else tick_text
    values = round_values(low, high, spacing)
    return [Tick((value - low) / (high - low), text(value, spacing)) for value in values]


def log_ticks(low: float, high: float) -> list[Tick]:
    """At most five round values between two powers of ten, placed by their logarithm."""
    values = round_factors(low, high, MOST)
    shares = [(math.log10(value) - low) / (high - low) for value in values]
    return [Tick(*tick) for tick in zip(shares, factor_texts(values), strict=True)]


_SMALL = 0.88
_GAP = 7.0
_FURTHEST = 80
"""Pixels that a title goes further out at the most, for the sake of numbers beside it."""

_LEFT = np.array([-1.0, 0.0])
_UP = np.array([0.0, -1.0])


class Axes:
    """Of one picture: knows which edges of the box are in front.

    Args:
        stage: Says what is on the axes.
        projection: Says where.
        font: The view's.
    """

    def __init__(self, stage: ReliefStage, projection: Projection, font: QFont) -> None:
        self._projection = projection
        eye = projection.camera.eye
        self._near = (1.0 if eye[0] >= 0 else -1.0, 1.0 if eye[1] >= 0 else -1.0)
        window, (low, high) = stage.surface.window, stage.relief.limits
        self._x = ticks(window.left, window.right)
        self._y = ticks(window.bottom, window.top)
        is_share = stage.quantity == "accuracy"
        self._z = (
            one_tick((low, high), logarithmic=stage.logarithmic, percents=is_share)
            if is_flat((low, high))
            else log_ticks(low, high)
            if stage.logarithmic
            else ticks(low, high, percents=is_share)
        )
        self._titles = stage.titles
        self._numbers = QFont(font)
        self._numbers.setPointSizeF(font.pointSizeF() * _SMALL)
        self._words = QFont(font)

    def paint_box(self, painter: QPainter) -> None:
        """The back walls with their lines: all that lies behind floor and surface."""
        tokens, (u, v) = theme.current(), self._near
        wall = QColor(tokens.sunken)
        wall.setAlphaF(0.55)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(wall)
        left, right = (-u, v), (u, -v)
        for end in (left, right):
            corners = [(*end, FLOOR), (-u, -v, FLOOR), (-u, -v, TALL), (*end, TALL)]
            painter.drawPolygon(self._line(*corners))
        painter.setPen(QPen(QColor(tokens.line), 1))
        for z in (tick.share * TALL for tick in self._z):
            painter.drawPolyline(self._line((*left, z), (-u, -v, z), (*right, z)))
        for x in map(_along, self._x):
            painter.drawPolyline(self._line((x, -v, FLOOR), (x, -v, TALL)))
        for y in map(_along, self._y):
            painter.drawPolyline(self._line((-u, y, FLOOR), (-u, y, TALL)))

    def paint_floor_grid(self, painter: QPainter) -> None:
        """Lines at the ticks, over the map on the floor."""
        tokens = theme.current()
        faint = QColor(tokens.text)
        faint.setAlphaF(0.13)
        painter.setPen(QPen(faint, 1))
        for x in map(_along, self._x):
            painter.drawPolyline(self._line((x, -1, FLOOR), (x, 1, FLOOR)))
        for y in map(_along, self._y):
            painter.drawPolyline(self._line((-1, y, FLOOR), (1, y, FLOOR)))
        painter.setPen(QPen(QColor(tokens.text_dim), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        painter.drawPolygon(self._line(*((x, y, FLOOR) for x, y in corners)))

    def paint_labels(self, painter: QPainter) -> None:
        """Numbers and titles beside the edges that are in front."""
        u, v = self._near
        x_ends = np.array([[-1, v, FLOOR], [1, v, FLOOR]], float)
        y_ends = np.array([[u, -1, FLOOR], [u, 1, FLOOR]], float)
        left = np.array([*self._left_corner(), 0.0])
        z_ends = np.stack([left, left + np.array([0, 0, TALL])])
        painter.setPen(QPen(QColor(theme.current().text_dim), 1))
        painter.drawPolyline(self._line(*z_ends))
        self._paint_edge(painter, x_ends, np.array([0.0, v, 0.0]), self._x, self._titles[0])
        self._paint_edge(painter, y_ends, np.array([u, 0.0, 0.0]), self._y, self._titles[1])
        self._paint_upright(painter, z_ends, self._titles[2])

    @property
    def upright_boxes(self) -> list[QRectF]:
        """Where the height's title and numbers stand, for names to keep off them."""
        foot, height = np.array([*self._left_corner(), 0.0]), np.array([0.0, 0.0, TALL])
        words, small = QFontMetricsF(self._words), QFontMetricsF(self._numbers)
        top = self._screen(foot + height)
        title = self._box(words, top, _UP, _GAP + 6, self._titles[2])
        places = [self._screen(foot + height * tick.share) for tick in self._z]
        numbers = [
            self._box(small, place, _LEFT, _GAP, tick.text)
            for place, tick in zip(places, self._z, strict=True)
        ]
        return [title, *numbers]

    def _left_corner(self) -> Doubles:
        """(2,) the corner of the floor that is the leftmost in the picture."""
        u, v = self._near
        sides = (np.array([u, -v, 0.0]), np.array([-u, v, 0.0]))
        return min(sides, key=lambda corner: float(self._screen(corner)[0]))[:2]

    def _paint_edge(
        self, painter: QPainter, ends: Doubles, outward: Doubles, marks: list[Tick], title: str
    ) -> None:
        """Numbers along an edge of the floor, and its title further out."""
        middle = ends.mean(0)
        away = self._screen(middle + outward * 0.1) - self._screen(middle)
        away /= max(float(np.hypot(*away)), 1e-9)
        painter.setFont(self._numbers)
        painter.setPen(QColor(theme.current().text_dim))
        numbers: list[QRectF] = []
        for tick in marks:
            place = self._screen(ends[0] + (ends[1] - ends[0]) * tick.share)
            self._number_at(painter, place, away, tick.text, numbers)
        painter.setFont(self._words)
        painter.setPen(QColor(theme.current().text))
        rooms = [abs(away[0]) * (box.width() - 2) + abs(away[1]) * box.height() for box in numbers]
        gap, words = _GAP + max(rooms, default=0.0) + 5, QFontMetricsF(self._words)
        for further in range(0, _FURTHEST, 4):
            box = self._box(words, self._screen(middle), away, gap + further, title)
            if not any(box.intersects(number) for number in numbers):
                break
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), title)

    def _paint_upright(self, painter: QPainter, ends: Doubles, title: str) -> None:
        painter.setFont(self._numbers)
        painter.setPen(QColor(theme.current().text_dim))
        numbers: list[QRectF] = []
        for tick in self._z:
            place = self._screen(ends[0] + (ends[1] - ends[0]) * tick.share)
            self._number_at(painter, place, _LEFT, tick.text, numbers)
        painter.setFont(self._words)
        painter.setPen(QColor(theme.current().text))
        self._text_at(painter, self._screen(ends[1]), _UP, _GAP + 6, title)

    def _number_at(
        self, painter: QPainter, place: Doubles, away: Doubles, text: str, others: list[QRectF]
    ) -> None:
        """A number beside an edge; none where it would run into another."""
        box = self._box(QFontMetricsF(painter.font()), place, away, _GAP, text)
        if not any(box.intersects(other) for other in others):
            others.append(self._text_at(painter, place, away, _GAP, text))

    def _text_at(
        self, painter: QPainter, place: Doubles, away: Doubles, gap: float, text: str
    ) -> QRectF:
        """A text so far off a place that it just clears the gap; says where it stands."""
        box = self._box(QFontMetricsF(painter.font()), place, away, gap, text)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        return box

    def _box(
        self, metrics: QFontMetricsF, place: Doubles, away: Doubles, gap: float, text: str
    ) -> QRectF:
        width, height = metrics.horizontalAdvance(text), metrics.height()
        room = abs(away[0]) * width + abs(away[1]) * height
        x, y = place + away * (gap + room / 2)
        # A title stays within the picture, whatever it is called.
        x = min(max(x, width / 2 + 2), self._projection.width - width / 2 - 2)
        y = min(max(y, height / 2), self._projection.height - height / 2)
        return QRectF(x - width / 2 - 1, y - height / 2, width + 2, height)

    def _screen(self, place: Doubles) -> Doubles:
        return self._projection.to_screen(place)[:2]

    def _line(self, *places: Sequence[float] | Doubles) -> QPolygonF:
        drawn = self._projection.to_screen(np.array(places, np.float64))
        return QPolygonF([QPointF(x, y) for x, y, _ in drawn.tolist()])


def _along(tick: Tick) -> float:
    return 2 * tick.share - 1
