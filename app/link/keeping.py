"""What of an experiment would be lost if its tab closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.experiment.spec import ExperimentSpec
    from core.messages.snapshot import Snapshot


class Keeping:
    """Training, or changes of the experiment, since it was opened or saved.

    What a lesson puts into the tab, and what it has one do there, is nobody's own: it can be had
    again. What was there before the lesson is kept in undo, and is the person's own.
    """

    def __init__(self) -> None:
        self._step = 0
        self._spec: ExperimentSpec | None = None
        self._given: ExperimentSpec | None = None
        self._has_own = False
        self._in_lesson = False

    def begin(self, spec: ExperimentSpec) -> None:
        """It was opened with this, untrained."""
        self._given = self._spec = spec

    @property
    def is_begun(self) -> bool:
        """Whether it is known with what it was opened."""
        return self._spec is not None

    def keep(self, snapshot: Snapshot) -> None:
        """All is in a file now."""
        self._step, self._spec = snapshot.progress.step, snapshot.spec
        self._has_own = False

    def is_unsaved(self, snapshot: Snapshot) -> bool:
        """Whether there is anything of one's own that is in no file."""
        if self._has_own or self._in_lesson:
            return self._has_own
        step, spec = snapshot.progress.step, snapshot.spec
        if step == 0 and spec == self._given:
            return False
        return step not in (0, self._step) or (self._spec is not None and spec != self._spec)

    def begin_lesson(self, before: Snapshot) -> None:
        """From now on what becomes of it is the lesson's."""
        if not self._in_lesson:
            self._has_own = self.is_unsaved(before)
            self._in_lesson = True

    def note_own(self) -> None:
        """Amid a lesson one has gone one's own way."""
        self._has_own = self._has_own or self._in_lesson

    def end_lesson(self, snapshot: Snapshot) -> None:
        """What is there was the lesson's; what one makes of it from now on is one's own."""
        if self._in_lesson:
            self._in_lesson = False
            self._step, self._spec = snapshot.progress.step, snapshot.spec
