"""A small table of numbers, as for the points of a worked example."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)

from app.kit import theme
from app.kit.forms.editors import Editor
from app.kit.forms.fields import FormField
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import full_number, read_number, short_number
from app.kit.text import told
from core.errors import UserError

Rows = tuple[tuple[float, ...], ...]

ROWS_SHOWN = 6


class TableEditor(Editor):
    """Rows of numbers: a cell is typed in, rows and columns come and go by buttons."""

    def __init__(self, field: FormField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._beneath = QWidget(parent)
        self.below = self._beneath
        self._table = QTableWidget(self._beneath)
        delete = QShortcut(Qt.Key.Key_Delete, self._table, self._remove_row)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._prepare_table()
        self.setFocusProxy(self._table)
        self._lay_out()
        self._table.itemChanged.connect(self._cell_changed)
        self._draw(self.value or ((0.0,),))

    @property
    def busy(self) -> bool:
        return self._table.state() == QAbstractItemView.State.EditingState

    def setToolTip(self, tip: str) -> None:
        super().setToolTip(tip)
        self._table.setToolTip(tip)

    def _prepare_table(self) -> None:
        self._table.setFont(theme.number_font())
        self._table.horizontalHeader().hide()
        self._table.horizontalHeader().setMinimumSectionSize(theme.space(6))
        self._table.verticalHeader().setDefaultSectionSize(theme.space(3.5))
        self._table.setTabKeyNavigation(False)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)

    def _lay_out(self) -> None:
        for action, text, tip, slot in (
            ("add_row", self.tr("+ Row"), self.tr("Adds a sample."), self._add_row),
            ("remove_row", self.tr("− Row"), self.tr("Takes the row away."), self._remove_row),
            ("add_column", self.tr("+ Column"), self.tr("Adds a number."), self._add_column),
            ("remove_column", self.tr("− Column"), self.tr("Takes it away."), self._remove_column),
        ):
            button = named(QToolButton(self._beneath), action, tip=tip)
            button.setText(text)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(slot)
            self._parts[action] = button
        row = in_row(*self._parts.values(), None, apart=0.5)
        in_column(self._table, row, into=self._beneath, apart=0.5)

    def _add_row(self) -> None:
        rows: Rows = self.value
        at = self._table.currentRow() + 1 or len(rows)
        self.committed.emit((*rows[:at], (0.0,) * len(rows[0]), *rows[at:]), None)

    def _remove_row(self) -> None:
        rows: Rows = self.value
        at = self._table.currentRow() if self._table.currentRow() >= 0 else len(rows) - 1
        if len(rows) > 1:
            self.committed.emit((*rows[:at], *rows[at + 1 :]), None)

    def _add_column(self) -> None:
        self.committed.emit(tuple((*row, 0.0) for row in self.value), None)

    def _remove_column(self) -> None:
        if len(self.value[0]) > 1:
            self.committed.emit(tuple(row[:-1] for row in self.value), None)

    def _cell_changed(self, item: QTableWidgetItem) -> None:
        row, column = item.row(), item.column()
        try:
            number = read_number(item.text())
        except UserError as error:
            self.refused.emit(told(error.sentence))
            return
        rows = [list(numbers) for numbers in self.value]
        rows[row][column] = number
        self.committed.emit(tuple(tuple(numbers) for numbers in rows), None)

    def _draw(self, value: Any) -> None:
        rows: Rows = value or ((0.0,),)
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(rows))
            self._table.setColumnCount(len(rows[0]))
            for row, numbers in enumerate(rows):
                for column, number in enumerate(numbers):
                    self._table.setItem(row, column, _cell(number))
        shown = min(len(rows), ROWS_SHOWN)
        self._table.setFixedHeight(shown * theme.space(3.5) + 2 * self._table.frameWidth())
        self._table.resizeColumnsToContents()
        if self._parts:
            self._parts["remove_row"].setEnabled(len(rows) > 1)
            self._parts["remove_column"].setEnabled(len(rows[0]) > 1)


def _cell(number: float) -> QTableWidgetItem:
    item = QTableWidgetItem(short_number(number))
    item.setToolTip(full_number(number))
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
