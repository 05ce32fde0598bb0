"""The changes made while a run was under way, in the order of its steps."""

from __future__ import annotations

from collections.abc import Iterable

from core.messages.changes import Difference, RunChange

MOST = 500
"""Marks that a run keeps; the oldest go first."""


class Changes:
    """What was changed at which step; what is taken back before the next step was no change."""

    def __init__(self) -> None:
        self.all: tuple[RunChange, ...] = ()
        self._gesture: int | None = None

    @property
    def last(self) -> int:
        """The step of the newest; 0 where there was none."""
        return self.all[-1].step if self.all else 0

    def add(self, step: int, differences: Iterable[Difference], gesture: int | None = None) -> None:
        """Takes changes in.

        Args:
            step: The last step by the old rules; before the first there is nothing to mark.
            differences: What became another.
            gesture: Changes of one gesture (a slider's drag) are one, where it began.
        """
        new = tuple(differences)
        if step <= 0 or not new:
            return
        last = self.all[-1] if self.all else None
        is_same = gesture is not None and gesture == self._gesture
        self._gesture = gesture
        if last is None or not (is_same or last.step == step):
            self.all = (*self.all, RunChange(step, new))[-MOST:]
            return
        merged = _merged(last.differences, new)
        kept = (RunChange(last.step, merged),) if merged else ()
        self.all = (*self.all[:-1], *kept)

    def truncate(self, step: int) -> None:
        """Forgets what was changed after a step."""
        self.all = tuple(change for change in self.all if change.step <= step)
        self._gesture = None


def _merged(
    before: tuple[Difference, ...], after: tuple[Difference, ...]
) -> tuple[Difference, ...]:
    """Both in one: from the first's before to the last's after, where these differ."""
    found = {one.what: one for one in before}
    for one in after:
        first = found.get(one.what, one)
        found[one.what] = Difference(one.what, first.before, one.after, one.is_deed)
    return tuple(one for one in found.values() if one.is_deed or one.before != one.after)
