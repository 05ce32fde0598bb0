"""The four phases of a step as segments: where it stands, and a click away from each."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app import theme
from app.views.step_words import phase_name
from core.record import Phase, Stepping

_DONE, _HERE, _COMING = "done", "here", "coming"


class PhaseStrip(QWidget):
    """Forward, Loss, Backward, Update; ``picked`` carries the entry that a clicked one ends with.

    A phase that the step does not have cannot be clicked.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step.phases")
        self.setAccessibleName(self.tr("Phases of the step"))
        self._ends: dict[Phase, int] = {}
        self._shown: Stepping | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.segments = {phase: self._segment(phase) for phase in Phase}
        for segment in self.segments.values():
            row.addWidget(segment)
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
                segment.style().unpolish(segment)
                segment.style().polish(segment)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _segment(self, phase: Phase) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"step.phase.{phase}")
        button.setText(phase_name(phase))
        button.setAccessibleName(phase_name(phase))
        button.setToolTip(
            self.tr("Go to the end of this phase: {phase}").format(phase=phase_name(phase))
        )
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
