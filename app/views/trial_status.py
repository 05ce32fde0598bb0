"""How far trials have come, and why they cannot go on."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from app import theme
from app.text import told
from core.errors import UserError


class TrialStatus(QWidget):
    """A reason, while there is one, above a thin line whose room is kept.

    Args:
        identity: The view's name, with which its parts' names begin.
        name: What it is the progress of.
        parent: As usual.
    """

    def __init__(self, identity: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.trouble = QLabel(self)
        self.trouble.setObjectName(f"{identity}.trouble")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self.progress = QProgressBar(self)
        self.progress.setObjectName(f"{identity}.progress")
        self.progress.setAccessibleName(name)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(3)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.progress.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(0.5))
        column.addWidget(self.trouble)
        column.addWidget(self.progress)
        self._restyle()

    def say(self, trouble: UserError | None) -> None:
        """Shows why not; nothing for None."""
        self.trouble.setText(told(trouble) if trouble is not None else "")
        self.trouble.setVisible(trouble is not None)

    def show_progress(self, done: int, of: int, *, running: bool) -> None:
        """Shows how many of all are done, while any are to come."""
        self.progress.setRange(0, max(1, of))
        self.progress.setValue(done)
        self.progress.setVisible(running)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
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
