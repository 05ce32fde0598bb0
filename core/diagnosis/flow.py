"""Signals and gradients that fade or grow from layer to layer."""

from __future__ import annotations

import math
from typing import ClassVar

from core.catalog.activations import ReLU
from core.diagnosis.evidence import Evidence, LayerEvidence
from core.diagnosis.illness import (
    RECTIFIERS,
    Illness,
    number,
    offer,
    starts_as_usual,
    usual_start,
    with_activation,
)
from core.messages.edits import set_layers, set_training
from core.messages.findings import Finding, Offer
from core.sentence import Sentence

FADED = 1e-3
"""The first layer's gradient over the last one's: three sigmoids too many."""

GROWN = 100.0
"""From one end of the network to the other: far beyond what usual weights do."""

LAYERS = 3
"""With weights; over fewer nothing can build up."""


class Vanishing(Illness):
    """Gradients that fade on their way back, so that the first layers hardly learn."""

    kind: ClassVar[str] = "vanishing"

    def examine(self, evidence: Evidence) -> Finding | None:
        layers = evidence.weighted
        if len(layers) < LAYERS or evidence.has_learned:
            return None
        first, last = layers[0], layers[-1]
        if not 0 < first.gradient < FADED * last.gradient:
            return None
        share = first.gradient / last.gradient
        return Finding(
            self.kind,
            "warning",
            Sentence(
                "The gradient fades on its way back: {last} at layer {end}, {first} at layer "
                "{begin}.",
                last=number(last.gradient),
                end=last.name,
                first=number(first.gradient),
                begin=first.name,
            ),
            Sentence(
                "Each layer multiplies the gradient by its weights and slopes; where these are "
                "small the first layers hardly move."
            ),
            tuple(_strength(layer) for layer in layers),
            {"first": first.gradient, "last": last.gradient, "share": share},
            _stronger(evidence),
        )


def _strength(layer: LayerEvidence) -> Sentence:
    return Sentence(
        "Layer {layer}: activations of the size {size}, a gradient of the size {gradient}.",
        layer=layer.name,
        size=number(layer.size),
        gradient=number(layer.gradient),
    )


def _stronger(evidence: Evidence) -> Offer | None:
    """Steeper activations where they are flat, else weights of the usual size."""
    spec = evidence.spec
    bent = tuple(
        layer.path
        for layer in evidence.layers
        if not layer.is_output and layer.activation not in (*RECTIFIERS, "identity")
    )
    if bent:
        layers = with_activation(spec, bent, ReLU())
        change = Sentence("ReLU in the hidden layers")
        return offer(change, set_layers(layers, "ReLU in the hidden layers"))
    if starts_as_usual(spec):
        return None
    return offer(Sentence("Weights that start as usual"), *usual_start(spec))


class Exploding(Illness):
    """Activations or gradients that grow from layer to layer."""

    kind: ClassVar[str] = "exploding"

    def examine(self, evidence: Evidence) -> Finding | None:
        layers = evidence.weighted
        if len(layers) < LAYERS or evidence.has_learned:
            return None
        first, last = layers[0], layers[-1]
        forward = _ratio(layers[-2].size, first.size) if len(layers) > LAYERS else 0.0
        backward = _ratio(first.gradient, last.gradient)
        if max(forward, backward) < GROWN or not math.isfinite(forward + backward):
            return None
        return Finding(
            self.kind,
            "warning",
            _told(layers, forward, backward),
            Sentence(
                "Each layer multiplies what comes in by its weights; where these are large, a "
                "step throws the first layers far off."
            ),
            tuple(_strength(layer) for layer in layers),
            {"forward": forward, "backward": backward},
            _calmer(evidence),
        )


def _ratio(large: float, small: float) -> float:
    return large / small if small > 0 else 0.0


def _told(layers: tuple[LayerEvidence, ...], forward: float, backward: float) -> Sentence:
    if backward >= forward:
        return Sentence(
            "The gradient grows {times} times on its way back, from layer {end} to layer {begin}.",
            times=number(backward),
            end=layers[-1].name,
            begin=layers[0].name,
        )
    return Sentence(
        "The activations grow {times} times from layer {begin} to layer {end}.",
        times=number(forward),
        begin=layers[0].name,
        end=layers[-2].name,
    )


def _calmer(evidence: Evidence) -> Offer:
    spec = evidence.spec
    if not starts_as_usual(spec):
        return offer(Sentence("Weights that start as usual"), *usual_start(spec))
    training = spec.training.model_copy(update={"clip_norm": 1.0})
    return offer(Sentence("Gradients clipped to the norm 1"), set_training(training))
