"""What a session does for a person who takes its training apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatchmethod
from math import isfinite
from typing import Protocol

from torch import Tensor

from core.debugger.gradcheck import check_gradients
from core.debugger.observer import Observer
from core.debugger.stepper import Stepper
from core.debugger.watcher import Watcher
from core.errors import UserError
from core.experiment.layers import Path
from core.messages import commands
from core.messages.breakpoints import AT_CURSOR, Breakpoint, Interventions
from core.messages.record import Stepping
from core.messages.snapshot import (
    DecisionMap,
    Event,
    Floats,
    GradientCheck,
    LayerHistory,
    Notice,
    RunState,
    TimelineView,
    Values,
)
from core.training.memento import Memento
from core.training.run import Run
from core.training.step import Interrupted


class Host(Protocol):
    """What is asked of the session."""

    def running(self) -> Run:
        """The run.

        Raises:
            UserError: There is none.
        """

    def extend_if_over(self, run: Run) -> None:
        """Moves the end of a run that has reached it."""

    def remember(self, label: str, memento: Memento) -> None:
        """Lets undo bring a run back."""


class Debugging:
    """Stepping, breakpoints, the past, and hands laid on numbers; for one session."""

    def __init__(self, host: Host, emit: Callable[[Event], None]) -> None:
        self._host = host
        self._emit = emit
        self._stepper: Stepper | None = None
        self._run: Run | None = None
        self._checking = False
        self._check: GradientCheck | None = None
        self._budget: int | None = None
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self._observer = Observer()

    @property
    def stepping(self) -> Stepping | None:
        """The recorded step as views may see it."""
        return self._stepper.view if self._stepper is not None else None

    @property
    def check(self) -> GradientCheck | None:
        """The newest comparison of gradients."""
        return self._check

    @property
    def busy(self) -> bool:
        """Whether there is anything left to work at."""
        return self._checking

    def timeline(self, run: Run) -> TimelineView:
        """The run's past."""
        kept = run.timeline
        return TimelineView(
            kept.first or 0,
            run.head_step,
            kept.steps(),
            kept.bytes,
            kept.budget,
            run.branches,
        )

    def values(self, run: Run) -> Values | None:
        """What the network holds now, if somebody looks at it."""
        if "values" not in self._observer.parts:
            return None
        trainer = run.trainer
        parameters = dict(zip(trainer.names, trainer.network.parameters(), strict=True))
        gradients = dict(zip(trainer.names, trainer.gradients, strict=False))
        return Values(trainer.step, read_only(parameters), read_only(gradients))

    def history(self) -> tuple[LayerHistory, ...] | None:
        """Norms and histograms over the run, if somebody looks at them."""
        return self._observer.history()

    def decisions(self, run: Run) -> DecisionMap | None:
        """The network over its inputs, if somebody looks at it."""
        return self._observer.decisions(run.trainer, running=run.state is RunState.RUNNING)

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """Compares gradients, if that was asked for; anew, where a command comes in between."""
        if self._stepper is None:
            self._checking = False
            return
        trainer = self._host.running().trainer
        try:
            self._check = check_gradients(trainer, self._stepper.tape, interrupted)
        except Interrupted:
            return
        self._checking = False

    def follow(self, run: Run | None) -> None:
        """Takes in that a command has changed the run, or put another in its place."""
        if run is not self._run:
            self._run = run
            self._stepper = None
            self._check = None
            self._observer.begin()
            if run is not None and self._budget is not None:
                run.timeline.set_budget(self._budget)
        elif self._stepper is not None and self._stepper.is_elsewhere:
            self._take_up_next(self._stepper)
        elif self._stepper is not None:
            self._stepper.renew()
        self._observer.changed()
        self._set_watcher()

    def _depart(self) -> None:
        """Lets the run go on from its past by other rules than it went, as a new branch."""
        run = self._host.running()
        self._host.remember("Continue from an earlier step", run.head_memento())
        run.branch()

    def _take_up_next(self, stepper: Stepper) -> None:
        """Shows the step that comes next, if any does."""
        if self._host.running().over:
            self.leave()
        else:
            stepper.begin()

    def leave(self) -> None:
        """Puts the recorded step away."""
        self._stepper = None

    def look_at(self, run: Run) -> None:
        """Takes apart the step at which a breakpoint held."""
        if run.taking.hit is None:
            return
        reason = run.taking.hit.reason
        run.taking.hit = None
        self._stepper = Stepper(run, self._depart, reason)
        self._stepper.go_to_end()
        self._emit(Notice(reason))

    def _set_watcher(self) -> None:
        watcher = Watcher(self.breakpoints)
        if self._run is not None:
            self._run.taking.watcher = watcher if watcher else None
            self._run.taking.probe = self._observer.take

    def holds_inside(self) -> bool:
        """Whether training would come upon an operation that a breakpoint waits for.

        Each step has every operation in it: the run then stands in the step to come, at the first
        of them that lies ahead.
        """
        if not any(one.on and one.condition in AT_CURSOR for one in self.breakpoints):
            return False
        stepper = self._begun()
        if not stepper.run_to_breakpoint(self.breakpoints):
            return False
        reason = stepper.view.stopped
        if reason is not None:
            self._emit(Notice(reason))
        return True

    def _begun(self) -> Stepper:
        """The stepper; it begins with the step to come."""
        run = self._host.running()
        if self._stepper is None or self._stepper.is_done:
            run.pause()
            self._host.extend_if_over(run)
        if self._stepper is None:
            run.abandon_measurement()
            self._stepper = Stepper(run, self._depart)
        return self._stepper

    @singledispatchmethod
    def apply(self, command: object) -> None:
        """Carries a command out.

        Raises:
            UserError: It cannot be carried out; nothing has changed.
        """
        raise TypeError(command)

    @apply.register
    def _(self, command: commands.Next) -> None:
        self._begun().next(command.grain)
        self._take_in()

    @apply.register
    def _(self, command: commands.Back) -> None:
        self._begun().back(command.grain)

    @apply.register
    def _(self, command: commands.StepOut) -> None:
        self._begun().out()

    @apply.register
    def _(self, command: commands.RunTo) -> None:
        self._begun().run_to(command.path, command.unit)

    @apply.register
    def _(self, command: commands.RunToPlace) -> None:
        self._begun().go_to(command.entry)

    @apply.register
    def _(self, command: commands.RunToBreakpoint) -> None:
        if self._begun().run_to_breakpoint(self.breakpoints):
            return
        run = self._host.running()
        if run.taking.watcher is None:
            raise UserError(
                "No breakpoint is set.", "Set one in the list of operations or of breakpoints."
            )
        self.leave()
        run.start()

    @apply.register
    def _(self, command: commands.LeaveStep) -> None:
        self.leave()

    @apply.register
    def _(self, command: commands.SetBreakpoints) -> None:
        self.breakpoints = command.breakpoints
        self._set_watcher()

    @apply.register
    def _(self, command: commands.Visit) -> None:
        run = self._host.running()
        run.pause()
        stepped = self._stepper is not None
        self.leave()
        run.visit(command.step)
        if stepped:
            self._stepper = Stepper(run, self._depart)

    @apply.register
    def _(self, command: commands.SetTimelineBudget) -> None:
        self._budget = command.size
        self._host.running().timeline.set_budget(command.size)

    @apply.register
    def _(self, command: commands.SetNumber) -> None:
        run = self._host.running()
        if not isfinite(command.value):
            raise UserError("A weight must be a finite number.", "Type a number such as 0.25.")
        _check_place(run, command.parameter, command.index)
        self._change(run, "Change a weight")
        run.trainer.write(command.parameter, command.index, command.value)
        run.changed()
        self._renew()

    @apply.register
    def _(self, command: commands.SetInput) -> None:
        run = self._host.running()
        inputs = run.trainer.data.train_inputs
        if not isfinite(command.value):
            raise UserError("An input must be a finite number.", "Type a number such as 0.25.")
        if not _fits((command.row, *command.index), tuple(inputs.shape)):
            raise UserError("There is no such input.")
        wanted = run.trainer.interventions.with_input(command.row, command.index, command.value)
        self._intervene(run, "Change an input", wanted)

    @apply.register
    def _(self, command: commands.Freeze) -> None:
        run = self._host.running()
        _check_place(run, command.parameter, command.index)
        wanted = run.trainer.interventions.with_frozen(
            command.parameter, command.index, on=command.on
        )
        self._intervene(run, "Freeze a weight" if command.on else "Let a weight go", wanted)

    @apply.register
    def _(self, command: commands.KnockOut) -> None:
        run = self._host.running()
        _check_unit(run, command.path, command.unit)
        wanted = run.trainer.interventions.with_knocked(command.path, command.unit, on=command.on)
        label = "Knock a neuron out" if command.on else "Bring a neuron back"
        self._intervene(run, label, wanted)

    @apply.register
    def _(self, command: commands.CheckGradients) -> None:
        self._begun()
        self._checking = True

    @apply.register
    def _(self, command: commands.Watch) -> None:
        self._observer.parts = command.parts

    def _take_in(self) -> None:
        if self._stepper is not None and self._stepper.is_done:
            self._observer.take_in(self._host.running().trainer, self._stepper.tape)

    def _intervene(self, run: Run, label: str, wanted: Interventions) -> None:
        self._change(run, label)
        run.intervene(wanted)
        self._renew()

    def _change(self, run: Run, label: str) -> None:
        """Before a change by hand: holds the run, and lets undo bring it back."""
        run.pause()
        if self._stepper is not None and self._stepper.is_done:
            self._host.extend_if_over(run)
        self._host.remember(label, run.head_memento() if run.is_in_past else run.memento())
        if run.is_in_past:
            run.branch()

    def _renew(self) -> None:
        """After a change by hand: the step under way anew, or the one that follows."""
        self._observer.changed()
        if self._stepper is not None and self._stepper.is_done:
            self._stepper.begin()
        elif self._stepper is not None:
            self._stepper.renew()


def read_only(tensors: Mapping[str, Tensor]) -> dict[str, Floats]:
    """Copies in main memory that nobody can write."""
    arrays = {name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()}
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def _check_place(run: Run, parameter: str, index: tuple[int, ...]) -> None:
    trainer = run.trainer
    shapes = dict(zip(trainer.names, (p.shape for p in trainer.network.parameters()), strict=True))
    if parameter not in shapes or not _fits(index, tuple(shapes[parameter])):
        raise UserError("There is no such weight any more.")


def _check_unit(run: Run, path: Path, unit: int) -> None:
    network = run.trainer.network
    inner = {layer.path: layer for layer in network.shapes_inside()}
    if path not in inner or not 0 <= unit < inner[path].output_shape[0]:
        raise UserError("There is no such neuron any more.")
    if path == network.shapes[-1].path:
        raise UserError(
            "The outputs cannot be knocked out.", "The loss compares each of them with its target."
        )


def _fits(index: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return len(index) == len(shape) and all(0 <= i < n for i, n in zip(index, shape, strict=True))
