"""Units through which no gradient comes back: silent rectifiers, saturated sigmoids and tanhs."""

from __future__ import annotations

from typing import ClassVar

from core.catalog.activations import LeakyReLU, ReLU
from core.catalog.base import amid
from core.diagnosis.evidence import Evidence, LayerEvidence
from core.diagnosis.illness import (
    Illness,
    at_rate,
    number,
    offer,
    standing,
    usual_start,
    with_activation,
)
from core.messages.edits import set_layers
from core.messages.findings import Finding, Offer
from core.sentence import Sentence

DEAD = 0.5
"""Of a layer's units: so many silent ones are no chance of a few samples."""

SATURATED = 0.8
"""Of a layer's activations at the flat ends."""

SAMPLES = 4
"""Fewer than these may all lie on one side of a living unit."""

MANY = 100
GROWN = 3
"""Times the size the weights began with: it was the steps that drove them there."""

NEARLY_ALL = 0.9
"""Of a layer's units, where the probe has fewer samples than these, and others may wake them."""


class DeadUnits(Illness):
    """ReLU units that give 0 for every sample: nothing reaches the weights before them."""

    kind: ClassVar[str] = "dead_units"

    def examine(self, evidence: Evidence) -> Finding | None:
        dead = [layer for layer in evidence.layers if _is_dead(layer, evidence)]
        if not dead or evidence.has_learned:
            return None
        worst = max(dead, key=lambda layer: layer.silent / layer.units)
        return Finding(
            self.kind,
            "warning",
            Sentence(
                "{silent} of {units} units of layer {layer} give 0 for every sample.",
                silent=worst.silent,
                units=worst.units,
                layer=worst.name,
            ),
            Sentence(
                "Where a ReLU gives 0 its slope is 0, so no gradient reaches the weights before "
                "it, and it stays silent."
            ),
            (*(_silence(layer) for layer in dead), standing(evidence)),
            {"silent": worst.silent, "units": worst.units, "loss": evidence.recent},
            _awake(evidence, dead),
        )


def _is_dead(layer: LayerEvidence, evidence: Evidence) -> bool:
    if layer.activation != ReLU().kind or not layer.follows_weights:
        return False
    if layer.silent == layer.units:
        return True
    if evidence.data.samples < SAMPLES:
        return False
    is_sure = evidence.probed >= min(MANY, evidence.data.samples)
    return layer.silent >= max(2, (DEAD if is_sure else NEARLY_ALL) * layer.units)


def _awake(evidence: Evidence, dead: list[LayerEvidence]) -> Offer:
    """Smaller steps where large ones threw the weights there; else units that cannot die."""
    spec = evidence.spec
    if _has_grown(evidence):
        return at_rate(spec, spec.optimizer.learning_rate / 10)
    layers = with_activation(spec, tuple(layer.path for layer in dead), LeakyReLU())
    change = Sentence("Leaky ReLU in place of ReLU")
    return offer(change, set_layers(layers, "Leaky ReLU for the silent units"))


def _has_grown(evidence: Evidence) -> bool:
    return any(layer.weight > GROWN * layer.weight_before > 0 for layer in evidence.weighted)


def _silence(layer: LayerEvidence) -> Sentence:
    return Sentence(
        "Layer {layer}: {silent} of {units} units are silent; the gradient that arrives has the "
        "size {gradient}.",
        layer=layer.name,
        silent=layer.silent,
        units=layer.units,
        gradient=number(layer.gradient),
    )


class Saturated(Illness):
    """Sigmoids or tanhs at their flat ends, where hardly any gradient passes."""

    kind: ClassVar[str] = "saturated"

    def examine(self, evidence: Evidence) -> Finding | None:
        flat = [layer for layer in evidence.layers if _is_stuck(layer, evidence)]
        if not flat or evidence.has_learned:
            return None
        worst = max(flat, key=lambda layer: layer.flat)
        activation = worst.layer.activation_of()
        assert activation is not None
        return Finding(
            self.kind,
            "warning",
            Sentence(
                "{share:.0%} of the {activation} activations of layer {layer} lie at the flat "
                "ends.",
                share=worst.flat,
                activation=amid(activation),
                layer=worst.name,
            ),
            Sentence(
                "There the slope is less than a twentieth of the steepest, and as little of the "
                "gradient comes back."
            ),
            (*(_flatness(layer) for layer in flat), standing(evidence)),
            {"flat": worst.flat, "loss": evidence.recent},
            _gentler(evidence, tuple(layer for layer in flat if not layer.is_output)),
        )


def _is_stuck(layer: LayerEvidence, evidence: Evidence) -> bool:
    if layer.flat < SATURATED or not layer.follows_weights:
        return False
    # A loss that is computed from logits does not mind; another passes through the flat ends.
    fused = evidence.spec.loss.fuses is not None
    return not layer.is_output or not (fused or evidence.recent < 0.8 * evidence.yardstick)


def _flatness(layer: LayerEvidence) -> Sentence:
    return Sentence(
        "Layer {layer}: {share:.0%} are at the flat ends; its weights have the size {weight}, "
        "the gradient that arrives {gradient}.",
        layer=layer.name,
        share=layer.flat,
        weight=number(layer.weight),
        gradient=number(layer.gradient),
    )


def _gentler(evidence: Evidence, hidden: tuple[LayerEvidence, ...]) -> Offer:
    """Weights that do not push the sums out to the ends, or rectifiers that have none."""
    if _has_grown(evidence) or not hidden:
        return at_rate(evidence.spec, evidence.spec.optimizer.learning_rate / 10)
    return offer(Sentence("Weights that start as usual"), *usual_start(evidence.spec))
