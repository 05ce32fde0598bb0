"""Axes of the curves: steps, epochs, and values on a linear or logarithmic scale."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication

from app.kit.numbers import locale, rate_text

_APART = 44
"""Pixels from one label to the next at the least."""
_PARTS = ((1,), (1, 3), (1, 2, 5))


class RateAxis(pg.AxisItem):  # type: ignore[misc]
    """Below the plot; as many round rates as there is room for."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Powers of ten, and round parts of them where there is room."""
        most = max(2.0, size / _APART)
        powers = range(math.floor(low), math.ceil(high) + 1)
        every = max(1, math.ceil((high - low) / most))
        best = [float(power) for power in powers if power % every == 0]
        for parts in _PARTS:
            ticks = [power + math.log10(part) for power in powers for part in parts]
            if sum(low <= tick <= high for tick in ticks) <= most:
                best = ticks
        return [(1.0, [tick for tick in best if low - 1e-9 <= tick <= high + 1e-9])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """``1e-5``, ``0.03``."""
        return [rate_text(10**value) for value in values]


Ticks = list[tuple[float, list[float]]]

_VALUE_WIDTH = 56
"""Fixed, so that the plots below one another begin at the same place and nothing jumps."""

_NICE = (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8, 10)
_LOG_PARTS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))


def nice_limit(last: float, total: float | None = None) -> float:
    """Where an axis that holds ``last`` ends: a round number, so that it seldom has to move.

    Args:
        last: The largest value so far.
        total: Where the run ends; the axis never reaches further while the run is inside it.
    """
    if last <= 10:
        return 10.0 if total is None else min(10.0, max(total, last, 1.0))
    power = 10 ** math.floor(math.log10(last))
    limit = next(part * power for part in _NICE if part * power >= last * (1 - 1e-9))
    return min(limit, total) if total is not None and total >= last else float(limit)


def nice_range(low: float, high: float) -> tuple[float, float]:
    """Round numbers around a range of values, for the same reason."""
    span = high - low
    if not span > 0:
        span = abs(high) or 1.0
    step = 10 ** math.floor(math.log10(span)) / 4
    while span / step > 20:
        step *= 2
    return math.floor(low / step - 1e-6) * step, math.ceil(high / step + 1e-6) * step


class StepAxis(pg.AxisItem):  # type: ignore[misc]
    """Steps below the plot, in whole numbers with groups of thousands."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> Ticks:
        """Ticks at whole steps only."""
        spacing = _step_spacing(high - low, size / 64)
        first = math.ceil(low / spacing) * spacing
        count = max(0, math.floor((high - first) / spacing) + 1)
        return [(spacing, [first + spacing * index for index in range(count)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """``12,500``."""
        return [locale().toString(round(value)) for value in values]


class EpochAxis(pg.AxisItem):  # type: ignore[misc]
    """The ends of epochs above the plot, with a line through it for each that is named."""

    def __init__(self, *, named: bool) -> None:
        super().__init__("top", showValues=named)
        self.enableAutoSIPrefix(False)
        self.steps_per_epoch = 0

    def tickValues(self, low: float, high: float, size: float) -> Ticks:
        """Every epoch, or every so many where they stand too close."""
        if self.steps_per_epoch <= 0 or high <= low:
            return []
        epochs = (high - low) / self.steps_per_epoch
        every = max(1, round(_step_spacing(epochs, size / 32)))
        spacing = every * self.steps_per_epoch
        first = max(1, math.ceil(low / spacing))
        return [(spacing, [spacing * n for n in range(first, math.floor(high / spacing) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """How many epochs are behind each line; the first says what it counts."""
        per_epoch = max(1, self.steps_per_epoch)
        counts = [locale().toString(round(value / per_epoch)) for value in values]
        first = QCoreApplication.translate("EpochAxis", "epoch {epoch}")
        return [first.format(epoch=counts[0]), *counts[1:]] if counts else []


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Values left of the plot; on a logarithmic scale the positions are log10 of them."""

    def __init__(self, *, percents: bool = False) -> None:
        super().__init__("left")
        self.enableAutoSIPrefix(False)
        self.logarithmic = False
        self._percents = percents
        self.setWidth(_VALUE_WIDTH)

    def tickValues(self, low: float, high: float, size: float) -> Ticks:
        """Few ticks at round values."""
        if self.logarithmic:
            return [(1.0, _log_ticks(low, high, size))]
        spacing = _spacing(high - low, size / 34)
        first, last = math.ceil(low / spacing - 1e-6), math.floor(high / spacing + 1e-6)
        return [(spacing, [spacing * index for index in range(first, last + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """As few digits as tell the ticks apart."""
        if self.logarithmic:
            return [_short(10**value) for value in values]
        if self._percents:
            places = max(0, -math.floor(math.log10(spacing * 100) + 1e-9))
            return [f"{locale().toString(value * 100, 'f', places)}%" for value in values]
        if spacing < 1e-4 or spacing >= 1e6:
            return [_short(value) for value in values]
        places = max(0, -math.floor(math.log10(spacing) + 1e-9))
        return [locale().toString(value, "f", places) for value in values]


def _spacing(span: float, most: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that gives at most so many ticks."""
    rough = max(span, 1e-300) / max(2.0, most)
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next((part * power for part in (1, 2, 5) if part * power >= rough), 10 * power)


def _step_spacing(span: float, most: float) -> float:
    return max(1.0, _spacing(span, most))


def _log_ticks(low: float, high: float, size: float) -> list[float]:
    """As many parts of each decade as there is room for; whole decades thinned where there is
    not even that."""
    most = max(2.0, size / 26)
    decades = range(math.floor(low), math.ceil(high) + 1)
    every = max(1, math.ceil((high - low) / most))
    best = [float(power) for power in decades if power % every == 0]
    for parts in _LOG_PARTS:
        ticks = [power + math.log10(part) for power in decades for part in parts]
        shown = [tick for tick in ticks if low - 1e-9 <= tick <= high + 1e-9]
        if len(shown) <= most:
            best = shown
    return best


def _short(value: float) -> str:
    return locale().toString(float(f"{value:.3g}"), "g", 3)
