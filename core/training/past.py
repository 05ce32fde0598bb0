"""Where one can go back to in a run, and how; a run set aside; looks at the steps around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from core.errors import UserError
from core.messages.breakpoints import Interventions
from core.messages.curves import Curves
from core.messages.snapshot import Branch, KeptSteps, RunState
from core.sentence import Sentence
from core.training.measuring import Measured
from core.training.state import TrainingState, live_tensors, parameter_vector
from core.training.stretches import Stretch, Stretches
from core.training.taking import SMALL
from core.training.timeline import Timeline
from core.training.trainer import Trainer

KEEP_EVERY = 0.2
"""Seconds from one kept state to the next, where states are large."""

BRANCHES = 4
"""Runs left for another whose curves are kept."""

ROUNDING = 1e-3
"""Of an update: so much may a step that is taken anew differ from the one that was taken."""


@dataclass(frozen=True, eq=False)
class Memento:
    """A run set aside, to be taken up again.

    Attributes:
        training: Its newest state.
        measured: Its curves.
        state: What it was doing.
        message: What it said of that.
        interventions: What a person had laid hands on.
        branches: The runs left for it.
        stretches: Its line of history.
        fork: The state in its past at which it was left for another line, if it was.
    """

    training: TrainingState
    measured: Measured
    state: RunState
    message: Sentence | None
    interventions: Interventions
    branches: tuple[Branch, ...]
    stretches: tuple[Stretch, ...]
    fork: TrainingState | None = None

    @property
    def bytes(self) -> int:
        """The memory its states take."""
        return self.training.bytes + (self.fork.bytes if self.fork is not None else 0)


class Past:
    """The states kept along a run, which of its steps they lead to, and the runs left for it.

    Args:
        trainer: Whose past.
        live: Whether a person watches, who may go back: otherwise the first state alone is kept.

    Attributes:
        timeline: The states.
        stretches: The line of history.
        branches: The runs left, newest last.
        ends: The newest state of each, by its number.
        safe: The newest state that is known to be finite.
    """

    def __init__(self, trainer: Trainer, *, live: bool) -> None:
        self._trainer = trainer
        self._live = live
        self.stretches = Stretches(trainer)
        self._kept_at = 0.0
        self.timeline = Timeline()
        self.branches: tuple[Branch, ...] = ()
        self.ends: dict[int, TrainingState] = {}
        self.safe = trainer.state()
        self.timeline.add(self.safe)

    @property
    def head_step(self) -> int:
        """The newest step of the run, though it may be looked at in its past."""
        return max(self._trainer.step, self.timeline.last_step)

    @property
    def is_visited(self) -> bool:
        """Whether an earlier step than the newest is looked at."""
        return self._trainer.step < self.head_step

    def adopt(
        self,
        newest: TrainingState,
        visited: TrainingState | None,
        states: Iterable[TrainingState],
        stretches: tuple[Stretch, ...],
    ) -> None:
        """Takes over the past of another run of the same description; see :meth:`Run.take_up`."""
        self.timeline.truncate(-1)
        for state in (*states, newest):
            self.timeline.add(state)
        self.stand_at(newest)
        self.stretches.adopt(stretches)
        if visited is not None:
            self.stand_at(visited)

    def view(self) -> KeptSteps:
        """What may be seen of it."""
        kept = self.timeline
        return KeptSteps(
            kept.first, self.head_step, kept.steps(), kept.bytes, kept.budget, self.branches
        )

    def remember(self, *, seldom: bool = False) -> None:
        """Keeps the state; with ``seldom`` one that is large only now and then."""
        self.safe = self._trainer.state()
        early = perf_counter() - self._kept_at < KEEP_EVERY
        if self._live and not (seldom and early and self._trainer.state_bytes > SMALL):
            self.timeline.add(self.safe)
            self._kept_at = perf_counter()

    def keep_newest(self) -> None:
        """Keeps the state at the newest step, so that it can be come back to."""
        if self._trainer.step > self.timeline.last_step:
            self.remember()

    def stand_at(self, state: TrainingState) -> None:
        """Puts the trainer into one of the run's states."""
        self._trainer.restore(state)
        self.safe = state

    def stands_at(self, state: TrainingState) -> bool:
        """Whether the trainer is in this very state now."""
        step, tensors = self._trainer.step, live_tensors(self._trainer.network)
        return step == state.step and all(map(torch.equal, tensors, state.tensors))

    def go_to(self, step: int) -> None:
        """Takes the trainer to a step, computed anew from the newest state kept before it.

        Where the run was changed in between, that state itself is the nearest that can be shown.

        Raises:
            UserError: The states from so long ago are gone.
        """
        self.keep_newest()
        state = self.timeline.at_or_before(step)
        if state is None:
            raise UserError("Step {step} is not kept any more.", step=step)
        trainer, goal = self._trainer, min(step, self.head_step)
        self.stand_at(state)
        if self.stretches.are_alike(state.step + 1, goal + 1):
            trainer.run_on(goal - trainer.step)
            trainer.flush()

    def can_repeat(self, step: int) -> bool:
        """Whether a step of the past would come out again as it did."""
        kept = self.timeline.steps()
        position = int(np.searchsorted(kept, step))
        if position == 0:
            return False
        return self.stretches.are_alike(int(kept[position - 1]) + 1, step)

    def went_on_from(self, reached: TrainingState) -> TrainingState:
        """The state after a step of the past, with what was then changed in it by hand."""
        kept = self.timeline.at_or_before(reached.step)
        if kept is not None and kept.step == reached.step and self.can_repeat(reached.step):
            return kept
        return reached

    def begin_stretch(self) -> None:
        """Takes in that the present state or the rules were changed by hand."""
        self.stretches.begin()
        self.remember()

    def branch(self, curves: Curves) -> None:
        """Lets the run go on from here; what came after is a branch, with these curves."""
        trainer = self._trainer
        number = self.branches[-1].number + 1 if self.branches else 1
        self.branches = (*self.branches, Branch(number, trainer.step, curves))[-BRANCHES:]
        self.ends[number] = self.timeline.last or trainer.state()
        kept = {branch.number for branch in self.branches}
        self.ends = {number: end for number, end in self.ends.items() if number in kept}
        self.timeline.add(trainer.state())
        self.stretches.begin()

    def take_up(self, memento: Memento) -> None:
        """Goes over to another line of history; states that are not of it are forgotten."""
        trainer = self._trainer
        trainer.restore(memento.training)
        self.branches = memento.branches
        parted = self.stretches.take_up(memento.stretches)
        if parted is not None:
            self.timeline.truncate(parted - 1)
        if memento.fork is not None and memento.fork.step == parted:
            self.timeline.add(memento.fork)
        self.remember()


def after_next_step(trainer: Trainer) -> Tensor:
    """(p,) the parameters that the next step leads to."""
    with coming_back(trainer):
        trainer.run(1)
        return parameter_vector(trainer.network)


def last_update(trainer: Trainer, kept: TrainingState) -> Tensor | None:
    """(p,) what the last step added to the parameters, taken anew from a state before it.

    None where that does not lead to where they stand: somebody has changed them by hand since.
    """
    step, here = trainer.step, parameter_vector(trainer.network)
    with coming_back(trainer):
        trainer.restore(kept)
        trainer.run_on(step - 1 - trainer.step)
        update = here - parameter_vector(trainer.network)
        trainer.run(1)
        off = parameter_vector(trainer.network) - here
    # On a GPU the same step may round otherwise.
    return update if bool(off.norm() <= ROUNDING * update.norm()) else None


@contextmanager
def coming_back(trainer: Trainer) -> Iterator[None]:
    """Leaves the trainer as it was, wherever it is taken meanwhile.

    To be used between two slices, so that no losses wait to be brought over.
    """
    state, gradients = trainer.state(), trainer.gradients
    try:
        yield
    finally:
        trainer.restore(state)
        trainer.gradients = gradients
