"""How the steps of a slice are taken: many at once, or one by one under somebody's eyes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from core.sentence import Sentence
from core.training.metrics import Slice
from core.training.state import TrainingState
from core.training.trainer import Interruption, Trainer

STRIDE = 32
"""Steps from one kept state to the next, where states are small."""

SMALL = 64 * 2**10
"""Bytes of a small state: a copy of it costs less than a step."""


@dataclass(frozen=True, eq=False)
class BreakpointHit:
    """A breakpoint that held while training.

    Attributes:
        before: The state before the very step that hit.
        reason: Which it was, in words.
    """

    before: TrainingState
    reason: Sentence


class Taking:
    """Takes steps for a run.

    Args:
        trainer: Whose steps.
        keep: Takes a state now and then, for the run's past; None where nobody goes back.
        take_in: Takes what a step gave, when each is looked at; says whether to go on.

    Attributes:
        watcher: Takes the trainer's next step and says whether training should hold there.
        probe: May take a step at the beginning of a slice, to measure it.
        hit: The breakpoint that held last, until somebody has looked at it.
    """

    def __init__(
        self,
        trainer: Trainer,
        keep: Callable[[TrainingState], None] | None,
        take_in: Callable[[Slice], bool],
    ) -> None:
        self._trainer = trainer
        self._keep = keep
        self._take_in = take_in
        self.watcher: Callable[[Trainer], Sentence | None] | None = None
        self.probe: Callable[[Trainer], None] | None = None
        self.hit: BreakpointHit | None = None

    def take(
        self, end: int | None, until: float, interrupted: Interruption, *, across: bool
    ) -> None:
        """Takes steps; one at the least.

        Args:
            end: The step to stop at; None for no end.
            until: A moment of ``perf_counter`` after which no step is begun.
            interrupted: Looked at after each step; True ends the stretch.
            across: Whether to go on from one epoch into the next.
        """
        goal = 2**62 if end is None else max(end, self._trainer.step + 1)
        if self.watcher is not None:
            self._take_watched(self.watcher, goal, until, interrupted)
            return
        if self.probe is not None:
            before = self._trainer.step
            self.probe(self._trainer)
            if self._trainer.step > before and self._is_at(goal, across=across):
                return
        self._take_many(goal, until, interrupted, across=across)

    def _take_many(
        self, goal: int, until: float, interrupted: Interruption, *, across: bool
    ) -> None:
        """Many at once; where states are small, one is kept now and then."""
        trainer = self._trainer
        take = trainer.run_on if across else trainer.run
        keep = self._keep if trainer.state_bytes <= SMALL else None
        stride = STRIDE if keep is not None else 2**62
        while True:
            before = trainer.step
            take(min(stride, goal - before), until, interrupted)
            if trainer.step == before or self._is_at(goal, across=across):
                return
            if perf_counter() >= until or interrupted():
                return
            if keep is not None:
                keep(trainer.state())

    def _take_watched(
        self,
        watcher: Callable[[Trainer], Sentence | None],
        goal: int,
        until: float,
        interrupted: Interruption,
    ) -> None:
        """One by one, each looked at; a step that hits is put back."""
        trainer = self._trainer
        while True:
            before = trainer.state()
            reason = watcher(trainer)
            if reason is not None:
                trainer.restore(before)
                self.hit = BreakpointHit(before, reason)
                return
            part = trainer.flush()
            if part is None or not self._take_in(part) or self._is_at(goal, across=False):
                return
            if perf_counter() >= until or interrupted():
                return

    def _is_at(self, goal: int, *, across: bool) -> bool:
        trainer = self._trainer
        return trainer.step >= goal or (trainer.epoch_step == 0 and not across)
