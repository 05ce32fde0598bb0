"""The race and the trial under way: what commands do to them, and what is seen of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import singledispatchmethod
from time import perf_counter

from core.errors import UserError
from core.landscape.losses.arena import Interruption, Material
from core.landscape.race.problems import (
    FunctionProblem,
    NetworkProblem,
    Point,
    RaceProblem,
    TrainingSetup,
)
from core.landscape.race.race import Race
from core.landscape.rates.rate_finder import RangeFinder
from core.landscape.rates.trials import RateTrials
from core.messages.race import (
    NETWORK,
    CompareRates,
    Contest,
    FindRate,
    HoldRace,
    RaceChoice,
    RaceCommand,
    RaceOn,
    RestartRace,
    SetRace,
    StopTrials,
)
from core.sentence import Sentence

Trial = RateTrials | RangeFinder

SLICE = 1 / 30
"""Seconds between two contests while something goes on."""

MATERIAL_EVERY = 0.25
"""Seconds between two materials while runners move: a surface takes longer to draw."""

WATCHED_EVERY = 0.1
"""The same for a race on a function that goes at a pace: only the paths are new there."""


class StepTimer:
    """Keeps time for steps that follow one another at a pace.

    The pace, in steps a second, may be another each time: what counts is when the last was due.
    """

    def __init__(self) -> None:
        self._last = -math.inf

    def due_in(self, pace: float, now: float) -> float:
        """Seconds from ``now`` until the next step may be taken; 0 where it may at once."""
        return max(0.0, self._last + 1 / pace - now)

    def taken(self, pace: float, now: float) -> None:
        """Says that a step is taken now; one that comes late is not made up for."""
        due = self._last + 1 / pace
        self._last = due if now - due < 1 / pace else now


class RaceControl:
    """At most one race and one trial, which take turns; belongs to one thread.

    Args:
        on_material: Called with where the runners have been; None when the race is put away.

    Attributes:
        contest: What is seen of both; may be read in any thread.
    """

    def __init__(self, on_material: Callable[[Material | None], None]) -> None:
        self._on_material = on_material
        self.contest = Contest()
        self._race: Race | None = None
        self._trial: Trial | None = None
        self._setup: TrainingSetup | None = None
        self._shown: RaceProblem | None = None
        self._given_at = 0.0
        self._timer = StepTimer()

    def due_in(self) -> float | None:
        """Seconds until there is something to work on; None while there is not."""
        if self._trial is not None:
            return 0.0
        race = self._race
        return self._next_round_in(race) if race is not None and race.busy else None

    def _next_round_in(self, race: Race) -> float:
        """Seconds until the race may go on at its pace; who is behind catches up at once."""
        pace = race.choice.pace
        if pace is None or not race.is_between_rounds:
            return 0.0
        return self._timer.due_in(pace, perf_counter())

    def carry_out(self, command: RaceCommand, setup: TrainingSetup | None) -> None:
        """Does what a command says; a race or trial on the network begins with the setup, if any.

        Raises:
            UserError: It cannot be carried out; nothing has changed.
        """
        self.contest = replace(self.contest, trouble=None)
        self._setup = setup
        self._apply(command)

    @singledispatchmethod
    def _apply(self, command: RaceCommand) -> None:
        raise TypeError(command)

    @_apply.register
    def _(self, command: SetRace) -> None:
        choice, race = command.choice, self._race
        if choice is None:
            self._race = self._shown = None
            self._on_material(None)
        elif race is None or not _goes_on(race, choice, self._setup):
            self._race = Race(_problem_of(choice, None, self._setup), choice)
        else:
            race.change(choice)

    @_apply.register
    def _(self, command: RaceOn) -> None:
        self._running_race().go_on(command.steps)

    @_apply.register
    def _(self, command: HoldRace) -> None:
        if self._race is not None:
            self._race.hold()

    @_apply.register
    def _(self, command: RestartRace) -> None:
        race = self._running_race()
        race.restart(_problem_of(race.choice, command.point, self._setup))

    @_apply.register
    def _(self, command: CompareRates) -> None:
        self._try(RateTrials(_known(self._setup), command))

    @_apply.register
    def _(self, command: FindRate) -> None:
        self._try(RangeFinder(_known(self._setup), command))

    @_apply.register
    def _(self, command: StopTrials) -> None:
        self._end_trial()

    def _running_race(self) -> Race:
        if self._race is None:
            raise UserError("There is no race.", "Choose who takes part first.")
        return self._race

    def _try(self, trial: Trial) -> None:
        self._end_trial()
        self._trial = trial

    def _end_trial(self) -> None:
        if self._trial is not None:
            self._trial.stop()
            self.contest = self._trial.shown_in(self.contest)
            self._trial = None

    def refuse(self, trouble: Sentence) -> None:
        """Says why the last wish could not be met."""
        self.contest = replace(self.contest, trouble=trouble)

    def halt(self) -> None:
        """Leaves all as it is after a defect."""
        self._trial = None
        if self._race is not None:
            self._race.halt()

    def work(self, interrupted: Interruption) -> None:
        """A slice of the trial, then one of the race where its next step is due."""
        if self._trial is not None:
            self._work_on(self._trial, interrupted)
        race = self._race
        if race is not None and race.busy and self._next_round_in(race) == 0:
            self._advance(race, interrupted)
            if not race.busy or perf_counter() >= self._given_at + _material_every(race):
                self.give_material()

    def _advance(self, race: Race, interrupted: Interruption) -> None:
        pace, now, rounds = race.choice.pace, perf_counter(), None
        if pace is not None:
            rounds = int(race.is_between_rounds)
            if rounds:
                self._timer.taken(pace, now)
        race.advance(now + SLICE, interrupted, rounds)

    def _work_on(self, trial: Trial, interrupted: Interruption) -> None:
        try:
            trial.advance(perf_counter() + SLICE, interrupted)
        except Exception:
            self._end_trial()
            raise
        self.contest = trial.shown_in(self.contest)
        if trial.done:
            self._trial = None

    def give_material(self) -> None:
        """Tells where the runners have been, if there is a race."""
        race, shown = self._race, self._shown
        if race is None:
            return
        self._given_at = perf_counter()
        # The same landscape while it stays the same.
        if shown is None or not shown.shares_arena(race.problem):
            shown = self._shown = race.problem
        self._on_material(race.material(shown.arena))

    def update_contest(self) -> None:
        """Shows how the race stands."""
        race, contest = self._race, self.contest
        self.contest = replace(
            contest,
            version=contest.version + 1,
            arena=race.choice.arena if race is not None else "",
            runners=race.views() if race is not None else (),
            step=race.step if race is not None else 0,
            is_running=race is not None and race.is_running,
            start=race.problem.start if race is not None else Contest().start,
            start_label=race.problem.start_label if race is not None else None,
            target=race.target if race is not None else None,
        )


def _goes_on(race: Race, choice: RaceChoice, setup: TrainingSetup | None) -> bool:
    """Whether another choice leaves the same race, to be seen on the same axes."""
    before, problem = race.choice, race.problem
    if before.arena != choice.arena or before.seed != choice.seed:
        return False
    if not isinstance(problem, NetworkProblem) or setup is None:
        return True
    return setup.is_like(problem.setup)


def _problem_of(
    choice: RaceChoice, point: Point | None, setup: TrainingSetup | None
) -> RaceProblem:
    if choice.arena == NETWORK:
        return NetworkProblem(_known(setup), point)
    return FunctionProblem(choice.arena, choice.seed, point)


def _known(setup: TrainingSetup | None) -> TrainingSetup:
    if setup is None:
        raise UserError("There is no network yet.", "Wait until the experiment is loaded.")
    return setup


def _material_every(race: Race) -> float:
    is_watched = race.choice.pace is not None and not race.problem.has_batches
    return WATCHED_EVERY if is_watched else MATERIAL_EVERY
