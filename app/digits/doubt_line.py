"""What speaks against the network's answer, beneath it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.layouts import named
from app.kit.text import sentence
from core.sentence import Sentence

_LINES = 2


class DoubtLine(QWidget):
    """One sentence in a room that is always there: a label would lay the panel out anew.

    Attributes:
        text: What it says; empty while nothing is doubted.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        named(self, "digits.doubts", self.tr("How sure the reading is"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_doubts(self, doubts: tuple[Sentence, ...]) -> None:
        """Says the one that weighs most; all of them on hover."""
        text = sentence(doubts[0]) if doubts else ""
        if text != self.text:
            self.text = text
            self.setToolTip("\n".join(map(sentence, doubts)))
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(24), _LINES * QFontMetrics(self.font()).lineSpacing())

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.text:
            return
        painter = QPainter(self)
        painter.setPen(QColor(theme.current().warning))
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRect(0, 0, self.width(), self.height()), wrap, self.text)
