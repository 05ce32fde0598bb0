"""The loss of every runner over its steps."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem, QWidget

from app.kit import theme
from app.kit.plots.axes import StepAxis, ValueAxis, nice_limit, nice_range
from app.kit.plots.style import colour_of, restyle, set_up
from app.race.readout import Entry, RaceReadout
from core.messages.surface_views import RunnerView

Values = NDArray[np.float64]

_ABOVE = 2.0
"""The picture ends at so many times the loss at the start: one who explodes leaves it at the top,
and the others are not pressed flat."""
_ABOVE_DECADES = 2.0
"""The same on a logarithmic scale, where who rises and comes back presses nobody flat."""
_DECADES = 12.0
"""A logarithmic scale goes down so far below its top; an exact zero stands at its foot."""
_LEAST_DECADES = 0.6
"""A logarithmic scale of less has no round number to name."""
_LONG = 600
"""Points beyond which a curve is a pixel wide: wider ones cost ten times as much."""


class RacePlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws the runners' mean losses.

    ``pointed`` says which runner's which step is pointed at, as ``(id, step)`` or None.
    """

    pointed = Signal(object)
    zoomed = Signal()
    fit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.values, self.steps = ValueAxis(), StepAxis()
        super().__init__(parent, axisItems={"left": self.values, "bottom": self.steps})
        self.setObjectName("race.plot")
        self.setAccessibleName(self.tr("Loss of each optimizer over the steps"))
        self.runners: tuple[RunnerView, ...] = ()
        self.logarithmic = False
        self._target: float | None = None
        self._curves: list[pg.PlotCurveItem] = []
        self._crosses = pg.ScatterPlotItem(size=11, pxMode=True, symbol="x", pen=None)
        self._marks = pg.ScatterPlotItem(size=7, pxMode=True)
        self._pointer = pg.InfiniteLine(angle=90, movable=False)
        self._goal = pg.InfiniteLine(angle=0, movable=False)
        self._set_up()
        self.readout = RaceReadout(self.viewport())
        self.restyle()

    def _set_up(self) -> None:
        set_up(self)
        self.getViewBox().sigRangeChangedManually.connect(lambda _: self.zoomed.emit())
        for axis in (self.values, self.steps):
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            axis.setZValue(-200)
        for depth, item in ((-50, self._goal), (-40, self._pointer), (50, self._crosses)):
            item.setZValue(depth)
            self.addItem(item, ignoreBounds=True)
        self._marks.setZValue(60)
        self.addItem(self._marks, ignoreBounds=True)
        self._goal.hide()
        self._pointer.hide()
        self.scene().sigMouseMoved.connect(self._mouse_moved)

    @property
    def can_be_logarithmic(self) -> bool:
        """Whether no loss lies below zero."""
        return not any(bool((one.means < 0).any()) for one in self.runners)

    def show_runners(self, runners: tuple[RunnerView, ...], target: float | None) -> None:
        """Draws the curves that changed."""
        before = self.runners
        self.runners = runners
        while len(self._curves) < len(runners):
            curve = pg.PlotCurveItem(antialias=True)
            curve.setSegmentedLineMode("on")  # four times as fast as a path, where it is wide
            self.addItem(curve, ignoreBounds=True)
            self._curves.append(curve)
        for index, runner in enumerate(runners):
            same = index < len(before) and before[index].means is runner.means
            if not same or before[index].id != runner.id:
                self._draw(index)
        for curve in self._curves[len(runners) :]:
            curve.setData([], [])
        self._show_target(target)
        self._show_crosses()

    def set_logarithmic(self, on: bool) -> None:
        """Puts the losses on a logarithmic scale, or back on a linear one."""
        self.logarithmic = self.values.logarithmic = on
        self.values.picture = None
        for index in range(len(self.runners)):
            self._draw(index)
        self._show_target(self._target)
        self._show_crosses()

    def fit(self) -> None:
        """Shows all curves, but not how high one of them flies."""
        low, high = self._value_range()
        last = max((int(one.steps[-1]) for one in self.runners if len(one.steps)), default=0)
        wanted = [[0.0, nice_limit(last)], [low, high]]
        box = self.getViewBox()
        if box.viewRange() != wanted:
            box.setRange(xRange=wanted[0], yRange=wanted[1], padding=0, disableAutoRange=True)
        self._show_crosses()

    def show_step(self, step: int | None) -> None:
        """Marks a step, and tells all losses there."""
        entries = self.entries_at(step) if step is not None else ()
        self._pointer.setVisible(bool(entries))
        self._marks.setVisible(bool(entries))
        if step is None or not entries:
            self.readout.hide()
            return
        self._pointer.setPos(step)
        spots = [
            {"pos": (entry.step, y), "brush": colour_of(entry.id)}
            for entry in entries
            if np.isfinite(y := self._scaled(np.array([entry.loss]))[0])
        ]
        self._marks.setData(spots)
        self.readout.show_entries(step, entries)
        self._place_readout(step)

    def entries_at(self, step: int) -> tuple[Entry, ...]:
        """Each runner's loss nearest to a step, the least first; not of who was out before."""
        found = []
        for one in self.runners:
            if len(one.steps) and (one.diverged is None or step <= one.diverged):
                place = int(np.argmin(np.abs(one.steps - step)))
                found.append(
                    Entry(one.id, one.name, int(one.steps[place]), float(one.means[place]))
                )
        return tuple(sorted(found, key=lambda entry: (not np.isfinite(entry.loss), entry.loss)))

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        restyle(self, (self.values, self.steps))
        self.values.setGrid(120)
        self._pointer.setPen(pg.mkPen(tokens.text_dim, width=1))
        self._goal.setPen(pg.mkPen(tokens.text_dim, width=1, style=Qt.PenStyle.DashLine))
        self._marks.setPen(pg.mkPen(tokens.surface, width=1.5))
        for index in range(len(self.runners)):
            self._set_pen(index)
        self._show_crosses()
        self.readout.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Shows all again."""
        self.fit_asked.emit()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No pointer, no reading."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What was said of another place is gone."""
        super().resizeEvent(event)
        if hasattr(self, "readout"):
            self.readout.hide()

    def _draw(self, index: int) -> None:
        runner = self.runners[index]
        values = self._scaled(runner.means)
        finite = bool(np.isfinite(values).all())
        self._set_pen(index)
        self._curves[index].setData(
            runner.steps.astype(np.float64),
            values,
            connect="all" if finite else "finite",
            skipFiniteCheck=finite,
        )

    def _set_pen(self, index: int) -> None:
        runner = self.runners[index]
        width = 1 if len(runner.steps) > _LONG else 2
        self._curves[index].setPen(pg.mkPen(colour_of(runner.id), width=width))

    def _show_crosses(self) -> None:
        """Where somebody diverged: at the last point, or at the edge where the curve leaves."""
        low, high = self.getViewBox().viewRange()[1]
        margin = 0.03 * (high - low)
        spots = []
        for one in self.runners:
            if one.diverged is None or not len(one.steps):
                continue
            values = self._scaled(one.means)
            places = np.flatnonzero(np.isfinite(values))
            if len(places):
                # The first place from which on it is beyond the top, or else the last.
                beyond = np.flatnonzero(values > high - margin)
                place = int(beyond[0]) if len(beyond) else int(places[-1])
                y = float(np.clip(values[place], low + margin, high - margin))
                spots.append({"pos": (float(one.steps[place]), y), "brush": colour_of(one.id)})
        self._crosses.setData(spots)

    def _show_target(self, target: float | None) -> None:
        self._target = target
        y = self._scaled(np.array([target]))[0] if target is not None else np.nan
        self._goal.setVisible(bool(np.isfinite(y)))
        if np.isfinite(y):
            self._goal.setPos(float(y))

    def _scaled(self, losses: NDArray[np.floating]) -> Values:
        """Positions on the axis; NaN where a loss has none."""
        wide = np.array(losses, dtype=np.float64)
        if self.logarithmic:
            with np.errstate(divide="ignore", invalid="ignore"):
                # Zero, the minimum of many functions, is far below any axis instead of nowhere.
                wide = np.where(wide == 0, -300.0, np.log10(wide))
        wide[~np.isfinite(wide)] = np.nan
        return wide

    def _value_range(self) -> tuple[float, float]:
        shown = [self._scaled(one.means) for one in self.runners]
        values = np.concatenate([*shown, np.zeros(0)])
        values = values[np.isfinite(values)]
        if not len(values):
            return (-2.0, 0.0) if self.logarithmic else (0.0, 1.0)
        top = self._top(shown)
        low, high = float(values.min()), min(float(values.max()), top)
        if self.logarithmic:
            low = min(max(low, high - _DECADES), high - _LEAST_DECADES)
        return nice_range(min(low, high), high)

    def _top(self, shown: list[Values]) -> float:
        """So far up as the start, and some."""
        starts = np.array([one[np.isfinite(one)][0] for one in shown if np.isfinite(one).any()])
        if self.logarithmic:
            return float(starts.max() + _ABOVE_DECADES)
        rest = np.concatenate([one[np.isfinite(one)] for one in shown])
        return float(starts.max() + (_ABOVE - 1) * max(starts.max() - rest.min(), 1e-12))

    def _mouse_moved(self, position: QPointF) -> None:
        box = self.getViewBox()
        if not box.sceneBoundingRect().contains(position):
            self.pointed.emit(None)
            return
        point = box.mapSceneToView(position)
        self.pointed.emit(self._nearest(point.x(), point.y()))

    def _nearest(self, step: float, y: float) -> tuple[int, int] | None:
        """The runner whose curve passes the pointer nearest, and its step there."""
        entries = self.entries_at(round(step))
        if not entries:
            return None
        heights = self._scaled(np.array([entry.loss for entry in entries]))
        far = np.where(np.isfinite(heights), np.abs(heights - y), np.inf)
        entry = entries[int(np.argmin(far))]
        return entry.id, entry.step

    def _place_readout(self, step: int) -> None:
        """Beside the pointer's line, on the side where there is room."""
        box = self.getViewBox()
        x = self.mapFromScene(box.mapViewToScene(QPointF(step, 0))).x()
        edges = self.mapFromScene(box.sceneBoundingRect()).boundingRect()
        self.readout.place(x, edges)
