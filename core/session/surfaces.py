"""What an engine does for loss surfaces, races and trials of learning rates, beside its session."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import Material
from core.landscape.race.problems import TrainingSetup
from core.landscape.race.racer import Racer
from core.landscape.surface.material import RunMaterials, SurveyTask
from core.landscape.surface.surveyor import Surveyor
from core.messages.race import (
    NETWORK,
    CompareRates,
    FindRate,
    RaceChoice,
    RestartRace,
    SetRace,
    SurveyCommand,
)
from core.messages.snapshot import RunState
from core.messages.surface_commands import ShowSurface, SurveyRequest
from core.session.session import Session
from core.training.run import Run


class Surfaces:
    """A surveyor and a racer for one session; commands are applied in the engine's thread.

    Args:
        session: Whose run is surveyed.
        on_defect: Takes what is no UserError, in whichever thread.

    Attributes:
        surveyor: Its ``survey`` may be read in any thread.
        racer: Its ``contest`` likewise.
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
        self.surveyor = Surveyor(lambda: None, on_defect)
        self.racer = Racer(lambda: None, self._take_race, on_defect)

    def close(self) -> None:
        """Ends both threads and waits for them."""
        self.racer.close()
        self.surveyor.close()

    def apply(self, command: SurveyCommand) -> None:
        """Carries a command out; what it asks to see is sent by ``update``.

        Raises:
            UserError: It cannot be carried out.
        """
        match command:
            case ShowSurface(request):
                with self._choosing:
                    self._request = request
                self._surveyed = ()
                if request is not None and request.subject != "race":
                    self._check_sound()
            case RestartRace(point):
                self.racer.post(command, self._start(point))
            case SetRace(choice):
                if choice is not None and choice.arena == NETWORK:
                    self._check_sound()
                self._choice, self._raced = choice, self._session.run
                self.racer.post(command, self._setup())
            case CompareRates() | FindRate():
                self._check_sound()
                self.racer.post(command, self._setup())
            case _:
                self.racer.post(command, None)

    def _start(self, point: tuple[float, float] | None) -> TrainingSetup | None:
        """What a race starts from anew: at a point of the surface shown, where one is given."""
        setup = self._setup()
        if point is None:
            return setup
        shown = self.surveyor.is_of_function
        if shown is not None and shown is self._is_on_network:
            raise UserError(
                "This picture is not of the landscape that is raced on.",
                "Choose the race under “Surface of”, and wait for its picture.",
            )
        if not self._is_on_network:
            return setup
        place = self.surveyor.at(point)
        if place is None or setup is None:
            raise UserError("There is no surface to start from yet.", "Wait for the picture.")
        return replace(setup, tensors=self._with_parameters(setup, place))

    @property
    def _is_broken(self) -> bool:
        return self._session.spec.fault is not None

    def _check_sound(self) -> None:
        """Refuses to draw a loss, or to race down it, that the code at hand does not compute.

        Raises:
            UserError: The experiment is broken on purpose.
        """
        if self._is_broken:
            raise UserError(
                "This experiment is broken on purpose: its loss has no surface, and no race.",
                "Find its fault in Step and repair it; then it has both.",
            )

    @property
    def _is_on_network(self) -> bool:
        return self._choice is not None and self._choice.arena == NETWORK

    def _follow_network(self) -> None:
        """Begins a race on the network anew where the network or its data are others now."""
        run = self._session.run
        if self._is_broken:
            return
        if self._is_on_network and run is not None and run is not self._raced:
            self._raced = run
            self.racer.post(SetRace(self._choice), self._setup())

    def update(self, *, at_once: bool = False) -> None:
        """Sends the surveyor newer weights, if it wants them.

        Args:
            at_once: Whatever it is busy with: a command may have changed everything.
        """
        if at_once:
            self._follow_network()
        request, run = self._request, self._session.run
        if request is None:
            self.surveyor.submit(None)
        elif request.subject == "race":
            self._submit_race()
        elif self._is_broken:
            self.surveyor.submit(None)
        elif run is not None and (at_once or self._is_newer_wanted(run)):
            self._surveyed = self._state_of(run)
            task = self._materials.task(run, request, self._runners())
            if not task.is_like(self.surveyor.task):
                self.surveyor.submit(task)

    def _is_newer_wanted(self, run: Run) -> bool:
        # A run that has come to rest by itself brings nothing newer that could be waited for.
        waits = run.state is RunState.RUNNING and not self.surveyor.wants_newer
        return not waits and self._state_of(run) != self._surveyed

    def _state_of(self, run: Run) -> tuple[object, ...]:
        """All of a run that a picture depends on."""
        return run, run.trainer.step, run.state, run.trainer.interventions, self._session.spec

    def _runners(self) -> dict[int, Tensor]:
        """Where each runner of a race on the network stands."""
        race = self._race_material
        if race is None or self.racer.contest.arena != NETWORK:
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
                self.surveyor.submit(SurveyTask(request, self._race_material))

    def _setup(self) -> TrainingSetup | None:
        """What a race starts from: the run as it stands; none where it is broken."""
        run = self._session.run
        if self._is_broken:
            return None
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
