"""At which round losses the contours of a surface run, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.outlook import Quantity
from app.views.readings import locale
from app.views.surface_colours import Limits

MOST = 11
"""Contours; more are a thicket, and their labels have no room."""

_PARTS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))
_FEWEST = 5


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
    """Round values that part the range of colours, rising; equal factors on a logarithmic scale."""
    low, high = limits
    values = _round_factors(low, high) if logarithmic else _round_values(low, high)
    heights = [math.log10(value) if logarithmic else value for value in values]
    return tuple(
        Level(height, value, (height - low) / (high - low))
        for height, value in zip(heights, values, strict=True)
        if low < height < high
    )


def level_text(value: float, quantity: Quantity) -> str:
    """A round value as short as can be: ``0.05``, ``200``, ``1e+06``, ``85%``."""
    if quantity == "accuracy":
        return locale().toString(round(value * 100, 6), "g", 4) + "%"
    return locale().toString(float(f"{value:.4g}"), "g", 4)


def _round_values(low: float, high: float) -> list[float]:
    rough = (high - low) / MOST
    power = 10.0 ** math.floor(math.log10(rough))
    spacing = next((part * power for part in (1, 2, 5) if part * power >= rough), 10 * power)
    first, last = math.floor(low / spacing), math.ceil(high / spacing)
    # Of few round tens 0.1 + 0.2 must be 0.3, or it would be written with all its digits.
    places = max(0, -math.floor(math.log10(spacing)))
    return [round(spacing * index, places) for index in range(first, last + 1)]


def _round_factors(low: float, high: float) -> list[float]:
    """As many parts of each decade as there is room for; of less than a decade, round values."""
    best = _decades(low, high, every=max(1, math.ceil((high - low) / MOST)), parts=(1,))
    for parts in _PARTS:
        values = _decades(low, high, every=1, parts=parts)
        if len(values) <= MOST:
            best = max(best, values, key=len)
    return best if len(best) >= _FEWEST else _round_values(10.0**low, 10.0**high)


def _decades(low: float, high: float, *, every: int, parts: tuple[float, ...]) -> list[float]:
    powers = [power for power in range(math.floor(low), math.ceil(high) + 1) if power % every == 0]
    values = [part * 10.0**power for power in powers for part in parts]
    return [value for value in values if low < math.log10(value) < high]
