"""Marks on a plot of curves: where rules were changed while the run was under way."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QColor

from app.kit import theme
from app.kit.numbers import short_number, whole
from app.kit.plots.line_plot import LinePlot
from app.kit.plots.style import faint
from app.kit.text import translated
from core.messages.changes import Difference, RunChange, Told

_SIZE = 11
"""Pixels of a mark: small, and large enough to be pointed at."""

_NEAR = 6
"""Pixels beside a mark in which its words are read."""

_LINE = 90
"""Of 255: how strong the line below a mark is."""


class ChangeMarks(QObject):
    """A small arrow at the top edge and a thin line at each step where something was changed.

    Args:
        plot: On which they stand.
    """

    def __init__(self, plot: LinePlot) -> None:
        super().__init__(plot)
        self._plot = plot
        self._changes: tuple[RunChange, ...] = ()
        self._lines = pg.PlotCurveItem(connect="pairs")
        self._arrows = pg.ScatterPlotItem(
            symbol="t", size=_SIZE, pen=None, hoverable=True, tip=_tip, hoverSize=_SIZE + 3
        )
        plot.add(self._lines, -30)
        plot.add(self._arrows, 40)
        plot.getViewBox().sigYRangeChanged.connect(self._place)
        plot.getViewBox().sigResized.connect(self._place)
        self.restyle()

    def show_changes(self, changes: tuple[RunChange, ...]) -> None:
        """Marks them in place of those before."""
        if changes is not self._changes:
            self._changes = changes
            self._place()
            self._plot.setAccessibleDescription("\n".join(map(change_text, changes)))

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        pen = pg.mkPen(faint(tokens.text_dim, _LINE), width=1, style=Qt.PenStyle.DotLine)
        self._lines.setPen(pen)
        self._arrows.setBrush(QColor(tokens.text_dim))
        self._arrows.opts["hoverBrush"] = QColor(tokens.accent)

    def near(self, x: float) -> RunChange | None:
        """The change whose mark stands at an x, or next to it."""
        reach = _NEAR * self._plot.getViewBox().viewPixelSize()[0]
        close = [change for change in self._changes if abs(change.step - x) <= reach]
        return min(close, key=lambda change: abs(change.step - x), default=None)

    def _place(self, *_: object) -> None:
        """At the top of what is seen, wherever that is."""
        if not self._changes:
            self._lines.setData([], [])
            self._arrows.setData([])
            return
        box = self._plot.getViewBox()
        bottom, top = box.viewRange()[1]
        y = top - _SIZE / 2 * box.viewPixelSize()[1]
        steps = np.array([change.step for change in self._changes], np.float64)
        ends = np.tile([bottom, top], len(steps))
        self._lines.setData(np.repeat(steps, 2), ends)
        self._arrows.setData(steps, np.full(len(steps), y), data=list(self._changes))


def change_text(change: RunChange) -> str:
    """What was changed where, in a line or more."""
    told = "; ".join(map(difference_text, change.differences))
    return _tr("Changed after step {step}: {what}").format(step=whole(change.step), what=told)


def difference_text(difference: Difference) -> str:
    """One thing that became another: ``Learning rate η: 0.01 → 0.1``."""
    if difference.is_deed:
        return translated(difference.what)
    return _tr("{what}: {before} → {after}").format(
        what=translated(difference.what),
        before=_value(difference.before),
        after=_value(difference.after),
    )


def _value(value: Told) -> str:
    if value is None:
        return _tr("none")
    if isinstance(value, bool):
        return _tr("on") if value else _tr("off")
    if isinstance(value, str):
        return translated(value)
    return whole(value) if isinstance(value, int) else short_number(value)


def _tip(x: float, y: float, data: RunChange) -> str:
    return change_text(data)


def _tr(text: str) -> str:
    return QCoreApplication.translate("marks", text)
