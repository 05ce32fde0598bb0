"""One plot of the curves view: a quantity for training and test over the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QFrame, QGraphicsItem, QWidget

from app.kit import theme
from app.kit.plots.axes import EpochAxis, StepAxis, ValueAxis, nice_range
from app.kit.plots.style import smoothed
from core.messages.snapshot import Curve

Values = NDArray[np.float64]

_FEW = 60
"""A curve of up to so many points shows each of them."""

_LONG = 400
"""A curve of more points is drawn a pixel wide, or of fewer points where it is smooth."""


@dataclass
class _Line:
    """One curve on the plot: its raw course, the smoothed one, and its points while few."""

    course: pg.PlotCurveItem
    raw: pg.PlotCurveItem
    points: pg.ScatterPlotItem
    curve: Curve


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws curves and says where the pointer is; reads no snapshot itself."""

    pointed = Signal(object)
    zoomed = Signal()
    fit_asked = Signal()

    def __init__(self, *, percents: bool = False, parent: QWidget | None = None) -> None:
        self.values = ValueAxis(percents=percents)
        self.steps = StepAxis()
        self.epochs = EpochAxis(named=not percents)
        axes = {"left": self.values, "bottom": self.steps, "top": self.epochs}
        super().__init__(parent, axisItems=axes)
        self._percents = percents
        self._logarithmic = False
        self._weight = 0.0
        self._set_up()
        self._lines = {"train": self._line(), "test": self._line()}
        self._add_pointer()
        self.restyle()
        self.getViewBox().sigXRangeChanged.connect(lambda *_: self._view_moved())

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumHeight(theme.space(9))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(0, 0, theme.space(1), 0)
        item.vb.setDefaultPadding(0)
        item.disableAutoRange()
        item.vb.sigRangeChangedManually.connect(lambda _: self.zoomed.emit())
        for axis in (self.values, self.steps, self.epochs):
            # Drawing text and grid anew took two thirds of each frame.
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            axis.setZValue(-200)  # the grid lies behind the curves
        self.scene().sigMouseMoved.connect(self._mouse_moved)

    def _line(self) -> _Line:
        raw, course = pg.PlotCurveItem(), pg.PlotCurveItem(antialias=True)
        course.setSegmentedLineMode("on")  # four times as fast as a path, where it is wide
        points = pg.ScatterPlotItem(size=5, pxMode=True, pen=None)
        for item in (raw, course, points):
            self.addItem(item, ignoreBounds=True)
        return _Line(course, raw, points, Curve())

    def _add_pointer(self) -> None:
        self._pointer = pg.InfiniteLine(angle=90, movable=False)
        self._marks = pg.ScatterPlotItem(size=7, pxMode=True)
        for item in (self._pointer, self._marks):
            item.hide()
            self.addItem(item, ignoreBounds=True)

    def show_curves(self, train: Curve, test: Curve) -> bool:
        """Draws what changed, and says whether anything did."""
        changed = False
        for name, curve in (("train", train), ("test", test)):
            line = self._lines[name]
            if not _same(line.curve, curve):
                line.curve = curve
                self._draw(name)
                changed = True
        return changed

    def set_smoothing(self, weight: float) -> None:
        """Smooths the training curve so much; the test curve stands as it was measured."""
        if weight != self._weight:
            self._weight = weight
            self._draw("train")

    def set_logarithmic(self, on: bool) -> None:
        """Puts the values on a logarithmic scale, or back on a linear one."""
        self._logarithmic = self.values.logarithmic = on
        self.values.picture = None
        for name in self._lines:
            self._draw(name)

    def fit(self, last_step: float) -> None:
        """Shows all of the curves."""
        low, high = self._value_range()
        box = self.getViewBox()
        wanted = [[0.0, last_step], [low, high]]
        if box.viewRange() != wanted:
            box.setRange(xRange=wanted[0], yRange=wanted[1], padding=0, disableAutoRange=True)

    def set_epoch(self, steps_per_epoch: int, *, several: bool) -> None:
        """Marks the epochs, where the axis shows more than one."""
        shown = steps_per_epoch if several else 0
        if shown != self.epochs.steps_per_epoch:
            self.epochs.steps_per_epoch = shown
            self.epochs.picture = None
            self.epochs.update()

    def show_pointer(self, step: float | None) -> None:
        """Marks a step, and the measured points that are nearest to it."""
        self._pointer.setVisible(step is not None)
        self._marks.setVisible(step is not None)
        if step is None:
            return
        self._pointer.setPos(step)
        spots = []
        for name, line in self._lines.items():
            index = nearest(line.curve, step)
            if index is not None:
                y = self._scaled(line.curve.values[index : index + 1])[0]
                colour = QColor(getattr(theme.current(), name))
                if np.isfinite(y):
                    spots.append({"pos": (line.curve.steps[index], y), "brush": colour})
        self._marks.setData(spots)

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        self.setBackground(tokens.surface)
        grid = QColor(tokens.line)
        for axis in (self.values, self.steps, self.epochs):
            axis.setTickFont(theme.number_font(self.font().pointSizeF() * 0.85))
            axis.setTextPen(tokens.text_dim)
            axis.setPen(pg.mkPen(grid))
            axis.setTickPen(pg.mkPen(grid))
            axis.setStyle(tickLength=0, tickTextOffset=4, maxTickLevel=0)
        for axis in (self.values, self.epochs):
            axis.setGrid(150)
        self._pointer.setPen(pg.mkPen(tokens.text_dim, width=1))
        self._marks.setPen(pg.mkPen(tokens.surface, width=1.5))
        for name, line in self._lines.items():
            colour = QColor(getattr(tokens, name))
            self._set_pen(name)
            line.points.setBrush(colour)
            faint = QColor(colour)
            faint.setAlpha(80)
            line.raw.setPen(pg.mkPen(faint, width=1))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fits the curves again."""
        self.fit_asked.emit()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No crosshair without a pointer."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def _draw(self, name: str) -> None:
        line = self._lines[name]
        steps = line.curve.steps.astype(np.float64)
        values = self._scaled(line.curve.values)
        smooth = self._weight > 0 and name == "train"
        course = self._scaled(smoothed(line.curve.values, self._weight)) if smooth else values
        thinned = self._thinned(steps) if smooth else slice(None)
        _set(line.course, steps[thinned], course[thinned])
        self._set_pen(name)
        _set(line.raw, steps if smooth else steps[:0], values if smooth else values[:0])
        few = len(steps) <= _FEW and (name == "test" or len(steps) == 1)
        shown = np.isfinite(values) & few
        line.points.setData(steps[shown], values[shown])

    def _thinned(self, steps: Values) -> NDArray[np.intp] | slice:
        """As many of a smooth curve's points as make a difference in the part that is seen."""
        low, high = self.getViewBox().viewRange()[0]
        first = max(0, int(np.searchsorted(steps, low)) - 1)
        end = min(len(steps), int(np.searchsorted(steps, high)) + 1)
        if len(steps) <= _LONG or not end - first > 0:
            return slice(None)
        every = -(-(end - first) // _LONG)
        inside = np.arange(first, end, every)
        return np.unique(np.concatenate([[0], inside, [end - 1, len(steps) - 1]]))

    def _view_moved(self) -> None:
        if len(self._lines["train"].curve) > _LONG and self._weight > 0:
            self._draw("train")

    def _set_pen(self, name: str) -> None:
        """A long curve is thin: wider than a pixel, each of its points costs ten times as much."""
        course, colour = self._lines[name].course, getattr(theme.current(), name)
        width = 1 if len(course.xData) > _LONG + 3 else 2
        pen = course.opts["pen"]
        if pen.widthF() != width or pen.color() != QColor(colour):
            course.setPen(pg.mkPen(colour, width=width))

    def _scaled(self, values: NDArray[np.floating]) -> Values:
        """Positions on the axis; NaN where a value has none."""
        wide = np.array(values, dtype=np.float64)
        if self._logarithmic:
            wide[~(wide > 0)] = np.nan
            wide = np.log10(wide)
        wide[~np.isfinite(wide)] = np.nan
        return wide

    def _value_range(self) -> tuple[float, float]:
        shown = [self._scaled(line.curve.values) for line in self._lines.values()]
        values = np.concatenate(shown)
        values = values[np.isfinite(values)]
        if not len(values):
            return (-2.0, 0.0) if self._logarithmic else (0.0, 1.0)
        low, high = nice_range(float(values.min()), float(values.max()))
        return (
            (low, min(high, 1.0) if values.max() <= 1 else high) if self._percents else (low, high)
        )

    def _mouse_moved(self, position: QPointF) -> None:
        box = self.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self.pointed.emit(box.mapSceneToView(position).x() if inside else None)


def nearest(curve: Curve, step: float) -> int | None:
    """The index of the point that was measured nearest to a step; None on an empty curve."""
    if not len(curve):
        return None
    right = int(np.searchsorted(curve.steps, step))
    if right == 0:
        return 0
    if right == len(curve):
        return right - 1
    before, after = curve.steps[right - 1], curve.steps[right]
    return right if after - step < step - before else right - 1


def _same(old: Curve, new: Curve) -> bool:
    if old.values is new.values and old.steps is new.steps:
        return True
    if len(old) != len(new):
        return False
    ends = len(new) == 0 or (old.steps[-1] == new.steps[-1] and old.steps[0] == new.steps[0])
    return bool(ends and np.array_equal(old.values, new.values, equal_nan=True))


def _set(item: pg.PlotCurveItem, steps: Values, values: Values) -> None:
    finite = bool(np.isfinite(values).all())
    item.setData(steps, values, connect="all" if finite else "finite", skipFiniteCheck=finite)
