"""From one optimizer to another: a rate that suits one can ruin the training of the next."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from core.catalog.optimizers.base import Optimizer

Pinned = Mapping[str, float | bool]
"""Values that a person entered, by field: they stay whichever optimizer comes."""


def switched(entry: type[Optimizer], pinned: Pinned, own: Optimizer | None = None) -> Optimizer:
    """An optimizer with its own values, but for what a person pinned and it has too.

    Args:
        entry: The optimizer to come.
        pinned: What stays, where the entry allows it.
        own: What the experiment came with: its values count as the optimizer's own, if it is one.

    Raises:
        ValidationError: It has fields without a value of their own.
    """
    optimizer = own if type(own) is entry else entry.model_validate({})
    for name in entry.model_fields.keys() & pinned.keys():
        try:
            optimizer = entry.model_validate(dict(optimizer) | {name: pinned[name]})
        except ValidationError:
            continue
    return optimizer


def differing(before: Optimizer, after: Optimizer) -> dict[str, float | bool]:
    """The values in which one differs from another of its kind; none where the kinds differ."""
    if type(before) is not type(after):
        return {}
    return {name: value for name, value in after if getattr(before, name) != value}
