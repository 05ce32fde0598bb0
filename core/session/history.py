"""Undo and redo over descriptions, each with what the run was worth when it was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from core.experiment.spec import ExperimentSpec
from core.messages.commands import Edit

M = TypeVar("M")

DEPTH = 200
BUDGET = 128 * 2**20
"""Bytes that the mementos may take together; beyond it the oldest edits are forgotten."""


@dataclass(frozen=True)
class _Entry(Generic[M]):
    label: str
    spec: ExperimentSpec
    memento: M | None
    gesture: int | None = None


class History(Generic[M]):
    """Two stacks of descriptions.

    A memento is whatever the owner wants back with a description: here the weights that an edit
    threw away. It is None where the edit threw nothing away.
    """

    def __init__(self, size_of: Callable[[M], int] = lambda memento: 0) -> None:
        self._size_of = size_of
        self._undo: list[_Entry[M]] = []
        self._redo: list[_Entry[M]] = []

    @property
    def undo_label(self) -> str | None:
        """The edit that undo would take back."""
        return self._undo[-1].label if self._undo else None

    @property
    def redo_label(self) -> str | None:
        """The edit that redo would make again."""
        return self._redo[-1].label if self._redo else None

    def record(self, edit: Edit, before: ExperimentSpec, memento: M | None) -> None:
        """Remembers where an edit came from; edits of one gesture are one."""
        self._redo.clear()
        last = self._undo[-1] if self._undo else None
        if edit.gesture is not None and last is not None and last.gesture == edit.gesture:
            if last.memento is None:
                self._undo[-1] = replace(last, memento=memento)
            return
        self._undo.append(_Entry(edit.label, before, memento, edit.gesture))
        del self._undo[:-DEPTH]
        sizes = [self._size_of(e.memento) if e.memento is not None else 0 for e in self._undo]
        while len(sizes) > 1 and sum(sizes) > BUDGET:
            del self._undo[0], sizes[0]

    def undo(self, present: ExperimentSpec, memento: M | None) -> tuple[ExperimentSpec, M | None]:
        """The description and memento to go back to, the present ones kept for redo.

        Raises:
            IndexError: There is nothing to undo.
        """
        return self._swap(self._undo, self._redo, present, memento)

    def redo(self, present: ExperimentSpec, memento: M | None) -> tuple[ExperimentSpec, M | None]:
        """The description and memento to go on to again; raises as :meth:`undo`."""
        return self._swap(self._redo, self._undo, present, memento)

    @staticmethod
    def _swap(
        source: list[_Entry[M]],
        target: list[_Entry[M]],
        present: ExperimentSpec,
        memento: M | None,
    ) -> tuple[ExperimentSpec, M | None]:
        entry = source.pop()
        kept = memento if entry.memento is not None else None
        target.append(_Entry(entry.label, present, kept, None))
        return entry.spec, entry.memento
