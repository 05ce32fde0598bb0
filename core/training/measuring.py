"""What a run measures of itself and of the test set, when, and how fast it goes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.messages.snapshot import Curves
from core.training.changes import Changes
from core.training.evaluation import Evaluation, Score
from core.training.metrics import BinnedCurve, PointCurve, Slice
from core.training.trainer import Trainer

EVALUATION_SHARE = 0.05
"""The most of the time that measuring the test set within an epoch may take."""

QUICK = 0.15
"""Seconds; so quick a measurement is also made whenever the steps have doubled, since a run
changes most at its beginning."""

WINDOW = 1.5
"""Seconds that the speed shown is an average of: steady to the eye, quick to follow a change."""


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


class Measured:
    """The curves of a run, the means of its present epoch, and what was changed when."""

    def __init__(self) -> None:
        self._train = (BinnedCurve(), BinnedCurve())
        self._test = (PointCurve(), PointCurve())
        self._epoch: tuple[list[float], list[float]] = ([], [])
        self.changes = Changes()

    def add_slice(self, part: Slice) -> None:
        """Adds what a stretch of steps gave."""
        for curve, epoch, values in zip(
            self._train, self._epoch, (part.losses, part.accuracies), strict=True
        ):
            if values is not None:
                curve.add(part.first_step, values)
                epoch.extend(values.tolist())

    def add_score(self, step: int, score: Score) -> None:
        """Adds a measurement of the test set."""
        for curve, value in zip(self._test, (score.loss, score.accuracy), strict=True):
            if value is not None:
                curve.add(step, value)

    def truncate(self, step: int) -> None:
        """Forgets what was measured after a step."""
        for curve in (*self._train, *self._test):
            curve.truncate(step)
        self.changes.truncate(step)
        self.forget_epoch()

    def forget_epoch(self) -> None:
        """Begins the means of an epoch anew."""
        for values in self._epoch:
            values.clear()

    def end_epoch(self) -> tuple[float, float | None]:
        """The means of loss and accuracy over the epoch now over."""
        losses, accuracies = self._epoch
        loss = float(np.mean(losses)) if losses else float("nan")
        accuracy = float(np.mean(accuracies)) if accuracies else None
        self.forget_epoch()
        return loss, accuracy

    def curves(self) -> Curves:
        """The curves, read-only."""
        train_loss, train_accuracy, test_loss, test_accuracy = (
            curve.curve() for curve in (*self._train, *self._test)
        )
        changes = self.changes.all
        return Curves(train_loss, train_accuracy, test_loss, test_accuracy, changes)


class Pace:
    """Samples a second over the last moments of training, time spent on anything else left out."""

    def __init__(self) -> None:
        # Each (3,): seconds, samples, steps.
        self._parts: deque[NDArray[np.float64]] = deque()
        self._lately = np.zeros(3)
        self._epoch = np.zeros(3)

    def add(self, seconds: float, samples: int, steps: int) -> None:
        """Adds a stretch of training."""
        part = np.array((seconds, samples, steps), np.float64)
        self._parts.append(part)
        self._lately += part
        self._epoch += part
        while self._lately[0] > WINDOW and len(self._parts) > 1:
            self._lately -= self._parts.popleft()

    def end_epoch(self) -> float:
        """The speed of the epoch now over, in samples a second."""
        seconds, samples, _ = self._epoch.tolist()
        self._epoch = np.zeros(3)
        return samples / seconds if seconds else 0.0

    @property
    def samples_per_second(self) -> float | None:
        """None before anything was trained."""
        seconds, samples, _ = self._lately.tolist()
        return samples / seconds if seconds > 0 else None

    def seconds_for(self, steps: int | None) -> float | None:
        """How long so many steps will take; None while unknown."""
        seconds, _, taken = self._lately.tolist()
        return None if steps is None or seconds <= 0 or not taken else steps * seconds / taken
