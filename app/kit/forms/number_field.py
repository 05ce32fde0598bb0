"""A field for a number of any size, that shows four digits and keeps all of them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.controls import narrow
from app.kit.forms.editors import Editor, FieldLine
from app.kit.forms.fields import FormField
from app.kit.numbers import full_number, read_number, short_number
from app.kit.text import told
from core.errors import UserError


class NumberField(FieldLine):
    """A line for a number: all digits while it is edited, four otherwise.

    ``entered`` carries a number that was typed, ``refused`` why the text is none; the text then
    stays as it was typed.
    """

    entered = Signal(float)
    refused = Signal(str)
    restored = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = 0.0
        self._hint = ""
        self.setFont(theme.number_font())
        self.editingFinished.connect(self._finished)
        self.escaped.connect(self._restore)

    @property
    def busy(self) -> bool:
        """Whether a person is typing."""
        return self.hasFocus() and self.isModified()

    def set_hint(self, hint: str) -> None:
        """What the tooltip says beside the full value."""
        self._hint = hint
        self._draw_tip()

    def show_number(self, value: float) -> None:
        """Shows a number in place of whatever stands there."""
        self._value = value
        self._draw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        if not self._has_own_text():
            self.setText(full_number(self._value))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self._has_own_text():
            self._draw()

    def _has_own_text(self) -> bool:
        return self.isModified() or bool(self.property("refused"))

    def _finished(self) -> None:
        if not self.isModified():
            return
        try:
            value = read_number(self.text())
        except UserError as error:
            self.refused.emit(told(error.sentence))
            return
        self.setModified(False)
        self.entered.emit(value)

    def _restore(self) -> None:
        self._draw()
        self.restored.emit()

    def _draw(self) -> None:
        digits = full_number if self.hasFocus() else short_number
        self.setText(digits(self._value))
        if not self.hasFocus():
            self.setCursorPosition(0)
        self._draw_tip()

    def _draw_tip(self) -> None:
        self.setToolTip(f"{full_number(self._value)}\n{self._hint}".strip())


class NumberEditor(Editor):
    """A number that is typed."""

    def __init__(self, field: FormField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._number = NumberField(self)
        self._take(narrow(self._number))
        self._number.entered.connect(lambda value: self.committed.emit(value, None))
        self._number.refused.connect(self.refused)
        self._number.restored.connect(self.restored)
        self._draw(self.value)

    @property
    def busy(self) -> bool:
        return self._number.busy

    def setToolTip(self, tip: str) -> None:
        """The number's tooltip says its full value first."""
        super().setToolTip(tip)
        self._number.set_hint(tip)

    def _draw(self, value: Any) -> None:
        if value is not None:
            self._number.show_number(float(value))
