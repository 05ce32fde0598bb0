"""A second run that walks beside the session's, with one thing changed: behind it, never before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

from core.debugger.observer import read_only_copies
from core.errors import UserError
from core.experiment.spec import ExperimentSpec
from core.messages.breakpoints import Interventions
from core.messages.commands import WhatIf
from core.messages.record import Place, Record, Stepping
from core.messages.surface_views import Floats
from core.messages.twin import FirstDifference, TwinView
from core.sentence import Sentence
from core.session.twins import Twins
from core.training.run import Run
from core.training.step import Interrupted

_CHANGED = Sentence(
    "The run itself was changed, so its twin has ended.",
    "Set out another from here, if you like.",
)


@dataclass(frozen=True, eq=False)
class _Walk:
    """A second run, and the first as it was when they parted.

    Attributes:
        twins: Both, on copies.
        change: What is another in the second.
        run: The one that they walk beside.
        spec, hands: By which that one went.
    """

    twins: Twins
    change: WhatIf
    run: Run
    spec: ExperimentSpec
    hands: Interventions

    def is_beside(self, run: Run | None) -> bool:
        """Whether a run is still the one that they came from, and goes on by its rules."""
        same = run is self.run and self.run.trainer.spec.goes_on_as(self.spec)
        return same and self.run.trainer.interventions == self.hands


@dataclass(frozen=True, eq=False)
class _Shown:
    """What was worked out at a step, kept until both stand at another."""

    step: int
    parameters: dict[str, Floats]
    gradients: dict[str, Floats]


class Beside:
    """One second run at a time; nothing while there is none."""

    def __init__(self) -> None:
        self._walk: _Walk | None = None
        self._view: TwinView | None = None
        self._parted: FirstDifference | None = None
        self._record: Record | None = None
        self._compared: Record | None = None
        self._trouble: Sentence | None = None
        self._shown: _Shown | None = None

    def begin(self, run: Run, change: WhatIf) -> None:
        """Sets it out from where a run stands, in the place of one that there was.

        Raises:
            UserError: The change cannot be made, or the network would have other weights by it.
        """
        if run.trainer.spec.fault is not None:
            raise UserError(
                "This experiment is broken on purpose: it has no twin.",
                "Find its fault and repair it first.",
            )
        trainer = run.trainer
        twins = Twins(trainer, change)
        self.end()
        self._walk = _Walk(twins, change, run, trainer.spec, trainer.interventions)
        try:
            self._parted = twins.first_difference()
        except UserError as error:
            self._trouble = error.sentence

    def end(self) -> None:
        """Leaves it."""
        self._walk = self._view = self._parted = None
        self._record = self._compared = self._trouble = self._shown = None

    def follow(self, run: Run | None) -> None:
        """Ends it where the run that it walks beside is another now, or goes by other rules."""
        if self._walk is not None and not self._walk.is_beside(run):
            self.end_because()

    def end_because(self, reason: Sentence = _CHANGED) -> None:
        """Ends it, and keeps what it had come to for a last look."""
        if self._walk is None:
            return
        last = self._seen(self._walk, None)
        self.end()
        self._view = replace(last, stepping=None, goal=None, trouble=reason, is_ended=True)

    def is_behind(self, run: Run, stepping: Stepping | None) -> bool:
        """Whether there is something to do until it stands where the run does."""
        walk, goal = self._walk, self._goal(run, stepping)
        if walk is None or goal is None:
            return False
        return walk.twins.step != goal or self._is_to_be_recorded(stepping)

    def advance(self, run: Run, stepping: Stepping | None, interrupted: Callable[[], bool]) -> None:
        """Takes it to where the run stands, and records its step beside the one recorded."""
        walk, goal = self._walk, self._goal(run, stepping)
        if walk is None or goal is None:
            return
        twins = walk.twins
        try:
            twins.go_to(goal, interrupted)
            if twins.step == goal and self._is_to_be_recorded(stepping):
                assert stepping is not None
                self._take_apart(twins, stepping.record)
        except Interrupted:
            return
        except Exception:
            self.end()  # else it would be tried again at once, and fail again
            raise

    def keep_up(self, run: Run, seconds: float, interrupted: Callable[[], bool]) -> None:
        """Goes on beside a run that trains, for so long."""
        end = perf_counter() + seconds
        self.advance(run, None, lambda: perf_counter() > end or interrupted())

    def view(self, run: Run, stepping: Stepping | None) -> TwinView | None:
        """What may be seen of it; of one that has ended, what it had come to."""
        if self._walk is None:
            return self._view
        seen = self._seen(self._walk, self._goal(run, stepping))
        if stepping is None or self._record is None or self._compared is not stepping.record:
            return seen
        return replace(seen, stepping=_beside(stepping, self._record))

    def _seen(self, walk: _Walk, goal: int | None) -> TwinView:
        twins, trainer = walk.twins, walk.twins.twin
        if self._shown is None or self._shown.step != trainer.step:
            gradients = dict(zip(trainer.names, trainer.gradients, strict=False))
            values = read_only_copies(trainer.network.named()), read_only_copies(gradients)
            self._shown = _Shown(trainer.step, *values)
        return TwinView(
            walk.change, trainer.spec, twins.origin, twins.step, goal, twins.losses, self._parted,
            parameters=self._shown.parameters, gradients=self._shown.gradients,
            trouble=self._trouble,
        )  # fmt: skip

    def _goal(self, run: Run, stepping: Stepping | None) -> int | None:
        """Before the step recorded, or where the run stands; None before the two have parted."""
        goal = stepping.record.step - 1 if stepping is not None else run.trainer.step
        return goal if self._walk is not None and goal >= self._walk.twins.origin else None

    def _is_to_be_recorded(self, stepping: Stepping | None) -> bool:
        return stepping is not None and stepping.record is not self._compared

    def _take_apart(self, twins: Twins, beside: Record) -> None:
        try:
            self._record, self._trouble = twins.records()[1], None
        except UserError as error:
            self._record, self._trouble = None, error.sentence
        self._compared = beside


def _beside(stepping: Stepping, record: Record) -> Stepping:
    """The cursor at the same operation of the second step, or after all that came before it."""
    entries, place = stepping.record.entries, stepping.place
    if place.entry < 0:
        return replace(stepping, record=record, stopped=None)
    where = {entry.writes: index for index, entry in enumerate(record.entries)}
    for index in range(place.entry, -1, -1):
        found = where.get(entries[index].writes)
        if found is not None:
            same = index == place.entry and record.entries[found].count == entries[index].count
            number = place.number if same else record.entries[found].count
            return Stepping(record, Place(found, number), stepping.can_go_back)
    return Stepping(record, Place(), stepping.can_go_back)
