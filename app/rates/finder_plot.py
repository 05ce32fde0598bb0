"""Loss against a learning rate that rises at each step."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.layouts import named
from app.kit.numbers import short_number
from app.kit.plots.axes import RateAxis
from app.kit.plots.line_plot import LinePlot, Series, Spots, nearest
from app.kit.plots.style import faint
from app.kit.plots.ticks import nice_range
from core.messages.race import RangeTest

_ABOVE = 0.6
"""The picture ends so far above the first losses, in their whole fall: where the test explodes
the curve leaves it, and the fall is not pressed flat."""
_SPREAD = 2.0
"""In the noise between one step and the next: what is less is not blown up to look like a fall."""
_NEAR = 0.15
"""Of the picture's width: lines that stand closer have their names on either side of them."""
_SAME = 0.01
"""In powers of ten: the rate in use is the best one, rounded."""
_FIRST = 10
"""Steps whose loss is taken for the one at the start."""


class RangePlot(LinePlot):
    """Draws what it is told; ``pointed`` carries the place of a step in the test, or None."""

    is_quick = False
    longest_wide = math.inf

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(RateAxis(), movable=(False, False), parent=parent)
        named(self, "range.plot", self.tr("Loss against the learning rate"))
        self.test: RangeTest | None = None
        self._band = pg.LinearRegionItem((0, 1), movable=False)
        self._best, self._in_use = (pg.InfiniteLine(angle=90, movable=False) for _ in range(2))
        self._spot = pg.ScatterPlotItem(size=9)
        self._names = [pg.TextItem(), pg.TextItem(), pg.TextItem(self.tr("good rates"))]
        behind = (self._band, self._in_use, self._best)
        for depth, item in enumerate((*behind, self._spot, *self._names)):
            self.add(item, depth - 20 if item in behind else depth)
            item.setVisible(item is self._spot)
        self.restyle()

    def show_span(self, low: float, high: float) -> None:
        """The rates that are tested, from the left edge to the right."""
        ends = math.log10(low), math.log10(high)
        if self.getViewBox().viewRange()[0] != list(ends):
            self.getViewBox().setXRange(*ends, padding=0)
            self._place_names()

    def show_test(self, test: RangeTest) -> None:
        """Draws a test, under way or ended."""
        self.test = test
        self._draw_test(test)
        self.getViewBox().setYRange(*self.value_range(), padding=0)
        self._place_names()

    def value_range(self) -> tuple[float, float]:
        """The whole fall, and some of what follows it."""
        smooth = np.array(self.test.smoothed if self.test is not None else [], np.float64)
        smooth = smooth[np.isfinite(smooth)]
        if self.test is None or not len(smooth):
            return 0.0, 1.0
        start, low = float(np.median(smooth[:_FIRST])), float(smooth.min())
        jumps = np.abs(np.diff(np.array(self.test.losses, np.float64)))
        jumps = jumps[np.isfinite(jumps)]
        spread = float(np.median(jumps)) if len(jumps) else 0.0  # an explosion counts as one jump
        fall = max(start - low, _SPREAD * spread, 0.05 * abs(start), 1e-12)
        foot = low - 0.1 * fall
        return nice_range(foot if low < 0 else max(foot, 0.0), start + _ABOVE * fall)

    def show_in_use(self, rate: float) -> None:
        """Marks the experiment's own rate."""
        self._in_use.setPos(math.log10(rate))
        self._names[0].setText(self.tr("in use {rate}").format(rate=short_number(rate)))
        self._place_names()

    def show_step(self, place: int | None) -> None:
        """Marks a step of the test."""
        if place is None or self.test is None:
            self.show_pointer(None)
        else:
            self.show_pointer(math.log10(self.test.rates[place]))

    def marks_at(self, x: float) -> Spots:
        return self._smoothed_at(x, QColor(theme.current().train))

    def under(self, x: float, y: float) -> object:
        if self.test is None or not len(self.test.rates):
            return None
        return nearest(np.log10(self.test.rates), x)

    def restyle(self) -> None:
        super().restyle()
        tokens = theme.current()
        if self.test is not None:
            self._draw_test(self.test)
        self._band.setBrush(faint(tokens.good, 30))
        for edge in self._band.lines:
            edge.setPen(pg.mkPen(faint(tokens.good, 130), width=1))
        self._best.setPen(pg.mkPen(tokens.text, width=1.5))
        self._spot.setPen(pg.mkPen(tokens.surface, width=1.5))
        self._in_use.setPen(pg.mkPen(tokens.accent, width=1, style=Qt.PenStyle.DashLine))
        colours = (tokens.accent, tokens.text, tokens.good)
        for name, colour in zip(self._names, colours, strict=True):
            name.setColor(QColor(colour))
            name.setFont(self.font())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_names"):
            self._place_names()

    def _draw_test(self, test: RangeTest) -> None:
        x, colour = np.log10(test.rates.astype(np.float64)), theme.current().train
        raw = Series(x, test.losses, faint(colour, 100), 1.0)
        self.show_lines([raw, Series(x, test.smoothed, QColor(colour), 2.5)])
        self._band.setVisible(test.suggested is not None)
        if test.suggested is not None:
            self._band.setRegion([math.log10(rate) for rate in test.suggested])
        self._show_best(test)

    def _smoothed_at(self, x: float, colour: QColor) -> Spots:
        if self.test is None:
            return []
        y = float(self.test.smoothed[nearest(np.log10(self.test.rates), x)])
        return [{"pos": (x, y), "brush": colour}] if math.isfinite(y) else []

    def _show_best(self, test: RangeTest) -> None:
        self._best.setVisible(test.best is not None)
        self._spot.setData([])
        if test.best is None:
            return
        x = math.log10(test.best)
        self._best.setPos(x)
        self._spot.setData(self._smoothed_at(x, QColor(theme.current().text)))
        rate = short_number(usable(test.best))
        self._names[1].setText(self.tr("suggested {rate}").format(rate=rate))

    def _place_names(self) -> None:
        """At the top of their lines, away from one another; what is suggested at the bottom."""
        (left, right), (bottom, top) = self.getViewBox().viewRange()
        here, test = self._in_use.value(), self.test
        best = math.log10(test.best) if test is not None and test.best is not None else None
        self._in_use.setVisible(left <= here <= right)
        to_left, is_lower = self._sides(here, best)
        is_same = best is not None and abs(here - best) < _SAME
        line = self._names[1].boundingRect().height() * self.getViewBox().viewPixelSize()[1]
        self._put(0, None if is_same else here, top, to_left=to_left[0])
        self._put(1, best, top - line * (is_lower and not is_same), to_left=to_left[1])
        begin = None if test is None or test.suggested is None else math.log10(test.suggested[0])
        self._put(2, begin, bottom, to_left=begin is not None and self._is_wide(begin, best))

    def _sides(self, here: float, best: float | None) -> tuple[list[bool], bool]:
        """Whether each line's name stands left of it, and whether the second stands lower.

        Within the picture, and apart: back to back where that will do.
        """
        left, right = self.getViewBox().viewRange()[0]
        near, widths = _NEAR * (right - left), (self._width(0), self._width(1))
        places = (here, here if best is None else best)
        at_edge = [x + max(near, width) > right for x, width in zip(places, widths, strict=True)]
        if best is None or here == best:
            return at_edge, False
        if abs(here - best) < near or _overlap(places, widths, at_edge):
            at_edge[int(best < here)] = True  # the lower one
        return at_edge, _overlap(places, widths, at_edge)

    def _is_wide(self, begin: float, best: float | None) -> bool:
        """Whether the name of the good rates has more room before their band than in it."""
        left, right = self.getViewBox().viewRange()[0]
        width = self._width(2)
        crosses = best is not None and begin + width > best
        return begin + width > right or (crosses and begin - width > left)

    def _width(self, number: int) -> float:
        """Of a name, in powers of ten."""
        pixel = self.getViewBox().viewPixelSize()[0]
        return float(self._names[number].boundingRect().width() * pixel)

    def _put(self, number: int, x: float | None, y: float, *, to_left: bool = False) -> None:
        """Puts a name beside a place of the axis, or away where it is not seen."""
        left, right = self.getViewBox().viewRange()[0]
        name = self._names[number]
        name.setVisible(x is not None and left <= x <= right)
        if x is not None:
            name.setAnchor((int(to_left), int(number == 2)))
            name.setPos(x, y)


def usable(rate: float) -> float:
    """A rate as a person would write it: two digits say all that the test knows."""
    return float(f"{rate:.2g}")


def _overlap(places: tuple[float, float], widths: tuple[float, float], to_left: list[bool]) -> bool:
    """Whether two names beside their lines lie over one another."""
    (a, b), (c, d) = (
        (x - width, x) if is_left else (x, x + width)
        for x, width, is_left in zip(places, widths, to_left, strict=True)
    )
    return a < d and c < b
