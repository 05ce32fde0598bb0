"""The button that starts trials of learning rates, and stops them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.labels import keep_room
from app.kit.layouts import in_column, named
from app.kit.text import told
from core.sentence import Sentence


class TrialStatus(QWidget):
    """A reason, while there is one, above a thin line whose room is kept.

    Args:
        identity: The view's name, with which its parts' names begin.
        name: What it is the progress of.
        parent: As usual.
    """

    def __init__(self, identity: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.trouble = named(QLabel(self), f"{identity}.trouble")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self.progress = named(QProgressBar(self), f"{identity}.progress", name)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(3)
        keep_room(self.progress)
        in_column(self.trouble, self.progress, into=self, apart=0.5)
        self._restyle()

    def say(self, trouble: Sentence | None) -> None:
        """Shows why not; nothing for None."""
        self.trouble.setText(told(trouble) if trouble is not None else "")
        self.trouble.setVisible(trouble is not None)

    def show_progress(self, done: int, of: int, *, running: bool) -> None:
        """Shows how many of all are done, while any are to come."""
        self.progress.setRange(0, max(1, of))
        self.progress.setValue(done)
        self.progress.setVisible(running)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _restyle(self) -> None:
        tokens = theme.current()
        self.trouble.setStyleSheet(f"color: {tokens.error};")
        self.progress.setStyleSheet(
            f"QProgressBar {{ background: {tokens.sunken}; border: none; }}"
            f"QProgressBar::chunk {{ background: {tokens.accent}; }}"
        )


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
