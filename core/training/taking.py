"""How the steps of a slice are taken: many at once, or one by one under somebody's eyes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from core.sentence import Sentence
from core.training.metrics import Slice
from core.training.state import TrainingState
from core.training.trainer import Interruption, Trainer

STRIDE = 32
"""Steps from one kept state to the next, where states are small."""

SMALL = 64 * 2**10
"""Bytes of a small state: a copy of it costs less than a step."""


Watching = Callable[[Trainer], Sentence | None]
"""Takes the trainer's next step; why training should hold there, if it should."""


class Taking:
    """Takes steps for a run.

    Args:
        trainer: Whose steps.
        keep: Takes a state now and then, for the run's past; None where nobody goes back.
        take_in: Takes what a step gave, when each is looked at; says whether to go on.

    Attributes:
        watcher: Takes every step, while somebody waits for something.
        probe: May take a step at the beginning of a slice, to measure it.
        hit: Why training held, until somebody has looked at it.
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
        self.watcher: Watching | None = None
        self.probe: Callable[[Trainer], None] | None = None
        self.hit: Sentence | None = None

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
        before = self._trainer.step
        if self.watcher is not None:
            while self._take_watched(self.watcher):
                if self._is_at(goal, across=across) or perf_counter() >= until or interrupted():
                    return
            return
        if self.probe is not None:
            self.probe(self._trainer)
        if self._trainer.step == before or not self._is_at(goal, across=across):
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

    def _take_watched(self, watcher: Watching) -> bool:
        """Takes one and looks at it; one that hits is put back. Says whether to go on."""
        before = self._trainer.state()
        self.hit = watcher(self._trainer)
        if self.hit is not None:
            self._trainer.restore(before)
            return False
        part = self._trainer.flush()
        return part is not None and self._take_in(part)

    def _is_at(self, goal: int, *, across: bool) -> bool:
        trainer = self._trainer
        return trainer.step >= goal or (trainer.epoch_step == 0 and not across)
