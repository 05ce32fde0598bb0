"""Contours of a surface as polylines, and where on them their values are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray

from app.kit.numbers import in_percent, round_number
from app.kit.plots.ticks import factor_texts, round_factors, round_values, spacing_of
from app.link.surface_choice import Quantity
from app.surface.shared.colours import Limits, is_flat
from core.messages.surface_views import Doubles

MOST = 11
"""Contours; more are a thicket, and their labels have no room."""

_FEWEST = 5
"""Of equal factors; where there are less, equal steps part the range better."""


@dataclass(frozen=True)
class Level:
    """One contour.

    Attributes:
        height: Where it lies among what is drawn; log10 of the value on a logarithmic scale.
        value: What it stands for.
        share: How far up between the limits, 0..1.
    """

    height: float
    value: float
    share: float


def levels_between(limits: Limits, *, logarithmic: bool) -> tuple[Level, ...]:
    """Round values that part the range of colours, rising; equal factors on a logarithmic scale.

    A flat surface has no contours; its one value stands in the middle of the colours.
    """
    low, high = limits
    if is_flat(limits):
        middle = (low + high) / 2
        return (Level(middle, 10**middle if logarithmic else middle, 0.5),)
    if logarithmic:
        values = round_factors(low, high, MOST, _FEWEST)
    else:
        values = round_values(low, high, spacing_of(high - low, MOST))
    heights = [math.log10(value) if logarithmic else value for value in values]
    return tuple(
        Level(height, value, (height - low) / (high - low))
        for height, value in zip(heights, values, strict=True)
        if low < height < high
    )


def level_text(value: float, quantity: Quantity) -> str:
    """A round value as short as can be: ``0.05``, ``200``, ``1e6``, ``85%``."""
    if quantity == "accuracy":
        return in_percent(round_number(value * 100))
    return round_number(value)


def level_texts(values: Sequence[float], quantity: Quantity) -> tuple[str, ...]:
    """The same of several, each with as many digits as tell it from the others."""
    if quantity == "accuracy":
        return tuple(level_text(value, quantity) for value in values)
    return tuple(factor_texts(list(values)))


LABEL_WIDTH = 44.0
"""Pixels along the line that a label takes."""

_STEP = 18.0
_EDGE = 26.0
_APART = 78.0
_CLEAR = 24.0
_LOYALTY = 0.25
_MOST_DOTS = 120
_STRAIGHT = 0.02
"""How far a point may lie off the straight way past it, as a share of that way."""


@dataclass(frozen=True)
class Frame:
    """How the data's units become pixels: the part of the plane shown, and how large.

    Attributes:
        left: The x at the left border.
        bottom: The y at the lower border.
        scale: Pixels a unit of x and of y.
        size: Pixels, width and height.
    """

    left: float
    bottom: float
    scale: tuple[float, float]
    size: tuple[float, float]

    def pixels(self, points: Doubles) -> Doubles:
        """(n, 2) points of the plane -> pixels from the lower left corner."""
        return (points - (self.left, self.bottom)) * self.scale

    def back(self, pixels: Doubles) -> Doubles:
        """(n, 2) pixels -> points of the plane."""
        return pixels / self.scale + (self.left, self.bottom)


@dataclass(frozen=True)
class Label:
    """A value on its contour.

    Attributes:
        level: Which, of those drawn.
        point: The middle, on the plane.
        ahead: A point of the plane further along the line, for the direction.
    """

    level: int
    point: tuple[float, float]
    ahead: tuple[float, float]


def contour_lines(
    x: Doubles, y: Doubles, drawn: Doubles, levels: Sequence[Level]
) -> list[list[Doubles]]:
    """The polylines (k, 2) of each level; none through places without a value."""
    generator = contour_generator(
        x, y, np.ma.masked_invalid(drawn), name="serial", line_type=LineType.Separate
    )
    return [
        [thinned(thinned(np.asarray(line))) for line in generator.lines(level.height)]
        for level in levels
    ]


def thinned(line: Doubles) -> Doubles:
    """A line without every other point, where that lies on the way from the one to the next."""
    if len(line) < 9:
        return line
    before, point, after = line[:-2:2], line[1:-1:2], line[2::2]
    way = after - before
    beside = np.abs(way[:, 0] * (point - before)[:, 1] - way[:, 1] * (point - before)[:, 0])
    kept = np.ones(len(line), bool)
    kept[1:-1:2] = beside > _STRAIGHT * (way**2).sum(1)
    return line[kept]


def place_labels(
    lines: Sequence[Sequence[Doubles]],
    frame: Frame,
    taken: Sequence[Doubles],
    before: Sequence[Label] = (),
) -> tuple[Label, ...]:
    """Chooses for each level a straight, free piece of its lines.

    Args:
        lines: Of each level, on the plane.
        frame: What is seen.
        taken: Lines (n, 2) on the plane that labels keep clear of.
        before: The labels so far; each stays near its place where it can, so that labels do not
            dance while a surface follows the training.
    """
    obstacles = np.concatenate([np.zeros((0, 2)), *(_dotted(frame.pixels(line)) for line in taken)])
    homes = {label.level: frame.pixels(np.array([label.point]))[0] for label in before}
    placed: list[Doubles] = []
    labels = []
    for level, parts in enumerate(lines):
        chosen = _best(parts, frame, placed, obstacles, homes.get(level))
        if chosen is not None:
            middle, ahead = chosen
            placed.append(middle)
            (x, y), (ahead_x, ahead_y) = frame.back(np.stack([middle, ahead])).tolist()
            labels.append(Label(level, (x, y), (ahead_x, ahead_y)))
    return tuple(labels)


def _best(
    parts: Sequence[Doubles],
    frame: Frame,
    placed: list[Doubles],
    obstacles: Doubles,
    home: Doubles | None,
) -> tuple[Doubles, Doubles] | None:
    """The middle and the end of the best piece, in pixels; None where there is no room."""
    pieces = [piece for part in parts if (piece := _pieces(frame.pixels(part))) is not None]
    if not pieces:
        return None
    start, middle, end = (np.concatenate(group) for group in zip(*pieces, strict=True))
    score = np.linalg.norm(end - start, axis=1) / LABEL_WIDTH
    # Text that stands on its head or climbs steeply is hard to read.
    run, rise = np.abs(end - start).T
    score -= 0.25 * rise / np.maximum(run + rise, 1e-9)
    inside = (middle > _EDGE) & (middle < np.array(frame.size) - _EDGE)
    score[~inside.all(1)] = -np.inf
    if placed:
        score[_distance(middle, np.stack(placed)) < _APART] = -np.inf
    if len(obstacles):
        score -= 0.6 * (_distance(middle, obstacles) < _CLEAR)
    if home is not None:
        score += _LOYALTY * np.exp(-np.linalg.norm(middle - home, axis=1) / _STEP)
    best = int(score.argmax())
    return (middle[best], end[best]) if score[best] > 0.55 else None


def _pieces(line: Doubles) -> tuple[Doubles, Doubles, Doubles] | None:
    """Beginnings, middles and ends of pieces as long as a label, every few pixels."""
    way = np.concatenate([[0.0], np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum()])
    half = LABEL_WIDTH / 2
    if way[-1] < 2 * LABEL_WIDTH:
        return None
    # Far zoomed in, a line may be a million times as long as the picture is wide.
    at = np.linspace(half, way[-1] - half, min(_MOST_DOTS, 1 + int(way[-1] / _STEP)))
    return _along(line, way, at - half), _along(line, way, at), _along(line, way, at + half)


def _dotted(line: Doubles) -> Doubles:
    """Points along a line, close enough that no label fits in between; of a very long one fewer."""
    line = line[np.isfinite(line).all(1)]
    if len(line) < 2:
        return line
    way = np.concatenate([[0.0], np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum()])
    count = min(_MOST_DOTS, 1 + int(way[-1] / _CLEAR))
    return _along(line, way, np.linspace(0.0, way[-1], count))


def _along(line: Doubles, way: Doubles, at: Doubles) -> Doubles:
    return np.stack([np.interp(at, way, line[:, axis]) for axis in range(2)], -1)


def _distance(points: Doubles, others: Doubles) -> NDArray[np.float64]:
    """(n,) from each point to the nearest of the others."""
    across, up = (points[:, None, axis] - others[None, :, axis] for axis in range(2))
    return np.asarray(np.sqrt((across * across + up * up).min(1)))
