"""Weights with which learning cannot begin, or that learning has driven away."""

from __future__ import annotations

from typing import ClassVar

from core.catalog.optimizers import Adam
from core.diagnosis.evidence import Evidence
from core.diagnosis.illness import (
    Illness,
    hidden_layer,
    lacks_hidden_layer,
    number,
    offer,
    standing,
    usual_start,
)
from core.messages.edits import set_optimizer, set_training
from core.messages.findings import Finding, Offer
from core.sentence import Sentence

SHRUNK = 0.2
"""Of the size they began with: weights that were driven to about nothing."""

BLIND = 0.02
"""The outputs' standard deviation over the samples: all get about the same answer."""

STEPS = 200
"""Before that it may be a moment's swing."""


class AlikeUnits(Illness):
    """Units that begin alike get the same gradient and stay alike; all zeros are the extreme."""

    kind: ClassVar[str] = "alike_units"
    at_once: ClassVar[bool] = True

    def examine(self, evidence: Evidence) -> Finding | None:
        alike = [layer for layer in evidence.layers if layer.is_hidden and layer.alike]
        if not alike:
            return None
        layer = max(alike, key=lambda one: one.units)
        return Finding(
            self.kind,
            "warning",
            _alikeness(layer.name, layer.units, zero=layer.weight == 0),
            Sentence(
                "Units that begin alike get the same gradient, so they stay alike, and the layer "
                "can do no more than one unit."
            ),
            tuple(
                Sentence(
                    "Layer {layer}: {units} units with the same weights, of the size {weight}, "
                    "and the same gradient.",
                    layer=one.name,
                    units=one.units,
                    weight=number(one.weight),
                )
                for one in alike
            ),
            {"units": layer.units, "weight": layer.weight},
            offer(Sentence("Weights that start by chance"), *usual_start(evidence.spec)),
        )


def _alikeness(name: str, units: int, *, zero: bool) -> Sentence:
    if zero:
        return Sentence(
            "All weights of layer {layer} are 0, and its {units} units get the same gradient.",
            layer=name,
            units=units,
        )
    return Sentence(
        "All {units} units of layer {layer} have the same weights and the same gradient.",
        layer=name,
        units=units,
    )


class Collapsed(Illness):
    """Weights driven to about zero: the network gives every sample the same answer."""

    kind: ClassVar[str] = "collapsed"

    def examine(self, evidence: Evidence) -> Finding | None:
        layers = evidence.weighted
        shrunk = [x for x in layers if x.weight < SHRUNK * x.weight_before]
        blind = evidence.spread < BLIND * max(1.0, evidence.data.high - evidence.data.low)
        poor = evidence.loss > 0.9 * evidence.yardstick
        if evidence.steps < STEPS or len(shrunk) < len(layers) or not (blind and poor):
            return None
        first = layers[0]
        return Finding(
            self.kind,
            "warning",
            Sentence(
                "All weights were driven to about 0: in layer {layer} from {before} to {now}.",
                layer=first.name,
                before=number(first.weight_before),
                now=number(first.weight),
            ),
            Sentence(
                "With such weights every sample gets about the same answer, and the gradient, "
                "which passes through them, is as small."
            ),
            (
                Sentence(
                    "From sample to sample the outputs differ by {spread}.",
                    spread=number(evidence.spread),
                ),
                standing(evidence),
            ),
            {"before": first.weight_before, "now": first.weight, "spread": evidence.spread},
            _steadier(evidence),
        )


def _steadier(evidence: Evidence) -> Offer:
    """A hidden layer, no penalty, larger batches, or another rule: whatever may lead away."""
    training = evidence.spec.training
    if lacks_hidden_layer(evidence):
        return hidden_layer()
    if training.l1 or training.l2:
        free = training.model_copy(update={"l1": 0.0, "l2": 0.0})
        return offer(Sentence("Without penalties on the weights"), set_training(free))
    if not evidence.is_whole_batch:
        size = min(32, evidence.data.samples)
        size = size if size > training.batch_size else min(4 * size, evidence.data.samples)
        change = Sentence(
            "Batches of {size} instead of {before}", size=size, before=training.batch_size
        )
        return offer(change, set_training(training.model_copy(update={"batch_size": size})))
    return offer(Sentence("Adam with its own rate"), set_optimizer(Adam()))
