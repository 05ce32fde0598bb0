"""Axes of plots: steps, epochs, rates and values, at round numbers that never touch."""

from __future__ import annotations

import math
from itertools import pairwise

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from app.kit import theme
from app.kit.numbers import whole
from app.kit.plots.ticks import (
    factor_texts,
    percent_text,
    round_factors,
    round_values,
    spacing_of,
    tick_text,
)

_VALUE_WIDTH = 56
"""Fixed, so that the plots below one another begin at the same place and nothing jumps."""

_BESIDE, _ABOVE = 8.0, 2.0
"""Pixels between one label and the next at the least, along the text and across it."""

_FEWER = 0.75
"""Ticks that would touch are made so many times as many until they do not."""

Ticks = tuple[float, list[float]]
"""How far apart ticks stand, 1 where that differs, and where; positions on the axis."""


class RoundAxis(pg.AxisItem):  # type: ignore[misc]
    """As many round numbers as there is room for: no label runs into its neighbour.

    Args:
        side: Of the plot, as pyqtgraph calls it.
        room: Pixels for each label at the least, even where it is short.
    """

    def __init__(self, side: str, room: float, **options: object) -> None:
        super().__init__(side, **options)
        self.enableAutoSIPrefix(False)
        self._room = room

    def tickValues(self, low: float, high: float, size: float) -> list[Ticks]:
        """Where the ticks are, in one level."""
        if not high > low:
            return []
        most = max(2.0, size / self._room)
        spacing, places = self.choose(low, high, most)
        while len(places) > 1 and not self._fit(spacing, places, size / (high - low)):
            most = _FEWER * min(most, len(places))
            spacing, fewer = self.choose(low, high, most)
            places = fewer or places[:1]
        if len(places) < 2:
            spacing, places = self._ends(low, high, size) or (spacing, places)
        return [(spacing, places)] if places else []

    def _ends(self, low: float, high: float, size: float) -> Ticks | None:
        """The outermost of more round numbers, since a single one gives no scale; None: no room."""
        for most in (4.0, 8.0, 16.0):
            spacing, places = self.choose(low, high, most)
            outermost = [places[0], places[-1]] if len(places) > 1 else []
            if outermost and self._fit(spacing, outermost, size / (high - low)):
                return spacing, outermost
        return None

    def choose(self, low: float, high: float, most: float) -> Ticks:
        """Round numbers between two positions, about so many at the most."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draws the ticks anew: they follow something else than the range, too."""
        self.picture = None
        self.update()

    def _fit(self, spacing: float, places: list[float], pixels: float) -> bool:
        """Whether no label touches the next, with so many pixels a unit."""
        metrics = QFontMetricsF(self.style["tickFont"] or QApplication.font())
        if self.orientation in ("left", "right"):
            taken, gap = [metrics.height()] * len(places), _ABOVE
        else:
            texts = self.tickStrings(places, 1.0, spacing)
            taken, gap = [metrics.horizontalAdvance(text) for text in texts], _BESIDE
        rooms = ((one + next_one) / 2 + gap for one, next_one in pairwise(taken))
        ways = ((after - place) * pixels for place, after in pairwise(places))
        return all(way >= room for way, room in zip(ways, rooms, strict=True))


class ValueAxis(RoundAxis):
    """Values; on a logarithmic scale the positions are log10 of them."""

    crowd = 1.1
    """So many times as many ticks have room where they stand equal factors apart."""

    def __init__(self, side: str = "left", *, percents: bool = False) -> None:
        super().__init__(side, 28 if side == "left" else 44)
        self.logarithmic = False
        self._percents = percents
        if side == "left":
            self.setWidth(_VALUE_WIDTH)

    def choose(self, low: float, high: float, most: float) -> Ticks:
        if self.logarithmic:
            factors = round_factors(low, high, self.crowd * most)
            return 1.0, [math.log10(value) for value in factors]
        spacing = spacing_of(high - low, most)
        return spacing, round_values(low, high, spacing)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logarithmic:
            return factor_texts([10**value for value in values])
        text = percent_text if self._percents else tick_text
        return [text(value, spacing) for value in values]


def plain_axes(width: float) -> dict[str, pg.AxisItem]:
    """Two axes of values by their sides, the left one so wide, in units of the grid."""
    left = ValueAxis()
    left.setWidth(theme.space(width))
    return {"bottom": ValueAxis("bottom"), "left": left}


class RateAxis(ValueAxis):
    """Learning rates below the plot, by powers of ten."""

    crowd = 1.0

    def __init__(self) -> None:
        super().__init__("bottom")
        self.logarithmic = True


class StepAxis(RoundAxis):
    """Steps below the plot, in whole numbers with groups of thousands."""

    def __init__(self) -> None:
        super().__init__("bottom", 64)

    def choose(self, low: float, high: float, most: float) -> Ticks:
        spacing = max(1.0, spacing_of(high - low, most))
        return spacing, round_values(low, high, spacing)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [whole(round(value)) for value in values]


class EpochAxis(RoundAxis):
    """The ends of epochs above the plot, with a line through it for each that is named."""

    def __init__(self, *, named: bool) -> None:
        super().__init__("top", 32, showValues=named)
        self.steps_per_epoch = 0

    def choose(self, low: float, high: float, most: float) -> Ticks:
        """Every epoch, or every so many where they stand too close; none where none are known."""
        if self.steps_per_epoch <= 0:
            return 1.0, []
        every = max(1.0, spacing_of((high - low) / self.steps_per_epoch, most))
        spacing = every * self.steps_per_epoch
        return spacing, [end for end in round_values(low, high, spacing) if end > 0]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """How many epochs are behind each line; the first says what it counts."""
        counts = [whole(round(value / max(1, self.steps_per_epoch))) for value in values]
        first = QCoreApplication.translate("EpochAxis", "epoch {epoch}")
        return [first.format(epoch=counts[0]), *counts[1:]] if counts else []
