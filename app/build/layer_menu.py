"""The menu of layers to add: name, a sentence, and why not, where one cannot stand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.kit import theme
from app.kit.controls import Index
from app.kit.layouts import in_column, named
from app.kit.text import label_of, translated
from core.experiment.layers import Layer

_SENTENCE = Qt.ItemDataRole.UserRole + 1
_ENTRY = Qt.ItemDataRole.UserRole + 2

WIDTH = 56
"""In units of the grid."""


class LayerMenu(QFrame):
    """A list that pops up at a button; ``chosen`` carries the class of the layer."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setObjectName("network.menu")
        self._list = named(_List(self), "network.menu.list")
        in_column(self._list, into=self, around=1 / theme.GRID)
        self._list.itemClicked.connect(self._take)
        self._list.entered_by_key.connect(self._take)

    def open_at(self, choices: Sequence[tuple[type[Layer], str]], at: QWidget) -> None:
        """Opens at a button, above it where there is no room below.

        Args:
            choices: Each kind of layer with the reason why it cannot stand there, or "".
            at: The button.
        """
        self._list.clear()
        for entry, reason in choices:
            item = QListWidgetItem(label_of(entry), self._list)
            item.setData(_SENTENCE, reason or translated(entry.description))
            item.setData(_ENTRY, entry)
            item.setToolTip(reason or translated(entry.description))
            if reason:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        allowed = (row for row, (_, reason) in enumerate(choices) if not reason)
        self._list.setCurrentRow(next(allowed, -1))
        self.setFixedSize(theme.space(WIDTH), self._list.content_height() + 2)
        self.move(self._place(at))
        self.show()
        self._list.setFocus()

    def _place(self, at: QWidget) -> QPoint:
        below = at.mapToGlobal(QPoint(0, at.height()))
        screen = at.screen().availableGeometry()
        x = max(screen.left(), min(below.x(), screen.right() - self.width()))
        if below.y() + self.height() <= screen.bottom():
            return QPoint(x, below.y())
        return QPoint(x, max(screen.top(), at.mapToGlobal(QPoint(0, 0)).y() - self.height()))

    def _take(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.hide()
            self.chosen.emit(item.data(_ENTRY))


class _List(QListWidget):
    """A list whose current row follows the mouse, as a menu's does."""

    entered_by_key = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_TwoLines(self))
        self.itemEntered.connect(self._follow)

    def content_height(self) -> int:
        """All rows, seen at once."""
        return sum(self.sizeHintForRow(row) for row in range(self.count())) + 2 * self.frameWidth()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and item:
            self.entered_by_key.emit(item)
        elif event.key() == Qt.Key.Key_Escape:
            self.window().hide()
        else:
            super().keyPressEvent(event)

    def _follow(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.setCurrentItem(item)


class _TwoLines(QStyledItemDelegate):
    """The name above, the sentence beneath it in dim."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        sentence = option.fontMetrics.boundingRect(
            0, 0, theme.space(WIDTH - 4), 10 * line, Qt.TextFlag.TextWordWrap, index.data(_SENTENCE)
        )
        return QSize(theme.space(WIDTH), line + sentence.height() + theme.space(1.5))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, state = theme.current(), option.state
        rect = option.rect
        enabled = bool(state & QStyle.StateFlag.State_Enabled)
        painter.save()
        if enabled and state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.hover))
            painter.fillRect(rect.left(), rect.top(), 2, rect.height(), QColor(tokens.accent))
        room = rect.adjusted(theme.space(2), theme.space(0.5), -theme.space(2), -theme.space(0.5))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if enabled else tokens.disabled))
        painter.drawText(room, Qt.AlignmentFlag.AlignTop, str(index.data()))
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text_dim))
        room.setTop(room.top() + painter.fontMetrics().height())
        painter.drawText(room, int(Qt.TextFlag.TextWordWrap), index.data(_SENTENCE))
        painter.restore()
