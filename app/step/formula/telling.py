"""How a number is told: in a plain sentence, in symbols, or both."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.kit import theme
from app.kit.layouts import named
from app.kit.segments import Segments
from app.kit.text import sentence, unbroken

if TYPE_CHECKING:
    from core.debugger.sentences.claim import Saying

_POINTS = 11.0
"""Of the sentence: it is read, where a label is glanced at."""
_LINES, _MOST_LINES = 2, 4
"""Room that is kept for the sentence: from the start, and after a long one."""
_BAR = 3
"""Units of the grid: no scroll bar is wider."""


class Telling(StrEnum):
    """What a formula panel shows of a number."""

    PLAIN = "plain"
    SYMBOLS = "symbols"
    BOTH = "both"


class TellingSwitch(Segments):
    """Plain words, symbols or both."""

    def __init__(self, parent: QWidget | None = None) -> None:
        tr = QCoreApplication.translate
        choices = (
            (
                Telling.PLAIN,
                tr("TellingSwitch", "Plain"),
                tr("TellingSwitch", "Tell each number in a plain sentence"),
            ),
            (
                Telling.SYMBOLS,
                tr("TellingSwitch", "Symbols"),
                tr("TellingSwitch", "Tell each number in symbols and in numbers"),
            ),
            (
                Telling.BOTH,
                tr("TellingSwitch", "Both"),
                tr("TellingSwitch", "Tell each number in a sentence, and in symbols and numbers"),
            ),
        )
        name = tr("TellingSwitch", "How numbers are told")
        super().__init__("formula.telling", name, choices, parent)


class PlainSentence(QLabel):
    """What a number means, in words. It keeps the room of the longest sentence so far, though of a
    very long one not all, so that what stands below it stays where it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "formula.sentence", self.tr("In plain words"))
        self.saying: Saying | None = None
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        font = self.font()
        font.setPointSizeF(theme.points(_POINTS))
        self.setFont(font)

    def show_saying(self, saying: Saying | None) -> None:
        """Shows what is said of another number."""
        if saying is self.saying:
            return
        self.saying = saying
        said = " ".join(map(sentence, saying.sentences)) if saying is not None else ""
        self.setText(unbroken(said))
        self._keep_room(self.minimumHeight())

    def magnify(self, factor: float) -> None:
        """Stands in larger letters."""
        font = self.font()
        font.setPointSizeF(theme.points(_POINTS * factor))
        if font != self.font():
            self.setFont(font)
            self._keep_room(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has lines of its own; a scroll bar that comes or goes moves nothing."""
        super().resizeEvent(event)
        moved = abs(event.size().width() - event.oldSize().width())
        if moved:
            self._keep_room(self.minimumHeight() if moved <= theme.space(_BAR) else 0)

    def _keep_room(self, before: int) -> None:
        line = self.fontMetrics().lineSpacing()
        kept = min(max(before, line * _LINES), line * _MOST_LINES)
        self.setMinimumHeight(0)  # below which Qt would name no height
        needed = max(kept, self.heightForWidth(self.width()))
        if needed != self.minimumHeight() or needed != self.maximumHeight():
            self.setFixedHeight(needed)
