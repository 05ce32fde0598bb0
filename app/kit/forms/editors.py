"""Editors for one value each: they show it, let a person change it, and say when that is done."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLineEdit,
    QToolButton,
    QWidget,
)

from app.kit import icons, theme
from app.kit.controls import Combo, narrow, option_text, restyle, turns
from app.kit.forms.fields import FormField
from app.kit.handles import Line, SpinBox
from app.kit.layouts import in_row, named
from app.kit.numbers import StepGesture
from app.kit.text import translated

INT_MAX = 2**31 - 1


class Editor(QWidget):
    """One field's value on screen.

    ``committed`` carries the value that a person entered and the number of the gesture, if it is
    one of many; ``refused`` a reason why what was typed is no value; ``restored`` that the
    person went back to the value in force.

    Attributes:
        value: The one in force: the last that was shown.
        below: What stands under the row, if anything.
    """

    committed = Signal(object, object)
    refused = Signal(str)
    restored = Signal()

    def __init__(self, field: FormField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.below: QWidget | None = None
        self.value: Any = field.default
        self._parts: dict[str, QWidget] = {}
        self._row = in_row(into=self, apart=1)

    def show_value(self, value: Any) -> None:
        """Shows a value from outside, unless a person is typing or dragging just now."""
        if value == self.value and type(value) is type(self.value):
            return
        self.value = value
        if not self.busy:
            self._draw(value)

    def accept(self, value: Any) -> None:
        """Shows the value that was just committed, as it is written elsewhere."""
        self.value = value
        if not self.dragging:
            self._draw(value)

    @property
    def busy(self) -> bool:
        """Whether a person is in the middle of changing the value."""
        return False

    @property
    def dragging(self) -> bool:
        """Whether the mouse holds the value."""
        return False

    def name(self, name: str) -> None:
        """Gives the main control its object name, and the others ``<name>.<part>``."""
        control = self.focusProxy()
        if control is not None:
            control.setObjectName(name)
        for part, widget in self._parts.items():
            widget.setObjectName(f"{name}.{part}")

    def refresh_allowed(self) -> None:
        """Asks again which values can be chosen, where that depends on other things."""

    def set_refused(self, refused: bool) -> None:
        """Marks the control whose text was refused."""
        control = self.focusProxy()
        if control is not None and bool(control.property("refused")) != refused:
            control.setProperty("refused", refused)
            restyle(control)
            palette = QPalette()  # sets no colour: the window's own come back with it
            if refused:
                palette.setColor(QPalette.ColorRole.Text, QColor(theme.current().error))
            control.setPalette(palette)

    def _take(self, control: QWidget, stretch: int = 1) -> None:
        """Puts the main control in its place."""
        self._row.addWidget(control, stretch)
        self.setFocusProxy(control)

    def _restore(self) -> None:
        """Goes back to the value in force."""
        self._draw(self.value)
        self.restored.emit()

    def _draw(self, value: Any) -> None:
        raise NotImplementedError


class FlagEditor(Editor):
    """Yes or no."""

    def __init__(self, field: FormField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._box = QCheckBox(self)
        self._take(self._box)
        self._box.clicked.connect(lambda on: self.committed.emit(bool(on), None))
        self._draw(self.value)

    def _draw(self, value: Any) -> None:
        self._box.setChecked(bool(value))


class OptionEditor(Editor):
    """One of a few fixed values."""

    def __init__(
        self, field: FormField, labels: dict[Any, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(field, parent)
        self._combo = Combo(self)
        for option in field.options:
            self._combo.addItem(labels.get(option) or option_text(option), option)
        self._take(self._combo)
        self._combo.activated.connect(self._chosen)
        self._draw(self.value)

    def _chosen(self, index: int) -> None:
        if self.field.options[index] != self.value:
            self.committed.emit(self.field.options[index], None)

    def _draw(self, value: Any) -> None:
        if value in self.field.options:
            self._combo.setCurrentIndex(self.field.options.index(value))


class _SpinBox(SpinBox):
    """A spin box that tells typing from stepping."""

    stepped = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bounds = (-INT_MAX, INT_MAX)

    def set_bounds(self, least: int, most: int) -> None:
        """Between which numbers it steps.

        Numbers beyond can be typed, so that they are refused in words and not just swallowed.
        """
        self._bounds = (least, most)
        beyond = min(10 ** len(str(most)), INT_MAX)
        self.setRange(min(least, -beyond), beyond)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if turns(self, event):
            super().wheelEvent(event)

    def stepBy(self, steps: int) -> None:
        """An arrow key, an arrow button or the wheel."""
        before = self.value()
        least, most = self._bounds
        self.setValue(min(max(before + steps * self.singleStep(), least), most))
        self.selectAll()
        if self.value() != before:
            self.stepped.emit()

    def event(self, event: QEvent) -> bool:
        """Leaves undo to the window where there is nothing typed to be taken back."""
        if leaves_undo(self.lineEdit(), event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.lineEdit().isModified():
            self.escaped.emit()
            return
        super().keyPressEvent(event)


class IntegerEditor(Editor):
    """A whole number, typed or stepped."""

    def __init__(self, field: FormField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._steps = StepGesture()
        self._box = _SpinBox(self)
        least = int(field.low if field.low is not None else -INT_MAX)
        most = int(min(field.high if field.high is not None else INT_MAX, INT_MAX))
        self._box.set_bounds(least, most)
        self._box.setKeyboardTracking(False)
        self._box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._take(narrow(self._box))
        self._box.stepped.connect(lambda: self._commit(self._steps.number()))
        self._box.editingFinished.connect(lambda: self._commit(None))
        self._box.escaped.connect(self._restore)
        self._draw(self.value)

    @property
    def busy(self) -> bool:
        return self._box.hasFocus() and self._box.lineEdit().isModified()

    def _commit(self, gesture: int | None) -> None:
        self._box.lineEdit().setModified(False)
        if self._box.value() != self.value:
            self.committed.emit(self._box.value(), gesture)

    def _restore(self) -> None:
        super()._restore()
        self._box.lineEdit().setModified(False)

    def _draw(self, value: Any) -> None:
        if value is not None:
            with QSignalBlocker(self._box):
                self._box.setValue(int(value))


def leaves_undo(line: QLineEdit, event: QEvent) -> bool:
    """Whether a key means the window's own undo: nothing is typed that is not yet in force.

    A line edit keeps what was typed before Enter, and would take Ctrl+Z for itself for ever.
    """
    keys = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
    if event.type() not in keys or not isinstance(event, QKeyEvent) or line.isModified():
        return False
    standard = QKeySequence.StandardKey
    return event.matches(standard.Undo) or event.matches(standard.Redo)


class FieldLine(Line):
    """A line edit that Esc gives its text back to."""

    escaped = Signal()

    def event(self, event: QEvent) -> bool:
        """Leaves undo to the window where there is nothing typed to be taken back."""
        if leaves_undo(self, event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc restores while something was changed, and is the window's otherwise."""
        changed = self.isModified() or bool(self.property("refused"))
        if event.key() == Qt.Key.Key_Escape and changed:
            self.escaped.emit()
            return
        super().keyPressEvent(event)


