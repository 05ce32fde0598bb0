"""In what two descriptions differ, as far as a run that goes on can tell."""

from __future__ import annotations

from collections.abc import Iterator

from core.catalog.base import Choice, Model
from core.experiment.changes import field_changes
from core.experiment.spec import ExperimentSpec
from core.messages.changes import Difference, Told

_CHOICES = {"optimizer": "Optimizer", "schedule": "Schedule", "loss": "Loss"}


def differences(before: ExperimentSpec, after: ExperimentSpec) -> tuple[Difference, ...]:
    """What acts on training and is another: rules, batches, penalties, activations, device."""
    return tuple(_all(before, after))


def _all(before: ExperimentSpec, after: ExperimentSpec) -> Iterator[Difference]:
    for part, title in _CHOICES.items():
        yield from _of_choice(title, getattr(before, part), getattr(after, part))
    yield from _of_fields(before.training, after.training)
    yield from _of_fields(before.augmentation, after.augmentation)
    if before.layers != after.layers:
        yield Difference("The activations were changed", is_deed=True)
    if before.device != after.device:
        yield Difference("Device", before.device, after.device)


def _of_choice(title: str, before: Choice, after: Choice) -> Iterator[Difference]:
    if type(before) is type(after):
        yield from _of_fields(before, after)
        return
    yield Difference(title, before.label, after.label)
    old, new = (getattr(one, "learning_rate", None) for one in (before, after))
    if None not in (old, new) and old != new:  # told of beside another optimizer too
        rate = type(after).model_fields["learning_rate"].title or "Learning rate"
        yield Difference(rate, old, new)


def _of_fields(before: Model, after: Model) -> Iterator[Difference]:
    for change in field_changes(before, after):
        yield Difference(change.name, _told(change.before), _told(change.after))


def _told(value: object) -> Told:
    if isinstance(value, Choice):
        return value.label
    return value if isinstance(value, str | float | int | bool | None) else str(value)
