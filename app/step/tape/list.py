"""The list of a step's operations, with the breakpoints at its left edge."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.kit import theme
from app.kit.controls import Index
from app.kit.layouts import named
from app.step.tape.model import Stand, TapeModel, TapeRole

_GUTTER = 22
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TOGGLE = (Qt.Key.Key_Space, Qt.Key.Key_F9)


class TapeList(QListView):
    """``picked`` and ``toggled`` carry an operation: to go to, and to hold at or not."""

    picked = Signal(int)
    toggled = Signal(int)

    def __init__(self, model: TapeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tape = model
        named(self, "tape.list", self.tr("Operations of the step"))
        self.setModel(model)
        self.setItemDelegate(_RowDelegate(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(self._pick)

    def follow(self, entry: int) -> None:
        """Brings an operation into sight."""
        index = self.tape.index_of(entry)
        if index.isValid():
            self.scrollTo(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press at the left edge sets a breakpoint, or takes it away."""
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() < _GUTTER:
            self._toggle(self.indexAt(event.position().toPoint()))
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """At the left edge it is a second press."""
        if event.position().x() < _GUTTER:
            self.mousePressEvent(event)
            return
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self._pick(self.currentIndex())
        elif event.key() in _TOGGLE:
            self._toggle(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _pick(self, index: Index) -> None:
        entry = self.tape.entry_at(index)
        if entry is not None:
            self.picked.emit(entry)

    def _toggle(self, index: Index) -> None:
        entry = self.tape.entry_at(index)
        if entry is not None:
            self.toggled.emit(entry)


class _RowDelegate(QStyledItemDelegate):
    """Dot, name and count; the row of the cursor stands out, those to come are dim."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), theme.space(3))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, stand = theme.current(), index.data(TapeRole.STAND)
        area = QRectF(option.rect)
        painter.save()
        if stand is Stand.HEADING:
            _draw_heading(painter, area, index.data())
        else:
            _draw_ground(painter, area, option, here=stand is Stand.HERE)
            hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
            _draw_dot(painter, area, index.data(TapeRole.HOLDS), hovered=hovered)
            dim = stand is Stand.COMING
            painter.setPen(QColor(tokens.text_dim if dim else tokens.text))
            _draw_texts(painter, area, index, bold=stand is Stand.HERE)
        painter.restore()


def _draw_heading(painter: QPainter, area: QRectF, text: str) -> None:
    tokens = theme.current()
    font = painter.font()
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor(tokens.text_dim))
    inner = area.adjusted(theme.space(1), 0, 0, -3)
    painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)
    painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(tokens.line))


def _draw_ground(
    painter: QPainter, area: QRectF, option: QStyleOptionViewItem, *, here: bool
) -> None:
    tokens, state = theme.current(), QStyle.StateFlag
    if here or option.state & (state.State_Selected | state.State_MouseOver):
        painter.fillRect(area, QColor(tokens.hover))
    if here:
        painter.fillRect(QRectF(area.left(), area.top(), 3, area.height()), QColor(tokens.accent))
    if option.state & state.State_HasFocus:
        painter.setPen(QColor(tokens.accent))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))


def _draw_dot(painter: QPainter, area: QRectF, holds: bool | None, *, hovered: bool) -> None:
    """Full for a breakpoint, a ring for one asleep, faint where a press would set one."""
    if holds is None and not hovered:
        return
    tokens = theme.current()
    colour = QColor(tokens.error if holds is not None else tokens.disabled)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.5))
    if holds:
        painter.setBrush(colour)
    painter.drawEllipse(QPointF(area.left() + _GUTTER / 2 + 1, area.center().y()), 4, 4)
    painter.restore()


def _draw_texts(painter: QPainter, area: QRectF, index: Index, *, bold: bool) -> None:
    inner = area.adjusted(_GUTTER, 0, -theme.space(1), 0)
    middle = Qt.AlignmentFlag.AlignVCenter
    font, pen = painter.font(), painter.pen()
    count = index.data(TapeRole.COUNT)
    painter.setFont(theme.number_font(font.pointSizeF()))
    painter.setPen(QColor(theme.current().text_dim))
    painter.drawText(inner, Qt.AlignmentFlag.AlignRight | middle, count)
    inner.setRight(inner.right() - painter.fontMetrics().horizontalAdvance(count) - 8)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(pen)
    room, cut = int(inner.width()), Qt.TextElideMode.ElideRight
    name = painter.fontMetrics().elidedText(index.data(), cut, room)
    painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle, name)
