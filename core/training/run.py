"""One run from new weights on: takes steps, measures, notices divergence, knows when to end."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from time import perf_counter

import numpy as np
import torch

from core.data import Dataset
from core.errors import UserError
from core.experiment.layers import LayerShape
from core.experiment.spec import ExperimentSpec
from core.messages.breakpoints import Interventions
from core.messages.snapshot import Branch, Diverged, EpochDone, Event, Finished, Progress, RunState
from core.sentence import Sentence
from core.training.divergence import divergence
from core.training.evaluation import Score
from core.training.measured import Measured
from core.training.measuring import Measuring
from core.training.memento import Memento
from core.training.pace import Pace
from core.training.state import TrainingState, live_tensors
from core.training.stopping import Stopping
from core.training.stretches import Stretches, rules_of
from core.training.taking import SMALL, Taking
from core.training.timeline import Timeline
from core.training.trainer import Slice, Trainer

KEEP_EVERY = 0.2
"""Seconds from one kept state to the next, where states are large."""

BRANCHES = 4
"""Runs left for another whose curves are kept."""

SHORT_EPOCH = 0.1
"""Seconds; the ends of shorter epochs are passed without a measurement when a person watches."""


class Run:
    """A trainer with its measurements and its state.

    Args:
        spec: The experiment.
        shapes: The network's.
        data: Its samples.
        device: Where to compute.
        emit: Takes the events.
        live: Whether a person watches: the test set is measured within epochs too, and the
            accuracy of every batch.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        shapes: tuple[LayerShape, ...],
        data: Dataset,
        device: torch.device,
        emit: Callable[[Event], None],
        *,
        live: bool,
    ) -> None:
        self.trainer = Trainer(spec, shapes, data, device, accuracy=live)
        self.measured = Measured()
        self.state = RunState.READY
        self.message: Sentence | None = None
        self._emit = emit
        self._live = live
        self._pace = Pace()
        self._stopping = Stopping()
        self._goal: int | None = None
        self._measuring = Measuring(self.trainer, live=live)
        self._epoch_over = False
        self.timeline = Timeline()
        self._stretches = Stretches(rules_of(self.trainer))
        self._kept_at = 0.0
        self.branches: tuple[Branch, ...] = ()
        self.ends: dict[int, TrainingState] = {}
        self.taking = Taking(
            self.trainer, self.timeline.add if live else None, self._take_in_watched
        )
        self.safe = self.trainer.state()
        self.timeline.add(self.safe)
        self._measuring.ask()

    @property
    def busy(self) -> bool:
        """Whether there is anything to do without a further command."""
        return self.state is RunState.RUNNING or self._measuring.is_under_way

    def start(self, goal: int | None = None) -> None:
        """Runs on, to a step if one is given, otherwise to the end."""
        self.state = RunState.RUNNING
        self.message = None
        self._goal = goal
        if not self._epoch_over:
            self.abandon_measurement()

    def pause(self) -> None:
        """Holds the run; the test set is measured where it stands."""
        if self.state is RunState.RUNNING:
            self.state = RunState.PAUSED
            self._measuring.ask()

    def halt(self) -> None:
        """Stops at once, with nothing left to do."""
        self.abandon_measurement()
        if self.state is RunState.RUNNING:
            self.state = RunState.PAUSED

    def finish(self, reason: Sentence) -> None:
        """Ends the run where it is."""
        self.state = RunState.FINISHED
        self.message = reason
        self._measuring.ask()
        self._emit(Finished(reason))

    def advance(self, until: float, interrupted: Callable[[], bool]) -> None:
        """Works until a moment of ``perf_counter`` or until interrupted."""
        if self._measuring.is_under_way:
            self._measure(until, interrupted)
        elif self.state is RunState.RUNNING:
            self._train(until, interrupted)

    def _train(self, until: float, interrupted: Callable[[], bool]) -> None:
        trainer = self.trainer
        before, started = trainer.step, perf_counter()
        across = self._live and self._epochs_are_short() and self.taking.watcher is None
        self.taking.take(self._goal_step(), until, interrupted, across=across)
        if self.taking.hit is not None:
            self.state = RunState.PAUSED
        part = trainer.flush()
        steps = trainer.step - before
        size = trainer.batches.batch_size
        self._pace.add(perf_counter() - started, steps * size, steps)
        if part is not None:
            self._take_in(part)
        elif trainer.step == before:  # a command came in amid a large step
            return
        if self.state is RunState.RUNNING:
            self._look_around(across=across)

    def _epochs_are_short(self) -> bool:
        """Whether epochs pass faster than anybody could follow, and nothing waits for each."""
        stop = self.trainer.spec.stop
        if stop.patience or stop.target_accuracy or stop.target_loss is not None:
            return False
        seconds = self._pace.seconds_for(self.trainer.batches.steps_per_epoch)
        return seconds is not None and seconds < SHORT_EPOCH

    def _goal_step(self) -> int | None:
        """Where to stop at the latest: the run's end, or what was asked for."""
        ends = [end for end in (self.trainer.total_steps, self._goal) if end is not None]
        return min(ends, default=None)

    def _take_in(self, part: Slice) -> None:
        if part.finite:
            self.measured.add_slice(part)
            self._remember(seldom=True)
        else:
            self._diverge()

    def _take_in_watched(self, part: Slice) -> bool:
        self._take_in(part)
        return self.state is RunState.RUNNING

    def _remember(self, *, seldom: bool = False) -> None:
        """Keeps the state; while training, one that is large only now and then."""
        self.safe = self.trainer.state()
        early = perf_counter() - self._kept_at < KEEP_EVERY
        if self._live and not (seldom and early and self.trainer.state_bytes > SMALL):
            self.timeline.add(self.safe)
            self._kept_at = perf_counter()

    def took(self, part: Slice) -> None:
        """Counts a step in that was taken beside the run, and was finite."""
        self.measured.add_slice(part)
        self._remember()
        self.state = RunState.PAUSED
        self._look_around(across=False)

    @property
    def head_step(self) -> int:
        """The newest step of the run, though it may be looked at in its past."""
        return max(self.trainer.step, self.timeline.last_step or 0)

    @property
    def is_in_past(self) -> bool:
        """Whether an earlier step than the newest is looked at."""
        return self.trainer.step < self.head_step

    def visit(self, step: int) -> None:
        """Goes to a step of the run, computed anew from the newest state kept before it.

        Where the run was changed in between, that state itself is the nearest that can be shown.

        Raises:
            UserError: The states from so long ago are gone.
        """
        self.keep_newest()
        state = self.timeline.at_or_before(step)
        if state is None:
            raise UserError("Step {step} is not kept any more.", step=step)
        head = self.head_step
        self.stand_at(state)
        trainer, goal = self.trainer, min(step, head)
        if self._stretches.are_alike(state.step + 1, goal + 1, rules_of(trainer)):
            while trainer.step < goal:
                trainer.run(goal - trainer.step, float("inf"), lambda: False)
            trainer.flush()
        self.stand_at(trainer.state())

    def keep_newest(self) -> None:
        """Keeps the state at the newest step, so that it can be come back to."""
        if self.trainer.step > (self.timeline.last_step or 0):
            self._remember()

    def can_repeat(self, step: int) -> bool:
        """Whether a step of the past would come out again as it did."""
        kept = self.timeline.steps()
        position = int(np.searchsorted(kept, step))
        if position == 0:
            return False
        first = int(kept[position - 1]) + 1
        return self._stretches.are_alike(first, step, rules_of(self.trainer))

    def went_on_from(self, reached: TrainingState) -> TrainingState:
        """The state after a step of the past, with what was then changed in it by hand."""
        kept = self.timeline.at_or_before(reached.step)
        if kept is not None and kept.step == reached.step and self.can_repeat(reached.step):
            return kept
        return reached

    def stand_at(self, state: TrainingState) -> None:
        """Puts the run into one of its states; what it has measured stays."""
        self.abandon_measurement()
        self.trainer.restore(state)
        self.safe = state
        self.taking.hit = None
        self.message = None
        self.state = RunState.PAUSED if state.step else RunState.READY
        if self.over:
            self.state = RunState.FINISHED

    def stands_at(self, state: TrainingState) -> bool:
        """Whether it is in this very state now."""
        step, tensors = self.trainer.step, live_tensors(self.trainer.network)
        return step == state.step and all(map(torch.equal, tensors, state.tensors))

    def branch(self) -> None:
        """Lets the run go on from here; what came after stays for comparison."""
        trainer = self.trainer
        number = self.branches[-1].number + 1 if self.branches else 1
        left = Branch(number, trainer.step, self.measured.curves())
        self.branches = (*self.branches, left)[-BRANCHES:]
        self.ends[number] = self.timeline.last or trainer.state()
        kept = {branch.number for branch in self.branches}
        self.ends = {number: end for number, end in self.ends.items() if number in kept}
        self.measured.truncate(trainer.step)
        self.timeline.add(trainer.state())
        self._stretches.begin(trainer.step, rules_of(trainer))
        self._stopping = Stopping()
        self._measuring.forget()

    def changed(self) -> None:
        """Takes in that weights were written from elsewhere at the present step."""
        self._stretches.begin(self.trainer.step, rules_of(self.trainer))
        self._remember()
        self._measuring.forget()
        self.abandon_measurement()
        self._measuring.ask()

    def intervene(self, wanted: Interventions) -> None:
        """Lets interventions act from the next step on."""
        self.trainer.intervene(wanted)
        self.changed()

    def _diverge(self) -> None:
        """Goes back to the last slice that was finite, and on to the last step that was."""
        trainer, failed = self.trainer, self.trainer.step
        trainer.restore(self.safe)
        self.timeline.truncate(self.safe.step)
        while trainer.step < failed:
            last = trainer.state()
            trainer.run(1, 0.0, lambda: False)
            part = trainer.flush()
            assert part is not None
            if not part.finite:
                self._hold_at(last, part)
                return
            self.measured.add_slice(part)
        # On a GPU the same steps may round otherwise, and this time stay finite.
        self.safe = trainer.state()

    def _hold_at(self, last: TrainingState, part: Slice) -> None:
        trainer = self.trainer
        trainer.restore(last)
        self.safe = last
        self.state = RunState.DIVERGED
        self.message = divergence(part, trainer)
        self._measuring.ask()
        self._emit(Diverged(self.message))

    def _look_around(self, *, across: bool) -> None:
        trainer = self.trainer
        if across:
            self.measured.forget_epoch()
        self._epoch_over = trainer.epoch_step == 0 and not across
        if self._epoch_over or self.over or self._measuring.is_due():
            self._measuring.ask()
        if not self._measuring.is_under_way and self._epoch_over:
            self._end_epoch(None)
        if not self._measuring.is_under_way and self.over:
            self._end()
        elif self._goal is not None and trainer.step >= self._goal:
            self.pause()

    @property
    def over(self) -> bool:
        """Whether the run stands where its epochs or steps end."""
        total = self.trainer.total_steps
        return total is not None and self.trainer.step >= total

    def _end(self) -> None:
        stop, total = self.trainer.spec.stop, self.trainer.total_steps
        if stop.epochs is not None and total != stop.steps:
            reason = Sentence("Finished: {epochs} of {epochs} epochs.", epochs=stop.epochs)
        else:
            reason = Sentence("Finished: {steps} of {steps} steps.", steps=total)
        self.finish(reason)

    def _measure(self, until: float, interrupted: Callable[[], bool]) -> None:
        score = self._measuring.go_on(until, interrupted)
        if score is not None:
            self.measured.add_score(self.trainer.step, score)
            self._judge(score)

    def _judge(self, score: Score) -> None:
        if self.state not in (RunState.RUNNING, RunState.PAUSED):
            return
        reason = None
        if self.state is RunState.RUNNING:  # a target reached while paused still ends the run
            stop = self.trainer.spec.stop
            reason = self._stopping.after_measurement(stop, score.loss, score.accuracy)
        if self._epoch_over:
            reason = self._end_epoch(score) or reason
        if self.over and self.trainer.step > 0:
            self._end()
        elif reason is not None and self.state is RunState.RUNNING:
            self.finish(reason)

    def _end_epoch(self, score: Score | None) -> Sentence | None:
        self._epoch_over = False
        loss, accuracy = self.measured.end_epoch()
        self._emit(
            EpochDone(
                self.trainer.epoch,
                self.trainer.step,
                loss,
                accuracy,
                score.loss if score else None,
                score.accuracy if score else None,
                self._pace.end_epoch(),
            )
        )
        watched = score.loss if score else loss
        return self._stopping.after_epoch(self.trainer.spec.stop, watched)

    def abandon_measurement(self) -> None:
        """Drops a measurement under way, before the weights change under it."""
        self._measuring.abandon()

    def retune(self, spec: ExperimentSpec) -> None:
        """Lets a change of optimizer, rate, batch size, penalty, clipping or stop act."""
        renamed = spec.model_copy(update={"name": self.trainer.spec.name}) == self.trainer.spec
        self.trainer.retune(spec)
        if renamed:
            return
        self._stretches.begin(self.trainer.step, rules_of(self.trainer))
        self._remember()

    def memento(self) -> Memento:
        """The run as it stands, to be taken up by :meth:`resume`."""
        state = RunState.PAUSED if self.state is RunState.RUNNING else self.state
        return Memento(
            self.trainer.state(),
            deepcopy(self.measured),
            state,
            self.message,
            self.trainer.interventions,
            self.branches,
            self._stretches.all,
        )

    def head_memento(self) -> Memento:
        """The run as it stood at its newest, though it is looked at in its past."""
        newest, here = self.timeline.last, self.memento()
        return replace(here, training=newest, fork=here.training) if newest is not None else here

    def resume(self, memento: Memento) -> None:
        """Takes a run set aside up again."""
        self.abandon_measurement()
        self.trainer.intervene(memento.interventions)
        self.trainer.restore(memento.training)
        self.branches = memento.branches
        self.measured = deepcopy(memento.measured)  # which may be taken up a second time
        self.state = memento.state
        self.message = memento.message
        self._take_up(memento)
        self._measuring.ask()

    def _take_up(self, memento: Memento) -> None:
        """Goes over to another line of history; states that are not of it are forgotten."""
        trainer = self.trainer
        parted = self._stretches.take_up(memento.stretches, trainer.step, rules_of(trainer))
        if parted is not None:
            self.timeline.truncate(parted - 1)
        if memento.fork is not None and memento.fork.step == parted:
            self.timeline.add(memento.fork)
        self._remember()

    def adopt(self, step: int) -> None:
        """Takes weights written from elsewhere as those of a step of this run."""
        trainer = self.trainer
        per_epoch = trainer.batches.steps_per_epoch
        trainer.step, trainer.epoch, trainer.epoch_step = step, step // per_epoch, step % per_epoch
        self.state = RunState.PAUSED if step else RunState.READY
        self.timeline.clear()
        self._remember()
        self._measuring.ask()

    def progress(self) -> Progress:
        """How far the run is."""
        trainer = self.trainer
        total = trainer.total_steps
        running = self.state is RunState.RUNNING
        left = None if total is None else max(0, total - trainer.step)
        return Progress(
            trainer.step,
            trainer.epoch,
            trainer.epoch_step,
            trainer.batches.steps_per_epoch,
            total,
            trainer.rate,
            self._pace.samples_per_second if running else None,
            self._pace.seconds_for(left) if running else None,
        )
