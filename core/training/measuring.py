"""When the test set is measured in the course of a run, and the measurement under way."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from core.training.evaluation import Evaluation, Score
from core.training.trainer import Trainer

EVALUATION_SHARE = 0.05
"""The most of the time that measuring the test set within an epoch may take."""

QUICK = 0.15
"""Seconds; so quick a measurement is also made whenever the steps have doubled, since a run
changes most at its beginning."""


class Measuring:
    """Measures the test set at steps that are asked for, once each.

    Args:
        trainer: Whose weights; they must not change while a measurement is under way.
        live: Whether measurements within an epoch are wanted.
    """

    def __init__(self, trainer: Trainer, *, live: bool) -> None:
        self._trainer = trainer
        self._live = live
        self._evaluation: Evaluation | None = None
        self._step = -1
        self._at = perf_counter()
        self._seconds = 0.0

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to go on with."""
        return self._evaluation is not None

    def is_due(self) -> bool:
        """Whether another measurement within an epoch is worth its time."""
        since = perf_counter() - self._at
        early = self._seconds < QUICK and self._trainer.step >= max(16, 2 * self._step)
        return self._live and (early or since > self._seconds / EVALUATION_SHARE)

    def ask(self) -> None:
        """Begins to measure the weights as they are, unless that has been done."""
        if self._evaluation is None and self._step != self._trainer.step:
            self._evaluation = self._trainer.evaluation()

    def go_on(self, until: float, interrupted: Callable[[], bool]) -> Score | None:
        """Measures on until a moment or an interruption; gives the score when it is done."""
        assert self._evaluation is not None
        score = self._evaluation.run(until, interrupted)
        if score is not None:
            self._seconds = self._evaluation.seconds
            self._at = perf_counter()
            self._step = self._trainer.step
            self._evaluation = None
        return score

    def abandon(self) -> None:
        """Drops a measurement under way, before the weights change under it."""
        self._evaluation = None

    def forget(self) -> None:
        """Says that the present step's weights are others than those that were measured."""
        self._step = -1
