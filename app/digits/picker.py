"""Picks a sample of the test data for the pad."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QSpinBox, QWidget

from app.digits.strokes import SampleDigit
from app.digits.tools import icon_button
from app.kit import theme
from app.kit.layouts import in_row, named
from app.kit.numbers import locale, whole
from core.messages.snapshot import DataSummary


class DigitPicker(QWidget):
    """A random test digit, the one before, the one after, or the one of a number."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: DataSummary | None = None
        self._random = np.random.default_rng()
        self._make_controls()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        leafing = (self.random, self.previous, self.index, self.next)
        in_row(self.title, 0.5, *leafing, None, self.label, into=self, apart=0.25)

    def _make_controls(self) -> None:
        self.title = QLabel(self.tr("Test digit"), self)
        tip = self.tr("A random digit of the test data, which the network never trained on")
        self.random = icon_button(self, "digits.random", "dice", tip, self._pick_random)
        tip = self.tr("The test digit before")
        self.previous = icon_button(self, "digits.previous", "left", tip, lambda: self._leaf(-1))
        self.index = named(
            QSpinBox(self),
            "digits.index",
            self.tr("Number of the test digit"),
            self.tr("Number of the test digit; type one and press Enter"),
        )
        self.index.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.index.setLocale(locale())
        self.index.setGroupSeparatorShown(True)
        self.index.setKeyboardTracking(False)
        self.index.setFont(theme.number_font())
        self.index.valueChanged.connect(self._pick)
        tip = self.tr("The next test digit")
        self.next = icon_button(self, "digits.next", "right", tip, lambda: self._leaf(1))
        tip = self.tr("What the digit on the pad is, by its label in the data")
        self.label = named(QLabel(self), "digits.label", tip=tip)

    def show_data(self, data: DataSummary) -> bool:
        """Offers the test samples of the data, and says whether they are other ones."""
        if data is self._data:
            return False
        self._data = data
        with QSignalBlocker(self.index):
            self.index.setRange(0, max(0, data.test_count - 1))
        self.setEnabled(data.test_count > 0)
        of = self.tr("There are {count} test digits.").format(count=whole(data.test_count))
        self.title.setToolTip(of)
        return True

    def show_digit(self, digit: SampleDigit | None) -> None:
        """Says what the digit on the pad is; nothing once it was drawn over."""
        if digit is None or self._data is None:
            if self.label.text():  # each new text would lay the whole window out anew
                self.label.clear()
            return
        with QSignalBlocker(self.index):
            self.index.setValue(digit.index)
        names = self._data.class_names
        name = names[digit.label] if digit.label < len(names) else str(digit.label)
        self.label.setText(self.tr("Label {name}").format(name=name))

    def _leaf(self, by: int) -> None:
        count = self.index.maximum() + 1
        self._pick((self.index.value() + by) % count)

    def _pick_random(self) -> None:
        self._pick(int(self._random.integers(self.index.maximum() + 1)))

    def _pick(self, index: int) -> None:
        data = self._data
        if data is None or index >= data.test_count:
            return
        pixels, label = data.test_inputs[index, 0], int(data.test_labels[index])
        self.picked.emit(SampleDigit(pixels, index, label))
