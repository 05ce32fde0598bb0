"""One run from new weights on: takes steps, notices divergence, goes back and on from its past."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from time import perf_counter

from core.experiment.spec import ExperimentSpec
from core.messages.changes import Difference
from core.messages.events import Diverged, Event, Finished
from core.messages.snapshot import RunState
from core.sentence import Sentence
from core.training.course import Course, divergence
from core.training.metrics import Slice
from core.training.past import Memento, Past
from core.training.state import TrainingState
from core.training.stretches import Stretch
from core.training.taking import Taking
from core.training.trainer import Trainer


class Run:
    """A trainer with what it does now.

    Args:
        trainer: Takes the steps.
        emit: Takes the events.
        live: Whether a person watches.

    Attributes:
        course: What it measures, and when it ends.
        past: Where one can go back to.
        taking: How steps are taken, and the breakpoint that held.
        state: What it does.
        message: Why it stands where it stands.
    """

    def __init__(self, trainer: Trainer, emit: Callable[[Event], None], *, live: bool) -> None:
        self.trainer = trainer
        self.course = Course(trainer, emit, live=live)
        self.past = Past(trainer, live=live)
        self.taking = Taking(trainer, self.past.timeline.add if live else None, self._take_in)
        self.state = RunState.READY
        self.message: Sentence | None = None
        self._emit = emit
        self.course.measuring.ask()

    @property
    def busy(self) -> bool:
        """Whether there is anything to do without a further command."""
        return self.state is RunState.RUNNING or self.course.measuring.is_under_way

    def start(self, goal: int | None = None) -> None:
        """Runs on, to a step if one is given, otherwise to the end."""
        self.state = RunState.RUNNING
        self.message = None
        self.course.set_out(goal)

    def pause(self) -> None:
        """Holds the run; the test set is measured where it stands."""
        if self.state is RunState.RUNNING:
            self.state = RunState.PAUSED
            self.course.measuring.ask()

    def halt(self) -> None:
        """Stops at once, with nothing left to do."""
        self.course.measuring.abandon()
        if self.state is RunState.RUNNING:
            self.state = RunState.PAUSED

    def finish(self, reason: Sentence) -> None:
        """Ends the run where it is."""
        self.state = RunState.FINISHED
        self.message = reason
        self.course.measuring.ask()
        self._emit(Finished(reason))

    def advance(self, until: float, interrupted: Callable[[], bool]) -> None:
        """Works until a moment of ``perf_counter`` or until interrupted."""
        while True:
            if self.course.measuring.is_under_way:
                self._measure(until, interrupted)
            elif self.state is RunState.RUNNING:
                self._train(until, interrupted)
            # A run that has come to rest is shown so before it is measured.
            if self.state is not RunState.RUNNING or perf_counter() >= until or interrupted():
                return

    def _measure(self, until: float, interrupted: Callable[[], bool]) -> None:
        score = self.course.measuring.go_on(until, interrupted)
        if score is None:
            return
        course = self.course
        if self.state in (RunState.RUNNING, RunState.PAUSED):
            reason = course.judge(score, running=self.state is RunState.RUNNING)
            if reason is not None:
                self.finish(reason)
        if course.is_charted or self.state is not RunState.RUNNING:
            course.measured.add_score(self.trainer.step, score)

    def _train(self, until: float, interrupted: Callable[[], bool]) -> None:
        trainer, course = self.trainer, self.course
        before, started = trainer.step, perf_counter()
        across = self.taking.watcher is None and course.passes_epochs
        self.taking.take(course.rest, until, interrupted, across=across)
        if self.taking.hit is not None:
            self.state = RunState.PAUSED
        part = trainer.flush()
        steps = trainer.step - before
        course.pace.add(perf_counter() - started, steps * trainer.batches.batch_size, steps)
        if part is not None:
            self._take_in(part)
        elif steps == 0:  # a command came in amid a large step
            return
        if self.state is RunState.RUNNING:
            self._look_around(across=across)

    def _take_in(self, part: Slice) -> bool:
        """Counts in what a stretch of steps gave; says whether to go on."""
        if part.finite:
            self.course.measured.add_slice(part)
            self.past.remember(seldom=True)
        else:
            self._diverge()
        return self.state is RunState.RUNNING

    def _look_around(self, *, across: bool) -> None:
        reason = self.course.after_steps(across=across)
        if reason is not None:
            self.finish(reason)
        elif self.course.goal is not None and self.trainer.step >= self.course.goal:
            self.pause()

    def took(self, part: Slice) -> None:
        """Counts a step in that was taken beside the run, and was finite."""
        self.course.measuring.abandon()
        self.course.measured.add_slice(part)
        self.past.remember()
        self.state = RunState.PAUSED
        self._look_around(across=False)
        self.course.measuring.ask()

    def _diverge(self) -> None:
        """Goes back to the last slice that was finite, and on to the last step that was."""
        trainer, past, failed = self.trainer, self.past, self.trainer.step
        past.stand_at(past.safe)
        past.timeline.truncate(trainer.step)
        while trainer.step < failed:
            last = trainer.state()
            trainer.run(1)
            part = trainer.flush()
            assert part is not None
            if not part.finite:
                self._hold_at(last, part)
                return
            self.course.measured.add_slice(part)
        # On a GPU the same steps may round otherwise, and this time stay finite.
        past.safe = trainer.state()

    def _hold_at(self, last: TrainingState, part: Slice) -> None:
        self.past.stand_at(last)
        self.state = RunState.DIVERGED
        self.message = divergence(part, self.trainer.rate)
        self.course.measuring.ask()
        self._emit(Diverged(self.message))

    def visit(self, step: int) -> None:
        """Goes to a step of the run; raises as :meth:`Past.go_to`."""
        self.past.go_to(step)
        self.stand_at(self.trainer.state())
        self.course.measure_past()

    def stand_at(self, state: TrainingState) -> None:
        """Puts the run into one of its states; what it has measured stays."""
        self.course.leave()
        self.past.stand_at(state)
        self.taking.hit = None
        self.message = None
        self.state = RunState.PAUSED if state.step else RunState.READY
        if self.course.over:
            self.state = RunState.FINISHED

    def branch(self) -> None:
        """Lets the run go on from here; what came after stays for comparison."""
        self.past.branch(self.course.measured.curves())
        self.course.branch()

    def changed(self) -> None:
        """Takes in that a person has changed something by hand at the present step."""
        self.past.begin_stretch()
        self.course.changed()

    def retune(self, spec: ExperimentSpec) -> None:
        """Lets a change of optimizer, rate, batch size, penalty, clipping or stop act."""
        alike = spec.goes_on_as(self.trainer.spec)
        self.trainer.retune(spec)
        if not alike:
            self.past.begin_stretch()

    def mark(self, differences: Iterable[Difference], gesture: int | None = None) -> None:
        """Notes beside the curves what was changed at the present step."""
        self.course.measured.changes.add(self.trainer.step, differences, gesture)

    def memento(self, newest: TrainingState | None = None) -> Memento:
        """The run as it stood at its newest, to be taken up by :meth:`resume`.

        Args:
            newest: A copy of its newest state, where the caller has one; None: it is made, or
                found in the timeline where the run is looked at in its past.
        """
        fork = None
        if newest is None:
            newest = self.trainer.state()
            if self.past.is_visited:
                newest, fork = self.past.timeline.last or newest, newest
        return Memento(
            newest,
            deepcopy(self.course.measured),
            RunState.PAUSED if self.state is RunState.RUNNING else self.state,
            self.message,
            self.trainer.interventions,
            self.past.branches,
            self.past.stretches.all,
            fork,
        )

    def resume(self, memento: Memento) -> None:
        """Takes a run set aside up again."""
        self.course.measuring.abandon()
        self.course.measured = deepcopy(memento.measured)  # which may be taken up a second time
        self.trainer.intervene(memento.interventions)
        self.past.take_up(memento)
        self.state = memento.state
        self.message = memento.message
        if not self.course.measured.knows(self.trainer.step):
            self.course.measuring.forget()  # measured it may have been, for curves that are gone
        self.course.measuring.ask()

    def take_up(
        self,
        newest: TrainingState,
        visited: TrainingState | None,
        past: Iterable[TrainingState],
        stretches: tuple[Stretch, ...],
    ) -> None:
        """Stands where another run of the same description stood, with its past.

        Args:
            newest: Its newest state.
            visited: The state of its past that was looked at, if one was.
            past: States kept of it, in the order of their steps.
            stretches: Its line of history; where it is not known, nothing is taken anew.
        """
        self.course.leave()
        self.past.adopt(newest, visited, past, stretches)
        self.course.measuring.ask()

    def adopt(self, step: int) -> None:
        """Takes weights written from elsewhere as those of a step of this run."""
        trainer = self.trainer
        per_epoch = trainer.batches.steps_per_epoch
        trainer.step, trainer.epoch, trainer.epoch_step = step, step // per_epoch, step % per_epoch
        self.state = RunState.PAUSED if step else RunState.READY
        self.past.timeline.truncate(-1)
        self.past.remember()
        self.course.measuring.ask()
