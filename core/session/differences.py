"""In what two descriptions differ, as far as a run that goes on can tell."""

from __future__ import annotations

from collections.abc import Iterator

from core.catalog.base import Choice, Model
from core.experiment.spec import ExperimentSpec
from core.messages.changes import Difference, Told

_CHOICES = {"optimizer": "Optimizer", "schedule": "Schedule", "loss": "Loss"}
_ALWAYS = ("learning_rate",)
"""Fields that are told of beside another entry too."""


def differences(before: ExperimentSpec, after: ExperimentSpec) -> tuple[Difference, ...]:
    """What acts on training and is another: rules, batches, penalties, activations, device."""
    return tuple(_all(before, after))


def _all(before: ExperimentSpec, after: ExperimentSpec) -> Iterator[Difference]:
    for part, title in _CHOICES.items():
        yield from _of_choice(title, getattr(before, part), getattr(after, part))
    yield from _of_fields(before.training, after.training)
    if before.layers != after.layers:
        yield Difference("The activations were changed", is_deed=True)
    if before.device != after.device:
        yield Difference("Device", before.device, after.device)


def _of_choice(title: str, before: Choice, after: Choice) -> Iterator[Difference]:
    if type(before) is type(after):
        yield from _of_fields(before, after)
        return
    yield Difference(title, before.label, after.label)
    shared = before.__class__.model_fields.keys() & after.__class__.model_fields.keys()
    for name in shared & set(_ALWAYS):
        yield from _of_field(name, before, after)


def _of_fields(before: Model, after: Model) -> Iterator[Difference]:
    for name in type(after).model_fields:
        yield from _of_field(name, before, after)


def _of_field(name: str, before: Model, after: Model) -> Iterator[Difference]:
    old, new = getattr(before, name), getattr(after, name)
    if old != new:
        title = type(after).model_fields[name].title or name
        yield Difference(title, _told(old), _told(new))


def _told(value: object) -> Told:
    if isinstance(value, Choice):
        return value.label
    return value if isinstance(value, str | float | int | bool | None) else str(value)
