"""A plain plot with our axes: lines over numbers, a readout's position, and nothing else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.kit import theme
from app.kit.plots.axes import StepAxis, ValueAxis, nice_range
from app.kit.plots.style import restyle, set_up

Numbers = NDArray[Any]

TITLE_LEFT, TITLE_HEIGHT = 60, 16
"""Pixels: the title stands above the plot, beside the axis."""

LEAST_HEIGHT = 48
"""A title, some numbers and a curve: less than a picture that stands alone asks for."""

LEAST_SPAN = 1e-6
"""Values that lie closer together are drawn as one: float32 tells no more apart."""


class RuledPlot(pg.PlotWidget):  # type: ignore[misc]
    """Lines with one x axis; ``pointed`` carries the pointer's x, or None when it has left.

    Args:
        title: Of the y axis, in the plot's corner.
        steps: Whether the x axis counts steps; plain numbers otherwise.
    """

    pointed = Signal(object)

    def __init__(self, title: str, *, steps: bool, parent: QWidget | None = None) -> None:
        self._bottom = StepAxis() if steps else pg.AxisItem("bottom")
        self._left = ValueAxis()
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left})
        set_up(self)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.getPlotItem().layout.setContentsMargins(0, TITLE_HEIGHT, theme.space(1), 0)
        self.setMouseEnabled(x=False, y=False)
        self._lines: list[pg.PlotDataItem] = []
        self._title = QLabel(title, self)
        self._title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title.move(TITLE_LEFT, 0)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._zero = pg.InfiniteLine(angle=0, pos=0, movable=False)
        for line in (self._zero, self._here, self._cursor):
            self.addItem(line, ignoreBounds=True)
            line.hide()
        self.setMouseTracking(True)
        self.restyle()

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        restyle(self, (self._bottom, self._left))
        self._title.setStyleSheet(f"color: {tokens.text_dim}; background: transparent;")
        self._cursor.setPen(pg.mkPen(tokens.text_dim, style=Qt.PenStyle.DotLine))
        self._here.setPen(pg.mkPen(tokens.accent, style=Qt.PenStyle.DashLine))
        self._zero.setPen(pg.mkPen(tokens.line))

    def show_lines(
        self, lines: list[tuple[Numbers, Numbers, QColor, bool]], *, logarithmic: bool = False
    ) -> None:
        """Draws lines in place of those before.

        Args:
            lines: x, y, colour, and whether it is dashed; what is not finite leaves a gap.
            logarithmic: Whether y is drawn by its logarithm.
        """
        while len(self._lines) < len(lines):
            item = pg.PlotDataItem(connect="finite", antialias=True)
            self.addItem(item)
            self._lines.append(item)
        self._left.logarithmic = logarithmic
        drawn = [_heights(y, logarithmic=logarithmic) for _, y, _, _ in lines]
        for item, line, height in zip(self._lines, lines, drawn, strict=False):
            style = Qt.PenStyle.DashLine if line[3] else Qt.PenStyle.SolidLine
            item.setPen(pg.mkPen(line[2], width=1.6, style=style))
            item.setData(np.asarray(line[0], np.float64), height)
        for item in self._lines[len(lines) :]:
            item.setData([], [])
        self._fit([x for x, _, _, _ in lines], drawn, logarithmic=logarithmic)

    def mark(self, here: float | None) -> None:
        """A dashed line at an x; None takes it away."""
        self._here.setVisible(here is not None)
        if here is not None:
            self._here.setPos(here)

    def show_cursor(self, x: float | None) -> None:
        """A dotted line where the pointer is, in this plot or another."""
        self._cursor.setVisible(x is not None)
        if x is not None:
            self._cursor.setPos(x)

    def leave_numbers_out(self) -> None:
        """No numbers along x: another plot beneath has the same ones."""
        self._bottom.setStyle(showValues=False)
        self._bottom.setHeight(theme.space(0.75))

    def show_zero(self) -> None:
        """A hairline at zero."""
        self._zero.show()

    def _fit(
        self, xs: list[Numbers], heights: list[NDArray[np.float64]], *, logarithmic: bool
    ) -> None:
        x = np.concatenate([np.asarray(each, np.float64) for each in xs] or [np.zeros(0)])
        y = np.concatenate(heights or [np.zeros(0)])
        y = y[np.isfinite(y)]
        if len(x):
            self.setXRange(float(x.min()), float(max(x.max(), x.min() + 1e-9)), padding=0.01)
        if len(y):
            low, high = float(y.min()), float(y.max())
            if logarithmic:
                pad = max(0.05 * (high - low), 0.05)
                self.setYRange(low - pad, high + pad, padding=0)
            else:
                close = high - low < LEAST_SPAN * max(1.0, abs(low))
                self.setYRange(*nice_range(low, low + 1 if close else high), padding=0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Says where the pointer is."""
        super().mouseMoveEvent(event)
        box = self.getPlotItem().vb
        place = box.mapSceneToView(self.mapToScene(event.position().toPoint()))
        self.pointed.emit(QPointF(place).x())

    def leaveEvent(self, event: QEvent) -> None:
        """And that it has gone."""
        super().leaveEvent(event)
        self.pointed.emit(None)


def _heights(y: Numbers, *, logarithmic: bool) -> NDArray[np.float64]:
    """What is drawn; on a logarithmic scale nothing for what is not above zero."""
    values = np.asarray(y, np.float64)
    if not logarithmic:
        return np.where(np.isfinite(values), values, np.nan)
    good = np.isfinite(values) & (values > 0)
    return np.log10(np.where(good, values, 1.0)) + np.where(good, 0.0, math.nan)


def nearest(x: Numbers, wanted: float) -> int:
    """The index of the value nearest to one."""
    return int(np.argmin(np.abs(np.asarray(x, np.float64) - wanted)))
