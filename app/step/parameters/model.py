"""The parameter table as Qt asks for it: only what is on the screen is ever put into words."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QObject, Qt, Signal

from app.kit import theme
from app.kit.controls import Index
from app.kit.numbers import four_digits, full_number
from app.kit.numbers import read_parameter as read_number
from app.kit.text import told
from app.link.parameter_rows import Rows
from app.step.parameters.sheet import ParameterColumn, ParameterSheet
from core.errors import UserError

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "≥": operator.ge,
    "≤": operator.le,
    "=": operator.eq,
}
_SIGN = r"[<>]=?|[≤≥=]"


def matching(sheet: ParameterSheet, text: str) -> NDArray[np.bool_]:
    """The rows that a filter lets through, (rows,); all for an empty one.

    Args:
        sheet: What is filtered.
        text: A part of layer and name (``2 dense w1``), and comparisons of a column's number, with
            bars for its absolute value. A number not there yet is neither more nor less.

    Raises:
        UserError: A comparison names no column, or no number.
    """
    chosen = np.ones(len(sheet.rows), np.bool_)
    columns = {name: column for column in sheet.columns for name in _names(column)}
    comparison = _comparison(columns)
    for bar, name, sign, number in comparison.findall(text) if columns else ():
        values = columns[name.casefold()].shown()
        limit = np.float32(read_number(number.rstrip(",")))
        chosen &= _COMPARE[sign](np.abs(values) if bar else values, limit)
    rest = comparison.sub("\n", text) if columns else text
    _check(rest, sheet)
    phrases = [" ".join(part.split()) for part in rest.splitlines() if part.strip(" ,")]
    return chosen & sheet.rows.search(phrases) if phrases else chosen


def _names(column: ParameterColumn) -> set[str]:
    """What a column may be called in a comparison."""
    return {column.title.casefold(), column.id, column.id.removeprefix("state:")}


def _comparison(names: dict[str, ParameterColumn]) -> re.Pattern[str]:
    name = "|".join(sorted(map(re.escape, names), key=len, reverse=True))  # the longest first
    return re.compile(rf"(\|?)\s*(?<!\w)({name})\s*\|?\s*({_SIGN})\s*(\S*)", re.IGNORECASE)


def _check(rest: str, sheet: ParameterSheet) -> None:
    """What is left of a filter must be words."""
    left = re.search(rf"(\S*?)\|?\s*(?:{_SIGN})", rest)
    if left:
        raise UserError(
            "There is no column “{name}” to compare.",
            "Compare one of these: {columns}.",
            name=left[1].strip("|"),
            columns=", ".join(column.title for column in sheet.columns),
        )


_LAYER, _NAME, _FIRST = 0, 1, 2
_NUMBERS = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class ParameterModel(QAbstractTableModel):
    """Rows in the order and choice of sorting and filter; columns as the sheet has them.

    ``entered`` carries a number that was typed, ``held`` a checkbox that was set: the parameter's
    name, the index into it, and the value. ``refused`` says why the filter is not in force;
    empty when it is.

    Attributes:
        sheet: What is shown.
    """

    entered = Signal(str, tuple, float)
    held = Signal(str, tuple, bool)
    refused = Signal(str)

    def __init__(self, sheet: ParameterSheet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheet = sheet
        self._order: Rows = np.arange(len(sheet.rows))
        self._filter = ""
        self._sorted_by = (-1, Qt.SortOrder.AscendingOrder)
        self._font = theme.number_font()

    def show_sheet(self, sheet: ParameterSheet) -> None:
        """Shows other numbers; rows that are the same ones keep selection and place."""
        rows, columns = self.sheet.rows, [column.id for column in self.sheet.columns]
        if sheet.rows is rows and [column.id for column in sheet.columns] == columns:
            self.sheet = sheet
            self._arrange()
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)
            return
        self.beginResetModel()
        self.sheet = sheet
        self._order = self._arranged()
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Lets only some rows through; see :func:`matching`."""
        self._filter = text
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column; by none, for -1. Numbers not there yet come last."""
        self._sorted_by = (column, order)
        self._arrange()

    def refresh_font(self) -> None:
        """The face of numbers may be another one."""
        self._font = theme.number_font()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.sheet.columns) + 3

    def row_at(self, index: Index) -> int:
        """Which row of the sheet stands there."""
        return int(self._order[index.row()])

    def column_at(self, index: Index) -> ParameterColumn | None:
        """Which column of numbers stands there; None for names and the checkbox."""
        return self._column(index.column())

    def positions(self, rows: Rows) -> Rows:
        """Where rows of the sheet stand, rising; those that the filter hides are left out."""
        return np.flatnonzero(np.isin(self._order, rows))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self._column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title if column else self._words(section)[0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip if column else self._words(section)[1]
        if role == Qt.ItemDataRole.TextAlignmentRole and column:
            return _NUMBERS
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.row_at(index), self._column(index.column())
        if column is not None:
            return self._number(column, row, role)
        if index.column() > _NAME:
            return self._hold(row, role)
        if role == Qt.ItemDataRole.DisplayRole:
            rows = self.sheet.rows
            return rows.layer(row) if index.column() == _LAYER else rows.symbol(row)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Asks for another number, or for a number to be held; it shows when the engine did it."""
        place = self.sheet.rows.place(self.row_at(index))
        if role == Qt.ItemDataRole.CheckStateRole:
            self.held.emit(*place, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        try:
            number = read_number(value)
        except UserError:
            return False
        if value != self.data(index, Qt.ItemDataRole.EditRole):
            self.entered.emit(*place, number)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        column = self._column(index.column())
        if column is not None and column.id == "value":
            flags |= Qt.ItemFlag.ItemIsEditable
        if index.column() == self.columnCount() - 1:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def text(self, positions: list[int]) -> str:
        """Rows as tab-separated values with all digits, below a line of titles."""
        rows = self.sheet.rows
        titles = [self.headerData(i, Qt.Orientation.Horizontal) for i in range(self.columnCount())]
        lines = ["\t".join(titles)]
        for position in positions:
            row = int(self._order[position])
            numbers = [_digits(column, row) for column in self.sheet.columns]
            held = str(int(self.sheet.frozen[row]))
            lines.append("\t".join((rows.layer(row), rows.symbol(row), *numbers, held)))
        return "\n".join(lines) + "\n"

    def _column(self, section: int) -> ParameterColumn | None:
        place = section - _FIRST
        return self.sheet.columns[place] if 0 <= place < len(self.sheet.columns) else None

    def _words(self, section: int) -> tuple[str, str]:
        return {
            _LAYER: (self.tr("Layer"), self.tr("The layer that it belongs to")),
            _NAME: (self.tr("Name"), self.tr("The unit it belongs to, then the input it weighs")),
        }.get(section, (self.tr("Frozen"), self.tr("Training leaves a frozen number as it is")))

    def _number(self, column: ParameterColumn, row: int, role: int) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _NUMBERS
        if role == Qt.ItemDataRole.FontRole:
            return self._font
        if role == Qt.ItemDataRole.DisplayRole:
            return four_digits(float(column.values[row])) if column.has(row) else ""
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.EditRole):
            return _digits(column, row)
        return None

    def _hold(self, row: int, role: int) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole:
            held = self.sheet.frozen[row]
            return Qt.CheckState.Checked if held else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._words(self.columnCount() - 1)[1]
        return None

    def _arranged(self) -> Rows:
        try:
            chosen = matching(self.sheet, self._filter)
            self.refused.emit("")
        except UserError as error:
            chosen = np.ones(len(self.sheet.rows), np.bool_)
            self.refused.emit(told(error.sentence))
        order = self._sorted_rows()
        return order[chosen[order]]

    def _sorted_rows(self) -> Rows:
        section, direction = self._sorted_by
        column, rows = self._column(section), self.sheet.rows
        descending = direction == Qt.SortOrder.DescendingOrder
        if column is not None:
            keys = -column.shown() if descending else column.shown()
            return np.argsort(keys, kind="stable")
        order = rows.by_name() if section == _NAME else np.arange(len(rows))
        if section >= _FIRST:
            order = np.argsort(~self.sheet.frozen, kind="stable")
        return order[::-1] if descending else order

    def _arrange(self) -> None:
        order = self._arranged()
        if np.array_equal(order, self._order):
            return
        if len(order) != len(self._order):
            self.beginResetModel()
            self._order = order
            self.endResetModel()
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        position = np.full(len(self.sheet.rows), -1)
        position[order] = np.arange(len(order))
        moved = [int(position[self.row_at(index)]) for index in old]
        self._order = order
        new = [self.index(row, index.column()) for row, index in zip(moved, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()


def _digits(column: ParameterColumn, row: int) -> str:
    """All digits, so that reading them back gives the very same number."""
    return full_number(float(column.values[row])) if column.has(row) else ""
