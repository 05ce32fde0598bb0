"""What was guessed beside what is: two bars on one scale, so that the gap is seen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.layouts import named
from app.kit.numbers import four_digits

_ROW = 2.5
"""Units of the grid: the height of a bar with its name."""


class GapBars(Restyled):
    """Two numbers as bars from a common zero, each with its name and value."""

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, identity)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._guess = self._true = 0.0

    def show_gap(self, guess: float, true: float) -> None:
        """Shows both."""
        self._guess, self._true = guess, true
        said = self.tr("You said {guess}; it is {true}")
        self.setAccessibleName(said.format(guess=four_digits(guess), true=four_digits(true)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(20), 2 * theme.space(_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(10), 2 * theme.space(_ROW))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        rows = (
            (self.tr("your guess"), self._guess, tokens.text_dim),
            (self.tr("what came"), self._true, tokens.accent),
        )
        left = max(metrics.horizontalAdvance(name) for name, _, _ in rows) + theme.space(1)
        right = max(metrics.horizontalAdvance(four_digits(value)) for _, value, _ in rows)
        room = max(1, self.width() - left - right - theme.space(1))
        low = min(0.0, self._guess, self._true)
        span = max(0.0, self._guess, self._true) - low or 1.0
        for place, (name, value, colour) in enumerate(rows):
            top = place * theme.space(_ROW)
            line = QRectF(0, top, self.width(), theme.space(_ROW))
            painter.setPen(QColor(tokens.text_dim))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), name)
            begin, end = (left + room * (x - low) / span for x in sorted((0.0, value)))
            bar = QRectF(begin, top + theme.space(0.75), max(end - begin, 2), theme.space(1))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(QColor(tokens.text))
            value_room = QRectF(left + room + theme.space(1), top, right, theme.space(_ROW))
            painter.drawText(value_room, int(Qt.AlignmentFlag.AlignVCenter), four_digits(value))
        painter.end()

    def _restyle(self) -> None:
        self.update()
