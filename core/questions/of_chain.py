"""Slips in the chain rule and in the layers: a factor left out, or taken at the wrong place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import torch

from core.catalog.activations import A, Activation, Identity, Softmax, Z
from core.catalog.base import amid
from core.debugger.sentences.words import name, number
from core.experiment.layers import Conv2d, Dense
from core.expression.code import compiled
from core.expression.tree import contains
from core.messages.record import Phase
from core.messages.scope import Floats
from core.questions.question import Question
from core.questions.wrong_rule import Guess, WrongRule
from core.sentence import Sentence

WEIGHING = (Dense, Conv2d)
"""Layers that weigh what they take in; what they do is linear in it."""


class SlopeLeftOut(WrongRule):
    """What comes back is passed on without the activation's slope."""

    kind: ClassVar[str] = "slope_left_out"
    label: ClassVar[str] = "The activation’s slope left out"

    def guesses(self, question: Question) -> Iterator[Guess]:
        spot, entry = question.spot, question.entry
        above = f"d:a:{spot.where}"
        if entry.kind == "activation_gradient":
            yield Guess(float(_column(question, above).sum()), _slope_asked(question))
        elif entry.kind == "loss_gradient" and question.formula.opened is not None:
            way = question.formula.opened.way
            yield Guess(way.upstream.value, _came_in(_activation(question), way.local.value))
        elif _passes_on(question) and spot.delta != above and above in spot.record.arrays:
            passed = spot.array(above)
            if passed.shape == spot.array(spot.delta).shape:
                told = Sentence(
                    "Did the slope of {activation} come in? It belongs into this layer’s δ.",
                    activation=Sentence(amid(_activation(question))),
                )
                yield Guess(question.retold({spot.delta: passed}), told)


class SlopeAtA(WrongRule):
    """The slope is taken at what the activation gives, and not at what it takes in."""

    kind: ClassVar[str] = "slope_at_a"
    label: ClassVar[str] = "The slope taken at a instead of z"

    def guesses(self, question: Question) -> Iterator[Guess]:
        if not _bends_one(question):
            return
        chosen, a = _activation(question), _column(question, f"a:{question.spot.where}")
        slopes = _slope_of(chosen)(a, _rule_of(chosen)(a))
        told = Sentence(
            "Was the slope of {activation} taken at a? It is taken at z, before the activation.",
            activation=Sentence(amid(chosen)),
        )
        yield Guess(_passed(question, slopes), told)


class ZForA(WrongRule):
    """A slope that is told by a, such as a(1 − a), is worked out with z in it."""

    kind: ClassVar[str] = "z_for_a"
    label: ClassVar[str] = "z put where the slope has a"

    def guesses(self, question: Question) -> Iterator[Guess]:
        if not _bends_one(question):
            return
        chosen = _activation(question)
        if not contains(chosen.slope(Z, A), A):
            return
        z = _column(question, f"z:{question.spot.where}")
        told = Sentence(
            "Does z stand where a belongs? The slope of {activation} is told here by a, "
            "which comes after the activation.",
            activation=Sentence(amid(chosen)),
        )
        yield Guess(_passed(question, _slope_of(chosen)(z, z)), told)


class UpstreamLeftOut(WrongRule):
    """The local factor alone, without what comes back from the loss."""

    kind: ClassVar[str] = "upstream_left_out"
    label: ClassVar[str] = "What comes back from the loss left out"

    def guesses(self, question: Question) -> Iterator[Guess]:
        above, local = question.formula.upstream, question.formula.local
        if question.entry.phase is Phase.BACKWARD and above is not None and local is not None:
            told = Sentence(
                "Did {name} come in? It is what comes back from the loss, {value} here.",
                name=name(above),
                value=number(above.value),
            )
            yield Guess(local.value, told)


class CrossTermsForgotten(WrongRule):
    """Of a softmax only an output's own slope, though each z moves all outputs."""

    kind: ClassVar[str] = "cross_terms_forgotten"
    label: ClassVar[str] = "Softmax’s other outputs forgotten"

    def guesses(self, question: Question) -> Iterator[Guess]:
        spot, entry = question.spot, question.entry
        told = Sentence("Did the other outputs come in? Behind a softmax each z moves all of them.")
        if entry.kind == "activation_gradient" and isinstance(_activation(question), Softmax):
            a = _column(question, f"a:{spot.where}")
            above = _column(question, f"d:a:{spot.where}")
            yield Guess(float((above * a * (1 - a)).sum()), told)
        elif entry.kind == "loss_gradient" and spot.record.spec.loss.reads_rows:
            yield Guess(self._of_right_class(question), told)

    def _of_right_class(self, question: Question) -> float:
        """Only the right class's output stands in the loss; for others nothing is left."""
        labels = _samples(question, question.spot.array("y"))
        is_right = labels == question.index[0]
        return float(_column(question, question.entry.writes)[is_right].sum())


