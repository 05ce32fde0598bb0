"""What a sweep suggests, tried out: a step that lowers the loss says little of two hundred."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

from core.landscape.race.problems import TrainingSetup
from core.landscape.rates.sweep import in_short
from core.landscape.rates.trial_run import Work, WorkTime, measured, trained
from core.landscape.rates.trials import with_rate
from core.sentence import Sentence
from core.training.trainer import Trainer

MEASURED_AT = (50, 100, 200)
"""Steps: a suggestion is to lower the loss by each; the grid of trials looks after the second."""

LOWERED = 0.99
"""Of the first loss: less is no fall that one would train for."""

TRIES = 5
"""Rates, each a third of the one before."""


@dataclass(frozen=True)
class Trying:
    """A rate that was trained with.

    Attributes:
        end: The loss after the last step, or where it was above the first one.
        held: Whether it lowered the loss.
    """

    rate: float
    steps: int
    end: float
    held: bool


class Proof:
    """Trains at the suggested rate by the experiment's own rules, or else at smaller ones.

    Attributes:
        held: The rate that lowered the loss; None before there is one.
    """

    def __init__(self, setup: TrainingSetup) -> None:
        self._setup = setup
        self._tried: list[Trying] = []
        self._start = math.nan
        self._trainer: Trainer | None = None
        self.held: float | None = None

    def of(self, rate: float, time: WorkTime) -> Work:
        """All the work, holding whenever time may be up."""
        self._start = yield from measured(self._setup.trainer(), time)
        for _ in range(TRIES):
            trying = yield from self._try(rate, time)
            self._tried.append(trying)
            if trying.held:
                self.held = rate
                return
            rate = in_short(rate / math.sqrt(10))

    def progress(self) -> tuple[int, int]:
        """Steps taken, and those that the rates tried so far take in all."""
        if self._trainer is None:
            return 0, MEASURED_AT[-1]
        before = sum(trying.steps for trying in self._tried)
        if self.held is not None:
            return before, before
        return before + self._trainer.step, before + MEASURED_AT[-1]

    def notes(self) -> list[Sentence]:
        """What was tried, and how it went."""
        failed = [trying for trying in self._tried if not trying.held]
        held = [_said(trying, self._start) for trying in self._tried if trying.held]
        if len(failed) == 1:
            return [_said(failed[0], self._start), *held]
        if not failed:
            return held
        several = Sentence(
            "Training at {n} rates from {high} down to {low} did not lower the loss.",
            n=len(failed),
            high=f"{failed[0].rate:g}",
            low=f"{failed[-1].rate:g}",
        )
        return [several, *held]

    def refusal(self) -> Sentence | None:
        """Why nothing is suggested, where that is so."""
        if self.held is not None:
            return None
        return Sentence(
            "No learning rate is suggested: at none from {high} down to {low} was the loss lower "
            "after {steps} steps.",
            "Weights that are trained already have little left to fall; larger batches make the "
            "steps surer.",
            high=f"{self._tried[0].rate:g}",
            low=f"{self._tried[-1].rate:g}",
            steps=MEASURED_AT[-1],
        )

    def _try(self, rate: float, time: WorkTime) -> Generator[None, None, Trying]:
        trainer = self._setup.trainer(with_rate(self._setup.spec.optimizer, rate))
        self._trainer = trainer
        end = math.nan
        for steps in MEASURED_AT:
            if not (yield from trained(trainer, steps, time)):
                return Trying(rate, trainer.step, math.nan, held=False)
            end = yield from measured(trainer, time)
            if not end < self._start:
                return Trying(rate, steps, end, held=False)
        return Trying(rate, trainer.step, end, held=end <= self._start - _least(self._start))


def _least(start: float) -> float:
    """How far a loss is to fall; one below zero is no smaller for that."""
    return (1 - LOWERED) * abs(start)


def _said(trying: Trying, start: float) -> Sentence:
    if trying.held:
        text = "Trained for {steps} steps at {rate}, the loss fell from {start} to {end}."
    elif not math.isfinite(trying.end):
        text = "Trained at {rate}, the loss exploded within {steps} steps."
    elif trying.end >= start:
        text = "Trained for {steps} steps at {rate}, the loss rose from {start} to {end}."
    else:
        text = "Trained for {steps} steps at {rate}, the loss hardly fell: {start} to {end}."
    return Sentence(
        text,
        steps=trying.steps,
        rate=f"{trying.rate:g}",
        start=f"{start:.4g}",
        end=f"{trying.end:.4g}",
    )
