"""The loss of every runner over its steps."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.layouts import named
from app.kit.plots.axes import StepAxis
from app.kit.plots.line_plot import LinePlot, Numbers, Positions, Series, Spots, nearest
from app.kit.plots.style import colour_of
from app.kit.plots.ticks import ANYWHERE, nice_limit, nice_range
from app.race.readout import LossAt, RaceReadout
from core.messages.race import RunnerView

_ABOVE = 2.0
"""The picture ends at so many times the loss at the start: one who explodes leaves it at the top,
and the others are not pressed flat."""
_ABOVE_DECADES = 2.0
"""The same on a logarithmic scale, where who rises and comes back presses nobody flat."""
_DECADES = 12.0
"""A logarithmic scale goes down so far below its top; an exact zero stands at its foot."""
_LEAST_DECADES = 0.6
"""A logarithmic scale of less has no round number to name."""


class RacePlot(LinePlot):
    """Draws the runners' mean losses.

    ``pointed`` says which runner's which step is pointed at, as ``(id, step)`` or None.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(StepAxis(), parent=parent)
        named(self, "race.plot", self.tr("Loss of each optimizer over the steps"))
        self.runners: tuple[RunnerView, ...] = ()
        self._target: float | None = None
        self._crosses = pg.ScatterPlotItem(size=11, symbol="x", pen=None)
        self._goal = pg.InfiniteLine(angle=0, movable=False)
        self.add(self._goal, -50)
        self.add(self._crosses, 50)
        self._goal.hide()
        self.readout = RaceReadout(self.viewport())
        self.restyle()

    @property
    def can_be_logarithmic(self) -> bool:
        """Whether no loss lies below zero."""
        return not any(bool((one.means < 0).any()) for one in self.runners)

    def show_runners(self, runners: tuple[RunnerView, ...], target: float | None) -> None:
        """Draws the curves that changed."""
        self.runners, self._target = runners, target
        self.show_lines([Series(one.steps, one.means, colour_of(one.id)) for one in runners])
        self._show_target()
        self._show_crosses()

    def set_logarithmic(self, on: bool) -> None:
        super().set_logarithmic(on)
        self._show_target()
        self._show_crosses()

    def fit(self, last: float | None = None) -> None:
        """Shows all curves, but not how high one of them flies."""
        newest = max((int(one.steps[-1]) for one in self.runners if len(one.steps)), default=0)
        super().fit(nice_limit(newest) if last is None else last)
        self._show_crosses()

    def show_step(self, step: int | None) -> None:
        """Marks a step, and tells all losses there."""
        entries = self.entries_at(step) if step is not None else ()
        self.show_pointer(step if entries else None)
        if step is None or not entries:
            self.readout.hide()
            return
        self.readout.show_entries(step, entries)
        self._place_readout(step)

    def marks_at(self, x: float) -> Spots:
        return [
            {"pos": (entry.step, y), "brush": colour_of(entry.id)}
            for entry in self.entries_at(round(x))
            if np.isfinite(y := self.scaled(np.array([entry.loss]))[0])
        ]

    def entries_at(self, step: int) -> tuple[LossAt, ...]:
        """Each runner's loss nearest to a step, the least first; not of who was out before."""
        found = []
        for one in self.runners:
            if len(one.steps) and (one.diverged is None or step <= one.diverged):
                place = nearest(one.steps, step)
                loss = float(one.means[place])
                found.append(LossAt(one.id, one.name, int(one.steps[place]), loss))
        return tuple(sorted(found, key=lambda entry: (not np.isfinite(entry.loss), entry.loss)))

    def restyle(self) -> None:
        super().restyle()
        self._goal.setPen(theme.current().text_dim, width=1, style=Qt.PenStyle.DashLine)
        self.show_runners(self.runners, self._target)
        self.readout.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What was said of another place is gone."""
        super().resizeEvent(event)
        if hasattr(self, "readout"):
            self.readout.hide()

    def _show_crosses(self) -> None:
        """Where somebody diverged: at the last point, or at the edge where the curve leaves."""
        low, high = self.getViewBox().viewRange()[1]
        margin = 0.03 * (high - low)
        spots = []
        for one in self.runners:
            if one.diverged is None or not len(one.steps):
                continue
            values = self.scaled(one.means)
            places = np.flatnonzero(np.isfinite(values))
            if len(places):
                # The first place from which on it is beyond the top, or else the last.
                beyond = np.flatnonzero(values > high - margin)
                place = int(beyond[0]) if len(beyond) else int(places[-1])
                y = float(np.clip(values[place], low + margin, high - margin))
                spots.append({"pos": (float(one.steps[place]), y), "brush": colour_of(one.id)})
        self._crosses.setData(spots)

    def _show_target(self) -> None:
        target = np.nan if self._target is None else self._target
        y = float(self.scaled(np.array([target]))[0])
        self._goal.setVisible(bool(np.isfinite(y)))
        if np.isfinite(y):
            self._goal.setPos(y)

    def scaled(self, values: Numbers) -> Positions:
        """Zero, the minimum of many functions, is far below any axis instead of nowhere."""
        if not self.logarithmic:
            return super().scaled(values)
        return np.where(np.asarray(values) == 0, -300.0, super().scaled(values))

    def value_range(self) -> tuple[float, float]:
        """So far up that the start is in view, and on a logarithmic scale not all the way down."""
        values = self.heights()
        if not len(values):
            return super().value_range()
        low, high = float(values.min()), min(float(values.max()), self._top())
        if not self.logarithmic:
            return nice_range(min(low, high), high)
        low = min(max(low, high - _DECADES), high - _LEAST_DECADES)
        return nice_range(low, high, within=ANYWHERE)

    def _top(self) -> float:
        """So far up as the start, and some."""
        shown = [self.scaled(one.means) for one in self.runners]
        start = float(max(one[np.isfinite(one)][0] for one in shown if np.isfinite(one).any()))
        if self.logarithmic:
            return start + _ABOVE_DECADES
        return start + (_ABOVE - 1) * max(start - float(self.heights().min()), 1e-12)

    def under(self, x: float, y: float) -> object:
        """The runner whose curve passes the pointer nearest, and its step there."""
        entries = self.entries_at(round(x))
        if not entries:
            return None
        heights = self.scaled(np.array([entry.loss for entry in entries]))
        far = np.where(np.isfinite(heights), np.abs(heights - y), np.inf)
        entry = entries[int(np.argmin(far))]
        return entry.id, entry.step

    def _place_readout(self, step: int) -> None:
        """Beside the pointer's line, on the side where there is room."""
        box = self.getViewBox()
        x = self.mapFromScene(box.mapViewToScene(QPointF(step, 0))).x()
        edges = self.mapFromScene(box.sceneBoundingRect()).boundingRect()
        self.readout.place(x, edges)
