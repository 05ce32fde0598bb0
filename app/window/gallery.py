"""New: the presets as cards, each with a picture and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.kit import theme
from app.kit.labels import large
from app.kit.layouts import in_column, named
from app.kit.text import translated
from app.window.thumbnails import thumbnail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.presets import Preset

_CARD, _PICTURE_HEIGHT = (224, 180), 88
"""Pixels, in text of its own size."""
COLUMNS = 5
TABLE = "table"
_MARGIN = QSize(0, 40)
"""What a title bar takes of the screen."""
_PICTURE = Qt.ItemDataRole.UserRole + 1
_SENTENCE = Qt.ItemDataRole.UserRole + 2


def card_size() -> QSize:
    """Of a card, at the text's size."""
    return QSize(*(round(theme.points(side)) for side in _CARD))


def _picture_height() -> int:
    return round(theme.points(_PICTURE_HEIGHT))


class Gallery(QDialog):
    """Chooses a preset by mouse or by keyboard; ``chosen`` carries its name.

    ``table_wanted`` says that a file of one's own was chosen instead.
    """

    chosen = Signal(str)
    table_wanted = Signal()

    def __init__(self, presets: Mapping[str, Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self.setWindowTitle(self.tr("New experiment"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.list = _cards(self)
        for name, preset in presets.items():
            self.list.addItem(_card(name, preset.title, preset.sentence, preset.picture))
        self.list.insertItem(1, _card(TABLE, *_table_texts(), "table"))
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(self._choose)
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize() - _MARGIN))
        heading = large(QLabel(self.tr("What should the network learn?"), self))
        heading.setContentsMargins(theme.space(1), 0, 0, theme.space(1))
        in_column(heading, (self.list, 1), self._buttons(), into=self, around=2)
        self.list.setFocus()

    def sizeHint(self) -> QSize:
        """As large as all cards need."""
        grid, rows = self.list.gridSize(), -(-self.list.count() // COLUMNS)
        return QSize(
            COLUMNS * grid.width() + theme.space(7), rows * grid.height() + theme.space(14)
        )

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(self)
        named(buttons.addButton(QDialogButtonBox.StandardButton.Cancel), "gallery-cancel")
        opening = buttons.addButton(self.tr("Open"), QDialogButtonBox.ButtonRole.AcceptRole)
        named(opening, "gallery-open").setDefault(True)
        buttons.accepted.connect(lambda: self._choose(self.list.currentItem()))
        buttons.rejected.connect(self.reject)
        return buttons

    def _choose(self, item: QListWidgetItem) -> None:
        self.accept()
        name = item.data(Qt.ItemDataRole.UserRole)
        if name == TABLE:
            self.table_wanted.emit()
        else:
            self.chosen.emit(name)


def _cards(parent: QWidget) -> QListWidget:
    cards = named(QListWidget(parent), "gallery-list")
    cards.setViewMode(QListWidget.ViewMode.IconMode)
    cards.setResizeMode(QListWidget.ResizeMode.Adjust)
    cards.setMovement(QListWidget.Movement.Static)
    cards.setUniformItemSizes(True)
    cards.setMouseTracking(True)
    cards.setGridSize(card_size() + QSize(theme.space(1), theme.space(1)))
    cards.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
    cards.setItemDelegate(CardDelegate(cards))
    return cards


def _table_texts() -> tuple[str, str]:
    """Title and sentence of the card for a file of one's own."""
    return (
        QCoreApplication.translate("Gallery", "My data (CSV)"),
        QCoreApplication.translate(
            "Gallery", "A table of your own: one column is predicted from the others."
        ),
    )


def _card(name: str, title: str, sentence: str, picture: str) -> QListWidgetItem:
    item = QListWidgetItem(translated(title))
    item.setData(Qt.ItemDataRole.UserRole, name)
    item.setData(_PICTURE, picture)
    item.setData(_SENTENCE, translated(sentence))
    item.setToolTip(translated(sentence))
    return item


class CardDelegate(QStyledItemDelegate):
    """Paints a card: the picture, the title, the sentence; an accent line around the chosen one."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return card_size()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        state: QStyle.StateFlag = option.state
        grid: QRect = option.rect
        box, tokens = QRect(grid.topLeft(), card_size()), theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setBrush(QColor(tokens.hover if hovered else tokens.surface))
        selected = bool(state & QStyle.StateFlag.State_Selected)
        pen = QPen(QColor(tokens.accent if selected else tokens.line), 2 if selected else 1)
        painter.setPen(pen)
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        self._paint_content(painter, box, index)
        painter.restore()

    def _paint_content(
        self, painter: QPainter, box: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme.current()
        ratio = painter.device().devicePixelRatio()
        width = box.width() - theme.space(2)
        picture = thumbnail(index.data(_PICTURE), tokens, width, _picture_height(), ratio)
        painter.drawPixmap(box.topLeft().x() + theme.space(1), box.top() + theme.space(1), picture)
        text = _words(box)
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        title = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideRight, text.width()
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignTop, title)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text_dim))
        below = sentence_room(box, painter.fontMetrics())
        painter.drawText(below, Qt.TextFlag.TextWordWrap, index.data(_SENTENCE))


def _words(card: QRect) -> QRect:
    """Where a card's title and sentence stand."""
    margin = theme.space(1.5)
    return card.adjusted(margin, _picture_height() + theme.space(2), -margin, -theme.space(1))


def sentence_room(card: QRect, metrics: QFontMetrics) -> QRect:
    """Where a card's sentence stands, below its title."""
    return _words(card).adjusted(0, metrics.lineSpacing() + theme.space(0.5), 0, 0)
