"""Where a race can be run: on the learner's own network, or on a test function."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from core.catalog.functions import FUNCTIONS, LossFunction
from core.catalog.optimizers import Optimizer
from core.data import Dataset
from core.errors import UserError
from core.experiment.by_hand import ByHand
from core.experiment.layers import LayerShape
from core.experiment.spec import ExperimentSpec
from core.landscape.losses.arena import Arena, Flat, Interruption, OnPlane, Scores
from core.landscape.losses.network import NetworkArena
from core.landscape.race.walkers import FunctionWalker, NetworkWalker, Walker, is_sane
from core.messages.breakpoints import Interventions
from core.messages.race import NETWORK
from core.messages.surface_commands import Window
from core.messages.surface_views import Doubles, read_only
from core.sentence import Sentence
from core.training.state import copy_tensors, parameter_vector, write_tensors
from core.training.trainer import Trainer


class FunctionArena(Arena):
    """The values of a function of x and y, the only two parameters."""

    def __init__(self, function: LossFunction) -> None:
        self.function = function
        self.names = ["x", "y"]
        self.shapes = [torch.Size(()), torch.Size(())]
        self.samples = 1
        self.of = 1
        self.window: Window | None = Window(*function.domain)

    def quick(self) -> Arena:
        return self

    def on_plane(self, flat: Flat) -> _FunctionOnPlane:
        return _FunctionOnPlane(self, flat)

    def scores(self, states: Tensor, interrupted: Interruption) -> Scores:
        # All in one go: a hundred thousand take a millisecond.
        x, y = states.to(torch.float64).unbind(1)
        loss = self.function.value(x, y).to(torch.float32)
        return Scores(loss, torch.zeros_like(loss), None)

    def objective(self, parameters: Tensor) -> Tensor:
        return self.function.value(parameters[0], parameters[1])


@dataclass(frozen=True, eq=False)
class _FunctionOnPlane(OnPlane):
    arena: FunctionArena
    flat: Flat

    def scores(self, points: Tensor, interrupted: Interruption) -> Scores:
        flat = self.flat
        base, d1, d2 = (part.to(torch.float64) for part in (flat.base, flat.d1, flat.d2))
        x, y = points.to(torch.float64).unbind(1)
        return self.arena.scores(base + x[:, None] * d1 + y[:, None] * d2, interrupted)


Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class TrainingSetup:
    """What a race or a trial on the learner's network begins with; nothing in it is written to.

    Attributes:
        spec: The experiment.
        shapes: Of its network.
        data: Its samples, as loaded or with the inputs that were changed by hand.
        device: Where to compute.
        tensors: Parameters and buffers at the start; see ``core.training.state.copy_tensors``.
        step: Of the run that they come from.
        interventions: What a person has laid hands on; it holds for all that starts here.
    """

    spec: ExperimentSpec
    shapes: tuple[LayerShape, ...]
    data: Dataset
    device: torch.device
    tensors: tuple[Tensor, ...]
    step: int = 0
    interventions: Interventions = field(default_factory=Interventions)

    @classmethod
    def of_trainer(cls, trainer: Trainer) -> TrainingSetup:
        """From where a run stands, between two steps."""
        return cls(
            trainer.spec,
            trainer.network.shapes,
            trainer.data,
            trainer.device,
            copy_tensors(trainer.network),
            trainer.step,
            trainer.interventions,
        )

    def trainer(self, optimizer: Optimizer | None = None) -> Trainer:
        """A new trainer at the start, before its first step and first batch.

        Args:
            optimizer: In the place of the experiment's own.
        """
        spec = self.spec
        if optimizer is not None:
            spec = spec.model_copy(update={"optimizer": optimizer})
        trainer = self._trainer(spec, self._changed_data)
        trainer.intervene(replace(self.interventions, inputs={}))
        return trainer

    def is_like(self, other: TrainingSetup) -> bool:
        """Whether steps from both follow the same rules, whatever they start from."""
        return (
            _rules(self.spec) == _rules(other.spec)
            and self.data is other.data
            and self.device == other.device
            and self.interventions == other.interventions
        )

    def _trainer(self, spec: ExperimentSpec, data: Dataset) -> Trainer:
        plain = spec.model_copy(update={"by_hand": ByHand()})  # the interventions say all of it
        trainer = Trainer(plain, self.shapes, data, self.device, accuracy=False)
        write_tensors(trainer.network, self.tensors)
        return trainer

    @cached_property
    def _changed_data(self) -> Dataset:
        """With the inputs changed by hand: one copy for all who start here."""
        inputs = self.interventions.inputs
        if not inputs:
            return self.data
        trainer = self._trainer(self.spec, self.data)
        trainer.intervene(Interventions(inputs=inputs))
        return trainer.data


def _rules(spec: ExperimentSpec) -> ExperimentSpec:
    """Without what does not matter in a race: each runner has an optimizer of its own."""
    fields = ExperimentSpec.model_fields
    same = {
        "name": "",
        "by_hand": ByHand(),
        "optimizer": fields["optimizer"].get_default(call_default_factory=True),
    }
    return spec.model_copy(update=same)


class FunctionProblem:
    """A race on a test function.

    Args:
        kind: In ``core.catalog.functions``.
        seed: Of the noise on its gradients, if it has any.
        point: Where to start; None for the usual place.

    Attributes:
        kind: As in ``RaceChoice.arena``.
        start: (2,) where runners start; zeros on a network.
        start_label: The same in words.
        has_batches: Whether it matters that an optimizer takes all samples.
        arena: The landscape, the same object each time.

    Raises:
        UserError: There is no such function, or it is not finite there.
    """

    has_batches = False

    def __init__(self, kind: str, seed: int, point: Point | None = None) -> None:
        if kind not in FUNCTIONS:
            raise UserError(
                "There is no test function {kind}.",
                "The functions are: {names}.",
                kind=kind,
                names=", ".join(FUNCTIONS),
            )
        self.kind = kind
        self._function = FUNCTIONS[kind]
        self._seed = seed
        self._point = point or self._function.start
        x, y = (f"{number:.4g}" for number in self._point)
        value = float(self._function.value(*torch.tensor(self._point, dtype=torch.float64)))
        if not is_sane(self._point, value):
            raise UserError("Nobody can start from ({x}, {y}).", "Choose another point.", x=x, y=y)
        self.start: Doubles = read_only(np.array(self._point, np.float64))
        self.start_label = Sentence("From ({x}, {y})", x=x, y=y)
        self.arena: Arena = FunctionArena(self._function)

    def walker(self, optimizer: Optimizer) -> Walker:
        """One at the start."""
        return FunctionWalker(self._function, optimizer, self._point, self._seed)

    def here(self) -> Tensor:
        """(p,) float32, where all start."""
        return torch.tensor(self._point, dtype=torch.float32)

    def goal(self, first: float) -> float:
        """The loss that counts as reached, unless a person says another: a tenth of the way down
        to the minimum is left."""
        least = self._function.least or 0.0
        return least + (first - least) / 10

    def shares_arena(self, other: RaceProblem) -> bool:
        """Whether the landscape is the same, though runners may start elsewhere in it."""
        return self.kind == other.kind


class NetworkProblem:
    """A race on the learner's network; see :class:`FunctionProblem`.

    Args:
        setup: Where all start.
        point: Where that lies on the plane of a surface; None for the run's own weights.
    """

    kind = NETWORK
    has_batches = True

    def __init__(self, setup: TrainingSetup, point: Point | None = None) -> None:
        self.setup = setup
        self.start: Doubles = read_only(np.zeros(2))
        self.start_label = Sentence("From the weights of step {step:,}", step=setup.step)
        if point is not None:
            x, y = (f"{number:.4g}" for number in point)
            self.start_label = Sentence("From the point ({x}, {y}) of the surface", x=x, y=y)
        self._resting = setup.trainer()

    def walker(self, optimizer: Optimizer) -> Walker:
        """As :meth:`FunctionProblem.walker`."""
        return NetworkWalker(self.setup.trainer(optimizer))

    def here(self) -> Tensor:
        """As :meth:`FunctionProblem.here`."""
        return parameter_vector(self._resting.network).to("cpu", torch.float32)

    def goal(self, first: float) -> float:
        """A tenth of the first loss: no loss of a network is below zero."""
        return first / 10

    @cached_property
    def arena(self) -> Arena:
        """The landscape, the same object each time."""
        return NetworkArena.of_trainer(self._resting, None)

    def shares_arena(self, other: RaceProblem) -> bool:
        """As :meth:`FunctionProblem.shares_arena`; batch norm's moments are the landscape's."""
        if not isinstance(other, NetworkProblem):
            return False
        if other.setup is self.setup:
            return True
        moments = any(True for _ in self._resting.network.buffers())
        return self.setup.is_like(other.setup) and not moments


RaceProblem = FunctionProblem | NetworkProblem
"""Where runners start, and what makes them walk."""
