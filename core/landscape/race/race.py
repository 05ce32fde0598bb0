"""Several optimizers from one start, on the same batches, step by step together."""

from __future__ import annotations

import math
from time import perf_counter

from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import RACE_ON, Arena, Interruption, Material
from core.landscape.losses.network import NetworkArena
from core.landscape.race.problems import RaceProblem
from core.landscape.race.runners import Entrant, name_of
from core.landscape.race.trail import MOST_LOSSES, MOST_STATES
from core.landscape.thinning import MOST_FUNCTION_STATES
from core.messages.race import RaceChoice, Runner, RunnerView
from core.messages.surface_commands import AtStep, Now, RunnerEnd, State

MOST = 8
"""Runners: as many colours as can be told apart."""

BUDGET = 64 * 2**20
"""Bytes that the states of all runners together may take."""

SETTLED_EVERY = 32
"""Rounds from one look at the losses to the next: each look costs half a step."""


class Race:
    """Runners in lockstep: a round is one step of each that has not diverged.

    Who comes in late, or was interrupted, catches up before the next round. Belongs to one
    thread.

    Args:
        problem: Where they start.
        choice: Who takes part.
        most: Losses to keep of each.

    Attributes:
        step: Rounds begun.
        entrants: Who takes part, with all that is known of them.

    Raises:
        UserError: So many cannot take part, two of them are one, or the pace is none.
    """

    def __init__(self, problem: RaceProblem, choice: RaceChoice, most: int = MOST_LOSSES) -> None:
        self._most = most
        self._begin(problem)
        self.change(choice)

    def _begin(self, problem: RaceProblem) -> None:
        self.problem = problem
        self.step = 0
        self._end = 0
        self._halted = False
        self._goal: float | None = None
        self.entrants: list[Entrant] = []

    @property
    def is_running(self) -> bool:
        """Whether it goes on by itself."""
        return self.step < self._end and any(entrant.is_on for entrant in self.entrants)

    @property
    def _is_endless(self) -> bool:
        return self.is_running and self._end == self.choice.limit

    @property
    def busy(self) -> bool:
        """Whether ``advance`` has anything to do."""
        return not self._halted and (self.is_running or bool(self._lagging()))

    @property
    def is_between_rounds(self) -> bool:
        """Whether nobody has a step of the present round left to take."""
        return not self._lagging()

    @property
    def target(self) -> float | None:
        """The loss that counts as reached; None until there is a first loss to measure it by."""
        return self._goal if self.choice.target is None else self.choice.target

    def change(self, choice: RaceChoice) -> None:
        """Takes other runners in, lets some go; who is in both stays where they are.

        A race that goes on without an end goes on to the new limit.

        Raises:
            UserError: So many cannot take part, two of them are one, or the pace is none; nothing
                has changed.
        """
        _check(choice)
        endless = self._is_endless
        present = {entrant.runner.id: entrant for entrant in self.entrants}
        budget = BUDGET // max(1, len(choice.runners))
        entrants = []
        for runner in choice.runners:
            entrant = present.get(runner.id)
            if entrant is None or entrant.runner != runner:
                entrant = self._entrant(runner, budget)
            entrants.append(entrant)
        self.choice, self.entrants, self._halted = choice, entrants, False
        for entrant in entrants:
            entrant.trail.fit(budget)
        limit = max(choice.limit, self.step)
        self._end = limit if endless else min(self._end, limit)
        self._look_at_losses()

    def _entrant(self, runner: Runner, budget: int) -> Entrant:
        name = name_of(runner.optimizer, on_network=self.problem.has_batches)
        walker = self.problem.walker(runner.optimizer)
        most_states = MOST_STATES if self.problem.has_batches else MOST_FUNCTION_STATES
        return Entrant(runner, name, walker, budget, self._most, most_states)

    def restart(self, problem: RaceProblem) -> None:
        """Puts all to one start; a race that goes on without an end goes on from there."""
        endless = self._is_endless
        self._begin(problem)
        self.change(self.choice)
        if endless:
            self._end = self.choice.limit

    def go_on(self, steps: int | None = None) -> None:
        """Lets it go on: for so many steps, or to its limit.

        Raises:
            UserError: Nobody can.
        """
        limit = self.choice.limit
        if not self.entrants:
            raise UserError("Nobody takes part in the race.", "Choose an optimizer for it first.")
        if not any(entrant.is_on for entrant in self.entrants):
            raise UserError(
                "All runners have diverged.", "Restart the race with smaller learning rates."
            )
        if self.step >= limit:
            raise UserError(
                "The race is over after {limit} steps.", "Restart it to see it again.", limit=limit
            )
        self._halted = False
        self._end = limit if steps is None else min(limit, self.step + steps)

    def hold(self) -> None:
        """Holds it; a round that is under way is still finished."""
        self._end = self.step

    def halt(self) -> None:
        """Leaves it as it is after a defect, amid a round or not, until somebody changes it."""
        self.hold()
        self._halted = True

    def advance(self, until: float, interrupted: Interruption, rounds: int | None = None) -> None:
        """Takes steps until a moment of ``perf_counter`` or until interrupted; at least one.

        Args:
            until: The moment.
            interrupted: Looked at after each step.
            rounds: The most rounds to begin; who is behind catches up all the same.
        """
        last = None if rounds is None else self.step + rounds
        taken = 0
        try:
            while self._may_go_on(last) and self._take_round(until, interrupted):
                taken += 1
                if taken % SETTLED_EVERY == 0:
                    self._settle()
        finally:
            self._settle()

    def _may_go_on(self, last: int | None) -> bool:
        return last is None or self.step < last or not self.is_between_rounds

    def _take_round(self, until: float, interrupted: Interruption) -> bool:
        """Takes what is missing of a round, or else another one; says whether to go on."""
        lagging = self._lagging()
        if not lagging:
            if not self.is_running:
                return False
            self.step += 1
            lagging = self._lagging()
        for entrant in lagging:
            if not entrant.take(interrupted) or interrupted():
                return False
        return perf_counter() < until

    def _lagging(self) -> list[Entrant]:
        """Those that have not yet come to the race's step."""
        return [e for e in self.entrants if e.is_on and e.walker.step < self.step]

    def _settle(self) -> None:
        for entrant in self.entrants:
            entrant.settle()
        self._look_at_losses()
        if not any(entrant.is_on for entrant in self.entrants):
            self.hold()

    def _look_at_losses(self) -> None:
        """Sets the target by what all began with, whatever their order, and tells all of it."""
        if self._goal is None and not any(
            e.is_on and math.isnan(e.history.begun) for e in self.entrants
        ):
            begun = [e.history.begun for e in self.entrants if not math.isnan(e.history.begun)]
            self._goal = self.problem.goal(max(begun)) if begun else None
        for entrant in self.entrants:
            entrant.seek(self.target)

    def views(self) -> tuple[RunnerView, ...]:
        """How all stand."""
        return tuple(entrant.view() for entrant in self.entrants)

    def material(self, arena: Arena) -> Material:
        """Their ways, for a surface below them."""
        here = self.problem.here()
        routes = tuple(entrant.route() for entrant in self.entrants)
        states: dict[State, Tensor] = {Now(): here, AtStep(0): here}
        for route in routes:
            states[RunnerEnd(route.id)] = route.states[-1]
        layers = arena.layers if isinstance(arena, NetworkArena) else None
        return Material(
            arena, here, 0, routes, states, moving=self.busy, longer=RACE_ON, layers=layers
        )


def _check(choice: RaceChoice) -> None:
    ids = [runner.id for runner in choice.runners]
    if len(ids) > MOST:
        raise UserError(
            "{count} runners are too many for one race.",
            "Choose at most {most}.",
            count=len(ids),
            most=MOST,
        )
    if len(set(ids)) < len(ids):
        raise UserError("Two runners of the race have the same number.")
    if choice.pace is not None and not 0 < choice.pace < math.inf:
        raise UserError(
            "A race cannot go on at {pace} steps a second.",
            "Choose a pace above 0.",
            pace=f"{choice.pace:g}",
        )
