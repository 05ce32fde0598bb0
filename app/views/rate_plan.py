"""Which optimizers are tried at which rates, and what of it is known already."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from core.catalog.base import entries_of
from core.catalog.optimizers import Optimizer
from core.scenery import RateGrid, Verdict, read_only
from core.surveys import CompareRates

FIRST_KINDS = ("sgd", "momentum", "adagrad", "rmsprop", "adam")
"""Those that are told of most; the full-batch one would take long on a large set."""


@dataclass(frozen=True)
class RatePlan:
    """A comparison as somebody wants it.

    Attributes:
        kinds: The optimizers, by their words in the catalog.
        low: The first rate.
        high: The last one.
        count: So many rates, an equal factor apart.
        steps: Each trial takes so many.
    """

    kinds: tuple[str, ...] = FIRST_KINDS
    low: float = 1e-4
    high: float = 10.0
    count: int = 11
    steps: int = 100

    def rates(self) -> tuple[float, ...]:
        """Rising, of two digits where these tell them apart: what is read is what is tried."""
        low, high = sorted((self.low, self.high))
        if low == high:
            return (low,)
        exact = [float(rate) for rate in np.geomspace(low, high, self.count)]
        exact[0], exact[-1] = low, high
        short = [low, *(float(f"{rate:.2g}") for rate in exact[1:-1]), high]
        rises = all(a < b for a, b in itertools.pairwise(short))
        return tuple(short if rises else exact)

    def optimizers(self, own: Optimizer) -> tuple[Optimizer, ...]:
        """In the catalog's order; the experiment's own with its fields, others as usual."""
        entries = entries_of(Optimizer)
        return tuple(
            own if kind == own.kind else entry.model_validate({})
            for kind, entry in entries.items()
            if kind in self.kinds
        )

    def command(self, own: Optimizer) -> CompareRates:
        """What the racer is told."""
        return CompareRates(self.optimizers(own), self.rates(), self.steps)


def planned(command: CompareRates, known: RateGrid | None) -> RateGrid:
    """The comparison before it is made, with what an earlier one has found already."""
    shape = (len(command.optimizers), len(command.rates))
    losses = np.full(shape, np.nan, np.float32)
    verdicts = [[Verdict.PENDING] * shape[1] for _ in range(shape[0])]
    found = _found(known) if known is not None and known.steps == command.steps else {}
    for row, optimizer in enumerate(command.optimizers):
        for column, rate in enumerate(command.rates):
            trial = found.get((_without_rate(optimizer), rate))
            if trial is not None:
                losses[row, column], verdicts[row][column] = trial
    return RateGrid(
        command.optimizers,
        command.rates,
        known.start if known is not None else math.nan,
        read_only(losses),
        tuple(tuple(row) for row in verdicts),
        command.steps,
        done=True,
    )


def _found(grid: RateGrid) -> dict[tuple[Optimizer, float], tuple[float, Verdict]]:
    return {
        (_without_rate(optimizer), rate): (float(grid.losses[row, column]), verdict)
        for row, optimizer in enumerate(grid.optimizers)
        for column, rate in enumerate(grid.rates)
        if (verdict := grid.verdicts[row][column]) is not Verdict.PENDING
    }


def _without_rate(optimizer: Optimizer) -> Optimizer:
    """Two that differ in their rate alone are the same row."""
    return type(optimizer).model_validate(dict(optimizer) | {"learning_rate": 1.0})
