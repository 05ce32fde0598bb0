"""What is said of the gradients of values: how they come back, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.names import symbol_of
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences import activations, losses
from core.debugger.sentences.claim import Saying
from core.debugger.sentences.corners import corner, distance, leads_to_one
from core.debugger.sentences.ties import is_tied
from core.debugger.sentences.words import CANCELLED, EVERYWHERE, LOSS, Forms, costs, name, number
from core.messages.record import input_of
from core.sentence import Sentence

About = tuple[Sentence, ...]
Floats = NDArray[np.float64]


def of_value(spot: OneNumber, formula: Formula) -> Saying:
    """Of how the loss changes with one number of one sample."""
    about = _ABOUT[spot.entry.kind](spot, formula)
    return _told(spot, LOSS, spot.one, formula.result.value, about)


def of_all_samples(spot: OneNumber, formula: Formula) -> Saying:
    """Of how it changes if the number moves alike in all samples."""
    each = spot.in_all_samples()
    about, left = votes(each, _nudged(spot, 0)), agreement(each)
    return _told(spot, EVERYWHERE, -1, formula.result.value, about, left=left)


def _told(
    spot: OneNumber, forms: Forms, sample: int, slope: float, about: About, *, left: float = 1.0
) -> Saying:
    nudged = _nudged(spot, sample)
    apart = distance(spot, nudged) if sample >= 0 else inf
    if apart == 0 or is_tied(spot, nudged) or leads_to_one(spot, nudged.key):
        return Saying((*about, corner(name(nudged))))
    return costs(forms, nudged, spot.at("loss", ()), slope, *about, apart=apart, left=left)


def _nudged(spot: OneNumber, sample: int) -> Factor:
    """The number whose gradient it is."""
    key = spot.entry.writes.removeprefix("d:")
    symbol = symbol_of(spot.record, key, (0, *spot.index))
    place = (max(sample, 0), *spot.index)
    array = spot.record.arrays.get(key)  # what a group takes in stands under another name
    value = float(spot.array(key)[place] if array is None else array[place])
    return Factor(symbol, value, key, (sample, *spot.index))


def votes(each: Floats, nudged: Factor) -> About:
    """In how many samples the loss would fall if a number were higher, and in how many lower.

    Args:
        each: Its gradient, a sample each, (n,).
        nudged: The number.
    """
    up, down, count = int((each < 0).sum()), int((each > 0).sum()), len(each)
    if count == 1:
        return ()
    values: dict[str, Any] = {"count": count, "up": up, "down": down, "name": name(nudged)}
    template = "The loss wants {name} higher in {up} of {count} samples, lower in {down}."
    if not up and not down:
        template = "To the loss, {name} makes no difference in any of the {count} samples."
    elif not down:
        template = "The loss wants {name} higher in {up} of {count} samples, lower in none."
    elif not up:
        template = "The loss wants {name} lower in {down} of {count} samples, higher in none."
    elif agreement(each) < CANCELLED:
        template = (
            "The loss wants {name} higher in {up} of {count} samples, lower in {down}: "
            "together that comes to almost nothing."
        )
    return (Sentence(template, **values),)


def agreement(each: Floats) -> float:
    """What is left of numbers when they are added up, as a share of all of them; 1 for none."""
    whole = float(np.abs(each).sum())
    return abs(float(each.sum())) / whole if whole else 1.0


def _input(spot: OneNumber, formula: Formula) -> About:
    return _INPUTS[spot.layer.layer.kind](spot, formula)


def _sums(spot: OneNumber, formula: Formula) -> About:
    """Of a number that goes into the sums of the next layer."""
    count = len(formula.terms) + formula.left_out[0]
    if not formula.terms:
        return (Sentence("No sum of the next layer sees this number."),)
    upstream, local = formula.terms[0].factors
    values: dict[str, Any] = {
        "name": name(_nudged(spot, spot.one)),
        "count": count,
        "above": name(upstream),
        "value": number(formula.terms[0].value),
        "weight": name(local),
    }
    if formula.terms[0].value == 0:
        return (
            Sentence(
                "{name} goes into {count} sums of the next layer; nothing comes back from them.",
                one="{name} goes into one sum of the next layer; nothing comes back from it.",
                n=count,
                **values,
            ),
        )
    return (
        Sentence(
            "{name} goes into {count} sums of the next layer; "
            "most comes back along {weight}: {value}.",
            one="{name} goes into one sum of the next layer, along {weight}.",
            n=count,
            **values,
        ),
    )


def _max_pool(spot: OneNumber, formula: Formula) -> About:
    values: dict[str, Any] = {"name": name(_nudged(spot, spot.one))}
    won = [term for term in formula.terms if term.factors[-1].value]
    if not formula.terms:
        return (Sentence("No window sees {name}.", **values),)
    if not won:
        template = "{name} is not the largest of its window, so nothing comes back to it."
        return (Sentence(template, **values),)
    return (Sentence("{name} is the largest of its window, so all comes back to it.", **values),)


def _avg_pool(spot: OneNumber, formula: Formula) -> About:
    values: dict[str, Any] = {"name": name(_nudged(spot, spot.one))}
    if not formula.terms:
        return (Sentence("No window sees {name}.", **values),)
    share = number(formula.terms[0].factors[-1].value)
    template = "Each number of a window has the same share in its mean, {share}."
    return (Sentence(template, share=share, **values),)


def _flatten(spot: OneNumber, formula: Formula) -> About:
    return (Sentence("The gradient goes back to its place in the image, unchanged."),)


def _dropout(spot: OneNumber, formula: Formula) -> About:
    mask = spot.of(f"mask:{spot.where}", *spot.index).value
    values: dict[str, Any] = {"name": name(_nudged(spot, spot.one)), "times": number(mask)}
    if not mask:
        template = "Dropout left {name} out in this step, so nothing comes back to it."
        return (Sentence(template, **values),)
    template = "Dropout made {name} {times} times as large, and so its gradient."
    return (Sentence(template, **values),)


def _batch_norm(spot: OneNumber, formula: Formula) -> About:
    return (
        Sentence(
            "{name} moves the batch’s mean and spread too, and by them the other samples: "
            "all of that is counted.",
            name=name(_nudged(spot, spot.one)),
        ),
    )


_INPUTS: dict[str, Callable[[OneNumber, Formula], About]] = {
    "dense": _sums,
    "conv2d": _sums,
    "max_pool2d": _max_pool,
    "avg_pool2d": _avg_pool,
    "flatten": _flatten,
    "dropout": _dropout,
    "batch_norm": _batch_norm,
}
"""By the kind of a layer."""


def _skip(spot: OneNumber, formula: Formula) -> About:
    if spot.entry.writes != spot.record.canonical(f"d:{input_of(spot.entry.path)}"):
        return (Sentence("A sum passes its gradient on to both of its parts, unchanged."),)
    parts = sorted(formula.terms, key=lambda term: term.factors[0].key != spot.delta)
    return (
        Sentence(
            "Two ways lead on from here: {around} comes back around the group, "
            "{through} through it.",
            around=number(parts[0].value),
            through=number(parts[-1].value),
        ),
    )


_ABOUT: dict[str, Callable[[OneNumber, Formula], About]] = {
    "loss_gradient": losses.gradient,
    "activation_gradient": activations.gradient,
    "input_gradient": _input,
    "skip_gradient": _skip,
}
"""By the kind of an entry."""
VALUES = frozenset(_ABOUT)
"""The kinds of entries that are gradients of values."""
