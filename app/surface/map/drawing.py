"""A surface made ready to be painted: heights, colours' limits, contours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.link.surface_choice import Quantity
from app.surface.shared import colours
from app.surface.shared.contours import Level, contour_lines, level_texts, levels_between
from app.surface.shared.grid import finer
from core.messages.surface_views import Doubles, SurfaceView

_FINEST = 193
"""Points a side that colours and contours are made of; more are not seen."""


@dataclass(frozen=True, eq=False)
class SurfaceDrawing:
    """What is painted of a surface.

    Attributes:
        surface: Of which.
        quantity: Drawn as height.
        logarithmic: Whether by its logarithm.
        drawn: (h, w) heights.
        limits: The heights of the first and the last colour.
        fine: Heights on a finer grid of the same range.
        levels: Of the contours.
        texts: What is written on them.
        lines: The polylines of each; empty where no contours are wanted.
    """

    surface: SurfaceView
    quantity: Quantity
    logarithmic: bool
    drawn: Doubles
    limits: colours.Limits
    fine: Doubles
    levels: tuple[Level, ...]
    texts: tuple[str, ...]
    lines: list[list[Doubles]]

    def share_of(self, value: float) -> float:
        """How far up the colours a value of the quantity lies; nan if it has no height."""
        height = colours.height_of(value, logarithmic=self.logarithmic)
        return (height - self.limits[0]) / (self.limits[1] - self.limits[0])


def drawing_of(
    surface: SurfaceView, quantity: Quantity, *, is_log: bool, contours: bool
) -> SurfaceDrawing:
    """Prepares a surface."""
    offered = colours.quantities(surface)
    shown: Quantity = quantity if quantity in offered else "loss"
    logarithmic = colours.is_logarithmic(surface, shown, is_log)
    drawn = colours.heights(surface, shown, is_log)
    limits = colours.limits(drawn)
    levels = levels_between(limits, logarithmic=logarithmic)
    fine = finer(drawn, limits, _times(drawn), logarithmic=logarithmic)
    return SurfaceDrawing(
        surface,
        shown,
        logarithmic,
        drawn,
        limits,
        fine,
        levels,
        level_texts([level.value for level in levels], shown),
        _lines(surface, fine, levels)
        if contours and not colours.is_flat(limits)
        else [[] for _ in levels],
    )


def _times(drawn: Doubles) -> int:
    """How many times finer a grid may be made to have about so many points a side."""
    return max(1, round((_FINEST - 1) / (int(max(drawn.shape)) - 1)))


def _lines(surface: SurfaceView, fine: Doubles, levels: tuple[Level, ...]) -> list[list[Doubles]]:
    """The contours; those that would fit into a cell of the computed grid are mere guesses."""
    height, width = fine.shape
    x = np.linspace(surface.x[0], surface.x[-1], width)
    y = np.linspace(surface.y[0], surface.y[-1], height)
    cell = np.array([surface.x[1] - surface.x[0], surface.y[1] - surface.y[0]])
    lines = contour_lines(x, y, fine, levels)
    return [[line for line in parts if (np.ptp(line, axis=0) > cell).any()] for parts in lines]
