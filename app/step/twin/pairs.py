"""Numbers of both runs side by side: of the operation at the cursor, or all that is learned."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QObject, Qt

from app.kit import theme
from app.kit.controls import Index
from app.kit.numbers import four_digits, full_number
from app.link.parameter_rows import ParameterRows
from app.link.spots import sample_in
from core.debugger.differing import name_of
from core.experiment import symbols
from core.expression.plain import plain
from core.expression.tree import Symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.messages.record import Stepping
    from core.messages.snapshot import Snapshot
    from core.messages.surface_views import Floats
    from core.messages.twin import TwinView

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Numbers of the one beside those of the other; NaN where a run has none.

    Attributes:
        this, twin: (n,) each.
        name: What a row is called.
    """

    this: Values = field(default_factory=lambda: np.zeros(0))
    twin: Values = field(default_factory=lambda: np.zeros(0))
    name: Callable[[int], str] = str

    def __len__(self) -> int:
        return len(self.this)

    @property
    def apart(self) -> Values:
        """(n,) the twin's less this run's."""
        return self.twin - self.this


def of_operation(snapshot: Snapshot, twin: TwinView, sample: int | None) -> Pairs | None:
    """The numbers that the operation at the cursor has computed; None where it is in no step.

    Args:
        snapshot: The run.
        twin: What walks beside it.
        sample: Whose numbers are looked at; None for the whole batch's.
    """
    stepping, beside = snapshot.stepping, twin.stepping
    entry = stepping.entry if stepping is not None else None
    if stepping is None or beside is None or entry is None:
        return None
    key, record = entry.writes, stepping.record
    this, other = _known(stepping, key), _known(beside, key, like=record.arrays[key])
    chosen: tuple[int, ...] = ()
    sample = sample_in(record, sample)
    if entry.per_sample and sample is not None:
        this, other, chosen = this[sample], other[sample], (sample,)
    shape = this.shape

    def name(row: int) -> str:
        place = np.unravel_index(row, shape) if shape else ()
        return name_of(record, key, (*chosen, *(int(i) for i in place)))

    return Pairs(this.reshape(-1), other.reshape(-1), name)


def of_parameters(snapshot: Snapshot, twin: TwinView) -> Pairs:
    """Weights and biases; in a recorded step those that each has at the cursor."""
    stepping, beside = snapshot.stepping, twin.stepping
    if stepping is not None and beside is not None:
        this, other = _weights(stepping), _weights(beside)
    else:
        this, other = snapshot.held, twin.parameters or {}
    rows = ParameterRows({name: array.shape for name, array in this.items()}, {})

    def name(row: int) -> str:
        parameter, index = rows.place(row)
        layer = ".".join(str(int(part) + 1) for part in parameter.split(".")[:-1])
        below = ",".join(str(i + 1) for i in index)
        letter = symbols.letter(parameter, rows.shapes)
        return plain(Symbol(letter, above=f"({layer})", below=below))

    own, twins = (np.asarray(rows.spread(each), np.float64) for each in (this, other))
    return Pairs(own, twins, name)


def _known(stepping: Stepping, key: str, like: Floats | None = None) -> NDArray[np.float64]:
    """An array of the step, NaN where the cursor has not come to yet; all NaN if it has none."""
    found = stepping.record.arrays.get(stepping.record.canonical(key))
    if found is None or (like is not None and found.shape != like.shape):
        shape = like.shape if like is not None else ()
        return np.full(shape, np.nan)
    return np.asarray(found, np.float64)


def _weights(stepping: Stepping) -> Mapping[str, Any]:
    """What the network holds at the cursor: the new values of those that are updated already."""
    arrays, found = stepping.record.arrays, dict(stepping.record.parameters)
    for name in found:
        if f"after:{name}" in arrays and stepping.known(f"after:{name}") is None:
            found[name] = arrays[f"after:{name}"]
    return found


_NAME, _THIS, _TWIN, _APART = range(4)
_NUMBERS = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class PairsModel(QAbstractTableModel):
    """Rows as they come, or those that differ most first; only what is seen is put into words."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pairs = Pairs()
        self._order: NDArray[np.intp] = np.zeros(0, np.intp)
        self._column, self._falling = -1, False

    def show_pairs(self, pairs: Pairs) -> None:
        """Takes other numbers, in the order chosen."""
        same = len(pairs) == len(self.pairs)
        if not same:
            self.beginResetModel()
        self.pairs = pairs
        self._arrange()
        if not same:
            self.endResetModel()
        elif len(pairs):
            self.dataChanged.emit(self.index(0, 0), self.index(len(pairs) - 1, _APART))

    def row(self, row: int) -> int:
        """Which of the pairs stands in a row."""
        return int(self._order[row])

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.pairs)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return (_tr("Number"), _tr("This run"), _tr("Twin"), _tr("Difference"))[section]

    def data(self, index: Index, role: int = 0) -> object:
        roles = Qt.ItemDataRole
        if role == roles.TextAlignmentRole and index.column() != _NAME:
            return _NUMBERS
        if role == roles.FontRole and index.column() != _NAME:
            return theme.number_font()
        if role not in (roles.DisplayRole, roles.ToolTipRole):
            return None
        place = self.row(index.row())
        if index.column() == _NAME:
            return self.pairs.name(place)
        value = float(self._values(index.column())[place])
        if isnan(value):
            return _tr("none") if role == roles.ToolTipRole else "–"
        return four_digits(value) if role == roles.DisplayRole else full_number(value)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; differences by their size."""
        self._column, self._falling = column, order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        self._arrange()
        self.layoutChanged.emit()

    def text(self) -> str:
        """All rows with all digits, as a spreadsheet takes them."""
        heads = [str(self.headerData(i, Qt.Orientation.Horizontal)) for i in range(4)]
        lines = ["\t".join(heads)]
        for place in self._order:
            numbers = [self._values(column)[place] for column in (_THIS, _TWIN, _APART)]
            cells = (repr(float(value)) for value in numbers)
            lines.append("\t".join([self.pairs.name(int(place)), *cells]))
        return "\n".join(lines)

    def _values(self, column: int) -> Values:
        if column == _APART:
            return self.pairs.apart
        return self.pairs.this if column == _THIS else self.pairs.twin

    def _arrange(self) -> None:
        order = np.arange(len(self.pairs), dtype=np.intp)
        if self._column >= _THIS:
            values = self._values(self._column)
            values = np.abs(values) if self._column == _APART else values
            order = np.argsort(-values if self._falling else values, kind="stable")
        elif self._column == _NAME and self._falling:
            order = order[::-1]
        self._order = order


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhatIf", text)
