"""The four phases of a step as segments: where it stands, and a click away from each."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QToolButton, QWidget

from app.kit import theme
from app.kit.controls import Restyled, restyle
from app.kit.handles import SpinBox
from app.kit.layouts import in_row, named
from app.kit.numbers import locale
from app.kit.segments import Segments
from app.link.focus import Focus
from app.link.operations import phase_name
from app.step.words import sample_name
from core.messages.record import Phase, Record, Stepping
from core.messages.scope import Scope


class ScopeSwitch(Segments):
    """This sample, or the whole batch: whose numbers all views show."""

    def __init__(self, focus: Focus, parent: QWidget | None = None) -> None:
        tr = QCoreApplication.translate
        sample = tr(
            "ScopeSwitch",
            "Show this sample's numbers in every view; of the gradient of a weight, its share (B)",
        )
        batch = tr(
            "ScopeSwitch",
            "Show the whole batch's numbers in every view: the mean of values, the sum of"
            " gradients (B)",
        )
        choices = (
            (Scope.SAMPLE, tr("ScopeSwitch", "This sample"), sample),
            (Scope.BATCH, tr("ScopeSwitch", "Whole batch"), batch),
        )
        name = tr("ScopeSwitch", "Whose numbers are shown")
        super().__init__("step.scope", name, choices, parent)
        self._focus = focus
        self.chosen.connect(lambda key: focus.look_at(Scope(key)))
        focus.changed.connect(self._follow)
        self._follow()

    def toggle(self) -> None:
        """To the other of the two."""
        here = self._focus.scope is Scope.SAMPLE
        self._focus.look_at(Scope.BATCH if here else Scope.SAMPLE)

    def _follow(self) -> None:
        self.show_choice(self._focus.scope)


class BatchSamplePicker(SpinBox):
    """``Sample 3 of 32 (row 5,812)``; writes the focus's sample."""

    def __init__(self, focus: Focus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr(
            "Which sample of the batch is looked at. Type a number. The row is its place in the"
            " training set, counted from 0."
        )
        named(self, "step.sample", self.tr("Sample of the batch"), tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setFixedHeight(theme.space(3.25))
        self._focus = focus
        self._record: Record | None = None
        self._is_short = False
        self.valueChanged.connect(self._pick)
        focus.changed.connect(self._follow)
        self.show_record(None)

    def show_record(self, record: Record | None) -> None:
        """Offers the samples of a step's batch."""
        if record is self._record and self.maximum() == (record.samples if record else 1):
            return
        self._record = record
        self.setEnabled(record is not None)
        with QSignalBlocker(self):
            self.setRange(1, record.samples if record else 1)
        self._make_room()
        self._follow()
        # The same number may now be another row.
        self.lineEdit().setText(self.textFromValue(self.value()))

    def textFromValue(self, value: int) -> str:
        if self._record is None:
            return self.tr("No sample yet")
        return sample_name(self._record, value - 1, short=self._is_short)

    def set_short(self, *, short: bool) -> None:
        """Leaves the row out, where room is scarce."""
        if short != self._is_short:
            self._is_short = short
            self.setMinimumWidth(0)
            self._make_room()
            self.lineEdit().setText(self.textFromValue(self.value()))

    def valueFromText(self, text: str) -> int:
        found = re.search(r"\d+", text.replace(locale().groupSeparator(), ""))
        return min(int(found[0]), self.maximum()) if found else self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Anything may stand there while somebody types."""
        return QValidator.State.Acceptable, text, position

    def _pick(self, value: int) -> None:
        if self._record is not None:
            self._focus.pick_sample(value - 1)

    def _follow(self) -> None:
        with QSignalBlocker(self):
            self.setValue(min(self._focus.chosen + 1, self.maximum()))

    def _make_room(self) -> None:
        longest = self.tr("No sample yet")
        if self._record is not None:
            widest = int(self._record.rows.argmax())
            last = sample_name(self._record, widest, short=self._is_short)
            last = last.replace(str(widest + 1), "0", 1)
            longest = max(longest, last + str(self._record.samples), key=len)
        room = self.fontMetrics().horizontalAdvance(longest) + theme.space(5)
        self.setMinimumWidth(max(room, self.minimumWidth()))


_DONE, _HERE, _COMING = "done", "here", "coming"


class PhaseStrip(Restyled):
    """Forward, Loss, Backward, Update; ``picked`` carries the entry that a clicked one ends with.

    A phase that the step does not have cannot be clicked.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "step.phases", self.tr("Phases of the step"))
        self._ends: dict[Phase, int] = {}
        self._shown: Stepping | None = None
        self.segments = {phase: self._segment(phase) for phase in Phase}
        in_row(*self.segments.values(), into=self, apart=0.25)
        self._restyle()

    def show_stepping(self, stepping: Stepping | None) -> None:
        """Lights the phase of the cursor."""
        before, self._shown = self._shown, stepping
        if before is None or stepping is None or before.record is not stepping.record:
            entries = stepping.record.entries if stepping else ()
            self._ends = {entry.phase: number for number, entry in enumerate(entries)}
        entry = stepping.entry if stepping else None
        order = list(Phase)
        here = order.index(entry.phase) if entry else -1
        for number, (phase, segment) in enumerate(self.segments.items()):
            part = _HERE if number == here else _DONE if number < here else _COMING
            segment.setEnabled(phase in self._ends)
            if segment.property("part") != part:
                segment.setProperty("part", part)
                segment.setAccessibleDescription(self._word(part))
                restyle(segment)

    def _segment(self, phase: Phase) -> QToolButton:
        name = phase_name(phase)
        tip = self.tr("Go to the end of this phase: {phase}").format(phase=name)
        button = named(QToolButton(self), f"step.phase.{phase}", name, tip)
        button.setText(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("part", _COMING)
        button.clicked.connect(lambda: self.picked.emit(self._ends[phase]))
        return button

    def _word(self, part: str) -> str:
        return {
            _DONE: self.tr("Computed"),
            _HERE: self.tr("Being computed"),
            _COMING: self.tr("Still to come"),
        }[part]

    def _restyle(self) -> None:
        tokens = theme.current()
        sheet = (
            f"QToolButton {{ padding: 3px 8px; border: none; border-bottom: 2px solid"
            f" {tokens.line}; border-radius: 0; color: {tokens.text_dim}; }}"
            f"QToolButton[part='done'] {{ border-bottom-color: {tokens.accent};"
            f" color: {tokens.text}; }}"
            f"QToolButton[part='here'] {{ background: {tokens.accent};"
            f" border-bottom-color: {tokens.accent}; color: {tokens.on_accent}; }}"
            f"QToolButton:hover[part='coming'], QToolButton:hover[part='done'] {{"
            f" background: {tokens.hover}; }}"
            f"QToolButton:focus {{ border: 1px solid {tokens.text}; padding: 2px 7px; }}"
            f"QToolButton:disabled {{ color: {tokens.disabled}; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)
