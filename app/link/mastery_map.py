"""A small map of what a person has worked out: a row for each kind of operation."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QMenu,
    QMessageBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QWidget,
)

from app.kit import theme
from app.kit.controls import dim_label, menu_style, put_line
from app.kit.labels import bold, caption, empty_page
from app.kit.layouts import in_column, in_pages, in_row, named
from app.kit.numbers import percent, whole
from app.kit.text import told
from app.link.answers import AnswerBook, answer_book
from app.link.operations import kind_name, kinds_in_order
from core.errors import UserError
from core.questions.mastery import Tally

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_SHARE = Qt.ItemDataRole.UserRole + 1
_BAR_COLUMN = 1
_ROW = 3.0


class MasteryModel(QAbstractTableModel):
    """Operation, how much of it is mastered, how often asked, right at once, with hints."""

    def __init__(self, book: AnswerBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.rows: list[tuple[str, Tally]] = []
        book.changed.connect(self.read)
        self.read()

    def read(self) -> None:
        """Takes the book's newest."""
        self.beginResetModel()
        known = self._book.tallies
        self.rows = [(kind, known[kind]) for kind in kinds_in_order() if kind in known]
        self.endResetModel()

    def rowCount(self, _parent: Index = _ROOT) -> int:
        """A row for each kind that was asked for."""
        return len(self.rows)

    def columnCount(self, _parent: Index = _ROOT) -> int:
        return 5

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        titles = (
            self.tr("Operation"),
            self.tr("Mastered"),
            self.tr("Asked"),
            self.tr("Right at once"),
            self.tr("With hints"),
        )
        return titles[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, alignment, what slips there were, or the share for the bar."""
        kind, tally = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(kind, tally, index.column())
        if role == _SHARE and index.column() == _BAR_COLUMN:
            return tally.share
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() > _BAR_COLUMN:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, kind: str, tally: Tally, column: int) -> str:
        texts = (
            kind_name(kind),
            percent(tally.share),
            whole(tally.asked),
            whole(tally.right),
            whole(tally.hinted),
        )
        return texts[column]


class _ShareBar(QStyledItemDelegate):
    """A bar in the place of the share's digits, which are read aloud all the same."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        share = index.data(_SHARE)
        if share is None:
            super().paint(painter, option, index)
            return
        tokens, rect = theme.current(), QRectF(option.rect)
        bar = rect.adjusted(8, rect.height() / 2 - 4, -8, 4 - rect.height() / 2)
        painter.fillRect(bar, QColor(tokens.hover))
        bar.setWidth(bar.width() * float(share))
        painter.fillRect(bar, QColor(tokens.accent))


class MasteryMap(QWidget):
    """The map, with a menu to export the answers or erase them."""

    def __init__(self, parent: QWidget | None = None, book: AnswerBook | None = None) -> None:
        super().__init__(parent)
        named(self, "mastery", self.tr("What I have worked out"))
        self.book = book or answer_book()
        self.model = MasteryModel(self.book, self)
        self._make_parts()
        self._lay_out()
        self.book.changed.connect(self._follow)
        self._follow()

    def export(self, path: str) -> None:
        """Writes the answers as CSV; says below the map why it cannot."""
        try:
            self.book.export(Path(path))
        except UserError as error:
            put_line(self.trouble, told(error.sentence))

    def erase(self) -> None:
        """Forgets all answers."""
        try:
            self.book.erase()
        except UserError as error:
            put_line(self.trouble, told(error.sentence))

    def changeEvent(self, event: QEvent) -> None:
        """Rows as high as text of the present size needs; the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self.button.setStyleSheet(menu_style())
            self.table.viewport().update()
        if event.type() == QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._fit)
        super().changeEvent(event)

    def _make_parts(self) -> None:
        self.table = named(QTableView(self), "mastery.table", self.tr("What I have worked out"))
        self.table.setModel(self.model)
        self.table.setItemDelegateForColumn(_BAR_COLUMN, _ShareBar(self.table))
        self.table.setShowGrid(False)
        self.table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.table.setFrameShape(QTableView.Shape.NoFrame)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_BAR_COLUMN, QHeaderView.ResizeMode.Stretch)
        self.empty = empty_page("mastery.empty", self._nothing(), self)
        self.where = caption("", self)
        self.where.setWordWrap(True)
        self.where.setObjectName("mastery.where")
        self.trouble = dim_label("", "error", self)
        self.button = named(QToolButton(self), "mastery.menu", self.tr("Answers"))
        self.button.setText(self.tr("Answers"))
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = named(QMenu(self.button), "mastery.menu.rows")
        self.export_action = menu.addAction(self.tr("Export as CSV…"))
        self.export_action.triggered.connect(self._choose_file)
        self.erase_action = menu.addAction(self.tr("Erase all…"))
        self.erase_action.triggered.connect(self._ask_to_erase)
        self.button.setMenu(menu)
        self.button.setStyleSheet(menu_style())
        self._fit()

    def _lay_out(self) -> None:
        pages = QWidget(self)
        self._pages = in_pages(self.empty, self.table, into=pages)
        foot = in_row((self.where, 1), self.button, apart=1)
        in_column((pages, 1), self.trouble, foot, into=self, apart=1)

    def _fit(self) -> None:
        self.table.verticalHeader().setDefaultSectionSize(theme.space(_ROW))

    def _nothing(self) -> str:
        return self.tr(
            "Nothing yet. Here you will see which numbers you can work out.\n\n"
            "Lessons ask for some. In Step, right-click a number and choose\n"
            "“Let me work this out”, or switch Ask me on."
        )

    def _follow(self) -> None:
        has_any = bool(self.model.rows)
        self._pages.setCurrentIndex(int(has_any))
        for action in (self.export_action, self.erase_action):
            action.setEnabled(has_any)
        kept = self.tr("{count} answers, kept on this machine only: {path}")
        text = kept.format(count=whole(len(self.book.answers)), path=self.book.path)
        self.where.setText(text if has_any else self.tr("What you answer stays on this machine."))
        put_line(self.trouble, self._unread())

    def _unread(self) -> str:
        if not self.book.unread:
            return ""
        lines = self.tr("Lines of the file that could not be read, and stay in it: {count}")
        return lines.format(count=whole(self.book.unread))

    def _choose_file(self) -> None:
        name = f"answers-{datetime.now():%Y-%m-%d}.csv"
        dialog = QFileDialog(self, self.tr("Export as CSV"), name, self.tr("Tables (*.csv)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(name)
        dialog.fileSelected.connect(self.export)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _ask_to_erase(self) -> None:
        box = named(QMessageBox(self), "mastery.erase")
        box.setWindowTitle(self.tr("Erase all answers?"))
        box.setText(self.tr("Erase all answers?"))
        count = whole(len(self.book.answers))
        rest = self.tr("{count} answers are deleted from this machine. This cannot be undone.")
        box.setInformativeText(rest.format(count=count))
        erase = box.addButton(self.tr("Erase"), QMessageBox.ButtonRole.DestructiveRole)
        erase.clicked.connect(self.erase)
        keep = box.addButton(self.tr("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def mastery_dialog(parent: QWidget) -> QDialog:
    """The map in a window of its own."""
    dialog = named(QDialog(parent), "mastery.dialog")
    title = dialog.tr("What I have worked out")
    dialog.setWindowTitle(title)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    buttons.rejected.connect(dialog.reject)
    heading = bold(caption(title, dialog))
    in_column(heading, (MasteryMap(dialog), 1), buttons, into=dialog, around=2, apart=1)
    dialog.resize(theme.space(72), theme.space(54))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