class TextEditor(Editor):
    """A line of text; with a Browse button where it names a file or a folder."""

    def __init__(self, field: FormField, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._line = FieldLine(self)
        self._take(narrow(self._line))
        if field.path:
            kind = self.tr("A folder") if field.path == "folder" else self.tr("A file")
            self._line.setPlaceholderText(empty or kind)
            tip = self.tr("Browse the disk for it.")
            browse = named(QToolButton(self), "browse", self.tr("Browse"), tip)
            icons.put(browse, "open")
            browse.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            browse.clicked.connect(self._choose)
            self._row.addWidget(browse)
            self._parts["browse"] = browse
        self._line.editingFinished.connect(self._finished)
        self._line.escaped.connect(self._restore)
        self._draw(self.value)

    @property
    def busy(self) -> bool:
        return self._line.hasFocus() and self._line.isModified()

    def _choose(self) -> None:
        title, start = translated(self.field.title), self._line.text()
        if self.field.path == "folder":
            chosen = QFileDialog.getExistingDirectory(self, title, start)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, title, start)
        if chosen:
            self._line.setText(chosen)
            self.committed.emit(chosen, None)

    def _finished(self) -> None:
        if not self._line.isModified():
            return
        self._line.setModified(False)
        text = self._line.text().strip()
        value = None if self.field.optional and not text else text
        if value != self.value:
            self.committed.emit(value, None)

    def _draw(self, value: Any) -> None:
        self._line.setText(str(value or ""))
        self._line.setCursorPosition(0)
