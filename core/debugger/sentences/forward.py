"""What is said of what the layers make of their input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences.claim import Saying
from core.debugger.sentences.words import exactly, name, number
from core.experiment.layers import Residual
from core.messages.record import key_of
from core.sentence import Sentence


def weighted_sum(spot: OneNumber, formula: Formula) -> Saying:
    """Of a weighted sum: its largest part, and what its input does."""
    result = formula.result
    if not formula.terms:  # a patch that lies in the padding, and no bias
        return Saying((Sentence("{name} sees nothing but padding: it is 0.", name=name(result)),))
    about = (_largest_part(formula),)
    weighted = next((term.factors for term in formula.terms if len(term.factors) == 2), None)
    if weighted is None:
        return exactly(formula.terms[0].factors[0], result, 1.0, *about)
    weight, source = weighted
    return exactly(source, result, weight.value, *about)


def _largest_part(formula: Formula) -> Sentence:
    largest = formula.terms[0]
    count = len(formula.terms) + formula.left_out[0]
    rest = formula.value - largest.value
    values: dict[str, Any] = {
        "name": name(formula.result),
        "part": " · ".join(name(factor) for factor in largest.factors),
        "value": number(largest.value),
        "count": count,
        "rest": number(abs(rest)),
    }
    if largest.value == 0:
        return Sentence("Every part of this sum is 0, and so is {name}.", **values)
    if count == 1:
        return Sentence("{name} has one part only: {part} = {value}.", **values)
    pulls_up, adds = largest.value > 0, rest > 0
    return Sentence(_PARTS[pulls_up, adds] if rest else _PARTS_ALONE[pulls_up], **values)


_PARTS = {
    (True, True): "The largest of {count} parts, {part} = {value}, pulls {name} up; "
    "the rest pulls it up by {rest} more.",
    (True, False): "The largest of {count} parts, {part} = {value}, pulls {name} up; "
    "the rest pulls it down by {rest}.",
    (False, True): "The largest of {count} parts, {part} = {value}, pulls {name} down; "
    "the rest pulls it up by {rest}.",
    (False, False): "The largest of {count} parts, {part} = {value}, pulls {name} down; "
    "the rest pulls it down by {rest} more.",
}
"""By whether the largest part and the rest are above 0."""
_PARTS_ALONE = {
    True: "The largest of {count} parts, {part} = {value}, pulls {name} up; the rest adds nothing.",
    False: "The largest of {count} parts, {part} = {value}, pulls {name} down; "
    "the rest adds nothing.",
}


def max_pool(spot: OneNumber, formula: Formula) -> Saying:
    """Of the largest number of a window."""
    result = formula.result
    largest = next(one for one in formula.factors if one.value == result.value)
    equals = sum(one.value == result.value for one in formula.factors)
    values = {"name": name(largest), "value": number(result.value)}
    one = Sentence("{name} = {value} is the largest number of this window.", **values)
    if equals > 1:
        one = Sentence(
            "Several numbers of this window are equally large, {value}; "
            "{name} is the first of them.",
            **values,
        )
    return exactly(largest, result, 1.0, one)


def avg_pool(spot: OneNumber, formula: Formula) -> Saying:
    """Of the mean of a window."""
    values = [factor.value for factor in formula.factors]
    outer = formula.terms[0].factors[-1].value
    if formula.left_out[0]:
        about = Sentence("{name} is the mean of the numbers in this window.", **_of(formula))
    else:
        about = Sentence(
            "{name} is the mean of the numbers in this window, which go from {least} to {most}.",
            least=number(min(values)),
            most=number(max(values)),
            **_of(formula),
        )
    return exactly(formula.factors[0], formula.result, outer, about)


def _of(formula: Formula) -> dict[str, Any]:
    return {"name": name(formula.result)}


def flatten(spot: OneNumber, formula: Formula) -> Saying:
    """Of a number that only changes its place."""
    source = formula.factors[0]
    about = Sentence(
        "Only its place changes: {source} of the image is number {place} of the row.",
        source=name(source),
        place=spot.index[0] + 1,
    )
    return exactly(source, formula.result, 1.0, about)


def batch_norm(spot: OneNumber, formula: Formula) -> Saying:
    """Of a number centred and scaled by the batch's."""
    where, feature = spot.where, spot.index[:1]
    source, normed = spot.of(spot.source, *spot.index), spot.of(f"norm:{where}", *spot.index)
    values = {
        "source": name(source),
        "mean": number(spot.at(f"mean:{where}", feature).value),
        "times": number(abs(normed.value)),
    }
    template = "{source} is the batch’s mean, {mean}, exactly."
    if normed.value > 0:
        template = "{source} lies above the batch’s mean {mean}, by {times} times the usual spread."
    elif normed.value < 0:
        template = "{source} lies below the batch’s mean {mean}, by {times} times the usual spread."
    gamma = spot.at(f"p:{where}.weight", feature)
    return exactly(gamma, formula.result, normed.value, Sentence(template, **values))


def dropout(spot: OneNumber, formula: Formula) -> Saying:
    """Of a number that is left out in this step, or not."""
    mask = spot.of(f"mask:{spot.where}", *spot.index)
    source = spot.of(spot.source, *spot.index)
    about = Sentence("Dropout leaves {name} out in this step, by chance.", name=name(source))
    if mask.value:
        about = Sentence(
            "Dropout keeps {name} in this step, and makes it {times} times as large "
            "to make up for what it leaves out.",
            name=name(source),
            times=number(mask.value),
        )
    return exactly(source, formula.result, mask.value, about)


def skip(spot: OneNumber, formula: Formula) -> Saying:
    """Of a group's input and what the group made of it, added up."""
    layer = spot.layer.layer
    assert isinstance(layer, Residual)
    source = spot.of(spot.source, *spot.index)
    if not layer.layers:
        about = Sentence("The group has no layers: its input is added to itself.")
        return exactly(source, formula.result, 2.0, about)
    inner = key_of((*spot.entry.path, len(layer.layers) - 1))
    made = spot.of(f"a:{inner}", *spot.index)
    about = Sentence(
        "Two ways meet: {made} = {much} comes through the group, {source} = {value} around it.",
        made=name(made),
        much=number(made.value),
        source=name(source),
        value=number(source.value),
    )
    return exactly(made, formula.result, 1.0, about)


def mean(spot: OneNumber, formula: Formula) -> Saying:
    """Of the mean over the batch of what is computed per sample."""
    key, index = spot.entry.writes, spot.index
    values = spot.in_all_samples()
    one = spot.at(key, (int(values.argmax()), *index), marked=True)
    moved = Factor(formula.result.symbol, formula.result.value, key, (-1, *index))
    if values.min() == values.max():
        about = Sentence(
            "The mean of {count} samples, all of which have {value} here.",
            count=len(values),
            value=number(float(values[0])),
        )
    else:
        about = Sentence(
            "The mean of {count} samples, whose numbers go from {least} to {most}.",
            count=len(values),
            least=number(float(values.min())),
            most=number(float(values.max())),
        )
    return exactly(one, moved, 1 / len(values), about)


TRANSFORMS: dict[str, Callable[[OneNumber, Formula], Saying]] = {
    "linear": weighted_sum,
    "convolution": weighted_sum,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "flatten": flatten,
    "batch_norm": batch_norm,
    "dropout": dropout,
    "skip": skip,
}
"""By the kind of an entry."""
