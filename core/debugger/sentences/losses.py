"""What is said of the loss, of what large weights cost, and of where the gradient begins."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from core.debugger.formulas import losses
from core.debugger.formulas.formula import Formula
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences.claim import Saying
from core.debugger.sentences.corners import distance
from core.debugger.sentences.words import OWN, costs, exactly, name, nearly, number, percent
from core.sentence import Sentence


def loss_terms(spot: OneNumber, formula: Formula) -> Saying:
    """Of one sample's own loss: what was wanted, what came."""
    unit = _worst(spot)
    seen = spot.of(losses.read_by(spot), unit)
    slope = losses.slope_at(spot, unit)
    about = _right_class(spot, unit) if losses.reads_rows(spot) else _miss(spot, unit)
    apart = distance(spot, seen)
    return costs(OWN, seen, formula.result, slope, about, apart=apart)


def _worst(spot: OneNumber) -> int:
    """The output that is spoken of: that of the right class, or the one furthest off."""
    if losses.reads_rows(spot):
        return int(spot.array("y")[spot.one])
    off = np.abs(_output(spot)[spot.one] - spot.array("y")[spot.one])
    return int(np.nan_to_num(off, nan=inf).argmax())


def _output(spot: OneNumber) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return spot.array(spot.record.output)


def _right_class(spot: OneNumber, unit: int) -> Sentence:
    """Of a loss that looks at the right class alone."""
    given = spot.of(spot.record.output, unit)
    return Sentence(
        "The right output is {name}, to which the network gives {share}; "
        "the less it gives, the larger this loss.",
        name=name(given),
        share=percent(given.value),
    )


def _miss(spot: OneNumber, unit: int) -> Sentence:
    given, target = spot.of(spot.record.output, unit), spot.of("y", unit)
    values: dict[str, Any] = {
        "name": name(given),
        "given": number(given.value),
        "target": number(target.value),
        "count": _output(spot).shape[1],
    }
    if given.value == target.value:
        return Sentence("{name} is {given}, just what was wanted.", **values)
    if _output(spot).shape[1] > 1:
        return Sentence(
            "Of {count} outputs {name} is furthest off: {given}, where {target} was wanted.",
            **values,
        )
    return Sentence("{name} is {given}, where {target} was wanted.", **values)


def loss(spot: OneNumber, formula: Formula) -> Saying:
    """Of the batch's: which sample weighs most."""
    largest, count = formula.terms[0].factors[0], spot.samples
    about = Sentence(
        "The mean of {count} samples’ losses; the largest is {name} = {value}."
        if spot.record.spec.loss.averages
        else "The sum of {count} samples’ losses; the largest is {name} = {value}.",
        count=count,
        name=name(largest),
        value=number(largest.value),
    )
    if count == 1:
        about = Sentence("The batch has one sample, so this is that sample’s loss.")
    return exactly(largest, formula.result, spot.record.spec.loss.weight(count) / count, about)


def penalty(spot: OneNumber, formula: Formula) -> Saying:
    """Of what large weights cost."""
    weight = formula.factors[0]
    slope = float(spot.array(f"penalty:{weight.key.removeprefix('p:')}")[weight.index])
    if weight.value == 0:
        return Saying((Sentence("All weights are 0, so they cost nothing."),))
    about = Sentence(
        "Weights cost the more, the further they are from 0; the furthest is {weight} = {value}.",
        weight=name(weight),
        value=number(weight.value),
    )
    apart = -weight.value if weight.value < 0 else inf
    return nearly(weight, formula.result, slope, about, apart=apart)


def objective(spot: OneNumber, formula: Formula) -> Saying:
    """Of what is differentiated."""
    own, cost = spot.at("loss", ()), spot.at("penalty", ())
    about = Sentence(
        "Learning makes this sum smaller: {loss} for what the network gets wrong, "
        "{penalty} for weights far from 0.",
        loss=number(own.value),
        penalty=number(cost.value),
    )
    return exactly(own, formula.result, 1.0, about)


def gradient(spot: OneNumber, formula: Formula) -> tuple[Sentence, ...]:
    """Of one output and its target."""
    unit = spot.index[0]
    given = spot.of(spot.record.output, unit)
    target = _target(spot, unit)
    values = {"name": name(given), "given": number(given.value), "target": number(target)}
    template = "{name} is {given} and should be {target}: it is just right."
    if given.value < target:
        template = "{name} is {given} and should be {target}: it is too low."
    elif given.value > target:
        template = "{name} is {given} and should be {target}: it is too high."
    return (Sentence(template, **values),)


def _target(spot: OneNumber, unit: int) -> float:
    y = spot.array("y")[spot.one]
    return float(y[unit]) if y.ndim else float(int(y) == unit)
