"""One experiment alive: its description, its run, and what has been measured. The only owner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from pydantic import ValidationError

from core.diagnosis.diagnosis import Diagnosis
from core.errors import UserError
from core.experiment.fit import check, check_batches, fitted
from core.experiment.network import Network
from core.experiment.spec import ExperimentSpec, Stop, explain
from core.experiment.weights import load_weights, save_weights, write_into
from core.messages import commands
from core.messages.commands import Command, Edit
from core.messages.edits import set_seed, set_stop
from core.messages.events import Event, Refused, Saved
from core.messages.snapshot import RunState, Snapshot
from core.project.runs import StoredRun, breakpoints_of, restore, store
from core.sentence import Sentence
from core.session.building import (
    Builder,
    is_device_failure,
    same_structure,
    same_weights,
    still_by_hand,
)
from core.session.debugging import Debugging
from core.session.differences import differences
from core.session.examples import Examples
from core.session.history import History
from core.session.naming import followed
from core.training.intervening import described
from core.training.past import Memento
from core.training.run import Run

_ALTERING = (
    Edit
    | commands.Undo
    | commands.Redo
    | commands.ResetWeights
    | commands.LoadWeights
    | commands.BeginWith
    | commands.Change
)
"""After these another network, or other data, may stand at the same step."""

_Travel = Callable[[ExperimentSpec, Memento | None], tuple[ExperimentSpec, Memento | None]]


class Session:
    """An experiment and everything that belongs to it, for one thread.

    Args:
        spec: The experiment to begin with.
        emit: Takes the events, in the session's thread.
        live: Whether a person watches: the test set is then measured within epochs too.
    """

    def __init__(
        self, spec: ExperimentSpec, emit: Callable[[Event], None], *, live: bool = True
    ) -> None:
        self.spec = spec
        self.run: Run | None = None
        self.failure: Sentence | None = None
        self._emit = emit
        self._history: History[Memento] = History(lambda memento: memento.bytes)
        self._version = 0
        self._builder = Builder(emit, live=live)
        self._debugging = Debugging(self, emit)
        self._diagnosis = Diagnosis()
        self._examples = Examples()

    def load(self, stored: StoredRun | None = None) -> None:
        """Reads the data and builds the network.

        Args:
            stored: Where the run stood when it was kept; None to begin.

        Raises:
            UserError: The data cannot be read, or the network does not fit them; the session
                lives on and takes edits that mend it.
        """
        try:
            run = self._rebuild(self._builder.on_a_device_here(self.spec))
            if stored is not None:
                run = self._take_up(run, stored)
            self._debugging.follow(run)
            if stored is not None:
                self._debugging.take_up(breakpoints_of(stored.file), stored.file.cursor)
        except UserError as error:
            self.failure = error.sentence
            raise
        except Exception as error:
            self.failure = Sentence(
                "The experiment cannot be loaded: {reason}.",
                "This is a defect in Chainrule. Another experiment, or other data, may still work.",
                reason=_first_line(error),
            )
            raise

    def _take_up(self, run: Run, stored: StoredRun) -> Run:
        """The run as it was kept; what does not fit it is said, and it begins anew."""
        try:
            restore(stored, run)
        except UserError as error:
            self._emit(Refused(error.sentence))
            return self._rebuild(run.trainer.spec)
        return run

    def store(self) -> StoredRun:
        """A copy of all that the experiment and its run are worth, to be written to a file."""
        debugging = self._debugging
        return store(self.spec, self.run, debugging.breakpoints, debugging.cursor())

    @property
    def busy(self) -> bool:
        """Whether ``advance`` has anything to do."""
        run = self.run
        if run is None:
            return False
        return run.busy or self._debugging.busy or self._diagnosis.is_due(run)

    def advance(self, seconds: float, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Trains or measures for so long, or until interrupted.

        A device that fails is left for the CPU, where the run goes on from its last safe state.
        """
        run = self.run
        if run is None:
            return
        if self._debugging.busy:
            self._debugging.advance(interrupted)
            return
        try:
            self._diagnosis.begin(run)
            run.advance(perf_counter() + seconds, interrupted)
            self._debugging.look_at(run, seconds, interrupted)
            self._builder.keep(run)
            self._diagnose(run)
        except RuntimeError as error:
            if not is_device_failure(error) or run.trainer.device.type == "cpu":
                raise
            self.run = self._builder.fall_back(run, _first_line(error))
            self._debugging.follow(self.run)

    def _diagnose(self, run: Run) -> None:
        if self._diagnosis.is_due(run):
            self._diagnosis.look(run)
        self._diagnosis.look_now_and_then(run)

    def halt(self) -> None:
        """Stops a run after a defect, its weights left as they are."""
        if self.run is not None:
            self.run.halt()
            self._diagnosis.leave_be(self.run)

    def apply(self, command: Command) -> None:
        """Carries a command out.

        Raises:
            UserError: It cannot be carried out; nothing has changed.
        """
        match command:
            case Edit():
                self._edit(command)
            case commands.Undo():
                self._travel(self._history.undo_label, self._history.undo, self._history.redo)
            case commands.Redo():
                self._travel(self._history.redo_label, self._history.redo, self._history.undo)
            case commands.ResetWeights(seed):
                spec = self.spec if seed is None else set_seed(seed).apply(self.spec)
                self._begin_anew("Reset the weights", spec)
            case commands.BeginWith(spec, label):
                self._begin_anew(label, self._builder.on_a_device_here(spec))
            case commands.SaveWeights(path):
                trainer = self.running().trainer
                save_weights(Path(path), self.spec, trainer.network, trainer.step)
                self._emit(Saved(path))
            case commands.LoadWeights(path):
                self._load(Path(path))
            case _:
                self._drive(command)
        if isinstance(command, _ALTERING):
            self._diagnosis.follow(self.run)

    def _drive(self, command: Command) -> None:
        match command:
            case commands.Train():
                if not self._debugging.holds_inside():
                    self._going_on().start()
            case commands.TrainUntil(step):
                self._train_until(step)
            case commands.Pause():
                self.running().pause()
            case commands.StepOnce():
                run = self._going_on()
                run.start(run.trainer.step + 1)
            case commands.EpochOnce():
                run = self._going_on()
                left = run.trainer.batches.steps_per_epoch - run.trainer.epoch_step
                run.start(run.trainer.step + left)
            case commands.StopRun():
                run = self.running()
                if run.state.is_begun:
                    run.finish(Sentence("Stopped at step {step}.", step=run.trainer.step))
            case _:
                self._debugging.apply(command)

    def _train_until(self, step: int) -> None:
        """Pauses where that step is made already."""
        run = self._going_on()
        if run.trainer.step < step:
            run.start(step)
        else:
            run.pause()

    def _edit(self, edit: Edit) -> None:
        try:
            spec = edit.apply(self.spec)
        except ValidationError as error:
            raise explain(error, edit.label) from None
        if spec.data != self.spec.data or spec.loss != self.spec.loss:
            spec = fitted(spec, spec.data.shape())
        spec = still_by_hand(spec, self.spec, self.run)
        if spec.data != self.spec.data or spec.layers != self.spec.layers:
            was = self.spec.data.shape() if self.run is None else self.run.trainer.data.shape
            spec = followed(spec, self.spec, was.input_shape, spec.data.shape().input_shape)
        if spec == self.spec:
            return
        before = self.spec
        if spec.by_hand.start != before.by_hand.start and same_structure(before, spec):
            memento = self._memento()
            self._rebuild(spec)
        else:
            memento = self._move_to(spec, edit.gesture)
        self._history.record(edit, before, memento)
        self._debugging.follow(self.run)

    def _load(self, path: Path) -> None:
        spec, tensors, step = load_weights(path)
        # Into a network of its own first, which refuses tensors before anything has changed.
        network = Network(check(spec, spec.data.shape()), spec.seed)
        spec.seams.alter(network)
        write_into(network, tensors, path.name)
        run = self._begin_anew("Open weights", self._builder.on_a_device_here(spec))
        write_into(run.trainer.network, tensors, path.name)
        run.adopt(step)

    def _begin_anew(self, label: str, spec: ExperimentSpec) -> Run:
        """Builds another run in the place of this one, which undo brings back."""
        before, memento = self.spec, self._memento()
        run = self._rebuild(spec)
        self._history.record(Edit(label, lambda spec: spec), before, memento)
        self._debugging.follow(run)
        return run

    def remember(self, label: str, memento: Memento) -> None:
        """Lets undo bring a run back that a change by hand is about to alter."""
        self._history.record(Edit(label, lambda spec: spec), self.spec, memento)

    def describe_by_hand(self, run: Run, number: commands.SetNumber | None) -> None:
        """Keeps what was set by hand in the description, so that it is saved and drawn from.

        A number written before the first step is one to begin with, after a reset too.
        """
        trainer, by_hand = run.trainer, self.spec.by_hand
        if number is None:
            by_hand = described(by_hand, trainer.interventions, trainer.network)
        elif trainer.step == 0:
            by_hand = by_hand.with_start(number.parameter, number.index, number.value)
        self.spec = trainer.spec = self.spec.model_copy(update={"by_hand": by_hand})

    def extend_if_over(self, run: Run) -> None:
        """Moves the end of a run that has reached it, so that it can go on."""
        if not run.course.over:
            return
        before, stop = self.spec, self.spec.stop
        epochs = stop.epochs and max(stop.epochs, run.trainer.epoch + min(stop.epochs, 10))
        steps = stop.steps and max(stop.steps, run.trainer.step + min(stop.steps, 1000))
        try:
            edit = set_stop(Stop.model_validate(dict(stop) | {"epochs": epochs, "steps": steps}))
        except ValidationError as error:
            raise explain(error, "Train") from None
        self._history.record(edit, before, self._move_to(edit.apply(before)))

    def running(self) -> Run:
        """The run.

        Raises:
            UserError: There is none yet, or none that can be built.
        """
        if self.run is None:
            raise UserError(self.failure or "The experiment is still loading.")
        return self.run

    def _going_on(self) -> Run:
        """The run, about to go on from where it is shown: from its past as a new branch."""
        run = self.running()
        self._debugging.leave()
        if run.past.is_visited:
            self.remember("Continue from an earlier step", run.memento())
            run.branch()
        self.extend_if_over(run)
        return run

    def _move_to(self, spec: ExperimentSpec, gesture: int | None = None) -> Memento | None:
        """Takes a new description; gives back the run it threw away, if it threw one away."""
        run, before = self.run, self.spec
        if run is None or not same_structure(before, spec):
            memento = self._memento()
            fits = same_weights(before, spec)
            built = self._rebuild(spec)
            if memento is not None and fits:
                built.resume(memento)
                built.mark(differences(before, spec))
            return memento
        check_batches(spec, len(run.trainer.data.train_inputs))
        left = None
        if run.past.is_visited and not spec.goes_on_as(self.spec):
            left = run.memento()
            run.branch()
        self.spec = spec
        run.retune(spec)
        run.mark(differences(before, spec), gesture)
        return left

    def _travel(self, label: str | None, there: _Travel, back: _Travel) -> None:
        """Goes to another description of the history, or stays where it is."""
        if label is None:
            return
        spec, memento = there(self.spec, self._memento())
        try:
            self._move_to(spec)
            if memento is not None:
                self.running().resume(memento)
        except UserError:
            back(spec, memento)
            raise
        self._debugging.follow(self.run)

    def _memento(self) -> Memento | None:
        return self.run.memento() if self.run is not None else None

    def _rebuild(self, spec: ExperimentSpec) -> Run:
        """New data where they changed, new network and weights; all or nothing."""
        run = self._builder.build(spec)
        self.spec, self.run, self.failure = spec, run, None
        return run

    def snapshot(self) -> Snapshot:
        """What may be seen of all this now."""
        self._version += 1
        run, built, debugging = self.run, self._builder, self._debugging
        if run is None:
            state = RunState.FAILED if self.failure else RunState.LOADING
            return Snapshot(self._version, self.spec, state, message=self.failure)
        running = run.state is RunState.RUNNING
        return Snapshot(
            self._version,
            self.spec,
            run.state,
            progress=run.course.progress(running=running),
            curves=run.course.measured.curves(),
            message=run.message,
            timeline=run.past.view(),
            frozen=run.trainer.interventions.frozen,
            knocked=run.trainer.interventions.knocked,
            device=built.device,
            data=built.data,
            layers=built.layers,
            undo=self._history.undo_label,
            redo=self._history.redo_label,
            undo_change=self._history.undo_change(self.spec),
            redo_change=self._history.redo_change(self.spec),
            stepping=debugging.stepping,
            breakpoints=debugging.breakpoints,
            check=debugging.check,
            why=debugging.answering.answer,
            twin=debugging.twin,
            values=debugging.observer.values(run.trainer),
            history=debugging.observer.history(),
            decisions=debugging.observer.decisions(run.trainer, running=running),
            findings=self._diagnosis.findings,
            examples=self._examples.of(run.trainer),
        )


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
