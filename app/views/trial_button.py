"""The button that starts trials of learning rates, and stops them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from app import icons, theme


class TrialButton(QToolButton):
    """``started`` and ``stopped`` say what was asked for.

    Args:
        identity: Its object name.
        text: What it starts, as a verb.
        tip: The same in a sentence.
    """

    started = Signal()
    stopped = Signal()

    def __init__(self, identity: str, text: str, tip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self._words = text, tip
        self.is_running = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFixedHeight(theme.space(3.5))
        names = (text, self.tr("Stop"))
        longest = max(self.fontMetrics().horizontalAdvance(name) for name in names)
        self.setFixedWidth(longest + theme.space(7))
        self.clicked.connect(self._say)
        self._dress()

    def show_running(self, running: bool) -> None:
        """Whether trials are under way."""
        if running != self.is_running:
            self.is_running = running
            self._dress()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.text():
            self._dress()

    def _say(self) -> None:
        (self.stopped if self.is_running else self.started).emit()

    def _dress(self) -> None:
        text, tip = self._words
        self.setText(self.tr("Stop") if self.is_running else text)
        self.setAccessibleName(self.text())
        self.setToolTip(self.tr("End the trials where they are") if self.is_running else tip)
        icons.put(self, "stop" if self.is_running else "train", "on_accent")
        tokens = theme.current()
        style = (
            f"QToolButton {{ background: {tokens.accent}; color: {tokens.on_accent};"
            f" border: 1px solid {tokens.accent}; padding: 3px 12px 3px 8px; }}"
            f"QToolButton:disabled {{ background: {tokens.hover}; color: {tokens.disabled};"
            f" border: 1px solid {tokens.hover}; }}"
            f"QToolButton:focus {{ border: 1px solid {tokens.text}; }}"
        )
        if style != self.styleSheet():  # else it would call itself
            self.setStyleSheet(style)
