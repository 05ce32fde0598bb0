"""Picks the sample of the batch that every view shows, or the whole batch."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QSpinBox, QWidget

from app import theme
from app.focus import Focus
from app.views.readings import locale
from app.views.step_words import sample_name
from core.record import Record

_BATCH = 0


class SamplePicker(QSpinBox):
    """``Sample 3 of 32 (row 5,812)``, or with 0 the whole batch; writes the focus's sample."""

    def __init__(self, focus: Focus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step.sample")
        self.setAccessibleName(self.tr("Sample of the batch"))
        self.setToolTip(
            self.tr(
                "Whose numbers are shown: one sample's, or the mean over the batch. Type a number;"
                " 0 is the whole batch. The row is its place in the training set, counted from 0."
            )
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setFixedHeight(theme.space(3.25))
        self._focus = focus
        self._record: Record | None = None
        self.valueChanged.connect(self._pick)
        focus.changed.connect(self._follow)
        self.show_record(None)

    def show_record(self, record: Record | None) -> None:
        """Offers the samples of a step's batch."""
        if record is self._record and self.maximum() == (record.samples if record else 1):
            return
        self._record = record
        self.setEnabled(record is not None)
        self.blockSignals(True)
        self.setRange(_BATCH, record.samples if record else 1)
        self.blockSignals(False)
        self._make_room()
        self._follow()
        # The same number may now be another row.
        self.lineEdit().setText(self.textFromValue(self.value()))

    def textFromValue(self, value: int) -> str:
        """The sample in words."""
        if self._record is None:
            return self.tr("No sample yet")
        return sample_name(self._record, None if value == _BATCH else value - 1)

    def valueFromText(self, text: str) -> int:
        """The first number that a person typed."""
        found = re.search(r"\d+", text.replace(locale().groupSeparator(), ""))
        return min(int(found[0]), self.maximum()) if found else self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Anything may stand there while somebody types."""
        return QValidator.State.Acceptable, text, position

    def _pick(self, value: int) -> None:
        if self._record is not None:
            self._focus.pick_sample(None if value == _BATCH else value - 1)

    def _follow(self) -> None:
        sample = self._focus.sample
        value = _BATCH if sample is None else min(sample + 1, self.maximum())
        if value != self.value():
            self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(False)

    def _make_room(self) -> None:
        longest = self.tr("Whole batch (mean)")
        if self._record is not None:
            widest = max(range(self._record.samples), key=lambda n: int(self._record_row(n)))
            last = sample_name(self._record, widest).replace(str(widest + 1), "0", 1)
            longest = max(longest, last + str(self._record.samples), key=len)
        room = self.fontMetrics().horizontalAdvance(longest) + theme.space(5)
        self.setMinimumWidth(max(room, self.minimumWidth()))

    def _record_row(self, sample: int) -> int:
        return int(self._record.rows[sample]) if self._record is not None else 0
