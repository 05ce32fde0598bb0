"""The line above a plot: what it shows, and each curve's name, colour and newest value."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import theme
from app.views.readings import four_digits

_SWATCH = 16


class CurveLegend(QWidget):
    """Painted, not laid out: its values change thirty times a second and nothing may jump."""

    def __init__(
        self,
        title: str,
        reading: Callable[[float | None], str] = four_digits,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title = title
        self._reading = reading
        self._values: tuple[float | None, float | None] = (None, None)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, train: float | None, test: float | None) -> None:
        """The newest values of both curves."""
        if (train, test) != self._values:
            self._values = train, test
            self.setAccessibleDescription(self.text())
            self.update()

    def text(self) -> str:
        """The same in words."""
        train, test = map(self._reading, self._values)
        sentence = self.tr("{quantity}: training {train}, test {test}")
        return sentence.format(quantity=self._title, train=train, test=test)

    def sizeHint(self) -> QSize:
        """All of both entries."""
        titles, numbers = QFontMetrics(self.font()), QFontMetrics(theme.number_font())
        names = titles.horizontalAdvance(self._title + self.tr("Training") + self.tr("Test"))
        values = 2 * numbers.horizontalAdvance("0.0000e-00")
        return QSize(names + values + 2 * _SWATCH + theme.space(9), theme.space(3))

    def minimumSizeHint(self) -> QSize:
        """In a narrow dock the end is cut off rather than the plot."""
        return QSize(theme.space(10), theme.space(3))

    def event(self, event: QEvent) -> bool:
        """All digits on hover."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._full_text(), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Title, then a stroke, a name and a value for each curve."""
        painter = QPainter(self)
        numbers = QFontMetrics(theme.number_font())
        tokens = theme.current()
        left = self._write(painter, 0, self._title, tokens.text, bold=True) + theme.space(1.5)
        names = ((self.tr("Training"), tokens.train), (self.tr("Test"), tokens.test))
        for (name, colour), value in zip(names, self._values, strict=True):
            middle = self.height() / 2
            painter.setPen(QPen(QColor(colour), 3))
            painter.drawLine(QLineF(QPointF(left, middle), QPointF(left + 12, middle)))
            left = self._write(painter, left + _SWATCH + 2, name, tokens.text_dim)
            painter.setFont(theme.number_font())
            painter.setPen(QColor(tokens.text))
            width = numbers.horizontalAdvance("00.0000")
            cell = QRect(left + theme.space(1), 0, width + theme.space(4), self.height())
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, self._reading(value))
            left += width + theme.space(2.5)

    def _write(
        self, painter: QPainter, left: int, text: str, colour: str, *, bold: bool = False
    ) -> int:
        """Writes a word and gives where it ends."""
        font = self.font()
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        width = QFontMetrics(font).horizontalAdvance(text)
        cell = QRect(left, 0, width + 2, self.height())
        painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, text)
        return left + width

    def _full_text(self) -> str:
        train, test = ("–" if value is None else repr(value) for value in self._values)
        sentence = self.tr("{quantity}: training {train}, test {test}")
        return sentence.format(quantity=self._title, train=train, test=test)
