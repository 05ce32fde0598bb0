"""One plot of the curves view: a quantity for training and test over the steps."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.plots.axes import EpochAxis, StepAxis, ValueAxis
from app.kit.plots.line_plot import LinePlot, Numbers, Positions, Series, Spots, finite, nearest
from app.kit.plots.style import faint, smoothed
from app.kit.plots.ticks import nice_range
from core.messages.curves import Curve

_FEW = 60
"""A curve of up to so many points shows each of them."""

_LONG = 400
"""A smooth curve is drawn of about so many of its points."""

_RAW, _OTHERS = 80, 110
"""Of 255: what was measured behind what is smoothed, and other runs behind the present one."""

_LEAST_SHARES = 0.1
"""Of the axis of shares: what differs by less is noise, not to be blown up."""

_RING = 8
"""Pixels of a ring: what was measured over the whole test set, where the line is of a part."""

NO_CURVE = Curve()
_NOTHING: tuple[Numbers, Numbers] = (np.zeros(0), np.zeros(0))


class CurvePlot(LinePlot):
    """Draws curves and says where the pointer is; reads no snapshot itself."""

    def __init__(self, *, percents: bool = False, parent: QWidget | None = None) -> None:
        self.steps, self.epochs = StepAxis(), EpochAxis(named=not percents)
        values = ValueAxis(percents=percents)
        super().__init__(self.steps, values, top=self.epochs, parent=parent)
        self._percents = percents
        self._weight = 0.0
        self._own = {"train": Curve(), "test": Curve()}
        self._smooth = _NOTHING
        self._course: Numbers = np.zeros(0)
        self._joined = _NOTHING
        self._whole = Curve()
        self._others: tuple[tuple[str, Curve], ...] = ()
        self._other_lines: tuple[tuple[str, tuple[Numbers, Numbers]], ...] = ()
        self._points = {name: pg.ScatterPlotItem(size=5, pen=None) for name in self._own}
        self._pointed: dict[str, tuple[Curve, bool]] = {}
        self._rings = pg.ScatterPlotItem(size=_RING, brush=None)
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._here.hide()
        points = (*self._points.values(), self._rings)
        for depth, item in ((5, self._here), *((10, one) for one in points)):
            self.add(item, depth)
        self.restyle()
        self.getViewBox().sigXRangeChanged.connect(lambda *_: self._view_moved())

    def show_curves(self, train: Curve, test: Curve, whole: Curve = NO_CURVE) -> bool:
        """Draws what changed, and says whether anything did.

        Args:
            whole: What was measured over the whole test set, where ``test`` is of a part.
        """
        shown = {"train": train, "test": test}
        changed = [name for name, curve in shown.items() if not _same(self._own[name], curve)]
        for name in changed:
            self._own[name] = shown[name]
        if "test" in changed:
            self._joined = joined(test)
        has_more = not _same(self._whole, whole)
        if has_more:
            self._whole = whole
        if changed or has_more:
            self._draw_own(smooth_too="train" in changed)
        return bool(changed) or has_more

    def train_at(self, step: int) -> float | None:
        """The training curve where it is drawn, at a step."""
        curve = self._own["train"]
        values = self._course if self._weight > 0 else curve.values
        place = min(int(np.searchsorted(curve.steps, step)), len(curve) - 1)
        return float(values[place]) if place >= 0 and step > 0 else None

    def show_others(self, curves: tuple[tuple[str, Curve], ...]) -> None:
        """Draws other runs' curves behind, each named ``train`` or ``test`` for its colour."""
        before = [id(curve) for _, curve in self._others]
        if before != [id(curve) for _, curve in curves]:
            self._others = curves
            self._other_lines = tuple(
                (name, joined(one) if name == "test" else (one.steps, one.values))
                for name, one in curves
            )
            self._draw_own()

    def show_here(self, step: int | None) -> None:
        """Marks a step of the past that is looked at."""
        self._here.setVisible(step is not None)
        if step is not None:
            self._here.setPos(step)

    def set_smoothing(self, weight: float) -> None:
        """Smooths the training curve so much; the test curve stands as it was measured."""
        if weight != self._weight:
            self._weight = weight
            self._draw_own(smooth_too=True)

    def set_logarithmic(self, on: bool) -> None:
        super().set_logarithmic(on)
        self._draw_points()

    def set_epoch(self, steps_per_epoch: int, *, several: bool) -> None:
        """Marks the epochs, where the axis shows more than one."""
        shown = steps_per_epoch if several else 0
        if shown != self.epochs.steps_per_epoch:
            self.epochs.steps_per_epoch = shown
            self.epochs.redraw()

    def marks_at(self, x: float) -> Spots:
        spots = []
        for name, curve in self._own.items():
            if len(curve):
                index = nearest(curve.steps, x)
                y = float(self.scaled(curve.values[index : index + 1])[0])
                if np.isfinite(y):
                    brush = QColor(_colour(name))
                    spots.append({"pos": (float(curve.steps[index]), y), "brush": brush})
        return spots

    def heights(self) -> Positions:
        """Other runs' values may leave the picture."""
        curves = (*self._own.values(), self._whole)
        return finite([self.scaled(curve.values) for curve in curves])

    def value_range(self) -> tuple[float, float]:
        """Of shares of 1 no less than 0, no more than 1, and no mere noise."""
        values = self.heights()
        if not self._percents or not len(values):
            return super().value_range()
        ends = float(values.min()), float(values.max())
        return nice_range(*ends, least=_LEAST_SHARES, within=(0.0, 1.0))

    def restyle(self) -> None:
        super().restyle()
        self.epochs.setGrid(self.grid)
        for name, points in self._points.items():
            points.setBrush(QColor(_colour(name)))
        self._rings.setPen(pg.mkPen(_colour("test"), width=1.5))
        pen = pg.mkPen(theme.current().accent, width=1, style=Qt.PenStyle.DashLine)
        self._here.setPen(pen)
        self._draw_own()

    def _draw_own(self, *, smooth_too: bool = False) -> None:
        """All lines, from those behind; what did not change costs nothing."""
        train = self._own["train"]
        is_smooth = self._weight > 0
        if smooth_too:
            self._smooth = self._thinned(train) if is_smooth else _NOTHING
        measured = train.steps, train.values
        raw, course = (measured, self._smooth) if is_smooth else (_NOTHING, measured)
        behind = [
            Series(*line, faint(_colour(name), _OTHERS), 1.0, dashed=True)
            for name, line in self._other_lines
        ]
        own = [
            Series(raw[0], raw[1], faint(_colour("train"), _RAW), 1.0),
            Series(course[0], course[1], QColor(_colour("train"))),
            Series(*self._joined, QColor(_colour("test"))),
        ]
        self.show_lines([*behind, *own])
        self._draw_points()

    def _draw_points(self) -> None:
        """Of the curves that are others now: most pictures have another training curve alone."""
        for name, curve in {**self._own, "whole": self._whole}.items():
            drawn, was_logarithmic = self._pointed.get(name, (None, False))
            if drawn is not curve or was_logarithmic != self.logarithmic:
                self._pointed[name] = curve, self.logarithmic
                self._draw_points_of(name, curve)

    def _draw_points_of(self, name: str, curve: Curve) -> None:
        chosen = np.arange(len(curve))
        if name == "train" and len(curve) > 1:
            chosen = chosen[:0]
        elif name == "test" and len(curve) > _FEW:
            chosen = np.flatnonzero(is_alone(curve.steps))
        item = self._points.get(name, self._rings)
        # An item without a point costs as much to paint as one with some.
        item.setVisible(len(chosen) > 0)
        if len(chosen):
            item.setData(*self._places(curve, chosen))

    def _places(self, curve: Curve, chosen: Numbers) -> tuple[Numbers, Numbers]:
        """Of those points that have one on the axis."""
        values = self.scaled(curve.values[chosen])
        shown = np.isfinite(values)
        return curve.steps[chosen][shown].astype(np.float64), values[shown]

    def _thinned(self, curve: Curve) -> tuple[Numbers, Numbers]:
        """As many of a smooth curve's points as make a difference in the part that is seen."""
        values = self._course = smoothed(curve.values, self._weight)
        low, high = self.getViewBox().viewRange()[0]
        first = max(0, int(np.searchsorted(curve.steps, low)) - 1)
        end = min(len(curve), int(np.searchsorted(curve.steps, high)) + 1)
        if len(curve) <= _LONG or not end - first > 0:
            return curve.steps, values
        inside = np.arange(first, end, -(-(end - first) // _LONG))
        kept: NDArray[np.intp] = np.unique(np.concatenate([[0], inside, [end - 1, len(curve) - 1]]))
        return curve.steps[kept], values[kept]

    def _view_moved(self) -> None:
        if len(self._own["train"]) > _LONG and self._weight > 0:
            self._draw_own(smooth_too=True)


def is_far(steps: Numbers) -> Numbers:
    """(n - 1,) bool: between which neighbours so much lies unmeasured that no line joins them.

    A run is measured after 1, 2, 4, 8 steps and so on, then evenly: the steps of its first half
    are known where those of the second are.
    """
    return np.asarray(steps[1:] > 2 * steps[:-1] + 1)


def is_alone(steps: Numbers) -> Numbers:
    """(n,) bool: which points no line reaches."""
    apart = np.concatenate([[True], is_far(steps), [True]])
    return np.asarray(apart[1:] & apart[:-1])[: len(steps)]


def joined(curve: Curve) -> tuple[Numbers, Numbers]:
    """The points of a line, with a gap wherever two lie far apart."""
    gaps = np.flatnonzero(is_far(curve.steps)) + 1
    if not len(gaps):
        return curve.steps, curve.values
    return np.insert(curve.steps, gaps, curve.steps[gaps]), np.insert(curve.values, gaps, np.nan)


def _colour(name: str) -> str:
    tokens = theme.current()
    return {"train": tokens.train, "test": tokens.test}[name]


def _same(old: Curve, new: Curve) -> bool:
    if old.values is new.values and old.steps is new.steps:
        return True
    if len(old) != len(new):
        return False
    ends = len(new) == 0 or (old.steps[-1] == new.steps[-1] and old.steps[0] == new.steps[0])
    return bool(ends and np.array_equal(old.values, new.values, equal_nan=True))
