"""What a loss surface is of: something that has a loss for every vector of parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from core.errors import UserError
from core.messages.snapshot import RunState
from core.messages.surface_commands import State, Window

TRAIN_ON = (
    "Train about a second longer: a large network's run keeps a state every {every} s. A single "
    "step always keeps its own."
)
"""For a run that can go on: many steps may have left few states."""

STEP_AGAIN = (
    "This run is over: go back on the timeline and take single steps, each of which is kept, or "
    "choose another plane."
)

RESET = "The training has diverged: reset it and choose a smaller learning rate."

RACE_ON = "Let the race go on for some steps, or choose another plane."


def for_longer(state: RunState, *, over: bool) -> str:
    """How a run's path becomes longer; ``over`` where it stands where its epochs or steps end."""
    if state is RunState.DIVERGED:
        return RESET
    return STEP_AGAIN if over or state is RunState.FINISHED else TRAIN_ON


def lost() -> UserError:
    """Says that the weights which a plane is laid through are beyond all pictures."""
    return UserError(
        "The loss is not a finite number at the weights that this plane goes through: the "
        "training has diverged.",
        "Go back on the timeline, or reset with a smaller learning rate.",
    )


@dataclass(frozen=True, eq=False)
class Flat:
    """A plane in the space of all parameters: base + x·d1 + y·d2.

    Attributes:
        base: (p,) float32; what lies at (0, 0).
        d1: (p,) float32, the x axis.
        d2: (p,) float32, the y axis.
    """

    base: Tensor
    d1: Tensor
    d2: Tensor

    def at(self, x: float, y: float) -> Tensor:
        """(p,) the parameters at a point."""
        return self.base + x * self.d1 + y * self.d2


@dataclass(frozen=True, eq=False)
class Scores:
    """What was found at k places.

    Attributes:
        loss: (k,) float32, the data's loss.
        penalty: (k,) float32, what the penalties of the training add.
        accuracy: (k,) float32 0..1; None for regression and functions.
    """

    loss: Tensor
    penalty: Tensor
    accuracy: Tensor | None

    @staticmethod
    def joined(parts: list[Scores]) -> Scores:
        """The places of several, one after another."""
        accuracies = [part.accuracy for part in parts if part.accuracy is not None]
        return Scores(
            torch.cat([part.loss for part in parts]),
            torch.cat([part.penalty for part in parts]),
            torch.cat(accuracies) if accuracies else None,
        )


Interruption = Callable[[], bool]
"""Looked at amid long work; True where somebody wants something else first."""


class OnPlane(Protocol):
    """An arena with a plane laid through it, and all prepared that its points share."""

    def scores(self, points: Tensor, interrupted: Interruption) -> Scores:
        """Losses at points (k, 2) of the plane.

        Args:
            points: float64, in the plane's units.
            interrupted: Looked at some hundred times a second.

        Raises:
            core.training.step.Interrupted: ``interrupted`` said so.
            core.errors.UserError: There is not enough memory; says what would fit.
        """


class Arena(Protocol):
    """Something that has a loss for every vector of p parameters. Belongs to one thread.

    Attributes:
        names: Of the parameters: ``0.weight``, ...; ``x`` and ``y`` for a function.
        shapes: Their shapes, in the order in which they lie in a vector.
        samples: The loss is averaged over so many,
        of: of so many; 1 of 1 for a function.
        weight: What training differentiates is so many times as large.
        window: What part of a function is worth seeing; None where planes have to tell.
    """

    names: list[str]
    shapes: list[torch.Size]
    samples: int
    of: int
    window: Window | None
    weight: int = 1

    def quick(self) -> Arena:
        """The same over fewer samples, for a first picture at once; itself where it is quick."""

    def on_plane(self, flat: Flat) -> OnPlane:
        """Prepares a plane.

        Raises:
            core.errors.UserError: There is not enough memory; says what would fit.
        """

    def scores(self, states: Tensor, interrupted: Interruption) -> Scores:
        """Losses at any states (k, p).

        Raises:
            core.training.step.Interrupted: ``interrupted`` said so.
        """

    def objective(self, parameters: Tensor) -> Tensor:
        """The data's loss and the penalties at (p,), 0-d and differentiable (twice) by autograd.

        For gradients, curvature along a line and products with the Hessian.
        """


def gradient_of(arena: Arena, parameters: Tensor) -> Tensor:
    """(p,) the gradient of the objective at (p,), on all samples of the arena."""
    # A tensor born in inference mode could not be saved for the backward pass.
    with torch.inference_mode(False), torch.enable_grad():
        here = parameters.detach().clone().requires_grad_()
        return torch.autograd.grad(arena.objective(here), here)[0]


@dataclass(frozen=True, eq=False)
class Route:
    """Where somebody went.

    Attributes:
        id: As in ``PathView``.
        name: As in ``PathView``.
        steps: Rising.
        states: One (p,) float32 a step; read only.
        next: (p,) where the next update leads; None if unknown.
        at: Which of the states it stands at.
        is_early: Whether the first steps are the last to be left out where there are too many.
    """

    id: int
    name: str
    steps: list[int]
    states: list[Tensor]
    next: Tensor | None = None
    at: int = -1
    is_early: bool = False


@dataclass(frozen=True, eq=False)
class Material:
    """All that a survey needs, copied or never written to again.

    Attributes:
        arena: Stays the same object while data, network and samples do.
        here: (p,) the weights as they stand; of a race its start.
        step: Updates behind them.
        routes: The run's, or each runner's; see ``Route.at`` for where it stands.
        states: Those that a plane was asked to be laid through, and its centre.
        gradient: (p,) of the objective on all samples at ``here``; None for that of the arena.
        update: (p,) the last update, or the next one; None where neither is known.
        is_next: Whether ``update`` is the next one.
        moving: Whether training goes on meanwhile.
        longer: How its paths get more states: a hint for ``UserError``, with ``{every}`` for the
            seconds from one kept state to the next.
        layers: The names of the layers (``1 Dense``) by their parameters (``0.weight``), for
            whoever calls a number w₁,₂; None where it is to be called ``0.weight[0, 1]``.
    """

    arena: Arena
    here: Tensor
    step: int
    routes: tuple[Route, ...]
    states: dict[State, Tensor]
    gradient: Tensor | None = None
    update: Tensor | None = None
    is_next: bool = False
    moving: bool = False
    longer: str = TRAIN_ON
    layers: Mapping[str, str] | None = None


def is_same(one: object, other: object) -> bool:
    """Whether two planes, routes, materials or parts of them say the same, number by number."""
    if one is other or type(one) is not type(other):
        return one is other
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return torch.equal(one, other)
    if isinstance(one, Flat | Route | Material):
        return is_same(vars(one), vars(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return one == other
