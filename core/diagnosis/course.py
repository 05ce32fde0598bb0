"""What the curves tell: learned by heart, or nothing learned."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from core.catalog.optimizers import Adam
from core.diagnosis.evidence import Evidence
from core.diagnosis.illness import (
    Illness,
    hidden_layer,
    lacks_hidden_layer,
    number,
    offer,
    standing,
)
from core.experiment.layers import Dense
from core.messages.edits import replace_layer, set_optimizer, set_training
from core.messages.findings import Finding, Offer
from core.sentence import Sentence

RISEN = 1.5
"""Times its least: a test loss that has turned."""

WORTH = 0.05
"""Of what guessing costs: a rise smaller than that matters to nobody."""

BEHIND = 0.6
"""Of the test loss: a training loss below it shows the gap."""

LATER = 4
"""Measurements since the least, so that a single one is no turn."""

STEPS = 1000
NOTHING = 0.95
"""Of what guessing costs."""

FALLING = 0.98
"""Of the loss a quarter before: it still falls, and may yet learn."""


class Overfitting(Illness):
    """The training loss falls on while the test loss rises."""

    kind: ClassVar[str] = "overfitting"

    def examine(self, evidence: Evidence) -> Finding | None:
        test = evidence.curves.test_loss
        if len(test) <= LATER:
            return None
        best = int(np.argmin(test.values))
        least, later = float(test.values[best]), test.values[best + 1 :]
        if len(later) < LATER:
            return None
        now = float(np.median(later[-LATER:]))
        rise = now > RISEN * least and now - least > WORTH * evidence.data.guess
        if not rise or not evidence.recent < BEHIND * now:
            return None
        return Finding(
            self.kind,
            "info",
            Sentence(
                "The test loss has risen from {least} at step {step} to {now}.",
                least=number(least),
                step=f"{int(test.steps[best]):,}",
                now=number(now),
            ),
            Sentence(
                "The network learns its samples by heart: what it gains on these it loses on "
                "others."
            ),
            (
                Sentence(
                    "On the training samples the loss is {loss}, on the test samples {now}.",
                    loss=number(evidence.recent),
                    now=number(now),
                ),
            ),
            {"least": least, "now": now, "train": evidence.recent},
            self._restrained(evidence),
        )

    def _restrained(self, evidence: Evidence) -> Offer:
        training = evidence.spec.training
        penalty = min(10.0, 10 * training.l2) if training.l2 else 0.003
        change = Sentence("L2 penalty of {penalty}", penalty=number(penalty))
        return offer(change, set_training(training.model_copy(update={"l2": penalty})))


class NothingLearned(Illness):
    """A thousand steps, and no better than one answer for all; told where nothing else explains."""

    kind: ClassVar[str] = "nothing_learned"
    last: ClassVar[bool] = True

    def examine(self, evidence: Evidence) -> Finding | None:
        late, before = evidence.losses(0.75), evidence.losses(0.5, 0.75)
        if evidence.steps < STEPS or late is None or before is None:
            return None
        poor = late > NOTHING * evidence.yardstick
        if not poor or late < FALLING * before:
            return None
        first = evidence.journey.loss_before
        return Finding(
            self.kind,
            "warning",
            Sentence(
                "In {steps} steps the loss went from {first} to {loss}.",
                steps=f"{evidence.steps:,}",
                first=number(first),
                loss=number(late),
            ),
            Sentence("That is no better than giving every sample the same answer."),
            (
                standing(evidence),
                Sentence(
                    "From sample to sample the outputs differ by {spread}.",
                    spread=number(evidence.spread),
                ),
            ),
            {"first": first, "loss": late, "guess": evidence.data.guess},
            _abler(evidence),
        )


def _abler(evidence: Evidence) -> Offer | None:
    """A hidden layer where there is none; another optimizer; more units."""
    spec, hidden = evidence.spec, [x for x in evidence.weighted if x.is_hidden]
    if lacks_hidden_layer(evidence):
        return hidden_layer()
    if not isinstance(spec.optimizer, Adam):
        return offer(Sentence("Adam with its own rate"), set_optimizer(Adam()))
    wide = next((x for x in hidden if isinstance(x.layer, Dense)), None)
    if wide is None or 2 * wide.units > 4096:
        return None
    layer = Dense.model_validate(dict(wide.layer) | {"units": 2 * wide.units})
    change = Sentence("{units} units in layer {layer}", units=2 * wide.units, layer=wide.name)
    return offer(change, replace_layer(wide.path, layer))
