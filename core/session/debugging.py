"""What a session does for a person who takes its training apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core.debugger.gradcheck import check_gradients
from core.debugger.observer import Observer
from core.debugger.stepper import Stepper
from core.debugger.watcher import Watcher
from core.errors import UserError
from core.messages import commands
from core.messages.breakpoints import AT_CURSOR, Breakpoint
from core.messages.changes import Difference
from core.messages.events import Event, Notice
from core.messages.record import Place, Stepping
from core.messages.snapshot import GradientCheck
from core.messages.twin import TwinView
from core.project.runs import PlaceFile
from core.session.answering import Answering
from core.session.beside import Beside
from core.session.deeds import DEEDS, deed_of
from core.training.past import Memento
from core.training.run import Run
from core.training.step import Interrupted

Move = commands.Next | commands.Back | commands.StepOut | commands.RunTo | commands.RunToPlace


class Host(Protocol):
    """What is asked of the session."""

    def running(self) -> Run:
        """The run; raises a UserError where there is none."""

    def extend_if_over(self, run: Run) -> None:
        """Moves the end of a run that has reached it."""

    def remember(self, label: str, memento: Memento) -> None:
        """Lets undo bring a run back."""

    def describe_by_hand(self, run: Run, number: commands.SetNumber | None) -> None:
        """Keeps what was set by hand in the description."""


class Debugging:
    """Stepping, breakpoints, the past, and hands laid on numbers; for one session.

    Attributes:
        observer: Measures what somebody looks at.
        breakpoints: Where stepping and training hold.
        check: The newest comparison of gradients.
        answering: Why numbers are what they are.
        beside: A second run, with one thing changed.
    """

    def __init__(self, host: Host, emit: Callable[[Event], None]) -> None:
        self.observer = Observer()
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self.check: GradientCheck | None = None
        self.answering = Answering()
        self.beside = Beside()
        self._checks = False
        self._host = host
        self._emit = emit
        self._stepper: Stepper | None = None
        self._run: Run | None = None
        self._budget: int | None = None

    @property
    def stepping(self) -> Stepping | None:
        """The recorded step as views may see it."""
        return self._stepper.view if self._stepper is not None else None

    @property
    def busy(self) -> bool:
        """Whether a question waits for its answer, a comparison of gradients is under way, or a
        second run has not come to where this one rests."""
        return self.answering.is_due or self._checks or self._twin_is_due

    @property
    def _twin_is_due(self) -> bool:
        run = self._run
        if run is None or run.state.is_running or "twin" not in self.observer.parts:
            return False
        return self.beside.is_behind(run, self.stepping)

    @property
    def twin(self) -> TwinView | None:
        """The second run as views may see it, while somebody looks."""
        if self._run is None or "twin" not in self.observer.parts:
            return None
        return self.beside.view(self._run, self.stepping)

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """Answers what was asked; else compares gradients, anew if a command comes in between;
        else takes a second run on."""
        if self.answering.is_due:
            self.answering.advance(self._host.running(), interrupted)
            return
        if not self._checks:
            self.beside.advance(self._host.running(), self.stepping, interrupted)
            return
        if self._stepper is not None:
            try:
                trainer = self._host.running().trainer
                self.check = check_gradients(trainer, self._stepper.tape, interrupted)
            except Interrupted:
                return
        self._checks = False

    def follow(self, run: Run | None) -> None:
        """Takes in that a command has changed the run, or put another in its place."""
        self.beside.follow(run)
        if run is not self._run:
            self._run = run
            self._stepper = None
            self.check = None
            self.answering.forget()
            self.observer.begin()
            if run is not None and self._budget is not None:
                run.past.timeline.set_budget(self._budget)
        elif self._stepper is not None and self._stepper.is_elsewhere:
            if self._host.running().course.over:
                self.leave()
            else:
                self._stepper.begin()
        elif self._stepper is not None:
            self._stepper.renew()
        self.observer.changed()
        self._set_watcher()

    def cursor(self) -> PlaceFile | None:
        """Where one stands in the recorded step, to be kept."""
        stepper = self._stepper
        if stepper is None:
            return None
        place = stepper.place
        return PlaceFile(entry=place.entry, number=place.number, taken=stepper.is_done)

    def take_up(self, breakpoints: tuple[Breakpoint, ...], cursor: PlaceFile | None) -> None:
        """Holds where a run that was kept held, and stands in its step again."""
        self.breakpoints = breakpoints
        self._set_watcher()
        run = self._run
        if cursor is None or run is None:
            return
        if cursor.taken:
            if not run.past.can_repeat(run.trainer.step):
                return  # it would not come out as it did: one stands behind it
            run.visit(run.trainer.step - 1)
        run.course.measuring.abandon()
        self._stepper = Stepper(run, self._depart)
        self._stepper.stand_at(Place(cursor.entry, cursor.number))

    def leave(self) -> None:
        """Puts the recorded step away."""
        self._stepper = None

    def look_at(self, run: Run, seconds: float, interrupted: Callable[[], bool]) -> None:
        """Takes apart the step at which a breakpoint held; a second run keeps up for so long."""
        if run.state.is_running and "twin" in self.observer.parts:
            self.beside.keep_up(run, seconds, interrupted)
        reason, run.taking.hit = run.taking.hit, None
        if reason is None:
            return
        self._stepper = Stepper(run, self._depart, reason)
        self._stepper.go_to_end()
        self._emit(Notice(reason, "breakpoint"))

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
            self._emit(Notice(reason, "breakpoint"))
        return True

    def _begun(self) -> Stepper:
        """The stepper; it begins with the step to come."""
        run = self._host.running()
        if self._stepper is None or self._stepper.is_done:
            run.pause()
            self._host.extend_if_over(run)
        if self._stepper is None:
            run.course.measuring.abandon()
            self._stepper = Stepper(run, self._depart)
        return self._stepper

    def _depart(self) -> None:
        """Lets the run go on from its past by other rules than it went, as a new branch."""
        run = self._host.running()
        self._host.remember("Continue from an earlier step", run.memento())
        run.branch()

    def _set_watcher(self) -> None:
        watcher = Watcher(self.breakpoints)
        if self._run is not None:
            self._run.taking.watcher = watcher if watcher else None
            self._run.taking.probe = self.observer.take

    def apply(self, command: commands.Command) -> None:
        """Carries a command out.

        Raises:
            UserError: It cannot be carried out; nothing has changed.
        """
        match command:
            case commands.RunToBreakpoint():
                self._run_to_breakpoint()
            case commands.LeaveStep():
                self.leave()
            case commands.Visit(step):
                self._visit(step)
            case commands.SetBreakpoints(breakpoints):
                self.breakpoints = breakpoints
                self._set_watcher()
            case commands.SetTimelineBudget(size):
                self._budget = size
                self._host.running().past.timeline.set_budget(size)
            case commands.CheckGradients():
                self._begun()
                self._checks = True
            case commands.AskWhy():
                self.answering.ask(command)
            case commands.BeginTwin(change):
                self._begin_twin(change)
            case commands.EndTwin():
                self.beside.end()
            case commands.Watch(parts):
                self.observer.parts = parts
            case _ if isinstance(command, commands.Change):
                self._change(command)
            case _ if isinstance(command, Move):
                self._move(command)

    def _move(self, command: Move) -> None:
        stepper = self._begun()
        match command:
            case commands.Next(grain):
                stepper.next(grain)
                if stepper.is_done:
                    self.observer.take_in(self._host.running().trainer, stepper.tape)
            case commands.Back(grain):
                stepper.back(grain)
            case commands.StepOut():
                stepper.out()
            case commands.RunTo(path, unit):
                stepper.run_to(path, unit)
            case commands.RunToPlace(entry):
                stepper.go_to(entry)

    def _run_to_breakpoint(self) -> None:
        if self._begun().run_to_breakpoint(self.breakpoints):
            return
        run = self._host.running()
        if run.taking.watcher is None:
            raise UserError(
                "No breakpoint is set.", "Set one in the list of operations or of breakpoints."
            )
        self.leave()
        run.start()

    def _begin_twin(self, change: commands.WhatIf) -> None:
        run = self._host.running()
        run.pause()
        self.beside.begin(run, change)

    def _visit(self, step: int) -> None:
        run = self._host.running()
        run.pause()
        stepped = self._stepper is not None
        self.leave()
        run.visit(step)
        if stepped:
            self._stepper = Stepper(run, self._depart)

    def _change(self, command: commands.Change) -> None:
        """Lets a change by hand act, in the recorded step too."""
        run, stepper = self._host.running(), self._stepper
        label, change = deed_of(run.trainer, command)
        run.pause()
        if stepper is not None and stepper.is_done:
            self._host.extend_if_over(run)
        self._host.remember(label, run.memento())
        if run.past.is_visited:
            run.branch()
        change()
        self.beside.end_because()
        run.mark([Difference(DEEDS[label], is_deed=True)])
        number = command if isinstance(command, commands.SetNumber) else None
        self._host.describe_by_hand(run, number)
        run.changed()
        self.observer.changed()
        if stepper is not None and stepper.is_done:
            stepper.begin()
        elif stepper is not None:
            stepper.renew()
