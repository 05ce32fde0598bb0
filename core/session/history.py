"""Undo and redo over descriptions, each with what the run was worth when it was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from core.experiment.changes import change_of
from core.experiment.spec import ExperimentSpec
from core.messages.commands import Edit
from core.sentence import Sentence

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
        self._changes: list[tuple[ExperimentSpec, ExperimentSpec, Sentence | None]] = []

    @property
    def undo_label(self) -> str | None:
        """The edit that undo would take back."""
        return self._undo[-1].label if self._undo else None

    @property
    def redo_label(self) -> str | None:
        """The edit that redo would make again."""
        return self._redo[-1].label if self._redo else None

    def undo_change(self, present: ExperimentSpec) -> Sentence | None:
        """What undo would take back, where that is one field."""
        return self._change(self._undo[-1].spec, present) if self._undo else None

    def redo_change(self, present: ExperimentSpec) -> Sentence | None:
        """What redo would do again, where that is one field."""
        return self._change(present, self._redo[-1].spec) if self._redo else None

    def _change(self, before: ExperimentSpec, after: ExperimentSpec) -> Sentence | None:
        """Asked for with each snapshot, but another only when a description is."""
        for known in self._changes:
            if known[0] is before and known[1] is after:
                return known[2]
        told = change_of(before, after)
        self._changes = [*self._changes[-1:], (before, after, told)]
        return told

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
