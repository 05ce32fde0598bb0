"""All that one run has measured, and the curves made of it."""

from __future__ import annotations

import numpy as np

from core.messages.snapshot import Curves
from core.training.evaluation import Score
from core.training.metrics import BinnedCurve, PointCurve
from core.training.trainer import Slice


class Measured:
    """The curves of a run, and the means of its present epoch."""

    def __init__(self) -> None:
        self._train_loss = BinnedCurve()
        self._train_accuracy = BinnedCurve()
        self._test_loss = PointCurve()
        self._test_accuracy = PointCurve()
        self._epoch_losses: list[float] = []
        self._epoch_accuracies: list[float] = []

    def add_slice(self, part: Slice) -> None:
        """Adds what a stretch of steps gave."""
        self._train_loss.add(part.first_step, part.losses)
        self._epoch_losses.extend(part.losses.tolist())
        if part.accuracies is not None:
            self._train_accuracy.add(part.first_step, part.accuracies)
            self._epoch_accuracies.extend(part.accuracies.tolist())

    def add_score(self, step: int, score: Score) -> None:
        """Adds a measurement of the test set."""
        self._test_loss.add(step, score.loss)
        if score.accuracy is not None:
            self._test_accuracy.add(step, score.accuracy)

    def truncate(self, step: int) -> None:
        """Forgets what was measured after a step."""
        for curve in (
            self._train_loss,
            self._train_accuracy,
            self._test_loss,
            self._test_accuracy,
        ):
            curve.truncate(step)
        self.forget_epoch()

    def forget_epoch(self) -> None:
        """Begins the means of an epoch anew."""
        self._epoch_losses.clear()
        self._epoch_accuracies.clear()

    def end_epoch(self) -> tuple[float, float | None]:
        """The means of loss and accuracy over the epoch now over."""
        loss = float(np.mean(self._epoch_losses)) if self._epoch_losses else float("nan")
        accuracy = float(np.mean(self._epoch_accuracies)) if self._epoch_accuracies else None
        self._epoch_losses.clear()
        self._epoch_accuracies.clear()
        return loss, accuracy

    def curves(self) -> Curves:
        """The curves, read-only."""
        return Curves(
            self._train_loss.curve(),
            self._train_accuracy.curve(),
            self._test_loss.curve(),
            self._test_accuracy.curve(),
        )
