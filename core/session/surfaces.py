"""What an engine does for loss surfaces, races and trials of learning rates, beside its session."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import singledispatchmethod

import torch
from torch import Tensor

from core.courtesy import Courtesy
from core.errors import UserError
from core.landscape.losses.arena import Material
from core.landscape.race.problems import TrainingSetup
from core.landscape.race.racer import Racer
from core.landscape.survey.material import RunMaterials, SurveyTask
from core.landscape.survey.surveyor import Surveyor
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
    SurveyCommand,
)
from core.messages.snapshot import RunState
from core.messages.surface_commands import ShowSurface, SurveyRequest
from core.messages.surface_views import Survey
from core.session.session import Session
from core.training.run import Run


class Surfaces:
    """A surveyor and a racer for one session; commands are applied in the engine's thread.

    Args:
        session: Whose run is surveyed.
        on_defect: Takes what is no UserError, in whichever thread.
    """

    def __init__(self, session: Session, on_defect: Callable[[Exception], None]) -> None:
        self._session = session
        self._request: SurveyRequest | None = None
        self._surveyed: tuple[object, ...] = ()
        self._materials = RunMaterials()
        self._race_material: Material | None = None
        self._choosing = threading.Lock()
        self._choice: RaceChoice | None = None
        self._raced: Run | None = None
        self._surveyor = Surveyor(lambda: None, on_defect)
        self._racer = Racer(lambda: None, self._take_race, on_defect)

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
        """Carries a command out; what it asks to see is sent by ``update``.

        Raises:
            UserError: It cannot be carried out.
        """
        raise TypeError(command)

    @apply.register
    def _(self, command: ShowSurface) -> None:
        with self._choosing:
            self._request = command.request
        self._surveyed = ()

    @apply.register
    def _(self, command: SetRace) -> None:
        self._choice, self._raced = command.choice, self._session.run
        self._racer.post(command, self._setup())

    @apply.register(CompareRates)
    @apply.register(FindRate)
    def _(self, command: RaceCommand) -> None:
        self._racer.post(command, self._setup())

    @apply.register(RaceOn)
    @apply.register(HoldRace)
    @apply.register(StopTrials)
    def _(self, command: RaceCommand) -> None:
        self._racer.post(command, None)

    @apply.register
    def _(self, command: RestartRace) -> None:
        setup = self._setup()
        shown = self._surveyor.is_of_function
        if command.point is not None and shown is not None and shown is self._is_on_network:
            raise UserError(
                "This picture is not of the landscape that is raced on.",
                "Choose the race under “Surface of”, and wait for its picture.",
            )
        if command.point is not None and self._is_on_network:
            place = self._surveyor.at(command.point)
            if place is None or setup is None:
                raise UserError("There is no surface to start from yet.", "Wait for the picture.")
            setup = replace(setup, tensors=self._with_parameters(setup, place))
        self._racer.post(command, setup)

    @property
    def _is_on_network(self) -> bool:
        return self._choice is not None and self._choice.arena == NETWORK

    def _follow_network(self) -> None:
        """Begins a race on the network anew where the network or its data are others now."""
        run = self._session.run
        if self._is_on_network and run is not None and run is not self._raced:
            self._raced = run
            self._racer.post(SetRace(self._choice), self._setup())

    def update(self, *, at_once: bool = False) -> None:
        """Sends the surveyor newer weights, if it wants them.

        Args:
            at_once: Whatever it is busy with: a command may have changed everything.
        """
        if at_once:
            self._follow_network()
        request, run = self._request, self._session.run
        if request is None:
            self._surveyor.submit(None)
        elif request.subject == "race":
            self._submit_race()
        elif run is not None and (at_once or self._is_newer_wanted(run)):
            self._surveyed = self._state_of(run)
            task = self._materials.task(run, request, self._runners())
            if not task.is_like(self._surveyor.task):
                self._surveyor.submit(task)

    def _is_newer_wanted(self, run: Run) -> bool:
        # A run that has come to rest by itself brings nothing newer that could be waited for.
        waits = run.state is RunState.RUNNING and not self._surveyor.wants_newer
        return not waits and self._state_of(run) != self._surveyed

    def _state_of(self, run: Run) -> tuple[object, ...]:
        """All of a run that a picture depends on."""
        return run, run.trainer.step, run.state, run.trainer.interventions, self._session.spec

    def _runners(self) -> dict[int, Tensor]:
        """Where each runner of a race on the network stands."""
        race = self._race_material
        if race is None or self._racer.contest.arena != NETWORK:
            return {}
        return {route.id: route.states[route.at] for route in race.routes if route.states}

    def _take_race(self, material: Material | None) -> None:
        """Called in the racer's thread."""
        self._race_material = material
        self._submit_race()

    def _submit_race(self) -> None:
        """Sends where the runners have been, if that is what is asked for; from both threads."""
        with self._choosing:
            request = self._request
            if request is not None and request.subject == "race":
                self._surveyor.submit(SurveyTask(request, self._race_material))

    def _setup(self) -> TrainingSetup | None:
        """What a race starts from: the run as it stands."""
        run = self._session.run
        return TrainingSetup.of_trainer(run.trainer) if run is not None else None

    def _with_parameters(self, setup: TrainingSetup, place: Tensor) -> tuple[Tensor, ...]:
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
            for name, tensor in zip(network.state_dict(), setup.tensors, strict=True)
        )
