"""What is said of the length of all gradients, of clipping, and of the optimizer's step."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from core.catalog.base import amid
from core.debugger.formulas import updates
from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences.claim import Claim, Saying
from core.debugger.sentences.words import name, nearly, number, percent
from core.expression.tree import Quantity
from core.sentence import Sentence

_SAME = 1e-3
"""Two steps that differ by less of themselves are told as one."""


def norm(spot: OneNumber, formula: Formula) -> Saying:
    """Of how long all gradients are together."""
    length, limit = formula.result, spot.record.spec.training.clip_norm
    assert limit is not None
    values = {"length": number(length.value), "limit": number(limit)}
    within = "All gradients together, as one arrow, are {length} long: within the limit {limit}."
    about = Sentence(within, **values)
    if length.value > limit:
        beyond = (
            "All gradients together, as one arrow, are {length} long, more than the limit {limit}: "
            "each is shortened to {share}."
        )
        about = Sentence(beyond, share=percent(limit / length.value), **values)
    largest = _largest(spot)
    cut = spot.record.spec.training.clip_value
    if length.value == 0 or (cut is not None and abs(largest.value) >= cut):
        return Saying((about,))
    apart = inf if cut is None else cut - abs(largest.value)
    return nearly(largest, length, largest.value / length.value, about, apart=apart)


def _largest(spot: OneNumber) -> Factor:
    keys = [key for key in spot.record.arrays if key.startswith("d:p:")]
    tops = {key: int(np.abs(spot.array(key)).argmax()) for key in keys}
    key = max(keys, key=lambda one: float(np.abs(spot.array(one).flat[tops[one]])))
    place = np.unravel_index(tops[key], spot.array(key).shape)
    return spot.at(key, tuple(int(i) for i in place))


def clip(spot: OneNumber, formula: Formula) -> Saying:
    """Of a gradient before and after clipping."""
    before, after = spot.at(f"d:p:{spot.entry.parameter}", spot.index), formula.result
    training = spot.record.spec.training
    values = {"name": name(before), "was": number(before.value), "is": number(after.value)}
    template = "{name} = {was} is within the limits, and stays as it is."
    if before.value == 0:
        template = "{name} is 0, and there is nothing to clip."
    elif after.value != before.value:
        template = "All gradients are shortened alike, so that {name} goes from {was} to {is}."
        if training.clip_value is not None and abs(before.value) > training.clip_value:
            values["limit"] = number(training.clip_value)
            template = "{name} = {was} is beyond the limit {limit}, and is cut to {is}."
            if abs(after.value) < training.clip_value * (1 - _SAME):
                template = (
                    "{name} = {was} is beyond the limit {limit} and is cut to it; "
                    "then all gradients are shortened alike, which leaves {is}."
                )
    claim = Claim(after, after.value - before.value, is_exact=True)
    return Saying((Sentence(template, **values),), claim)


def update(spot: OneNumber, formula: Formula) -> Saying:
    """Of where the number goes, why, and how far."""
    before, after = spot.at(f"p:{spot.entry.parameter}", spot.index), formula.result
    change = after.value - before.value
    claim = Claim(after, change, is_exact=True)
    if _is_held(spot):
        held = "{name} is held fast, so it stays at {value}."
        said = Sentence(held, name=name(before), value=number(before.value))
        return Saying((said,), claim)
    step = updates.step_of(spot)
    values: dict[str, Any] = {
        "name": name(before),
        "from": number(before.value),
        "to": number(after.value),
        "optimizer": Sentence(amid(step.optimizer)),
    }
    if not change:
        still = "The step is too small to change {name}: it stays at {from}."
        template = still if step.g else "The gradient is 0, and {name} stays at {from}."
        return Saying((Sentence(template, **values),), claim)
    goes = Sentence(_GOES[_sign(step.g), _sign(change)], **values)
    why = _how_far(step, change) if step.g * change < 0 else _why(step, change)
    return Saying((goes, why), claim)


def _is_held(spot: OneNumber) -> bool:
    frozen = f"frozen:{spot.entry.parameter}"
    return frozen in spot.record.arrays and bool(spot.array(frozen)[spot.index])


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


_GOES = {
    (1, -1): "The gradient is positive, so {optimizer} lowers {name}, from {from} to {to}.",
    (-1, 1): "The gradient is negative, so {optimizer} raises {name}, from {from} to {to}.",
    (1, 1): "The gradient is positive and would lower {name}, "
    "yet {optimizer} raises it, from {from} to {to}.",
    (-1, -1): "The gradient is negative and would raise {name}, "
    "yet {optimizer} lowers it, from {from} to {to}.",
    (0, 1): "The gradient is 0, yet {optimizer} raises {name}, from {from} to {to}.",
    (0, -1): "The gradient is 0, yet {optimizer} lowers {name}, from {from} to {to}.",
}
"""By the signs of the gradient and of the step."""


def _how_far(step: updates.Step, change: float) -> Sentence:
    """The step beside that of plain descent."""
    values: dict[str, Any] = {
        "optimizer": Sentence(amid(step.optimizer)),
        "rate": number(step.rate),
        "gradient": number(abs(step.g)),
        "plain": number(step.rate * abs(step.g)),
        "size": number(abs(change)),
    }
    plain, rounding = step.rate * abs(step.g), 2**-23 * abs(step.theta.value)
    if abs(abs(change) - plain) <= _SAME * plain + rounding:
        return Sentence(
            "The step is the learning rate times the size of the gradient: "
            "{rate} · {gradient} = {plain}.",
            **values,
        )
    return Sentence(
        "The learning rate times the size of the gradient would be a step of {plain}; "
        "{optimizer} makes it {size}.",
        **values,
    )


def _why(step: updates.Step, change: float) -> Sentence:
    """Why a number goes where its gradient does not send it."""
    alone = Quantity(step.theta.symbol, 0.0)
    remembered = updates.moved(replace(step, theta=alone, g=0.0)).value
    shrunk = change - updates.moved(replace(step, theta=alone)).value
    values: dict[str, Any] = {"optimizer": Sentence(amid(step.optimizer))}
    if remembered * change > 0:
        return Sentence("What it remembers of earlier gradients is stronger here.", **values)
    if shrunk * change > 0:
        return Sentence(
            "It also takes a little off every number, towards 0, and here that is more.", **values
        )
    return Sentence("All parts of its rule together come to that.", **values)
