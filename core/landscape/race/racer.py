"""The thread of the race and of the trials: commands in, newest contest and material out."""

from __future__ import annotations

import logging
import math
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial, singledispatchmethod
from time import perf_counter

import torch

from core.courtesy import Courtesy
from core.errors import UserError
from core.landscape.losses.arena import Arena, Material
from core.landscape.race.grounds import ArenaOf, Basis, FunctionGround, Ground, NetworkGround
from core.landscape.race.race import Race
from core.landscape.race.rate_finder import RangeFinder
from core.landscape.race.trials import RateTrials, Trial
from core.messages.surface_commands import (
    NETWORK,
    CompareRates,
    FindRate,
    HoldRace,
    RaceChoice,
    RaceCommand,
    RaceOn,
    RestartRace,
    SetRace,
    StopTrials,
)
from core.messages.surface_views import Contest


class Tempo:
    """Keeps time for steps that follow one another at a pace.

    The pace may be another each time it is asked: what counts is when the last step was due.
    """

    def __init__(self) -> None:
        self._last = -math.inf

    def due_in(self, pace: float, now: float) -> float:
        """Seconds until the next step may be taken; 0 where it may at once.

        Args:
            pace: Steps a second.
            now: A moment of ``perf_counter``.
        """
        return max(0.0, self._last + 1 / pace - now)

    def taken(self, pace: float, now: float) -> None:
        """Says that a step is taken now; one that comes late is not made up for."""
        due = self._last + 1 / pace
        self._last = due if now - due < 1 / pace else now


SLICE = 1 / 30
"""Seconds between two contests while something goes on."""

MATERIAL_EVERY = 0.25
"""Seconds between two materials while runners move: a surface takes longer to draw."""

WATCHED_EVERY = 0.1
"""The same for a race on a function that goes at a pace: only the paths are new there."""

log = logging.getLogger(__name__)

Mail = tuple[RaceCommand, Basis | None] | None


