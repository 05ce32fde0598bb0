"""On a plot of curves: the runs that were left for this one, and where in its past one stands."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app import theme
from app.views.curve_plot import CurvePlot
from core.snapshot import Curve

FAINT = 110
"""Of 255: other runs stand back behind the present one."""


class OtherRuns:
    """Draws on a plot that knows nothing of it.

    Args:
        plot: Whose scale the values are drawn in.
    """

    def __init__(self, plot: CurvePlot) -> None:
        self._plot = plot
        self._curves: tuple[tuple[str, Curve], ...] = ()
        self._logarithmic = False
        self._items: list[pg.PlotCurveItem] = []
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._here.hide()
        plot.addItem(self._here, ignoreBounds=True)

    def show_curves(self, curves: tuple[tuple[str, Curve], ...]) -> None:
        """Draws other runs' curves, each named ``train`` or ``test`` for its colour."""
        same = len(curves) == len(self._curves) and all(
            new[1] is old[1] for new, old in zip(curves, self._curves, strict=True)
        )
        if not same:
            self._curves = curves
            self._draw()

    def set_logarithmic(self, on: bool) -> None:
        """Follows the plot's scale."""
        if on != self._logarithmic:
            self._logarithmic = on
            self._draw()

    def show_here(self, step: int | None) -> None:
        """Marks a step of the past that is looked at."""
        self._here.setVisible(step is not None)
        if step is not None:
            self._here.setPos(step)

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        pen = pg.mkPen(theme.current().accent, width=1, style=Qt.PenStyle.DashLine)
        self._here.setPen(pen)
        self._draw()

    def _draw(self) -> None:
        while len(self._items) < len(self._curves):
            item = pg.PlotCurveItem()
            item.setZValue(-10)
            self._plot.addItem(item, ignoreBounds=True)
            self._items.append(item)
        for item, (name, curve) in zip(self._items, self._curves, strict=False):
            colour = QColor(getattr(theme.current(), name))
            colour.setAlpha(FAINT)
            item.setPen(pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine))
            values = np.array(curve.values, np.float64)
            if self._logarithmic:
                values[~(values > 0)] = np.nan
                values = np.log10(values)
            values[~np.isfinite(values)] = np.nan
            item.setData(curve.steps.astype(np.float64), values, connect="finite")
        for item in self._items[len(self._curves) :]:
            item.setData([], [])
