"""Where a piece of an answer leads to: a number of a step, for a click to go to."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages.record import Record
from core.messages.scope import is_per_sample


@dataclass(frozen=True)
class NumberAt:
    """One number of one step.

    Attributes:
        step: Of which step.
        entry: Which of its entries computes it, counted from 0.
        index: Where in that entry's shape.
        sample: Of which sample of the batch; None for what is the batch's.
    """

    step: int
    entry: int
    index: tuple[int, ...] = ()
    sample: int | None = None


def place_of(record: Record, key: str, index: tuple[int, ...]) -> NumberAt | None:
    """The entry that computes a number of an array.

    None where no operation does: an input, a target, a mask, a first weight. A weight was made by
    the update of the step before, whose operations are taken to be the same.

    Args:
        record: The step.
        key: One of its arrays.
        index: Where in it, the sample first where it has samples.
    """
    step, key = record.step, record.canonical(key)
    if key.startswith("p:"):
        step, key = step - 1, f"after:{key.removeprefix('p:')}"
    found = (i for i, entry in enumerate(record.entries) if entry.writes == key)
    entry = next(found, None)
    if entry is None or step < 1:
        return None
    if is_per_sample(key):
        return NumberAt(step, entry, index[1:], index[0])
    return NumberAt(step, entry, index)
