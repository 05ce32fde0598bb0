"""The tree of pieces: a press goes to where a number was made, pointing lights its place."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QFrame, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.kit import theme
from app.kit.layouts import named
from app.kit.numbers import four_digits, full_number
from app.step.why.painting import PieceDelegate
from app.step.why.pieces import PieceRole, PieceRow

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TEXT, _NUMBER = 0, 1


class WhyTree(QTreeWidget):
    """``gone`` carries the place of a number that was pressed, ``pointed`` the piece under the
    pointer or where the keyboard stands; None for none."""

    gone = Signal(object)
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "why.tree", self.tr("What the number comes from"))
        self._set_up()
        self.itemExpanded.connect(self._fill)
        self.itemClicked.connect(lambda item, _column: self._go(item))
        self.currentItemChanged.connect(self._stand)
        self._restyle()

    def show_pieces(self, pieces: tuple[PieceRow, ...]) -> None:
        """Shows the rows of another answer."""
        self.clear()
        self.pointed.emit(None)  # what was lit belonged to rows that are gone
        self.addTopLevelItems([_Row(piece) for piece in pieces])
        self._fit()
        if self.hasFocus():
            self._begin()

    def text(self) -> str:
        """All rows that are open, one a line, their numbers with all digits."""
        return "\n".join(self._lines())

    def event(self, event: QEvent) -> bool:
        """Enter goes; the window has no other use for it here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(event.key() in _ENTER)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to where the number was made; of what has no such place, it opens it."""
        item = self.currentItem()
        if event.key() not in _ENTER or not isinstance(item, _Row):
            super().keyPressEvent(event)
        elif item.piece.at is not None:
            self._go(item)
        else:
            item.setExpanded(not item.isExpanded())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Says which piece lies under the pointer."""
        item = self.itemAt(event.position().toPoint())
        piece = item.piece if isinstance(item, _Row) else None
        leads = piece is not None and piece.at is not None
        shape = Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self.pointed.emit(piece)
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is elsewhere: where the keyboard stands is pointed at again."""
        self._stand(self.currentItem())
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard comes: it stands on the first row, if it has not stood anywhere."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._begin()
        self._stand(self.currentItem())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing is pointed at by the keyboard any more."""
        super().focusOutEvent(event)
        self.pointed.emit(None)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours, and the text's new size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_dressed"):
            self._restyle()
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_dressed"):
            self.scheduleDelayedItemsLayout()
            self._fit()

    def _set_up(self) -> None:
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setItemDelegate(PieceDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setIndentation(theme.space(2))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(1)
        header.setSectionResizeMode(_TEXT, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_NUMBER, QHeaderView.ResizeMode.Fixed)

    def _begin(self) -> None:
        first = self.topLevelItem(0)
        if self.currentItem() is None and first is not None:
            self.setCurrentItem(first)

    def _fit(self) -> None:
        """The column of numbers is as wide as the widest that four digits come to."""
        self.header().resizeSection(_NUMBER, PieceDelegate.width_of_numbers())
        self.setIndentation(theme.space(2))

    def _fill(self, item: QTreeWidgetItem) -> None:
        if isinstance(item, _Row):
            item.fill()

    def _go(self, item: QTreeWidgetItem) -> None:
        if isinstance(item, _Row) and item.piece.at is not None:
            self.gone.emit(item.piece.at)

    def _stand(
        self, current: QTreeWidgetItem | None, _before: QTreeWidgetItem | None = None
    ) -> None:
        here = self.hasFocus() and isinstance(current, _Row)
        self.pointed.emit(current.piece if here and isinstance(current, _Row) else None)

    def _lines(self) -> Iterator[str]:
        def below(item: QTreeWidgetItem, depth: int) -> Iterator[str]:
            for place in range(item.childCount()):
                row = item.child(place)
                if isinstance(row, _Row):
                    yield "  " * depth + row.piece_text
                    if row.isExpanded():
                        yield from below(row, depth + 1)

        yield from below(self.invisibleRootItem(), 0)

    def _restyle(self) -> None:
        """What is chosen is in the hover colour: the accent is kept for what can be pressed."""
        self._dressed = tokens = theme.current()
        palette = self.palette()
        wanted = QColor(tokens.hover)
        if palette.color(QPalette.ColorRole.Highlight) != wanted:
            palette.setColor(QPalette.ColorRole.Highlight, wanted)
            palette.setColor(QPalette.ColorRole.HighlightedText, QColor(tokens.text))
            palette.setColor(QPalette.ColorRole.Base, QColor(tokens.surface))
            self.setPalette(palette)
        self.viewport().update()


class _Row(QTreeWidgetItem):
    """A piece; what is inside of it is made when it is first opened."""

    def __init__(self, piece: PieceRow) -> None:
        super().__init__()
        self.piece = piece
        for column in (_TEXT, _NUMBER):
            self.setData(column, PieceRole.PIECE, piece)
            self.setToolTip(column, self.piece_text)
            self.setData(column, Qt.ItemDataRole.AccessibleTextRole, self.piece_text)
        self.setText(_TEXT, piece.text)
        self.setText(_NUMBER, four_digits(piece.value))
        if piece.opened is not None:
            self.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)

    @property
    def piece_text(self) -> str:
        """The row in one line, its number with all digits."""
        piece = self.piece
        line = f"{piece.text} = {full_number(piece.value)}"
        return f"{line} ({piece.more})" if piece.more else line

    def fill(self) -> None:
        """Makes the rows inside of it, once."""
        if self.childCount() or self.piece.opened is None:
            return
        rows = self.piece.opened()
        self.addChildren([_Row(piece) for piece in rows])
        if not rows:
            self.setChildIndicatorPolicy(
                QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicatorWhenChildless
            )
