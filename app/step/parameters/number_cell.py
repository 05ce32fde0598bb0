"""Editing a number inside a table: what is none is refused there, with the reason below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.kit import theme
from app.kit.controls import Index
from app.kit.handles import Line
from app.kit.layouts import named
from app.kit.numbers import read_parameter as read_number
from app.kit.text import told
from core.errors import UserError

_COMMITS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class NumberLine(Line):
    """A line in a cell, and a label below it that appears when the line is refused."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "number-cell", self.tr("New value"))
        self.setFont(theme.number_font())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFrame(False)
        self._room = parent
        self.reason = named(QLabel(parent), "number-cell.reason")
        self.reason.hide()
        self.textEdited.connect(self._accept)
        self._dress(refused=False)

    def refuse(self, reason: str) -> None:
        """Says why the text cannot be taken; it stays as it was typed."""
        tokens = theme.current()
        self._dress(refused=True)
        self.reason.setText(reason)
        self.reason.setStyleSheet(
            f"background: {tokens.surface}; color: {tokens.error}; padding: 4px;"
            f"border: 1px solid {tokens.error};"
        )
        self.setAccessibleDescription(reason)
        self.reason.adjustSize()
        self._place_reason()
        self.reason.show()
        self.reason.raise_()

    def hideEvent(self, event: QHideEvent) -> None:
        self.reason.hide()
        super().hideEvent(event)

    def _place_reason(self) -> None:
        """Below the line, or above it where there is no room."""
        room, cell = self._room.rect(), self.geometry()
        left = max(0, min(cell.left(), room.width() - self.reason.width()))
        below = cell.bottom() + 1
        fits = below + self.reason.height() <= room.height()
        self.reason.move(left, below if fits else cell.top() - self.reason.height())

    def _accept(self) -> None:
        self.reason.hide()
        self.setAccessibleDescription("")
        self._dress(refused=False)

    def _dress(self, *, refused: bool) -> None:
        tokens = theme.current()
        edge = tokens.error if refused else tokens.accent
        self.setStyleSheet(
            f"QLineEdit {{ background: {tokens.surface}; color: {tokens.text};"
            f" border: 1px solid {edge}; }}"
        )


class NumberCell(QStyledItemDelegate):
    """Opens a :class:`NumberLine`, and does not let go of it while its text is no number."""

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index
    ) -> QWidget:
        # Qt alone owns it from here on, and PySide would drop the Python half of it.
        self._line = NumberLine(parent)
        return self._line

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, NumberLine):
            editor.reason.deleteLater()
        super().destroyEditor(editor, index)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Refuses what is no number before anything is made of it."""
        commits = isinstance(event, QKeyEvent) and event.key() in _COMMITS
        if commits and event.type() == QEvent.Type.KeyPress and isinstance(editor, NumberLine):
            try:
                read_number(editor.text())
            except UserError as error:
                editor.refuse(told(error.sentence))
                return True
        return super().eventFilter(editor, event)
