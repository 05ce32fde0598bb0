"""What a lesson wants to be seen beside it; who lays panels out follows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

Columns = tuple[tuple[str, ...], ...]


class Stage(QObject):
    """The panels beside a lesson's text.

    Attributes:
        columns: Their ids, a tuple for each column; empty while no lesson is open.
        more: Whether they show all that they have.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: Columns = ()
        self.more = False

    def set(self, columns: Columns, *, more: bool = False) -> None:
        """Wants other panels."""
        if (columns, more) != (self.columns, self.more):
            self.columns, self.more = columns, more
            self.changed.emit()
