"""The broken line of PyTorch beside the repaired one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.kit import theme
from app.kit.controls import dim
from app.kit.layouts import named
from core.experiment.faults.fault import Fault


class CodeLines(QWidget):
    """As it was, and as it should be: two lines that can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lab.lines")
        was, wanted = self.tr("As it is"), self.tr("As it should be")
        self.broken = self._line("lab.broken", was)
        self.repaired = self._line("lab.repaired", wanted)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(1.5))
        grid.setVerticalSpacing(theme.space(0.25))
        grid.setColumnStretch(1, 1)
        for row, (said, line) in enumerate(((was, self.broken), (wanted, self.repaired))):
            caption = dim(QLabel(said, self))
            grid.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(line, row, 1)

    def show_fault(self, fault: Fault) -> None:
        """Shows the lines of a fault that was found."""
        self.broken.setText(fault.broken)
        self.repaired.setText(fault.repaired)

    def _line(self, identity: str, name: str) -> QLabel:
        line = named(QLabel(self), identity, name)
        line.setTextFormat(Qt.TextFormat.PlainText)
        line.setFont(theme.number_font())
        line.setWordWrap(True)
        line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return line
