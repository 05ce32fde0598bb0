"""The line above a plot: what it shows, and each curve's name, colour and newest value."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QLineF, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.kit import theme
from app.kit.numbers import four_digits, full_number

_STROKE, _SWATCH = 12, 18
"""Pixels: a curve's stroke, and where its name begins."""

_AFTER_TITLE, _BETWEEN = 12, 16

_HEIGHTS = (3, 4)
"""Of one line and of two, in units of the grid."""

_LONGEST = (1.0, -1.234e-12)
"""Values whose readings are as long as any: of shares the first, of losses the second."""


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
        self._names = (self.tr("Training"), self.tr("Test"))
        self._reading = reading
        self._values: tuple[float | None, float | None] = (None, None)
        self._lines = 1
        self._reserved = (0.0, 0)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, train: float | None, test: float | None) -> None:
        """The newest values of both curves."""
        if (train, test) != self._values:
            self._values = train, test
            self.setAccessibleDescription(self.text())
            self.update()

    def say_smoothed(self, *, smooth: bool) -> None:
        """Names the training curve by what is drawn of it."""
        name = self.tr("Training, smoothed") if smooth else self.tr("Training")
        if name != self._names[0]:
            self._names = name, self._names[1]
            if self.isVisible():  # before, it has no width yet
                self._fold()
            self.updateGeometry()
            self.update()

    def text(self) -> str:
        """The same in words."""
        return self._said(*map(self._reading, self._values))

    def sizeHint(self) -> QSize:
        return QSize(self._whole_width(), theme.space(_HEIGHTS[self._lines - 1]))

    def minimumSizeHint(self) -> QSize:
        """As wide as the wider entry, where one stands beneath the other."""
        return QSize(self._least_width(), theme.space(_HEIGHTS[self._lines - 1]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the entries have no room side by side, one goes beneath the other."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        lines = 1 if self.width() >= self._whole_width() else 2
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            full = ("–" if value is None else full_number(value) for value in self._values)
            QToolTip.showText(event.globalPos(), self._said(*full), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = theme.current()
        height = self.height() // self._lines
        left = self._write(painter, QRect(0, 0, self.width(), height), self._title, bold=True)
        place = QRect(left + _AFTER_TITLE, 0, self.width(), height)
        colours = (tokens.train, tokens.test)
        for name, colour, value in zip(self._names, colours, self._values, strict=True):
            self._write_entry(painter, place, (name, colour, self._reading(value)))
            if self._lines == 1:
                place.moveLeft(place.left() + self._entry(name) + _BETWEEN)
            else:
                place.moveTop(place.top() + height)
        painter.end()

    def _write_entry(self, painter: QPainter, place: QRect, entry: tuple[str, str, str]) -> None:
        """A stroke in the colour of a curve, its name and its value."""
        name, colour, value = entry
        middle = place.center().y() + 0.5
        painter.setPen(QPen(QColor(colour), 3))
        painter.drawLine(QLineF(place.left(), middle, place.left() + _STROKE, middle))
        self._write(painter, place.adjusted(_SWATCH, 0, 0, 0), name, "text_dim")
        # Beneath one another, the values begin at one edge.
        width = self._entry(name) if self._lines == 1 else max(map(self._entry, self._names))
        value_at = place.adjusted(width - self._number(), 0, 0, 0)
        painter.setFont(theme.number_font())
        painter.setPen(QColor(theme.current().text))
        painter.drawText(value_at, Qt.AlignmentFlag.AlignVCenter, value)

    def _write(
        self,
        painter: QPainter,
        place: QRect,
        text: str,
        token: str = "text",
        *,
        bold: bool = False,
    ) -> int:
        """Writes a word and gives where it ends."""
        painter.setFont(self._font(bold=bold))
        painter.setPen(QColor(getattr(theme.current(), token)))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        return place.left() + painter.fontMetrics().horizontalAdvance(text)

    def _font(self, *, bold: bool) -> QFont:
        font = QFont(self.font())
        font.setBold(bold)
        return font

    def _whole_width(self) -> int:
        """Of everything in one line."""
        return self._title_width() + sum(map(self._entry, self._names)) + _BETWEEN

    def _least_width(self) -> int:
        """Of everything in two lines."""
        return self._title_width() + max(map(self._entry, self._names))

    def _title_width(self) -> int:
        title = QFontMetrics(self._font(bold=True)).horizontalAdvance(self._title)
        return title + _AFTER_TITLE

    def _entry(self, name: str) -> int:
        """What a curve takes, however long its value is: nothing moves as it changes."""
        word = QFontMetrics(self.font()).horizontalAdvance(name)
        return _SWATCH + word + theme.space(1) + self._number()

    def _number(self) -> int:
        """What any value takes; measured once for a size of the text."""
        if self._reserved[0] != theme.scale():
            metrics = QFontMetrics(theme.number_font())
            widest = max(metrics.horizontalAdvance(self._reading(value)) for value in _LONGEST)
            self._reserved = theme.scale(), widest
        return self._reserved[1]

    def _said(self, train: str, test: str) -> str:
        sentence = self.tr("{quantity}: {training} {train}, test {test}")
        first = self._names[0].lower()
        return sentence.format(quantity=self._title, training=first, train=train, test=test)
