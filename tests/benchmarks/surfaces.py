"""Loss surfaces: a grid at once against one point at a time, and how soon there is a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import torch
from torch import Tensor, nn

from core.catalog.losses import Loss
from core.data.toy import Moons
from core.experiment.spec import ExperimentSpec
from core.landscape.losses.arena import Flat
from core.landscape.losses.network import NetworkArena
from core.landscape.losses.replica import drawn
from core.presets import PRESETS
from core.training.trainer import Trainer
from tests.benchmarks.report import Row
from tests.benchmarks.stepping import SMALL
from tests.benchmarks.throughput import plain_layers
from tests.core.experiments import trainer_of

ROUNDS = 5
SIDE = 51
FIRST = 17

Losses = Callable[[Tensor], Tensor]
"""Losses (k,) at points (k, 2) of the plane."""


@dataclass(frozen=True)
class Case:
    """One network.

    Attributes:
        name: As the table calls it.
        spec: The experiment.
        layers: The same as one would write it, up to the logits.
        samples: The loss is averaged over so many.
        wanted: How many times as fast as one point at a time,
        first: and how many milliseconds to a first picture.
        side: Points a side of the grid that is measured, for a grid of 51; a part of it where
            one point at a time takes minutes.
    """

    name: str
    spec: ExperimentSpec
    layers: Callable[[], nn.Sequential]
    samples: int
    wanted: int
    first: int
    side: int = SIDE


def _small_layers() -> nn.Sequential:
    hidden = (nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh())
    return nn.Sequential(*hidden, nn.Linear(8, 1))


DENSE, CNN = PRESETS["dense-784-64-10"].spec, PRESETS["cnn-mnist"].spec

CASES = (
    Case(
        "2-8-8-1",
        # A quarter is held back for the test.
        SMALL.model_copy(update={"data": Moons(samples=667)}),
        _small_layers,
        500,
        8,
        30,
    ),
    Case("dense-784-64-10", DENSE, lambda: plain_layers(DENSE), 2048, 8, 150),
    Case("cnn-mnist", CNN, lambda: plain_layers(CNN), 512, 4, 2000, side=3),
)


@dataclass
class Times:
    """Seconds of one network's rounds, for a whole grid and for a first picture."""

    naive: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)


def measure(rounds: int = ROUNDS) -> list[Row]:
    """The three networks, one round of each way after the other; medians of the ratios."""
    return [row for case in CASES for row in _measured(case, rounds)]


def _measured(case: Case, rounds: int) -> list[Row]:
    trainer = trainer_of(case.spec)
    arena = NetworkArena.of_trainer(trainer, case.samples)
    flat = _plane(trainer)
    naive = _one_by_one(case, trainer, flat)
    coarse = _grid(FIRST, FIRST)
    points = _grid(SIDE, case.side)
    apart = _difference(naive(points), arena.on_plane(flat).scores(points, _never).loss)
    times = Times()
    share = case.side**2 / SIDE**2
    for _ in range(rounds):
        times.naive.append(_seconds(lambda: naive(points)) / share)
        laid = _seconds(lambda: arena.on_plane(flat))
        on_plane = arena.on_plane(flat)
        scored = _seconds(lambda: on_plane.scores(points, _never))  # noqa: B023
        times.ours.append(laid + scored / share)
        times.first.append(_seconds(lambda: arena.quick().on_plane(flat).scores(coarse, _never)))
    return [*_rows(case, times, apart), *_fewer(case, arena, flat)]


def _rows(case: Case, times: Times, apart: float) -> list[Row]:
    ratios = [naive / ours for naive, ours in zip(times.naive, times.ours, strict=True)]
    grid = f"{case.name}: a {SIDE}×{SIDE} grid over {case.samples:,} samples"
    return [
        Row(f"{grid}, one point at a time", median(times.naive), "s"),
        Row(f"{grid}, by Chainrule", median(times.ours), "s"),
        Row(f"{grid}, how many times as fast", median(ratios), "×", f"≥ {case.wanted}"),
        Row(f"{grid}, greatest difference in millionths", 1e6 * apart, "", "≤ 10"),
        Row(
            f"{case.name}: the first picture, {FIRST}×{FIRST}",
            1000 * median(times.first),
            "ms",
            f"≤ {case.first:,}",
        ),
    ]


def _fewer(case: Case, arena: NetworkArena, flat: Flat) -> list[Row]:
    """What a first picture would take with other samples and points, where it takes long."""
    if arena.quick() is arena:
        return []
    rows = []
    for samples in (128, 256, 512):
        for side in (9, FIRST):
            some, points = arena.with_samples(samples), _grid(side, side)
            seconds = _seconds(lambda: some.on_plane(flat).scores(points, _never))  # noqa: B023
            what = f"{case.name}: {side}×{side} over {samples} samples"
            rows.append(Row(what, 1000 * seconds, "ms"))
    return rows


def _one_by_one(case: Case, trainer: Trainer, flat: Flat) -> Losses:
    """What public packages do: set the parameters, forward, read the loss."""
    sample, layers, loss = drawn(trainer, case.samples), case.layers(), case.spec.loss
    inputs = sample.inputs.contiguous()

    def losses(points: Tensor) -> Tensor:
        found = []
        with torch.no_grad():
            for x, y in points.tolist():
                nn.utils.vector_to_parameters(flat.at(x, y), layers.parameters())
                found.append(_value(loss, layers(inputs), sample.targets))
        return torch.tensor(found)

    return losses


def _value(loss: Loss, z: Tensor, targets: Tensor) -> float:
    return loss.value(z, z, targets).item()


def _plane(trainer: Trainer) -> Flat:
    """Two random directions through the network's first weights, as long as these a unit."""
    base = torch.cat([p.detach().reshape(-1) for p in trainer.network.parameters()])
    source = torch.Generator().manual_seed(0)
    d1, d2 = (
        torch.randn(len(base), generator=source) * base.norm() / len(base) ** 0.5 for _ in range(2)
    )
    return Flat(base, d1, d2)


def _grid(side: int, shown: int) -> Tensor:
    """(shown², 2) points spread over a grid of side² from −1 to 1."""
    axis = torch.linspace(-1, 1, side, dtype=torch.float64)
    axis = axis[torch.linspace(0, side - 1, shown).round().long()]
    return torch.cartesian_prod(axis, axis)


def _difference(naive: Tensor, ours: Tensor) -> float:
    return float(((naive - ours).abs() / naive.abs()).max())


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _never() -> bool:
    return False
