"""A scale on which the size of a number is drawn, and then the true one beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.layouts import named
from app.kit.numbers import round_number

_FINE, _COARSE = 0.01, 0.1
"""What an arrow key and a page key move, of the scale's half."""
_BAR = 1.25
"""How high a bar is, in units of the grid."""
_HEIGHT = 6.5


class SizeBar(QWidget):
    """A bar from 0 that follows the mouse and the arrow keys.

    ``drawn`` carries each new size, ``given`` says that it is done (Enter).

    Attributes:
        reach: Where the scale ends on either side of 0.
        value: What is drawn; None where nothing is yet.
        truth: The true number once it is told.
    """

    drawn = Signal(float)
    given = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("Drag the bar, or move it with the arrow keys; Page keys move it further")
        named(self, "question.size", self.tr("The size, on a scale"), tip)
        self.reach = 1.0
        self.value: float | None = None
        self.truth: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scale(self, reach: float) -> None:
        """An empty scale, for another question."""
        self.reach, self.value, self.truth = reach, None, None
        self._tell()

    def show_truth(self, truth: float | None) -> None:
        """The true number's bar below the drawn one; none of it while it is asked for."""
        if truth != self.truth:
            self.truth = truth
            self._tell()

    def put(self, value: float) -> None:
        """Draws a size; one beyond the scale ends with it."""
        if self.truth is not None:
            return
        self.value = min(max(value, -self.reach), self.reach)
        self._tell()
        self.drawn.emit(self.value)

    def sizeHint(self) -> QSize:
        """Two bars, and the scale with its numbers."""
        return QSize(theme.space(30), theme.space(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(16), theme.space(_HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The bar ends where the mouse is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.put(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.put(self._value_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move its end, Home puts it to 0, Enter is done."""
        key, keys = event.key(), Qt.Key
        steps = {
            keys.Key_Left: -_FINE,
            keys.Key_Right: _FINE,
            keys.Key_PageDown: -_COARSE,
            keys.Key_PageUp: _COARSE,
        }
        if key in steps:
            self.put((self.value or 0.0) + self.reach * steps[keys(key)])
        elif key == keys.Key_Home:
            self.put(0.0)
        elif key in (keys.Key_Return, keys.Key_Enter):
            self.given.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The scale, the drawn bar, and below it the true one."""
        painter = QPainter(self)
        self._draw_scale(painter)
        if self.value is not None:
            self._draw_bar(painter, self.value, 1.0, strong=self.truth is None)
        if self.truth is not None:
            self._draw_bar(painter, self.truth, 1.0 + 1.25 * _BAR, strong=True)
        painter.end()

    def _draw_scale(self, painter: QPainter) -> None:
        tokens, height = theme.current(), self.height()
        foot = height - theme.space(2.25)
        left, right = self._x(-self.reach), self._x(self.reach)
        area = QRectF(left, theme.space(0.5), right - left, foot - theme.space(0.5))
        painter.fillRect(area, QColor(tokens.sunken))
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.line), 1))
        painter.drawRect(area)
        painter.setPen(QPen(QColor(tokens.text_dim), 1))
        for place in (-1.0, -0.5, 0.0, 0.5, 1.0):
            x = self._x(place * self.reach)
            painter.drawLine(QPointF(x, foot - 4), QPointF(x, foot))
        zero = self._x(0.0)
        painter.drawLine(QPointF(zero, area.top()), QPointF(zero, foot))
        painter.setFont(theme.number_font(theme.points(8.0)))
        flags = Qt.AlignmentFlag
        for value, side in ((-self.reach, flags.AlignLeft), (self.reach, flags.AlignRight)):
            painter.drawText(
                QRectF(left, foot, right - left, height - foot),
                side | flags.AlignVCenter,
                round_number(value),
            )
        painter.drawText(
            QRectF(left, foot, right - left, height - foot),
            flags.AlignHCenter | flags.AlignVCenter,
            "0",
        )

    def _draw_bar(self, painter: QPainter, value: float, top: float, *, strong: bool) -> None:
        tokens, zero = theme.current(), self._x(0.0)
        colour = QColor(tokens.negative if value < 0 else tokens.positive)
        if not strong:
            colour.setAlphaF(0.45)
        end = self._x(min(max(value, -self.reach), self.reach))
        bar = QRectF(zero, theme.space(top), end - zero, theme.space(_BAR)).normalized()
        painter.fillRect(bar, colour)
        painter.fillRect(QRectF(end - 1, bar.top(), 2, bar.height()), QColor(tokens.text))

    def _room(self) -> tuple[float, float]:
        return 1.0, self.width() - 2.0

    def _x(self, value: float) -> float:
        start, end = self._room()
        return start + (value / self.reach + 1) / 2 * (end - start)

    def _value_at(self, x: float) -> float:
        start, end = self._room()
        return ((x - start) / max(end - start, 1.0) * 2 - 1) * self.reach

    def _tell(self) -> None:
        texts = [] if self.value is None else [self.tr("drawn: {value}")]
        texts += [] if self.truth is None else [self.tr("true: {truth}")]
        value = round_number(self.value or 0.0, 3)
        truth = round_number(self.truth or 0.0, 4)
        ends = self.tr("The scale goes from −{reach} to {reach}")
        told = [ends.format(reach=round_number(self.reach)), *texts]
        self.setAccessibleDescription("; ".join(told).format(value=value, truth=truth))
        self.update()
