"""How the curves are looked at: smoothed, on a logarithmic scale, all of them; and copied."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.controls import FitButton
from app.kit.handles import Slider
from app.kit.labels import caption
from app.kit.layouts import in_row, named

SMOOTHEST = 99
"""Hundredths: a weight of 1 would never leave the first value."""

FIRST_SMOOTHING = 60
"""TensorBoard's own."""


class CurveTools(QWidget):
    """Smoothing, log scale, Fit and Copy; ``smoothing_changed`` carries the weight."""

    smoothing_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_smoothing()
        self.log = named(
            QCheckBox(self.tr("Log scale"), self),
            "curves.log",
            tip=self.tr("Show the loss on a logarithmic scale: equal factors, equal heights"),
        )
        self.fit = FitButton("curves.fit", self)
        tip = self.tr("Copy all values as a table, for a spreadsheet")
        self.copy = named(QToolButton(self), "curves.copy", self.tr("Copy all values"), tip)
        self.copy.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        icons.put(self.copy, "copy")
        smoothing = in_row(self.title, self.smoothing, self.weight, apart=1)
        smoothing.addSpacing(theme.space(1))
        in_row(smoothing, self.log, self.fit, self.copy, into=self, apart=1)
        self.set_compact(compact=False)

    def set_compact(self, *, compact: bool) -> None:
        """In a narrow dock the slider goes without its words, so that the legend has room."""
        for label in (self.title, self.weight):
            label.setVisible(not compact)
        self.smoothing.setFixedWidth(theme.space(4 if compact else 10))

    def _make_smoothing(self) -> None:
        tip = self.tr(
            "Exponential moving average of the training curve; the measured values stay faintly "
            "behind it. The test curve is never smoothed."
        )
        name, slider = self.tr("Smoothing"), Slider(Qt.Orientation.Horizontal, self)
        self.title, self.weight = caption(name, self), QLabel(self)
        self.smoothing = named(slider, "curves.smoothing", name)
        self.smoothing.setRange(0, SMOOTHEST)
        self.smoothing.setValue(FIRST_SMOOTHING)
        self.weight.setFont(theme.number_font())
        for part in (self.title, self.smoothing, self.weight):
            part.setToolTip(tip)
        self.smoothing.valueChanged.connect(self._smoothing_moved)
        self._smoothing_moved(FIRST_SMOOTHING)

    def _smoothing_moved(self, hundredths: int) -> None:
        self.weight.setText(self.locale().toString(hundredths / 100, "f", 2))
        self.smoothing_changed.emit(hundredths / 100)
