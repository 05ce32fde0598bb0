"""Learning rates that throw the weights about, or hardly move them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from core.diagnosis.evidence import Evidence
from core.diagnosis.illness import Illness, at_rate, number, standing
from core.messages.findings import Finding
from core.sentence import Sentence

WORSE = 1.5
"""Times what guessing costs: a loss no network should stay at."""

SOME_STEPS = 50
MANY_STEPS = 300
SWINGS = 0.8
"""Of the last steps' differences: so many change their sign where a step leaps over the valley."""

LOOKED_BACK = 64

STILL = 0.03
"""Of the weights' own size: a way so short after hundreds of steps is no way."""

FALL = 0.1
"""Of what guessing costs: with less of a fall so far, nothing much was learned."""

GAIN = 0.05
"""Of what guessing costs: that much lower, the loss ahead is worth the way."""


class RateTooHigh(Illness):
    """Steps so long that they leap over the valley."""

    kind: ClassVar[str] = "rate_too_high"

    def examine(self, evidence: Evidence) -> Finding | None:
        said = self._blown_up(evidence) or self._worse(evidence) or self._swinging(evidence)
        if said is None:
            return None
        rate, before = evidence.spec.optimizer.learning_rate, evidence.journey.loss_before
        return Finding(
            self.kind,
            "warning",
            said,
            Sentence("A step so long leaps over the valley and lands higher up on its other side."),
            (
                Sentence("At step {step} the loss was {loss}.", step=evidence.journey.since,
                         loss=number(before)),
                standing(evidence),
            ),
            {"rate": rate, "loss": evidence.recent, "before": before},
            at_rate(evidence.spec, rate / 10),
        )  # fmt: skip

    def _blown_up(self, evidence: Evidence) -> Sentence | None:
        if not evidence.diverged:
            return None
        return Sentence(
            "With a learning rate of {rate} the numbers grew beyond all bounds at step {step}.",
            rate=number(evidence.spec.optimizer.learning_rate),
            step=evidence.step + 1,
        )

    def _worse(self, evidence: Evidence) -> Sentence | None:
        late = evidence.losses(0.5)
        if evidence.steps < SOME_STEPS or late is None:
            return None
        worst = max(WORSE * evidence.yardstick, 1.1 * evidence.journey.loss_before)
        if not min(late, evidence.recent) > worst:
            return None
        return Sentence(
            "With a learning rate of {rate} the loss has risen from {before} to {loss}.",
            rate=number(evidence.spec.optimizer.learning_rate),
            before=number(evidence.journey.loss_before),
            loss=number(evidence.recent),
        )

    def _swinging(self, evidence: Evidence) -> Sentence | None:
        """Only where every step sees all samples: else it is the batches that differ."""
        curve = evidence.curves.train_loss
        steps, values = curve.steps[-LOOKED_BACK:], curve.values[-LOOKED_BACK:]
        if evidence.steps < LOOKED_BACK or len(steps) < LOOKED_BACK or evidence.has_learned:
            return None
        single = steps[-1] - steps[0] == LOOKED_BACK - 1
        differences = np.diff(values.astype(np.float64))
        flips = float(np.mean(differences[1:] * differences[:-1] < 0))
        swing = float(np.abs(differences).mean())
        if not (single and evidence.is_whole_batch and flips >= SWINGS):
            return None
        if swing < 0.2 * evidence.recent:
            return None
        return Sentence(
            "With a learning rate of {rate} the loss swings by {swing} from step to step.",
            rate=number(evidence.spec.optimizer.learning_rate),
            swing=number(swing),
        )


class RateTooLow(Illness):
    """Steps so short that the weights hardly move, though the way ahead leads down."""

    kind: ClassVar[str] = "rate_too_low"

    def examine(self, evidence: Evidence) -> Finding | None:
        journey, yardstick = evidence.journey, evidence.yardstick
        beyond, moved = journey.loss_beyond, journey.moved
        if evidence.steps < MANY_STEPS or beyond is None or moved is None or moved > STILL:
            return None
        stands = journey.loss_before - evidence.loss < FALL * yardstick
        if not (stands and beyond < evidence.loss - GAIN * yardstick):
            return None
        rate = evidence.spec.optimizer.learning_rate
        factor = 100 if journey.factor >= 100 else 10
        return Finding(
            self.kind,
            "warning",
            Sentence(
                "In {steps} steps with a learning rate of {rate} the weights moved by {moved} of "
                "their own size.",
                steps=f"{evidence.steps:,}",
                rate=number(rate),
                moved=_share(moved),
            ),
            Sentence(
                "Further on in the same direction the loss goes on falling: steps may be longer."
            ),
            (
                Sentence(
                    "{factor} times as far the loss would be {beyond}; now it is {loss}.",
                    factor=number(round(journey.factor)),
                    beyond=number(beyond),
                    loss=number(evidence.loss),
                ),
                standing(evidence),
            ),
            {"rate": rate, "moved": moved, "beyond": beyond, "loss": evidence.loss},
            at_rate(evidence.spec, rate * factor),
        )


def _share(part: float) -> str:
    return f"{number(100 * part)} %"
