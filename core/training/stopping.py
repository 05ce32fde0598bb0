"""When a run ends by itself, and why it cannot go on."""

from __future__ import annotations

import math

from core.experiment.spec import Stop
from core.sentence import Sentence
from core.training.evaluation import Score
from core.training.metrics import Slice


class Stopping:
    """Watches the measurements for the conditions under which a run ends.

    A condition that has ended the run once is waived, so that Train goes on from there.
    """

    def __init__(self) -> None:
        self._best = math.inf
        self._epochs_since = 0
        self._waived: set[tuple[str, float]] = set()

    def after_measurement(self, stop: Stop, score: Score) -> Sentence | None:
        """The condition met by a measurement, said as a sentence; None to go on."""
        loss, accuracy, target = score.loss, score.accuracy or 0.0, stop.target_accuracy
        if target is not None and accuracy >= target and self._is_new("accuracy", target):
            return Sentence(
                "Finished: the accuracy {accuracy:.2%} has reached the target {target:.2%}.",
                accuracy=accuracy,
                target=target,
            )
        target = stop.target_loss
        if target is not None and loss <= target and self._is_new("loss", target):
            return Sentence(
                "Finished: the loss {loss:.4g} has reached the target {target:.4g}.",
                loss=loss,
                target=target,
            )
        return None

    def after_epoch(self, stop: Stop, loss: float) -> Sentence | None:
        """The same for patience, which counts epochs."""
        self._epochs_since = 0 if loss < self._best else self._epochs_since + 1
        self._best = min(self._best, loss)
        if stop.patience is None or self._epochs_since < stop.patience:
            return None
        self._epochs_since = 0
        return Sentence(
            "Finished: no better loss for {epochs} epochs; the best was {best:.4g}.",
            epochs=stop.patience,
            best=self._best,
        )

    def _is_new(self, measure: str, target: float) -> bool:
        """Whether the target ends the run for the first time; from then on it is waived."""
        new = (measure, target) not in self._waived
        self._waived.add((measure, target))
        return new


def divergence(part: Slice, rate: float) -> Sentence:
    """What happened at a step that was not finite, in plain words, and what to try."""
    loss = float(part.losses[-1])
    message = (
        "The weights became infinite or NaN at step {step}. "
        "Training is paused at the last finite step; nothing is lost."
    )
    if math.isnan(loss):
        message = (
            "The loss became NaN (not a number) at step {step}. "
            "Training is paused at the last finite step; nothing is lost."
        )
    elif math.isinf(loss):
        message = (
            "The loss became infinite at step {step}. "
            "Training is paused at the last finite step; nothing is lost."
        )
    return Sentence(
        message,
        "The steps are too long: try a learning rate of {smaller:.2g} instead of {rate:.2g}, "
        "or clip the gradients, then press Train; weights that have grown huge need a reset.",
        step=part.first_step,
        smaller=rate / 10,
        rate=rate,
    )
