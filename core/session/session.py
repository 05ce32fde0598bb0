"""One experiment alive: its description, its run, and what has been measured. The only owner."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatchmethod
from pathlib import Path
from time import perf_counter

import torch
from pydantic import ValidationError

from core.data import Dataset
from core.errors import UserError
from core.experiment.fit import check, check_batches, fitted
from core.experiment.layers import Layer, Residual
from core.experiment.network import Network
from core.experiment.spec import ExperimentSpec, Stop, explain
from core.experiment.weights import load_weights, save_weights, write_into
from core.messages import commands
from core.messages.commands import Command, Edit
from core.messages.edits import set_seed, set_stop
from core.messages.snapshot import (
    DataSummary,
    DeviceReport,
    Event,
    LayerSummary,
    Notice,
    RunState,
    Saved,
    Snapshot,
)
from core.session.debugging import Debugging
from core.session.history import History
from core.session.safe_copies import SafeCopies, fallen_back, notice
from core.session.summary import data_summary, layer_summaries
from core.training import device as devices
from core.training.memento import Memento
from core.training.run import Run


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
        self.failure: UserError | None = None
        self._emit = emit
        self._live = live
        self._history: History[Memento] = History(lambda memento: memento.bytes)
        self._data: Dataset | None = None
        self._device: DeviceReport | None = None
        self._seen: DataSummary | None = None
        self._layers: tuple[LayerSummary, ...] = ()
        self._version = 0
        self._copies = SafeCopies()
        self._debugging = Debugging(self, emit)

    def load(self) -> None:
        """Reads the data and builds the network.

        Raises:
            UserError: The data cannot be read, or the network does not fit them; the session
                lives on and takes edits that mend it.
        """
        try:
            self._rebuild(self._on_a_device_here(self.spec))
            self._debugging.follow(self.run)
        except UserError as error:
            self.failure = error
            raise
        except Exception as error:
            self.failure = UserError(
                "The experiment cannot be loaded: {reason}.",
                "This is a defect in Chainrule. Another experiment, or other data, may still work.",
                reason=_first_line(error),
            )
            raise

    def _on_a_device_here(self, spec: ExperimentSpec) -> ExperimentSpec:
        """The same experiment on a device that this computer has: it may come from another."""
        try:
            devices.choose(spec.device, spec.data.shape())
        except devices.NoSuchDevice as error:
            self._emit(Notice(error))
            return spec.model_copy(update={"device": "auto"})
        return spec

    @property
    def busy(self) -> bool:
        """Whether ``advance`` has anything to do."""
        return self.run is not None and (self.run.busy or self._debugging.busy)

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
            run.advance(perf_counter() + seconds, interrupted)
            self._debugging.look_at(run)
            self._copies.keep(run)
        except RuntimeError as error:
            if not devices.is_device_failure(error) or run.trainer.device.type == "cpu":
                raise
            self._fall_back(error)

    def halt(self) -> None:
        """Stops a run after a defect, its weights left as they are."""
        if self.run is not None:
            self.run.halt()

    def _fall_back(self, error: RuntimeError) -> None:
        assert self._device is not None
        assert self.run is not None
        failed, was, reason = self._device, self.run.state, _first_line(error)
        self._device = fallen_back(failed, reason)
        kept = self._copies.newest(self.run)
        self.run = self._new_run(self.spec)
        self._debugging.follow(self.run)
        if kept is not None:
            self.run.resume(kept)
        if was is RunState.RUNNING:
            self.run.start()
        self._emit(Notice(notice(failed, reason, self.run.trainer.step)))

    @singledispatchmethod
    def apply(self, command: Command) -> None:
        """Carries a command out.

        Raises:
            UserError: It cannot be carried out; nothing has changed.
        """
        self._debugging.apply(command)

    @apply.register
    def _(self, command: Edit) -> None:
        try:
            spec = command.apply(self.spec)
        except ValidationError as error:
            raise explain(error, command.label) from None
        if spec.data != self.spec.data or spec.loss != self.spec.loss:
            spec = fitted(spec, spec.data.shape())
        if spec == self.spec:
            return
        before = self.spec
        memento = self._move_to(spec)
        self._history.record(command, before, memento)
        self._debugging.follow(self.run)

    @apply.register
    def _(self, command: commands.Train) -> None:
        if not self._debugging.holds_inside():
            self._going_on().start()

    @apply.register
    def _(self, command: commands.Pause) -> None:
        self.running().pause()

    @apply.register
    def _(self, command: commands.StepOnce) -> None:
        run = self._going_on()
        run.start(run.trainer.step + 1)

    @apply.register
    def _(self, command: commands.EpochOnce) -> None:
        run = self._going_on()
        trainer = run.trainer
        run.start(trainer.step - trainer.epoch_step + trainer.batches.steps_per_epoch)

    @apply.register
    def _(self, command: commands.StopRun) -> None:
        run = self.running()
        if run.state in (RunState.RUNNING, RunState.PAUSED):
            run.finish(UserError("Stopped at step {step}.", step=run.trainer.step))

    @apply.register
    def _(self, command: commands.ResetWeights) -> None:
        before, memento = self.spec, self._memento()
        spec = self.spec if command.seed is None else set_seed(command.seed).apply(self.spec)
        self._rebuild(spec)
        self._history.record(Edit("Reset the weights", lambda spec: spec), before, memento)
        self._debugging.follow(self.run)

    @apply.register
    def _(self, command: commands.Undo) -> None:
        if self._history.undo_label is None:
            return
        target = self._history.undo(self.spec, self._memento())
        try:
            self._go_to(*target)
        except UserError:
            self._history.redo(*target)
            raise
        self._debugging.follow(self.run)

    @apply.register
    def _(self, command: commands.Redo) -> None:
        if self._history.redo_label is None:
            return
        target = self._history.redo(self.spec, self._memento())
        try:
            self._go_to(*target)
        except UserError:
            self._history.undo(*target)
            raise
        self._debugging.follow(self.run)

    @apply.register
    def _(self, command: commands.SaveWeights) -> None:
        trainer = self.running().trainer
        save_weights(Path(command.path), self.spec, trainer.network, trainer.step)
        self._emit(Saved(command.path))

    @apply.register
    def _(self, command: commands.LoadWeights) -> None:
        path = Path(command.path)
        spec, tensors, step = load_weights(path)
        # Into a network of its own first, which refuses tensors before anything has changed.
        write_into(Network(check(spec, spec.data.shape()), spec.seed), tensors, path.name)
        before, memento = self.spec, self._memento()
        self._rebuild(self._on_a_device_here(spec))
        assert self.run is not None
        write_into(self.run.trainer.network, tensors, path.name)
        self.run.adopt(step)
        self._history.record(Edit("Open weights", lambda spec: spec), before, memento)
        self._debugging.follow(self.run)

    def remember(self, label: str, memento: Memento) -> None:
        """Lets undo bring a run back that a change by hand is about to alter."""
        self._history.record(Edit(label, lambda spec: spec), self.spec, memento)

    def extend_if_over(self, run: Run) -> None:
        """Moves the end of a run that has reached it, so that it can go on."""
        if run.over:
            self._extend(run)

    def _going_on(self) -> Run:
        """The run, about to go on from where it is shown: from its past as a new branch."""
        run = self.running()
        self._debugging.leave()
        if run.is_in_past:
            self.remember("Continue from an earlier step", run.head_memento())
            run.branch()
        self.extend_if_over(run)
        return run

    def running(self) -> Run:
        """The run.

        Raises:
            UserError: There is none yet, or none that can be built.
        """
        if self.run is None:
            raise self.failure or UserError("The experiment is still loading.")
        return self.run

    def _extend(self, run: Run) -> None:
        """Moves the end of a run that has reached it, so that Train goes on."""
        stop = self.spec.stop
        epochs = stop.epochs and max(stop.epochs, run.trainer.epoch + min(stop.epochs, 10))
        steps = stop.steps and max(stop.steps, run.trainer.step + min(stop.steps, 1000))
        before = self.spec
        try:
            edit = set_stop(Stop.model_validate(dict(stop) | {"epochs": epochs, "steps": steps}))
        except ValidationError as error:
            raise explain(error, "Train") from None
        self._history.record(edit, before, self._move_to(edit.apply(before)))

    def _move_to(self, spec: ExperimentSpec) -> Memento | None:
        """Takes a new description; gives back the run it threw away, if it threw one away."""
        if self.run is None or not _same_structure(self.spec, spec):
            memento = self._memento()
            fits = self.run is not None and _same_weights(self.spec, spec)
            self._rebuild(spec)
            if memento is not None and fits and self.run is not None:
                self.run.resume(memento)
            return memento
        check_batches(spec, len(self.run.trainer.data.train_inputs))
        left = None
        if self.run.is_in_past and spec.model_copy(update={"name": self.spec.name}) != self.spec:
            left = self.run.head_memento()
            self.run.branch()
        self.spec = spec
        self.run.retune(spec)
        return left

    def _go_to(self, spec: ExperimentSpec, memento: Memento | None) -> None:
        self._move_to(spec)
        if memento is not None and self.run is not None:
            self.run.resume(memento)

    def _memento(self) -> Memento | None:
        run = self.run
        if run is None:
            return None
        return run.head_memento() if run.is_in_past else run.memento()

    def _rebuild(self, spec: ExperimentSpec) -> None:
        """New data where they changed, new network and weights; all or nothing."""
        shape = spec.data.shape()
        check(spec, shape)
        stale = self._data is None or (spec.data, spec.seed) != (self.spec.data, self.spec.seed)
        data = spec.data.load(spec.seed) if stale else self._data
        assert data is not None
        check_batches(spec, len(data.train_inputs))
        device = devices.choose(spec.device, shape)
        run = self._new_run(spec, data, device)
        if data is not self._data or self._seen is None:
            self._seen = data_summary(spec.data, data)
        self.spec, self.run, self._data, self._device = spec, run, data, device
        self._layers = layer_summaries(run.trainer.network)
        self._copies.forget()
        self.failure = None

    def _new_run(
        self,
        spec: ExperimentSpec,
        data: Dataset | None = None,
        device: DeviceReport | None = None,
    ) -> Run:
        data, device = data or self._data, device or self._device
        assert data is not None
        assert device is not None
        shapes = check(spec, data.shape)
        where = torch.device(device.name)
        return Run(spec, shapes, data, where, self._emit, live=self._live)

    def snapshot(self) -> Snapshot:
        """What may be seen of all this now."""
        self._version += 1
        run, history = self.run, self._history
        if run is None:
            state = RunState.FAILED if self.failure else RunState.LOADING
            return Snapshot(self._version, self.spec, state, message=self.failure)
        return Snapshot(
            self._version,
            self.spec,
            run.state,
            run.progress(),
            run.measured.curves(),
            self._device,
            self._layers,
            self._seen,
            sum(layer.parameters for layer in self._layers if len(layer.path) == 1),
            history.undo_label,
            history.redo_label,
            run.message,
            self._debugging.stepping,
            self._debugging.timeline(run),
            self._debugging.breakpoints,
            run.trainer.interventions.frozen,
            run.trainer.interventions.knocked,
            self._debugging.check,
            self._debugging.values(run),
            self._debugging.history(),
            self._debugging.decisions(run),
        )


def _same_structure(before: ExperimentSpec, after: ExperimentSpec) -> bool:
    """Whether the run can go on under the new description as it is."""
    return all(
        getattr(before, part) == getattr(after, part)
        for part in ("data", "layers", "loss", "seed", "device")
    )


def _same_weights(before: ExperimentSpec, after: ExperimentSpec) -> bool:
    """Whether the trained weights still fit: only loss, activations or device have changed."""
    return (
        before.data == after.data
        and before.seed == after.seed
        and type(before.optimizer) is type(after.optimizer)
        and [_weights_of(layer) for layer in before.layers]
        == [_weights_of(layer) for layer in after.layers]
    )


def _weights_of(layer: Layer) -> object:
    """What decides a layer's weights: everything but its activation."""
    if isinstance(layer, Residual):
        return ("residual", tuple(_weights_of(inner) for inner in layer.layers))
    return layer.model_dump(exclude={"activation"})


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
