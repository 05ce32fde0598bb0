"""What is said of an activation, and of the gradient that it lets through."""

from __future__ import annotations

from typing import Any

from core.catalog.activations import A, Activation, Identity, Softmax, Z
from core.catalog.base import amid
from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences.claim import Saying
from core.debugger.sentences.corners import distance
from core.debugger.sentences.words import exactly, name, nearly, number, percent
from core.expression.calculus import worth
from core.expression.tree import replaced
from core.sentence import Sentence

_FLAT = 0.05
"""A slope below this is nearly none: the steepest of most activations is 1."""


def _chosen(spot: OneNumber) -> Activation:
    return spot.layer.layer.activation_of() or Identity()


def is_silenced(spot: OneNumber) -> bool:
    """Whether the neuron was knocked out by hand."""
    key = f"keep:{spot.where}"
    return spot.has(key) and not spot.array(key)[spot.index]


def activation(spot: OneNumber, formula: Formula) -> Saying:
    """Of the function at z; of softmax, of all z."""
    z, a = spot.of(f"z:{spot.where}", *spot.index), formula.result
    values: dict[str, Any] = {
        "name": name(a),
        "z": name(z),
        "was": number(z.value),
        "is": number(a.value),
        "activation": Sentence(_chosen(spot).label),
        "function": Sentence(amid(_chosen(spot))),
    }
    if is_silenced(spot):
        silenced = Sentence("This neuron is silenced: {name} is 0, whatever {z} is.", **values)
        return exactly(z, a, 0.0, silenced)
    if isinstance(_chosen(spot), Softmax):
        return _softmax(spot, z, a)
    apart = distance(spot, z)
    if apart == 0:
        on_it = "{z} stands exactly on the corner of {function}, which makes {is} of it."
        return Saying((Sentence(on_it, **values),))
    slope = float(worth(replaced(_chosen(spot).slope(Z, A), {Z: z, A: a})))
    return nearly(z, a, slope, Sentence(_made(z, a, slope), **values), apart=apart)


def _made(z: Factor, a: Factor, slope: float) -> str:
    """What the function does here."""
    if slope == 1 and a.value == z.value:
        if z.value > 0:
            return "{z} = {was} is above 0, and {function} passes it on unchanged."
        return "{activation} passes {z} = {was} on unchanged."
    if slope == 0 and a.value == 0 and z.value < 0:
        return "{z} = {was} is below 0, and {function} makes 0 of it."
    if abs(slope) < _FLAT:
        return "{activation} makes {is} of {z} = {was}: its curve is flat there, or nearly so."
    return "{activation} makes {is} of {z} = {was}."


def _softmax(spot: OneNumber, z: Factor, a: Factor) -> Saying:
    about = Sentence(
        "Softmax shares out 100% among {count} outputs; {name} gets {share}.",
        count=spot.entry.count,
        name=name(a),
        share=percent(a.value),
    )
    return nearly(z, a, a.value * (1 - a.value), about, apart=float("inf"))


def gradient(spot: OneNumber, formula: Formula) -> tuple[Sentence, ...]:
    """Of how much of what comes back gets through."""
    upstream, local = formula.upstream, formula.local
    if upstream is None or local is None:
        return _of_softmax(spot, formula)
    values: dict[str, Any] = {
        "upstream": name(upstream),
        "value": number(upstream.value),
        "slope": number(local.value),
        "activation": Sentence(_chosen(spot).label),
        "function": Sentence(amid(_chosen(spot))),
        "z": name(spot.of(f"z:{spot.where}", *spot.index)),
    }
    return (Sentence(_through(spot, upstream.value, local.value), **values),)


def _through(spot: OneNumber, above: float, slope: float) -> str:
    if is_silenced(spot):
        return "This neuron is silenced, so nothing comes back through it."
    if above == 0:
        return "0 comes back to it, so there is nothing to pass on."
    if slope == 0:
        return (
            "{activation} is flat at this {z} (its slope is 0), so nothing of {value} gets through."
        )
    if slope == 1:
        return "{activation} has the slope 1 at this {z}, so all of {value} gets through."
    if abs(slope) < _FLAT:
        return (
            "{activation} is nearly flat at this {z}: of {value} that comes back only "
            "{slope} times as much gets through."
        )
    return "{value} comes back, and is multiplied by the slope of {function} at this {z}, {slope}."


def _of_softmax(spot: OneNumber, formula: Formula) -> tuple[Sentence, ...]:
    count = len(formula.terms) + formula.left_out[0]
    template = "Softmax shares out 100%, so {z} moves all {count} outputs: {count} parts add up."
    z = spot.of(f"z:{spot.where}", *spot.index)
    return (Sentence(template, z=name(z), count=count),)
