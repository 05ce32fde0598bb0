"""The loss that counts as reached: typed, or a tenth of the first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from app import theme
from app.panels.controls import narrow, restyle
from app.panels.editors import Line
from app.panels.numbers import full_number, short_number
from app.text import told
from app.typed import read_number
from core.errors import UserError


class TargetField(Line):
    """``entered`` carries a loss, or None where the field was emptied; ``refused`` a reason."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("race.target")
        self.setFont(theme.number_font())
        self.setAccessibleName(self.tr("Target loss"))
        self._value: float | None = None
        narrow(self).setFixedWidth(theme.space(11))
        self.editingFinished.connect(self._finished)
        self.escaped.connect(self._restore)
        self._draw()

    def show_target(self, chosen: float | None, in_force: float | None) -> None:
        """Shows the loss chosen; where none is, the one in force as a hint."""
        usual = short_number(in_force) if in_force is not None else self.tr("start ÷ 10")
        if self.placeholderText() != usual:
            self.setPlaceholderText(usual)
        if chosen != self._value and not (self.hasFocus() and self.isModified()):
            self._value = chosen
            self._draw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """All digits, to edit or to copy."""
        if self._value is not None and not self.isModified():
            self.setText(full_number(self._value))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Back to four digits, unless the text was refused."""
        super().focusOutEvent(event)
        if not self.isModified():
            self._draw()

    def _finished(self) -> None:
        if not self.isModified():
            return
        try:
            value = read_number(self.text()) if self.text().strip() else None
        except UserError as error:
            self._mark(refused=True)
            self.refused.emit(told(error))
            return
        self.setModified(False)
        self._mark(refused=False)
        if value != self._value:
            self._value = value
            self.entered.emit(value)
        self._draw()

    def _restore(self) -> None:
        self._mark(refused=False)
        self._draw()

    def _mark(self, *, refused: bool) -> None:
        if bool(self.property("refused")) != refused:
            self.setProperty("refused", refused)
            restyle(self)
        if not refused:
            self.refused.emit("")

    def _draw(self) -> None:
        self.setText("" if self._value is None else short_number(self._value))
        tip = self.tr("The loss that counts as reached; leave it empty for a tenth of the first.")
        full = "" if self._value is None else f"{full_number(self._value)}\n"
        self.setToolTip(full + tip)
