"""How the curves are looked at: smoothed, on a logarithmic scale, all of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider, QToolButton, QWidget

from app.kit import theme
from app.kit.labels import keep_room
from app.kit.layouts import in_row, named

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
        self.log = named(
            QCheckBox(self.tr("Log scale"), self),
            "curves.log",
            tip=self.tr("Show the loss on a logarithmic scale: equal factors, equal heights"),
        )
        self.log.toggled.connect(self.log_changed)
        self.fit = named(QToolButton(self), "curves.fit")
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
        self.smoothing = named(QSlider(Qt.Orientation.Horizontal, self), "curves.smoothing")
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
        row = in_row(self.title, self.smoothing, self.weight, into=self, apart=1)
        row.addSpacing(theme.space(1))
        row.addWidget(self.log)
        row.addWidget(self.fit)
        keep_room(self.fit)

    def _smoothing_moved(self, hundredths: int) -> None:
        self.weight.setText(self.locale().toString(hundredths / 100, "f", 2))
        self.smoothing_changed.emit(hundredths / 100)
