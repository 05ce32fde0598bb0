"""Loss against a learning rate that rises at each step."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.numbers import learning_rate
from app.kit.plots.axes import RateAxis, ValueAxis, nice_range
from app.kit.plots.style import faint, restyle, set_up
from core.messages.surface_views import RangeTest

Values = NDArray[np.float64]

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


class RangePlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws what it is told; ``pointed`` carries the place of a step in the test, or None."""

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.values, self.rates = ValueAxis(), RateAxis()
        super().__init__(parent, axisItems={"left": self.values, "bottom": self.rates})
        self.setObjectName("range.plot")
        self.setAccessibleName(self.tr("Loss against the learning rate"))
        self.test: RangeTest | None = None
        self._make_items()
        self.restyle()

    def _make_items(self) -> None:
        set_up(self)
        self.getViewBox().setMouseEnabled(x=False, y=False)
        self._band = pg.LinearRegionItem((0, 1), movable=False)
        self._raw, self._smooth = pg.PlotCurveItem(), pg.PlotCurveItem(antialias=True)
        self._best, self._in_use = (pg.InfiniteLine(angle=90, movable=False) for _ in range(2))
        self._pointer = pg.InfiniteLine(angle=90, movable=False)
        self._spot = pg.ScatterPlotItem(size=9, pxMode=True)
        self._mark = pg.ScatterPlotItem(size=7, pxMode=True)
        self._names = [pg.TextItem(), pg.TextItem(), pg.TextItem(self.tr("suggested"))]
        items = (self._band, self._in_use, self._best, self._pointer, self._raw, self._smooth)
        for depth, item in enumerate((*items, self._spot, self._mark, *self._names)):
            item.setZValue(depth - 20)
            self.addItem(item, ignoreBounds=True)
        for item in (self._band, self._best, self._in_use, self._pointer, *self._names):
            item.hide()
        self.scene().sigMouseMoved.connect(self._mouse_moved)

    def show_span(self, low: float, high: float) -> None:
        """The rates that are tested, from the left edge to the right."""
        ends = math.log10(low), math.log10(high)
        if self.getViewBox().viewRange()[0] != list(ends):
            self.getViewBox().setXRange(*ends, padding=0)
            self._place_names()

    def show_test(self, test: RangeTest) -> None:
        """Draws a test, under way or ended."""
        self.test = test
        rates = np.log10(test.rates.astype(np.float64))
        for item, losses in ((self._raw, test.losses), (self._smooth, test.smoothed)):
            values = np.array(losses, np.float64)
            values[~np.isfinite(values)] = np.nan
            item.setData(rates, values, connect="finite")
        self._band.setVisible(test.suggested is not None)
        if test.suggested is not None:
            self._band.setRegion([math.log10(rate) for rate in test.suggested])
        self._show_best(test)
        self.getViewBox().setYRange(*_height(test), padding=0)
        self._place_names()

    def show_in_use(self, rate: float) -> None:
        """Marks the experiment's own rate."""
        self._in_use.setPos(math.log10(rate))
        self._names[0].setText(self.tr("in use {rate}").format(rate=learning_rate(rate)))
        self._place_names()

    def show_pointer(self, place: int | None) -> None:
        """Marks a step of the test."""
        shown = place is not None and self.test is not None
        self._pointer.setVisible(shown)
        self._mark.setVisible(shown)
        if place is not None and self.test is not None:
            x = math.log10(self.test.rates[place])
            self._pointer.setPos(x)
            y = float(self.test.smoothed[place])
            self._mark.setData([{"pos": (x, y)}] if math.isfinite(y) else [])

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        restyle(self, (self.values, self.rates))
        self.values.setGrid(110)
        self._raw.setPen(pg.mkPen(faint(tokens.train, 100), width=1))
        self._smooth.setPen(pg.mkPen(tokens.train, width=2.5))
        self._band.setBrush(faint(tokens.good, 30))
        for edge in self._band.lines:
            edge.setPen(pg.mkPen(faint(tokens.good, 130), width=1))
        self._best.setPen(pg.mkPen(tokens.text, width=1.5))
        self._spot.setBrush(QColor(tokens.text))
        self._spot.setPen(pg.mkPen(tokens.surface, width=1.5))
        dashes = Qt.PenStyle.DashLine
        self._in_use.setPen(pg.mkPen(tokens.accent, width=1, style=dashes))
        self._pointer.setPen(pg.mkPen(tokens.text_dim, width=1))
        self._mark.setBrush(QColor(tokens.train))
        self._mark.setPen(pg.mkPen(tokens.surface, width=1.5))
        colours = (tokens.accent, tokens.text, tokens.good)
        for name, colour in zip(self._names, colours, strict=True):
            name.setColor(QColor(colour))
            name.setFont(self.font())

    def leaveEvent(self, event: QEvent) -> None:
        """No pointer, no reading."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The names keep to their lines."""
        super().resizeEvent(event)
        if hasattr(self, "_names"):
            self._place_names()

    def _show_best(self, test: RangeTest) -> None:
        self._best.setVisible(test.best is not None)
        self._spot.setData([])
        if test.best is None:
            return
        x = math.log10(test.best)
        self._best.setPos(x)
        place = int(np.argmin(np.abs(np.log10(test.rates) - x)))
        y = float(test.smoothed[place])
        if math.isfinite(y):
            self._spot.setData([{"pos": (x, y)}])
        rate = learning_rate(usable(test.best))
        self._names[1].setText(self.tr("best {rate}").format(rate=rate))

    def _place_names(self) -> None:
        """At the top of their lines, away from one another; what is suggested at the bottom."""
        (left, right), (bottom, top) = self.getViewBox().viewRange()
        here, test = self._in_use.value(), self.test
        best = math.log10(test.best) if test is not None and test.best is not None else None
        self._in_use.setVisible(left <= here <= right)
        near = _NEAR * (right - left)
        at_edge = {x: x > right - near for x in (here, best) if x is not None}
        if best is not None and 0 < abs(here - best) < near:  # back to back
            at_edge = {min(here, best): True, max(here, best): False}
        is_same = best is not None and abs(here - best) < _SAME
        self._put(0, None if is_same else here, top, to_left=at_edge[here])
        self._put(1, best, top, to_left=best is not None and at_edge[best])
        begin = None if test is None or test.suggested is None else math.log10(test.suggested[0])
        width = self._names[2].boundingRect().width() * self.getViewBox().viewPixelSize()[0]
        self._put(2, begin, bottom, to_left=begin is not None and begin + width > right)

    def _put(self, number: int, x: float | None, y: float, *, to_left: bool = False) -> None:
        """Puts a name beside a place of the axis, or away where it is not seen."""
        left, right = self.getViewBox().viewRange()[0]
        name = self._names[number]
        name.setVisible(x is not None and left <= x <= right)
        if x is not None:
            name.setAnchor((int(to_left), int(number == 2)))
            name.setPos(x, y)

    def _mouse_moved(self, position: QPointF) -> None:
        box = self.getViewBox()
        test = self.test
        if test is None or not len(test.rates) or not box.sceneBoundingRect().contains(position):
            self.pointed.emit(None)
            return
        x = box.mapSceneToView(position).x()
        self.pointed.emit(int(np.argmin(np.abs(np.log10(test.rates) - x))))


def usable(rate: float) -> float:
    """A rate as a person would write it: two digits say all that the test knows."""
    return float(f"{rate:.2g}")


def _height(test: RangeTest) -> tuple[float, float]:
    """The range of losses that is shown."""
    smooth = np.array(test.smoothed, np.float64)
    smooth = smooth[np.isfinite(smooth)]
    if not len(smooth):
        return 0.0, 1.0
    start, low = float(np.median(smooth[:_FIRST])), float(smooth.min())
    jumps = np.abs(np.diff(np.array(test.losses, np.float64)))
    jumps = jumps[np.isfinite(jumps)]
    spread = float(np.median(jumps)) if len(jumps) else 0.0  # an explosion counts as one jump
    fall = max(start - low, _SPREAD * spread, 0.05 * abs(start), 1e-12)
    return nice_range(low - 0.1 * fall, start + _ABOVE * fall)
