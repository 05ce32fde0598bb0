"""Trials of learning rates by optimizer: which learn, which crawl, which explode."""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator
from dataclasses import replace

import numpy as np

from core.catalog.optimizers import Optimizer
from core.errors import UserError
from core.landscape.losses.arena import Interruption
from core.landscape.race.problems import TrainingSetup
from core.landscape.rates.trial_run import OVER, WorkTime, measured, trained
from core.messages.race import CompareRates, Contest, RateGrid, Verdict
from core.messages.surface_views import read_only

LEARNED = 0.95
"""Of the first loss: who ends above it has not learned."""

EXPLODED = 1.05
"""Of the first loss: who ends above it went uphill, whether or not the numbers still are finite.

Both ends are measured on the same samples, so what is left of a batch's chance lies in where the
last steps led. On five presets, at their start and trained, rates too small to learn ended 1 %
above it at the most; whoever ended 5 % above stood at the edge of the rates that diverge."""

LARGEST_RATE = 100.0
"""What the catalog allows."""


def verdict(start: float, end: float) -> Verdict:
    """How a trial went, by the loss before and after; not finite if it got lost on the way."""
    if not (math.isfinite(end) and end <= EXPLODED * start):
        return Verdict.EXPLODES
    return Verdict.LEARNS if end <= LEARNED * start else Verdict.CRAWLS


def with_rate(optimizer: Optimizer, rate: float) -> Optimizer:
    """The same rule at another learning rate."""
    return optimizer.model_copy(update={"learning_rate": rate})


def check_rates(rates: tuple[float, ...], steps: int, fewest: int) -> None:
    """Refuses rates and steps that nothing can be tried with.

    Raises:
        UserError: There are none, they do not rise, one is out of range, or the steps are few.
    """
    rising = all(before < after for before, after in itertools.pairwise(rates))
    if not (rates and rising and rates[0] > 0 and rates[-1] <= LARGEST_RATE):
        raise UserError(
            "The learning rates must rise and lie above 0 and up to {most}.",
            "Choose other ends of the range.",
            most=f"{LARGEST_RATE:g}",
        )
    if steps < fewest:
        raise UserError(
            "{steps} steps are too few to tell.",
            "Take {fewest} at the least.",
            steps=steps,
            fewest=fewest,
        )


class RateTrials:
    """Trains for each optimizer and rate from one start, slice by slice.

    Raises:
        UserError: Nothing can be tried with these.
    """

    def __init__(self, setup: TrainingSetup, command: CompareRates) -> None:
        check_rates(command.rates, command.steps, 1)
        if not command.optimizers:
            raise UserError("There is no optimizer to try.", "Choose one at the least.")
        shape = (len(command.optimizers), len(command.rates))
        self._setup = setup
        self._command = command
        self._start = math.nan
        self._losses = np.full(shape, np.nan, np.float32)
        self._verdicts = [[Verdict.PENDING] * shape[1] for _ in range(shape[0])]
        self._time = WorkTime()
        self._work = self._try_all()
        self.done = False

    def advance(self, until: float, interrupted: Interruption) -> None:
        """Goes on until a moment of ``perf_counter`` or until interrupted; a step at the least.

        Raises:
            UserError: There is nothing to find out; the trial is over.
        """
        self._time.begin(until, interrupted)
        while not self.done:
            self.done = next(self._work, OVER) is OVER
            if self._time.is_over():
                return

    def stop(self) -> None:
        """Ends it where it is."""
        self.done = True

    def shown_in(self, contest: Contest) -> Contest:
        """The same with the present findings."""
        return replace(contest, grid=self.view())

    def view(self) -> RateGrid:
        """What has been found so far."""
        return RateGrid(
            self._command.optimizers,
            self._command.rates,
            self._start,
            read_only(self._losses.copy()),
            tuple(tuple(row) for row in self._verdicts),
            self._command.steps,
            self.done,
        )

    def _try_all(self) -> Generator[None, None, None]:
        """All the work, holding whenever time may be up."""
        self._start = yield from measured(self._setup.trainer(), self._time)
        if not math.isfinite(self._start):
            raise UserError("The loss is not finite to begin with.", "Reset the weights first.")
        for row, optimizer in enumerate(self._command.optimizers):
            for column, rate in enumerate(self._command.rates):
                trainer = self._setup.trainer(with_rate(optimizer, rate))
                end = math.nan
                if (yield from trained(trainer, self._command.steps, self._time)):
                    end = yield from measured(trainer, self._time)
                self._losses[row, column] = end
                self._verdicts[row][column] = verdict(self._start, end)
