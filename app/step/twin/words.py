"""A second run in words: what is another in it, what differs first, and how both stand."""

from __future__ import annotations

from math import isnan

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import four_digits, short_number, whole
from app.kit.text import translated
from app.step.words import entry_name
from core.experiment import symbols
from core.experiment.changes import field_changes
from core.experiment.layers import walk
from core.experiment.spec import ExperimentSpec
from core.messages.commands import Edit, Freeze, KnockOut, SetInput, SetNumber
from core.messages.snapshot import Snapshot
from core.messages.twin import FirstDifference, TwinView


def change_text(snapshot: Snapshot, twin: TwinView) -> str:
    """What is another, and since when: ``From step 6 on the learning rate is 0.3, not 0.1.``"""
    text = _tr("From step {step} on: {what}.")
    return text.format(step=whole(twin.origin + 1), what=_what(snapshot, twin))


def first_text(found: FirstDifference | None, *, unknown: bool) -> str:
    """The first operation that differs, and its numbers."""
    if found is None and unknown:
        return ""
    if found is None:
        return _tr("Not one bit of that step differs.")
    if found.operation is None:
        return _tr("The first difference: step {step} already takes other samples.").format(
            step=whole(found.step)
        )
    values = {
        "operation": entry_name(found.operation),
        "name": found.symbol,
        "this": four_digits(found.this),
        "twin": four_digits(found.twin),
        "step": whole(found.step),
    }
    text = _tr(
        "The first to differ is operation “{operation}” of step {step}: most of all {name}, "
        "{this} here and {twin} in the twin."
    )
    if isnan(found.this):
        text = _tr(
            "The first to differ is operation “{operation}” of step {step}, which this run does "
            "not have: {name} is {twin} in the twin."
        )
    return text.format(**values)


def standing_text(twin: TwinView) -> str:
    """How far both are, and their newest losses."""
    if twin.goal is None and not twin.is_ended:
        text = _tr("They part after step {step}: go there, or further, to see both.")
        return text.format(step=whole(twin.origin))
    if twin.behind:
        text = _tr("The twin is on its way: step {step} of {goal}.")
        return text.format(step=whole(twin.step), goal=whole(twin.goal or 0))
    taken = min(twin.step - twin.origin, len(twin.losses[0]))
    if taken <= 0:
        return _tr("Go on: the twin goes along, step by step.")
    this, other = (float(losses[taken - 1]) for losses in twin.losses)
    text = _tr("Step {step} had the loss {this} here and {twin} in the twin: {apart} {way}.")
    way = _tr("lower") if other < this else _tr("higher")
    if other == this:
        text = _tr("Step {step} had the loss {this} here and in the twin alike.")
    return text.format(
        step=whole(twin.origin + taken),
        this=four_digits(this),
        twin=four_digits(other),
        apart=four_digits(abs(other - this)),
        way=way,
    )


def _what(snapshot: Snapshot, twin: TwinView) -> str:
    match twin.change:
        case SetNumber(parameter, index, value):
            shapes = {name: array.shape for name, array in (twin.parameters or {}).items()}
            name = symbols.symbol(parameter, index, shapes) if parameter in shapes else parameter
            layer = _layer(snapshot, parameter.rpartition(".")[0])
            text = _tr("{name} of layer {layer} begins at {value}")
            return text.format(name=name, layer=layer, value=short_number(value, 6))
        case SetInput(row, index, value):
            text = _tr("input {unit} of row {row} is {value}")
            return text.format(
                unit=whole(index[0] + 1), row=whole(row), value=short_number(value, 6)
            )
        case KnockOut(path, unit, on):
            text = _tr("neuron {unit} of layer {layer} gives 0")
            if not on:
                text = _tr("neuron {unit} of layer {layer} is heard again")
            where = ".".join(map(str, path))
            return text.format(unit=whole(unit + 1), layer=_layer(snapshot, where))
        case Freeze(parameter, _, on):
            text = _tr("a weight of layer {layer} is held fast")
            if not on:
                text = _tr("a weight of layer {layer} is let go")
            return text.format(layer=_layer(snapshot, parameter.rpartition(".")[0]))
        case Edit():
            return _of_specs(snapshot, twin.spec)


def _of_specs(snapshot: Snapshot, after: ExperimentSpec) -> str:
    before = snapshot.spec
    for part, text in (
        ("optimizer", _tr("the optimizer is {after}, not {before}")),
        ("loss", _tr("the loss is {after}, not {before}")),
    ):
        one, other = getattr(before, part), getattr(after, part)
        if type(one) is not type(other):
            return text.format(before=translated(one.label), after=translated(other.label))
    text = _tr("{name} is {after}, not {before}")
    for (path, one), (_, other) in zip(walk(before.layers), walk(after.layers), strict=True):
        old, new = one.activation_of(), other.activation_of()
        if old is not None and new is not None and old != new and one != other:
            if type(old) is not type(new):
                text = _tr("the activation of layer {layer} is {after}, not {before}")
                labels = {"after": translated(new.label), "before": translated(old.label)}
                return text.format(layer=_layer(snapshot, ".".join(map(str, path))), **labels)
            break
    found = [change for change in field_changes(before, after) if change.name != "Name"]
    return _tr(", ").join(
        text.format(
            name=translated(change.name), after=_told(change.after), before=_told(change.before)
        )
        for change in found
    )


def _told(value: object) -> str:
    if isinstance(value, bool):
        return _tr("on") if value else _tr("off")
    if isinstance(value, int | float):
        return short_number(value, 6)
    label = getattr(value, "label", None)
    return translated(label) if isinstance(label, str) else str(value)


def _layer(snapshot: Snapshot, where: str) -> str:
    names = {".".join(map(str, layer.path)): translated(layer.name) for layer in snapshot.layers}
    return names.get(where, where)


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhatIf", text)