class TransposedWeight(WrongRule):
    """Rows and columns of the weights exchanged, which a square matrix does not refuse."""

    kind: ClassVar[str] = "transposed_weight"
    label: ClassVar[str] = "The weights transposed"

    def guesses(self, question: Question) -> Iterator[Guess]:
        spot, key = question.spot, f"p:{question.spot.where}.weight"
        if question.entry.phase not in (Phase.FORWARD, Phase.BACKWARD) or not spot.has(key):
            return
        weight = spot.array(key)
        if weight.ndim != 2 or weight.shape[0] != weight.shape[1]:
            return
        told = Sentence(
            "Are rows and columns of the weights exchanged? w with j,k leads to unit j, from k."
        )
        if question.entry.kind in ("linear", "input_gradient"):
            yield Guess(question.retold({key: weight.T}), told)
        elif question.entry.kind == "weight_gradient":
            yield Guess(_transposed(question), told)


class UpdatedWeight(WrongRule):
    """The way back through weights that this very step has already moved."""

    kind: ClassVar[str] = "updated_weight"
    label: ClassVar[str] = "The updated weight used in the backward pass"

    def guesses(self, question: Question) -> Iterator[Guess]:
        spot, where = question.spot, question.spot.where
        after = f"after:{where}.weight"
        if not _weighs_back(question) or after not in spot.record.arrays:
            return
        told = Sentence(
            "Are these the weights after the update? The way back goes through those before it."
        )
        yield Guess(question.retold({f"p:{where}.weight": spot.array(after)}), told)


class ActivationLeftOut(WrongRule):
    """z given for a."""

    kind: ClassVar[str] = "activation_left_out"
    label: ClassVar[str] = "The activation left out"

    def guesses(self, question: Question) -> Iterator[Guess]:
        if question.entry.kind == "activation":
            z = _column(question, f"z:{question.spot.where}")
            told = Sentence(
                "Is this still z? {activation} comes next.",
                activation=Sentence(_activation(question).label),
            )
            yield Guess(float(z.mean()), told)


def _transposed(question: Question) -> float:
    """The gradient of the weight at the mirrored place."""
    spot, (j, k) = question.spot, question.index
    deltas = _samples(question, spot.array(spot.delta)).astype(np.float64)
    source = _samples(question, spot.array(spot.source)).astype(np.float64)
    penalty = f"penalty:{question.entry.parameter}"
    added = penalty in spot.record.arrays and question.sample is None
    return float((deltas[:, k] * source[:, j]).sum()) + (
        float(spot.array(penalty)[question.index]) if added else 0.0
    )


def _activation(question: Question) -> Activation:
    return question.spot.layer.layer.activation_of() or Identity()


def _samples(question: Question, array: Floats) -> Floats:
    """The rows of the samples that are asked about."""
    one = question.sample
    return array if one is None else array[one : one + 1]


def _column(question: Question, key: str) -> Floats:
    """The number at this place in each of the samples asked about, (samples,)."""
    place: tuple[int | slice, ...] = (slice(None), *question.index)
    return np.asarray(_samples(question, question.spot.array(key))[place], np.float64)


def _bends_one(question: Question) -> bool:
    """Whether it is the gradient through an activation of one number."""
    is_gradient = question.entry.kind == "activation_gradient"
    return is_gradient and not isinstance(_activation(question), Softmax)


def _passed(question: Question, slopes: Floats) -> float:
    """What comes back times these slopes, over the samples asked about."""
    above = _column(question, f"d:a:{question.spot.where}")
    return float((above * slopes).sum()) * _works(question)


def _works(question: Question) -> bool:
    """Whether the neuron is at work, not silenced."""
    keep = f"keep:{question.spot.where}"
    return not question.spot.has(keep) or bool(question.spot.array(keep)[question.index])


def _weighs_back(question: Question) -> bool:
    layer = question.spot.layer.layer if question.entry.name else None
    return question.entry.kind == "input_gradient" and isinstance(layer, WEIGHING)


def _passes_on(question: Question) -> bool:
    """Whether it is made of the gradient of z in a layer that weighs."""
    if question.entry.kind in ("weight_gradient", "bias_gradient"):
        return isinstance(question.spot.layer.layer, WEIGHING)
    return _weighs_back(question)


def _slope_asked(question: Question) -> Sentence:
    slope = question.formula.local
    if not _works(question):
        return Sentence("Is anything left of it? This neuron is silenced: nothing comes back.")
    if slope is None:
        return Sentence(
            "Did the slope of {activation} come in, in every sample?",
            activation=Sentence(amid(_activation(question))),
        )
    return _came_in(_activation(question), slope.value)


def _came_in(activation: Activation, slope: float) -> Sentence:
    return Sentence(
        "Did the slope of {activation} come in? It is {slope} here.",
        activation=Sentence(amid(activation)),
        slope=number(slope),
    )


@lru_cache(64)
def _slope_of(chosen: Activation) -> Callable[[Floats, Floats], Floats]:
    """The slope as a function of z and a."""
    return _in_numbers(compiled(chosen.slope(Z, A), Z, A))


@lru_cache(64)
def _rule_of(chosen: Activation) -> Callable[[Floats], Floats]:
    return _in_numbers(compiled(chosen.rule(Z), Z))


def _in_numbers(function: Callable[..., Any]) -> Callable[..., Floats]:
    def run(*values: Floats) -> Floats:
        made = function(*(torch.tensor(value) for value in values))
        return np.broadcast_to(np.asarray(made, np.float64), values[0].shape)

    return run