class Racer:
    """Runs a race and trials of learning rates beside a session, on copies.

    Commands may be posted from any thread. The thread begins with the first of them and ends
    with ``close``; no exception ends it. Race and trials take turns, slice by slice. Who shows a
    window holds ``courtesy`` while it works, and both wait.

    Args:
        on_news: Called in the racer's thread after each new contest.
        on_material: Called there with where the runners have been; None when the race is put
            away. At most four times a second while they move (ten times where they are watched on a
            function), and once when they rest.
        on_defect: Called there with what is no UserError; the race is held then.
        arena_of: Makes the landscape of a trainer that takes no steps.
    """

    def __init__(
        self,
        on_news: Callable[[], None],
        on_material: Callable[[Material | None], None],
        on_defect: Callable[[Exception], None],
        arena_of: ArenaOf,
    ) -> None:
        self._on_news = on_news
        self._on_material = on_material
        self._on_defect = on_defect
        self._arena_of = arena_of
        self.courtesy = Courtesy()
        self._contest = Contest()
        self._race: Race | None = None
        self._trial: Trial | None = None
        self._basis: Basis | None = None
        self._arena: tuple[Ground, Arena] | None = None
        self._given_at = 0.0
        self._tempo = Tempo()
        self._inbox: queue.SimpleQueue[Mail] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def contest(self) -> Contest:
        """The newest; may be read in any thread."""
        return self._contest

    def post(self, command: RaceCommand, basis: Basis | None = None) -> None:
        """Sends a command; it acts before the next step.

        Args:
            command: What to do.
            basis: What a race or trial on the network would begin with; None where there is no
                network, or the command begins nothing.
        """
        with self._starting:
            if self._closing.is_set():
                return
            self._inbox.put((command, basis))
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="chainrule-racer")
                self._thread.start()

    def close(self) -> None:
        """Ends the thread and waits for it."""
        with self._starting:
            self._closing.set()
            self._inbox.put(None)
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        torch.set_num_threads(1)
        while not self._closing.is_set():
            mail = self._mail()
            for command, basis in mail:
                self._contest = replace(self._contest, trouble=None)
                self._basis = basis
                self._guarded(partial(self._apply, command))
            if mail:
                self._guarded(self._publish)
                self._guarded(self._give_material)
            if self._busy and not self._closing.is_set():
                self._guarded(self._work)
                self._guarded(self._publish)

    @property
    def _busy(self) -> bool:
        return self._trial is not None or (self._race is not None and self._race.busy)

    def _mail(self) -> list[tuple[RaceCommand, Basis | None]]:
        """What has come in; waits for something while there is nothing else to do."""
        mail: list[tuple[RaceCommand, Basis | None]] = []
        try:
            while letter := self._inbox.get(timeout=0 if mail else self._leisure()):
                mail.append(letter)
        except queue.Empty:
            pass  # no more of it, or time for the next step
        return mail

    def _leisure(self) -> float | None:
        """Seconds until there is something to do but reading mail; None while there is not."""
        if not self._busy:
            return None
        if self._trial is not None or self._race is None:
            return 0.0
        return self._rest_of(self._race)

    def _rest_of(self, race: Race) -> float:
        """Seconds until the race may go on at its pace; who is behind catches up at once."""
        pace = race.choice.pace
        if pace is None or not race.is_between_rounds:
            return 0.0
        return self._tempo.due_in(pace, perf_counter())

    def _has_mail(self) -> bool:
        self.courtesy.give_way()
        return not self._inbox.empty()

    def _guarded(self, work: Callable[[], None]) -> None:
        """Does something; whatever goes wrong is told, and the thread lives on."""
        try:
            work()
        except UserError as error:
            self._contest = replace(self._contest, trouble=error.sentence)
        except Exception as error:
            log.debug("the racer caught a defect", exc_info=True)
            self._trial = None
            if self._race is not None:
                self._race.halt()
            self._on_defect(error)

    @singledispatchmethod
    def _apply(self, command: RaceCommand) -> None:
        """Carries a command out.

        Raises:
            UserError: It cannot be carried out; nothing has changed.
        """
        raise TypeError(command)

    @_apply.register
    def _(self, command: SetRace) -> None:
        choice = command.choice
        if choice is None:
            self._race = self._arena = None
            self._on_material(None)
            return
        race = self._race
        if race is None or not self._goes_on(race, choice):
            self._race = Race(self._ground(choice, None), choice)
        else:
            race.change(choice)

    def _goes_on(self, race: Race, choice: RaceChoice) -> bool:
        """Whether another choice leaves the same race, to be seen on the same axes."""
        before, ground = race.choice, race.ground
        if before.arena != choice.arena or before.seed != choice.seed:
            return False
        if not isinstance(ground, NetworkGround) or self._basis is None:
            return True
        return self._basis.is_like(ground.basis)

    def _ground(self, choice: RaceChoice, point: tuple[float, float] | None) -> Ground:
        if choice.arena == NETWORK:
            return NetworkGround(self._network_basis(), point)
        return FunctionGround(choice.arena, choice.seed, point)

    def _network_basis(self) -> Basis:
        if self._basis is None:
            raise UserError("There is no network yet.", "Wait until the experiment is loaded.")
        return self._basis

    def _running_race(self) -> Race:
        if self._race is None:
            raise UserError("There is no race.", "Choose who takes part first.")
        return self._race

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
        race.restart(self._ground(race.choice, command.point))

    @_apply.register
    def _(self, command: CompareRates) -> None:
        self._try(RateTrials(self._network_basis(), command))

    @_apply.register
    def _(self, command: FindRate) -> None:
        self._try(RangeFinder(self._network_basis(), command))

    @_apply.register
    def _(self, command: StopTrials) -> None:
        self._end_trial()

    def _try(self, trial: Trial) -> None:
        self._end_trial()
        self._trial = trial

    def _end_trial(self) -> None:
        if self._trial is not None:
            self._trial.stop()
            self._contest = self._trial.shown_in(self._contest)
            self._trial = None

    def _work(self) -> None:
        if self._trial is not None:
            self._work_on(self._trial)
        race = self._race
        if race is not None and race.busy and self._rest_of(race) == 0:
            self._advance(race)
            if not race.busy or perf_counter() >= self._given_at + _material_every(race):
                self._give_material()

    def _advance(self, race: Race) -> None:
        pace, now, rounds = race.choice.pace, perf_counter(), None
        if pace is not None:
            rounds = int(race.is_between_rounds)
            if rounds:
                self._tempo.taken(pace, now)
        race.advance(now + SLICE, self._has_mail, rounds)

    def _work_on(self, trial: Trial) -> None:
        try:
            trial.advance(perf_counter() + SLICE, self._has_mail)
        except Exception:
            self._end_trial()
            raise
        self._contest = trial.shown_in(self._contest)
        if trial.done:
            self._trial = None

    def _give_material(self) -> None:
        race = self._race
        if race is None:
            return
        self._given_at = perf_counter()
        self._on_material(race.material(self._arena_under(race)))

    def _arena_under(self, race: Race) -> Arena:
        """The landscape that the race is run in; the same one while it stays the same."""
        known = self._arena
        if known is None or not known[0].shares_arena(race.ground):
            known = (race.ground, race.ground.arena(self._arena_of))
            self._arena = known
        return known[1]

    def _publish(self) -> None:
        race, contest = self._race, self._contest
        shown = replace(
            contest,
            version=contest.version + 1,
            arena=race.choice.arena if race is not None else "",
            runners=race.views() if race is not None else (),
            step=race.step if race is not None else 0,
            is_running=race is not None and race.is_running,
            start=race.ground.start if race is not None else Contest().start,
            start_label=race.ground.start_label if race is not None else None,
            target=race.target if race is not None else None,
        )
        self._contest = shown
        self._on_news()


def _material_every(race: Race) -> float:
    is_watched = race.choice.pace is not None and not race.ground.has_batches
    return WATCHED_EVERY if is_watched else MATERIAL_EVERY
