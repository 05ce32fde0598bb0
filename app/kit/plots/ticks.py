"""Round numbers: where ticks and contours stand, where axes end, and how that is written."""

from __future__ import annotations

import math

from app.kit.numbers import in_percent, locale, round_number, with_minus

_PARTS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))
"""Of a decade, each about equal factors apart."""

_ENDS = (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8, 10)
"""Where an axis that grows may end: a quarter further each time."""

_DEEPEST, _TINIEST = 300, 1e-300
"""Powers of ten that a float holds with all of its digits, and the least of them."""


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten; 1 where nothing is above zero."""
    if not value > 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(value))
    least = value * (1 - 1e-6)
    return next((part * power for part in (1, 2, 5) if part * power >= least), 10 * power)


def spacing_of(span: float, most: float) -> float:
    """How far apart round values stand, where at most so many steps go into a span."""
    return round_up(max(span, _TINIEST) / most)


def round_values(low: float, high: float, spacing: float) -> list[float]:
    """All multiples of a spacing from one number to another."""
    first, last = math.ceil(low / spacing - 1e-6), math.floor(high / spacing + 1e-6)
    # Of few round tens 0.1 + 0.2 must be 0.3, or it would be written with all its digits.
    return [round(spacing * n, _places(spacing)) + 0.0 for n in range(first, last + 1)]


def round_factors(low: float, high: float, most: float, fewest: int = 2) -> list[float]:
    """Round values whose logarithms lie between two: about equal factors apart, as many as may be.

    Args:
        low: log10 of the least one.
        high: log10 of the largest one.
        most: So many at the most.
        fewest: Where equal factors give less than so many, in a narrow range, the values are
            equally far apart instead.
    """
    powers = range(max(math.floor(low), -_DEEPEST), min(math.ceil(high), _DEEPEST) + 1)
    every = max(1, math.ceil((high - low) / most))
    best = _inside(low, high, [10.0**power for power in powers if power % every == 0])
    for parts in _PARTS:
        values = _inside(low, high, [part * 10.0**power for power in powers for part in parts])
        if len(best) < len(values) <= most:
            best = values
    if len(best) >= min(fewest, most):
        return best
    ends = 10.0**low, 10.0**high
    spacing = spacing_of(ends[1] - ends[0], max(1.0, most - 1))
    return [value for value in round_values(*ends, spacing) if value > 0]


def tick_text(value: float, spacing: float) -> str:
    """A round value with as few digits as tell it from its neighbours, a spacing away."""
    size = max(abs(value), spacing)
    if spacing <= 1e-4 or size >= 1e6:
        return round_number(value, max(1, math.ceil(math.log10(size / spacing) + 1)))
    places = _places(spacing)
    return with_minus(locale().toString(round(value, places) + 0.0, "f", places))


def factor_texts(values: list[float]) -> list[str]:
    """The same for values that are not equally far apart."""
    for digits in range(4, 17):
        texts = [round_number(value, digits) for value in values]
        if len(set(texts)) == len(texts):
            break
    return texts


def percent_text(share: float, spacing: float) -> str:
    """A share of 1 in percent, with no more places than its neighbours need."""
    return in_percent(tick_text(share * 100, spacing * 100))


def nice_limit(last: float, total: float | None = None) -> float:
    """Where an axis that holds ``last`` ends: a round number, so that it seldom has to move.

    Args:
        last: The largest value so far.
        total: Where the run ends; the axis never reaches further while the run is inside it.
    """
    if last <= 10:
        return 10.0 if total is None else min(10.0, max(total, last, 1.0))
    power = 10 ** math.floor(math.log10(last))
    limit = next(part * power for part in _ENDS if part * power >= last * (1 - 1e-9))
    return min(limit, total) if total is not None and total >= last else float(limit)


ANYWHERE = (-math.inf, math.inf)


def nice_range(
    low: float, high: float, *, least: float = 0.0, within: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Round numbers around a range of values, for the same reason.

    Args:
        low: The least value.
        high: The largest one.
        least: How far the ends are apart at the least: smaller differences are not blown up.
        within: What is possible; by default all that has the values' sign, where it is the same.
    """
    if within is None:
        within = (0.0, math.inf) if low >= 0 else (-math.inf, 0.0) if high <= 0 else ANYWHERE
    floor, ceiling = min(within[0], low), max(within[1], high)
    if high - low < least:
        low = max(min((low + high - least) / 2, ceiling - least), floor)
        high = low + least
    span = next(size for size in (high - low, abs(high), 1.0) if size > _TINIEST)
    step = 10 ** math.floor(math.log10(span)) / 4
    while span / step > 20:
        step *= 2
    bottom, top = math.floor(low / step - 1e-6) * step, math.ceil(high / step + 1e-6) * step
    return max(bottom, floor), min(top, ceiling)


def _inside(low: float, high: float, values: list[float]) -> list[float]:
    return [value for value in values if low - 1e-9 <= math.log10(value) <= high + 1e-9]


def _places(spacing: float) -> int:
    return max(0, -math.floor(math.log10(spacing) + 1e-9))
