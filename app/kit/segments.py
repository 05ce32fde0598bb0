"""A few choices side by side, of which one holds."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from app.kit import theme
from app.kit.controls import HEIGHT, Restyled
from app.kit.layouts import in_row, named


class Segments(Restyled):
    """``chosen`` carries the key of the choice that a person has made.

    Attributes:
        buttons: One a choice, by its key.
    """

    chosen = Signal(str)

    def __init__(
        self,
        identity: str,
        name: str,
        choices: Iterable[tuple[str, str, str]],
        parent: QWidget | None = None,
    ) -> None:
        """Makes the row.

        Args:
            identity: For tests and styles; that of a button has its key behind it.
            name: What is chosen, read aloud.
            choices: The key of each, its name, and what it does on hover.
            parent: As for every widget.
        """
        super().__init__(parent)
        named(self, identity, name)
        self._group = QButtonGroup(self)
        self.buttons = {key: self._button(key, text, tip) for key, text, tip in choices}
        in_row(*self.buttons.values(), into=self, apart=0)
        self._restyle()

    def show_choice(self, key: str) -> None:
        """Marks the choice that holds."""
        self.buttons[key].setChecked(True)

    def _button(self, key: str, text: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), f"{self.objectName()}.{key}", text, tip)
        button.setText(text)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFixedHeight(theme.space(HEIGHT))
        button.clicked.connect(lambda: self.chosen.emit(key))
        self._group.addButton(button)
        return button

    def _restyle(self) -> None:
        tokens = theme.current()
        sheet = (
            f"QToolButton {{ padding: 2px 8px; border: 1px solid {tokens.line};"
            f" border-radius: 0; color: {tokens.text_dim}; }}"
            f"QToolButton:checked {{ background: {tokens.hover}; color: {tokens.text};"
            f" border-color: {tokens.accent}; }}"
            f"QToolButton:hover {{ background: {tokens.hover}; }}"
            f"QToolButton:focus {{ border: 1px solid {tokens.text}; }}"
            f"QToolButton:disabled {{ color: {tokens.disabled}; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)
