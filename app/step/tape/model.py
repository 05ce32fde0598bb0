"""The operations of a recorded step as a list, each phase under its name."""

from __future__ import annotations

from enum import Enum, IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from app.kit.controls import Index
from app.kit.numbers import whole
from app.link.operations import phase_name
from app.step.words import entry_name
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.record import Phase, Record, Stepping

_ROOT = QModelIndex()


class TapeRole(IntEnum):
    """What the delegate asks for."""

    STAND = Qt.ItemDataRole.UserRole + 1
    HOLDS = Qt.ItemDataRole.UserRole + 2
    COUNT = Qt.ItemDataRole.UserRole + 3


class Stand(Enum):
    """Of a row: a heading, or how far its operation is."""

    HEADING = "heading"
    DONE = "done"
    HERE = "here"
    COMING = "coming"


class TapeModel(QAbstractListModel):
    """A row a phase and a row an operation; only a new record changes the rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._record: Record | None = None
        self._rows: list[Phase | int] = []
        self._row_of: dict[int, int] = {}
        self._stepping: Stepping | None = None
        self._points: dict[str, bool] = {}

    def show_stepping(self, stepping: Stepping | None) -> None:
        """Follows the cursor."""
        before = self._stepping.place.entry if self._stepping is not None else -1
        self._stepping = stepping
        record = stepping.record if stepping is not None else None
        if record is not self._record:
            self._fill(record)
        elif stepping is not None and self._rows:
            first, last = sorted((before, stepping.place.entry))
            top, bottom = self._row_of.get(first, 0), self._row_of.get(last, 0)
            self.dataChanged.emit(self.index(top), self.index(bottom))

    def show_breakpoints(self, breakpoints: tuple[Breakpoint, ...]) -> None:
        """Marks the operations that hold."""
        points = {p.writes: p.on for p in breakpoints if p.condition is Condition.ENTRY}
        if points != self._points:
            self._points = points
            if self._rows:
                self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def entry_at(self, index: Index) -> int | None:
        """The operation of a row; None for a heading."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        return row if isinstance(row, int) else None

    def index_of(self, entry: int) -> QModelIndex:
        """The row of an operation; before the first, the top."""
        return self.index(self._row_of.get(entry, 0)) if self._rows else QModelIndex()

    def writes(self, entry: int) -> str:
        """The key of what an operation computes."""
        return self._record.entries[entry].writes if self._record is not None else ""

    def rowCount(self, _parent: Index = _ROOT) -> int:
        return len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.entry_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role == TapeRole.STAND:
            return self._stand(row)
        if isinstance(row, Phase):
            return phase_name(row) if role == Qt.ItemDataRole.DisplayRole else None
        assert self._record is not None
        entry = self._record.entries[row]
        known: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: entry_name(entry),
            TapeRole.HOLDS: self._points.get(entry.writes),
            TapeRole.COUNT: whole(entry.count),
        }
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(entry_name(entry), entry.count)
        return known.get(role)

    def _tip(self, name: str, count: int) -> str:
        text = self.tr("{operation}: numbers computed: {count}. Double-click to go there.")
        return text.format(operation=name, count=whole(count))

    def _stand(self, row: Phase | int) -> Stand:
        if isinstance(row, Phase):
            return Stand.HEADING
        here = self._stepping.place.entry if self._stepping is not None else -1
        return Stand.HERE if row == here else Stand.DONE if row < here else Stand.COMING

    def _fill(self, record: Record | None) -> None:
        self.beginResetModel()
        self._record, self._rows, self._row_of = record, [], {}
        phase: Phase | None = None
        for number, entry in enumerate(record.entries if record is not None else ()):
            if entry.phase is not phase:
                phase = entry.phase
                self._rows.append(phase)
            self._row_of[number] = len(self._rows)
            self._rows.append(number)
        self.endResetModel()
