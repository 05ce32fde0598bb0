"""How the curves are looked at: smoothed, on a logarithmic scale, all of them."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from app.kit import theme
from app.train.curves.plot import CurvePlot
from core.messages.snapshot import Curve

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


SMOOTHEST = 99
"""Hundredths: a weight of 1 would never leave the first value."""

FIRST_SMOOTHING = 60
"""TensorBoard's own."""


class CurveTools(QWidget):
    """Smoothing, log scale and Fit."""

    smoothing_changed = Signal(float)
    log_changed = Signal(bool)
    fit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_smoothing()
        self.log = QCheckBox(self.tr("Log scale"), self)
        self.log.setObjectName("curves.log")
        self.log.setToolTip(
            self.tr("Show the loss on a logarithmic scale: equal factors, equal heights")
        )
        self.log.toggled.connect(self.log_changed)
        self.fit = QToolButton(self)
        self.fit.setObjectName("curves.fit")
        self.fit.setText(self.tr("Fit"))
        self.fit.setToolTip(self.tr("Show all of the curves again (double click)"))
        self.fit.clicked.connect(self.fit_asked)
        self._lay_out()
        self.set_compact(compact=False)

    def set_compact(self, *, compact: bool) -> None:
        """In a narrow dock the slider goes without its words, so that the legend has room."""
        for label in (self.title, self.weight):
            label.setVisible(not compact)
        self.smoothing.setFixedWidth(theme.space(7 if compact else 10))

    def _make_smoothing(self) -> None:
        tip = self.tr(
            "Exponential moving average of the training curve; the measured values stay faintly "
            "behind it. The test curve is never smoothed."
        )
        self.title = QLabel(self.tr("Smoothing"), self)
        self.title.setProperty("role", "caption")
        self.title.setToolTip(tip)
        self.smoothing = QSlider(Qt.Orientation.Horizontal, self)
        self.smoothing.setObjectName("curves.smoothing")
        self.smoothing.setRange(0, SMOOTHEST)
        self.smoothing.setValue(FIRST_SMOOTHING)
        self.smoothing.setAccessibleName(self.tr("Smoothing"))
        self.smoothing.setToolTip(tip)
        self.weight = QLabel(self)
        self.weight.setFont(theme.number_font())
        self.weight.setToolTip(tip)
        self.smoothing.valueChanged.connect(self._smoothing_moved)
        self._smoothing_moved(FIRST_SMOOTHING)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(1))
        for widget in (self.title, self.smoothing, self.weight):
            row.addWidget(widget)
        row.addSpacing(theme.space(1))
        row.addWidget(self.log)
        row.addWidget(self.fit)
        # Fit comes and goes, and nothing else may move when it does.
        policy = self.fit.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.fit.setSizePolicy(policy)
        self.fit.hide()

    def _smoothing_moved(self, hundredths: int) -> None:
        self.weight.setText(self.locale().toString(hundredths / 100, "f", 2))
        self.smoothing_changed.emit(hundredths / 100)
