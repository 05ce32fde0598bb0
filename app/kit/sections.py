"""Parts of a panel that open and close, with a hairline between them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.kit import theme
from app.kit.layouts import in_column, named

_LEAST_SUMMARY = 6
"""In units of the grid: what has less room says nothing."""


class SectionHeader(QAbstractButton):
    """A section's title, an arrow that says whether it is open, and ``summary``: what is in it."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setProperty("role", "section")
        self.summary = ""

    def set_summary(self, summary: str) -> None:
        """Says what is in the section; seen while it is closed."""
        if summary != self.summary:
            self.summary = summary
            self.update()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text()) + theme.space(8)
        return QSize(width, theme.space(5))

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(0, 0, self.width(), 1, QColor(tokens.line))
        colour = QColor(tokens.accent if self.underMouse() else tokens.text)
        self._paint_arrow(painter, QColor(tokens.accent if self.underMouse() else tokens.text_dim))
        left = theme.space(2)
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(colour)
        middle = Qt.AlignmentFlag.AlignVCenter
        room = self.rect().adjusted(left, 1, -theme.space(0.5), 0)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, self.text())
        used = painter.fontMetrics().horizontalAdvance(self.text()) + theme.space(2)
        if not self.isChecked() and self.summary:
            painter.setFont(self.font())
            painter.setPen(QColor(tokens.text_dim))
            rest, metrics = room.adjusted(used, 0, 0, 0), painter.fontMetrics()
            least = min(metrics.horizontalAdvance(self.summary), theme.space(_LEAST_SUMMARY))
            text = ""
            if rest.width() >= least:
                text = metrics.elidedText(self.summary, Qt.TextElideMode.ElideRight, rest.width())
            painter.drawText(rest, middle | Qt.AlignmentFlag.AlignRight, text)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 3.5, -0.5, -2.5), 3, 3)

    def _paint_arrow(self, painter: QPainter, colour: QColor) -> None:
        x, y, reach = theme.space(0.75), self.height() / 2, theme.space(0.5)
        points = [QPointF(x - reach / 2, y - reach), QPointF(x + reach / 2, y)]
        points.append(QPointF(x - reach / 2, y + reach))
        if self.isChecked():
            points = [QPointF(x - reach, y - reach / 2), QPointF(x, y + reach / 2)]
            points.append(QPointF(x + reach, y - reach / 2))
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPolyline(QPolygonF(points))


class Section(QWidget):
    """A titled part of a panel; its body is built by whoever owns it."""

    toggled = Signal(bool)

    def __init__(
        self, title: str, name: str, body: QWidget, opened: bool = False, tip: str = ""
    ) -> None:
        super().__init__()
        self.header = named(SectionHeader(title, self), f"{name}.header", tip=tip)
        self.body = body
        self._frame = QWidget(self)
        in_column(body, into=self._frame, around=(2, 0, 0, 2))
        in_column(self.header, self._frame, into=self, apart=0)
        self.header.toggled.connect(self._open)
        self.header.setChecked(opened)
        self._frame.setVisible(opened)

    def _open(self, opened: bool) -> None:
        self._frame.setVisible(opened)
        self.toggled.emit(opened)
