"""From a run between two steps to what a survey of it needs, copied as seldom as can be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import Material, Route, for_longer, is_same
from core.landscape.losses.network import NetworkArena
from core.messages.snapshot import RunState
from core.messages.surface_commands import (
    AtStep,
    BranchEnd,
    DescentPlane,
    Now,
    Plane,
    RunnerEnd,
    State,
    StatesPlane,
    SurveyRequest,
)
from core.sentence import Sentence
from core.training.past import after_next_step, last_update
from core.training.run import Run
from core.training.state import Packed, TrainingState, parameter_vector

MOST = 200
"""States of a path: more could not be told apart."""

ROUTE_NAME = "This run"


@dataclass(frozen=True)
class SurveyTask:
    """All that the surveyor is handed: one wish, with what it needs.

    Attributes:
        request: What is asked for; its steps are those whose states are kept.
        material: What a survey is made of; or why there is none; None while there is none yet.
    """

    request: SurveyRequest
    material: Material | Sentence | None

    def is_like(self, other: SurveyTask | None) -> bool:
        """Whether a survey of it would come out as that of the other."""
        if other is None or self.request != other.request:
            return False
        return is_same(self.material, other.material)


class RunMaterials:
    """Makes the tasks of surveys of one session's runs; belongs to the engine's thread."""

    def __init__(self) -> None:
        self._arena: NetworkArena | None = None
        self._arena_of: tuple[object, ...] = ()
        self._vectors: dict[int, tuple[Packed, Tensor]] = {}
        self._runners: dict[int, Tensor] = {}

    def task(self, run: Run, request: SurveyRequest, runners: dict[int, Tensor]) -> SurveyTask:
        """A request with what a survey of a run, between two steps, needs.

        Args:
            run: The run.
            request: What is asked for.
            runners: (p,) where the runners of a race on this network stand, by their ids.
        """
        try:
            return self._task(run, request, runners)
        except UserError as error:
            return SurveyTask(request, error.sentence)

    def _task(self, run: Run, request: SurveyRequest, runners: dict[int, Tensor]) -> SurveyTask:
        trainer = run.trainer
        here = parameter_vector(trainer.network)
        self._runners = runners
        moving = run.state is RunState.RUNNING
        plane, states = self._states(run, request, here)
        centre, kept = self._kept(run, request.centre, here)
        update, is_next = None, False
        if isinstance(request.plane, DescentPlane):
            update, is_next = self._update(run)
        arena = self._on(run, request.samples)
        material = Material(
            arena,
            here,
            trainer.step,
            (self._route(run, here, moving=moving),),
            states | {centre: kept},
            update=update,
            is_next=is_next,
            moving=moving,
            longer=for_longer(run.state, over=run.course.over),
            layers=arena.layers,
        )
        return SurveyTask(replace(request, plane=plane, centre=centre), material)

    def _on(self, run: Run, samples: int | None) -> NetworkArena:
        """The arena; the same one as long as network, data and loss are."""
        trainer = run.trainer
        loss, batches = trainer.spec.loss, trainer.batches
        weight = loss.weight(batches.batch_size)
        hands, balance = trainer.interventions, batches.balance
        key = (trainer, loss, weight, trainer.penalty, hands, balance, samples)
        if self._arena is None or self._arena_of != key:
            self._arena, self._arena_of = NetworkArena.of_trainer(trainer, samples), key
        elif any(True for _ in trainer.network.buffers()):
            self._arena = self._arena.with_buffers_of(trainer.network)
        return self._arena

    def _route(self, run: Run, here: Tensor, *, moving: bool) -> Route:
        """The kept states of a run, and where it stands among them."""
        packed = run.past.timeline.thinned(MOST)
        known = {id(state): self._vectors.get(id(state)) for state in packed}
        self._vectors = {
            id(state): known[id(state)] or (state, _vector(state.unpacked(), run))
            for state in packed
        }
        before = [(s.step, self._vectors[id(s)][1]) for s in packed if s.step < run.trainer.step]
        after = [(s.step, self._vectors[id(s)][1]) for s in packed if s.step > run.trainer.step]
        stops = [*before, (run.trainer.step, here), *after]
        ahead = None if moving or run.course.over or after else after_next_step(run.trainer)
        steps, states = [step for step, _ in stops], [state for _, state in stops]
        return Route(-1, ROUTE_NAME, steps, states, ahead, len(before))

    def _states(
        self, run: Run, request: SurveyRequest, here: Tensor
    ) -> tuple[Plane | None, dict[State, Tensor]]:
        plane = request.plane
        if not isinstance(plane, StatesPlane):
            return plane, {}
        second, found = self._kept(run, plane.second, here)
        states = {second: found}
        third = plane.third
        if third is not None:
            third, found = self._kept(run, third, here)
            states[third] = found
        return StatesPlane(second, third), states

    def _kept(self, run: Run, state: State, here: Tensor) -> tuple[State, Tensor]:
        """A state that is there, the nearest before the one asked for."""
        if isinstance(state, Now):
            return state, here
        if isinstance(state, AtStep):
            found = run.past.timeline.at_or_before(min(state.step, run.past.head_step))
            if found is not None:
                return AtStep(found.step), _vector(found, run)
        if isinstance(state, BranchEnd) and state.number in run.past.ends:
            return state, _vector(run.past.ends[state.number], run)
        if isinstance(state, RunnerEnd):
            there = self._runners.get(state.id)
            if there is not None and there.numel() == here.numel():
                return state, there
        raise UserError("That state is not kept any more.", "Choose another one for the plane.")

    def _update(self, run: Run) -> tuple[Tensor | None, bool]:
        """The last update, computed anew; where that cannot be, and while training, the next.

        Returns:
            It, None where neither is to be had, and whether it is the next one.
        """
        trainer = run.trainer
        kept = run.past.timeline.at_or_before(trainer.step - 1)
        resting = run.state is not RunState.RUNNING
        if resting and kept is not None and run.past.can_repeat(trainer.step):
            last = last_update(trainer, kept)
            if last is not None:
                return last, False
        if run.course.over:
            return None, False
        return after_next_step(trainer) - parameter_vector(trainer.network), True


def _vector(state: TrainingState, run: Run) -> Tensor:
    """(p,) the parameters of a state, without its buffers."""
    names = {name for name, _ in run.trainer.network.named_parameters()}
    keys = run.trainer.network.state_dict()
    parts = [t for name, t in zip(keys, state.tensors, strict=True) if name in names]
    return torch.cat([part.detach().reshape(-1) for part in parts])
