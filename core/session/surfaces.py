"""What an engine does for loss surfaces, races and trials of learning rates, beside its session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import singledispatchmethod

import torch
from torch import Tensor

from core.courtesy import Courtesy
from core.errors import UserError
from core.landscape.losses.arena import Material
from core.landscape.losses.network import NetworkArena
from core.landscape.race.race import Basis
from core.landscape.race.racer import Racer
from core.landscape.survey.material import Outings
from core.landscape.survey.surveyor import Surveyor
from core.messages.snapshot import RunState
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
    ShowSurface,
    StopTrials,
    SurveyCommand,
    SurveyRequest,
)
from core.messages.surface_views import Contest, Survey
from core.sentence import Sentence
from core.session.session import Session
from core.training.run import Run
from core.training.state import copy_tensors


class Surveying:
    """A surveyor and a racer for one session; everything here is called in the engine's thread.

    Args:
        session: Whose run is surveyed.
        on_defect: Takes what is no UserError, in whichever thread.
    """

    def __init__(self, session: Session, on_defect: Callable[[Exception], None]) -> None:
        self._session = session
        self._request: SurveyRequest | None = None
        self._offered: tuple[object, ...] = ()
        self._outings = Outings()
        self._brought: Material | Sentence | None = None
        self._race_material: Material | None = None
        self._choice: RaceChoice | None = None
        self._raced: Run | None = None
        self._surveyor = Surveyor(lambda: None, on_defect)
        self._racer = Racer(
            on_news=lambda: None,
            on_material=self._take_race,
            on_defect=on_defect,
            arena_of=lambda trainer: NetworkArena.of_trainer(trainer, None),
        )

    @property
    def survey(self) -> Survey:
        """The newest; may be read in any thread."""
        return self._surveyor.survey

    @property
    def contest(self) -> Contest:
        """The newest; may be read in any thread."""
        return self._racer.contest

    @property
    def courtesies(self) -> tuple[Courtesy, Courtesy]:
        """The doors that both threads wait at while the window works."""
        return self._surveyor.courtesy, self._racer.courtesy

    def close(self) -> None:
        """Ends both threads and waits for them."""
        self._racer.close()
        self._surveyor.close()

    @singledispatchmethod
    def apply(self, command: SurveyCommand) -> None:
        """Carries a command out.

        Raises:
            UserError: It cannot be carried out.
        """
        raise TypeError(command)

    @apply.register
    def _(self, command: ShowSurface) -> None:
        self._request = command.request
        self._offered = ()
        if command.request is None:
            self._surveyor.ask(None)
        self.offer(at_once=True)

    @apply.register
    def _(self, command: SetRace) -> None:
        self._choice, self._raced = command.choice, self._session.run
        self._racer.post(command, self._basis())

    @apply.register(CompareRates)
    @apply.register(FindRate)
    def _(self, command: RaceCommand) -> None:
        self._racer.post(command, self._basis())

    @apply.register(RaceOn)
    @apply.register(HoldRace)
    @apply.register(StopTrials)
    def _(self, command: RaceCommand) -> None:
        self._racer.post(command, None)

    @apply.register
    def _(self, command: RestartRace) -> None:
        basis = self._basis()
        shown = self._surveyor.is_of_function
        if command.point is not None and shown is not None and shown is self._is_on_network:
            raise UserError(
                "This picture is not of the landscape that is raced on.",
                "Choose the race under “Surface of”, and wait for its picture.",
            )
        if command.point is not None and self._is_on_network:
            place = self._surveyor.at(command.point)
            if place is None or basis is None:
                raise UserError("There is no surface to start from yet.", "Wait for the picture.")
            basis = replace(basis, tensors=self._with_parameters(basis, place))
        self._racer.post(command, basis)

    @property
    def _is_on_network(self) -> bool:
        return self._choice is not None and self._choice.arena == NETWORK

    def _follow_network(self) -> None:
        """Begins a race on the network anew where the network or its data are others now."""
        run = self._session.run
        if self._is_on_network and run is not None and run is not self._raced:
            self._raced = run
            self._racer.post(SetRace(self._choice), self._basis())

    def offer(self, *, at_once: bool = False) -> None:
        """Brings the surveyor newer weights, if it wants them.

        Args:
            at_once: Whatever it is busy with: a command may have changed everything.
        """
        if at_once:
            self._follow_network()
        request, run = self._request, self._session.run
        if request is None or run is None:
            return
        if request.subject == "race":
            if request != self._surveyor.request:
                self._surveyor.ask(request, self._race_material)
            return
        key = (run, run.trainer.step, run.state, run.trainer.interventions, self._session.spec)
        # A run that has come to rest by itself brings nothing newer that could be waited for.
        can_wait = run.state is RunState.RUNNING and not self._surveyor.is_hungry
        if not at_once and (key == self._offered or can_wait):
            return
        self._offered = key
        self._bring(run, request)

    def _bring(self, run: Run, request: SurveyRequest) -> None:
        """Makes the material of a survey, and hands it over where it says anything new."""
        asked: SurveyRequest = request
        material: Material | Sentence
        try:
            asked, material = self._outings.material(run, request, self._runners())
        except UserError as error:
            material = error.sentence
        if asked != self._surveyor.request:
            self._surveyor.ask(asked, material)
        elif not _says_the_same(self._brought, material):
            self._surveyor.offer("run", material)
        self._brought = material

    def _runners(self) -> dict[int, Tensor]:
        """Where each runner of a race on the network stands."""
        race = self._race_material
        if race is None or self._racer.contest.arena != NETWORK:
            return {}
        return {route.id: route.states[route.at] for route in race.routes if route.states}

    def _take_race(self, material: Material | None) -> None:
        """Called in the racer's thread."""
        self._race_material = material
        self._surveyor.offer("race", material)

    def _basis(self) -> Basis | None:
        """What a race starts from: the run as it stands."""
        run = self._session.run
        if run is None:
            return None
        trainer = run.trainer
        return Basis(
            trainer.spec,
            trainer.network.shapes,
            trainer.data,
            trainer.device,
            copy_tensors(trainer.network),
            trainer.step,
            trainer.interventions,
        )

    def _with_parameters(self, basis: Basis, place: Tensor) -> tuple[Tensor, ...]:
        """The start's tensors with other parameters in their places."""
        run = self._session.run
        assert run is not None
        network = run.trainer.network
        names = {name for name, _ in network.named_parameters()}
        sizes = [parameter.numel() for parameter in network.parameters()]
        if sum(sizes) != place.numel():
            raise UserError("This surface is of another network.", "Wait for the new picture.")
        parts = iter(torch.split(place, sizes))
        return tuple(
            next(parts).view_as(tensor).clone() if name in names else tensor
            for name, tensor in zip(network.state_dict(), basis.tensors, strict=True)
        )


def _says_the_same(old: Material | Sentence | None, new: Material | Sentence) -> bool:
    """Whether a survey of the one would come out as that of the other."""
    if isinstance(old, Material) and isinstance(new, Material):
        return new.is_like(old)
    return old == new
