"""What an edit changed, in a few words: one field, with its value before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from core.catalog.base import Choice, Model
from core.experiment.layers import Layer, layer_name
from core.experiment.spec import ExperimentSpec
from core.sentence import Sentence

_NAMES = {
    "data": "Data",
    "loss": "Loss",
    "optimizer": "Optimizer",
    "schedule": "Schedule",
    "activation": "Activation",
}
"""Of the fields that have no title, since a form shows them under a heading."""

LONGEST = 40
"""Of a text that a menu shows, in letters."""

_Value = Sentence | str


class FieldChange(NamedTuple):
    """One field that has another value now."""

    owner: str
    name: str
    before: object
    after: object


def change_of(before: ExperimentSpec, after: ExperimentSpec) -> Sentence | None:
    """What differs, where that is one field; None where it takes more words than a menu has."""
    found = list(field_changes(before, after))
    if len(found) > 1:  # a name that follows the network says nothing of its own
        found = [change for change in found if change.name != "Name"]
    if len(found) != 1:
        return None
    owner, name, old, new = found[0]
    was, now = _shown(old), _shown(new)
    if was is None or now is None:
        return None
    values: dict[str, Any] = {"field": Sentence(name), "before": was, "after": now}
    if owner:
        return Sentence("{layer}: {field} {before} to {after}", layer=owner, **values)
    return Sentence("{field} {before} to {after}", **values)


def field_changes(before: Model, after: Model, owner: str = "") -> Iterator[FieldChange]:
    """Every field that differs between two models of one kind, those of their parts too.

    Args:
        before: The one.
        after: The other.
        owner: The layer that they belong to; empty for the experiment's own.
    """
    for name, field in type(before).model_fields.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name == "pinned":  # which only follows from the value beside it
            continue
        if name == "layers" and len(old) == len(new):
            for index, (one, other) in enumerate(zip(old, new, strict=True)):
                yield from _of_layer(one, other, index, owner)
        elif isinstance(old, Model) and type(old) is type(new):
            yield from field_changes(old, new, owner)
        else:
            title = field.title or _NAMES.get(name, name.capitalize())
            yield FieldChange(owner, title, old, new)


def _of_layer(before: Layer, after: Layer, index: int, group: str) -> Iterator[FieldChange]:
    if before == after:
        return
    place = f"{group.split(' ', maxsplit=1)[0]}.{index + 1}" if group else str(index + 1)
    name = f"{place} {layer_name(after, (index,)).partition(' ')[2]}"
    if type(before) is type(after):
        yield from field_changes(before, after, name)
    else:
        yield FieldChange(place, "Layer", before, after)


def _shown(value: object) -> _Value | None:
    """A value as a menu can show it; None for one that is too long."""
    shown: _Value | None = None
    match value:
        case None | "":
            shown = Sentence("none")
        case bool():
            shown = Sentence("on") if value else Sentence("off")
        case float():
            shown = f"{value:.4g}"
        case int():
            shown = str(value)
        case Choice():
            shown = Sentence(value.label)
        case str() if len(value) <= LONGEST:
            shown = value
    return shown
