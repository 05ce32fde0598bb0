"""A question in words that anybody reads: what the number is, and then its name in letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.debugger.formulas.formula import Factor
from core.debugger.formulas.names import layer_number, parameter_symbol
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences.words import name
from core.experiment.layers import BatchNorm, Dense, LayerShape
from core.expression.plain import plain
from core.messages.record import Record, input_of, path_of
from core.messages.scope import adds_up, is_shared
from core.sentence import Sentence

_Index = tuple[int, ...]
_Values = dict[str, Any]
_WHOLE = {
    "loss": Sentence("the loss"),
    "penalty": Sentence("the penalty on large weights"),
    "total": Sentence("the loss with its penalty"),
    "norm": Sentence("the length of all gradients together"),
    "terms": Sentence("the loss"),
}
_MADE = {
    "linear": "the weighted sum of {place}",
    "convolution": "the weighted sum of {place}",
    "activation": "the activation of {place}",
    "max_pool": "the largest value in the window of {place}",
    "avg_pool": "the mean of the window of {place}",
}
"""By the kind of an entry: what it makes."""


def question_about(spot: OneNumber, key: str, number: Factor) -> Sentence:
    """What is asked of a number.

    Args:
        spot: The number.
        key: Of the array asked about: what its entry writes, or an optimizer's state.
        number: With its name.
    """
    record, entry, told = spot.record, spot.entry, name(number)
    if entry.kind in ("clip", "update"):
        return _of_parameter(spot, key, told)
    what = thing(record, key, spot.index)
    values: _Values = {"what": what, "name": told}
    if record.samples == 1 or not (entry.per_sample or is_shared(key)):
        return Sentence("What is {what}: {name}?", **values)
    if spot.sample is None:
        if entry.per_sample and not adds_up(record, key):
            return Sentence("What is the mean of {what} over the whole batch: {name}?", **values)
        return Sentence("What is {what} over the whole batch: {name}?", **values)
    values |= {"sample": spot.sample + 1}
    if is_shared(key):
        return Sentence("What is the share of sample {sample} in {what}: {name}?", **values)
    return Sentence("What is {what} for sample {sample}: {name}?", **values)


def _of_parameter(spot: OneNumber, key: str, told: str) -> Sentence:
    parameter, index = spot.entry.parameter, spot.index
    what = _parameter(spot.record, parameter, index)
    letters = plain(parameter_symbol(spot.record, parameter, index))
    values: _Values = {"what": what, "parameter": letters}
    if spot.entry.kind == "clip":
        return Sentence("What is the gradient of {what}, {parameter}, after clipping?", **values)
    if key == spot.entry.writes:
        return Sentence("What is {what} after this step: {parameter}?", **values)
    return Sentence("What is {name} of {what}, {parameter}, after this step?", name=told, **values)


def thing(record: Record, key: str, index: _Index) -> Sentence:
    """What a number is, without its letters.

    Args:
        record: The step.
        key: Of its array.
        index: Where in it, without the sample.
    """
    kind, _, where = key.partition(":")
    if kind == "d":
        return Sentence("the gradient of {what}", what=thing(record, where, index))
    if key == "loss" and record.samples > 1:
        return Sentence("the loss of the whole batch")
    if kind in _GIVEN:
        return _GIVEN[kind](record, where, index)
    return _WHOLE[key] if not where else _made(record, key, index)


def _made(record: Record, key: str, index: _Index) -> Sentence:
    """What a layer makes."""
    place = _place(record, key.partition(":")[2], index)
    if key == record.output:
        return place
    maker = next((one.kind for one in record.entries if one.writes == key), "")
    return Sentence(_MADE.get(maker, "the value of {place}"), place=place)


def _input(_record: Record, _where: str, index: _Index) -> Sentence:
    if len(index) == 1:
        return Sentence("input {unit}", unit=index[0] + 1)
    channel, row, column = (i + 1 for i in index)
    said = "the input at row {row}, column {column} of channel {channel}"
    return Sentence(said, row=row, column=column, channel=channel)


def _taken_in(_record: Record, where: str, index: _Index) -> Sentence:
    """What a residual group takes in, through the group alone."""
    values: _Values = {"layer": layer_number(where), "unit": index[0] + 1}
    if len(index) == 1:
        return Sentence("number {unit} of what layer {layer} takes in", **values)
    said = "row {row}, column {column} of channel {unit} of what layer {layer} takes in"
    return Sentence(said, row=index[1] + 1, column=index[2] + 1, **values)


def _place(record: Record, where: str, index: _Index) -> Sentence:
    """A neuron, a channel or a pixel of a layer."""
    values: _Values = {"layer": layer_number(where), "unit": index[0] + 1}
    if len(index) == 3:
        said = "row {row}, column {column} of channel {unit} in layer {layer}"
        return Sentence(said, row=index[1] + 1, column=index[2] + 1, **values)
    layer = _layer(record, where)
    if len(layer.output_shape) == 3:
        return Sentence("channel {unit} of layer {layer}", **values)
    if where == record.output.partition(":")[2]:
        return Sentence("output {unit}", **values)
    if not isinstance(layer.layer, Dense):
        return Sentence("number {unit} of layer {layer}", **values)
    if len(record.layers) == 2:
        return Sentence("hidden neuron {unit}", **values)
    return Sentence("neuron {unit} of layer {layer}", **values)


def _parameter(record: Record, parameter: str, index: _Index) -> Sentence:
    where, _, kind = parameter.rpartition(".")
    if len(index) == 4:
        said = (
            "the weight of channel {unit} of layer {layer} for channel {source} of what it takes "
            "in, at row {row}, column {column} of the kernel"
        )
        unit, source, row, column = (i + 1 for i in index)
        layer = layer_number(where)
        return Sentence(said, unit=unit, layer=layer, source=source, row=row, column=column)
    place = _place(record, where, index[:1])
    if isinstance(_layer(record, where).layer, BatchNorm):
        said = "the scale of {place}" if kind == "weight" else "the shift of {place}"
        return Sentence(said, place=place)
    if kind == "bias":
        return Sentence("the bias of {place}", place=place)
    return Sentence(
        "the weight from {source} to {place}", source=_source(record, where, index[1]), place=place
    )


def _source(record: Record, where: str, unit: int) -> Sentence:
    """What a weight comes from."""
    key = record.canonical(input_of(path_of(where)))
    before = key.partition(":")[2]
    if key == "x" or record.arrays[key].ndim != 2:
        return Sentence("input {unit}", unit=unit + 1)
    return _place(record, before, (unit,))


def _layer(record: Record, where: str) -> LayerShape:
    return record.layer(path_of(where))


_GIVEN: dict[str, Callable[[Record, str, _Index], Sentence]] = {
    "p": _parameter,
    "x": _input,
    "in": _taken_in,
}
"""By the kind of a key: what no layer makes, or a name of its own."""
