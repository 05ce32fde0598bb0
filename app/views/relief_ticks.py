"""The few round values that stand beside an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.views.readings import locale
from app.views.surface_levels import level_text

MOST = 5
"""Ticks on an axis: they say how large things are, the reading says the rest."""

_LOG_PARTS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))


@dataclass(frozen=True)
class Tick:
    """A value on an axis: how far along it stands, 0..1, and how it is written."""

    share: float
    text: str


def ticks(low: float, high: float) -> list[Tick]:
    """At most five round values between two."""
    spacing = _spacing(high - low, MOST - 1)
    first, last = math.ceil(low / spacing - 1e-6), math.floor(high / spacing + 1e-6)
    values = [spacing * index for index in range(first, last + 1)]
    return [Tick((value - low) / (high - low), short(value, spacing)) for value in values]


def log_ticks(low: float, high: float) -> list[Tick]:
    """At most five round values between two powers of ten, placed by their logarithm."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    every = max(1, math.ceil((high - low) / (MOST - 1)))
    best = [float(power) for power in decades if power % every == 0 and low <= power <= high]
    for parts in _LOG_PARTS:
        values = [power + math.log10(part) for power in decades for part in parts]
        inside = [value for value in values if low - 1e-9 <= value <= high + 1e-9]
        if len(inside) <= MOST:
            best = max(best, inside, key=len)
    if len(best) < 2:  # a narrow range: the values themselves are nearly evenly apart
        spacing = _spacing(10**high - 10**low, MOST - 1)
        first, last = math.ceil(10**low / spacing), math.floor(10**high / spacing)
        values = [spacing * index for index in range(first, last + 1)]
        return [
            Tick((math.log10(value) - low) / (high - low), short(value, spacing))
            for value in values
            if value > 0
        ]
    return [Tick((value - low) / (high - low), level_text(10**value, "loss")) for value in best]


def percents(low: float, high: float, tick: Tick) -> str:
    """How a share of 1 is written."""
    return level_text(low + (high - low) * tick.share, "accuracy")


def short(value: float, spacing: float) -> str:
    """With as few digits as tell it from its neighbours."""
    size = max(abs(value), spacing)
    if not spacing > 1e-4 or size >= 1e6:
        digits = max(1, math.ceil(math.log10(size / spacing) + 1)) if spacing > 0 else 3
        return locale().toString(float(f"{value:.{digits}g}"), "g", digits)
    places = max(0, -math.floor(math.log10(spacing) + 1e-9))
    return locale().toString(round(value, places) + 0.0, "f", places)


def _spacing(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that gives at most so many steps."""
    rough = max(span, 1e-300) / most
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next((part * power for part in (1, 2, 5) if part * power >= rough), 10 * power)
