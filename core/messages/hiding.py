"""A recorded step without the number that a person is working out.

It is told as it stood when the number had just been computed, with a mark in its place
(:data:`core.expression.hidden.HIDDEN`); so are all numbers that are equal to it or come of it. What
it is made of stays. Views need not know of it: they are handed such a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.expression.hidden import HIDDEN
from core.messages.record import Entry, Hidden, Place, Record, Stepping
from core.messages.scope import is_per_sample, is_shared

_WITH_BATCH_NORM = ("mean", "var", "norm", "moved_mean", "moved_var")


def without(stepping: Stepping, hidden: Hidden) -> Stepping:
    """A step as it stood when a number had just been computed, without the number.

    Args:
        stepping: The step; its cursor has reached the number.
        hidden: The number. Its array is one that an entry writes, or an optimizer's state.
    """
    record = stepping.record
    position = _maker(record, hidden.key)
    arrays = dict(record.arrays)
    for key in _later(record, position):
        arrays[key] = np.broadcast_to(np.float32(HIDDEN), arrays[key].shape)
    for key, index in _equals(record, hidden):
        arrays[key] = _marked(arrays[key], index)
    veiled = replace(record, arrays=arrays, hidden=hidden)
    return replace(as_it_stood(stepping, hidden.key), record=veiled)


def as_it_stood(stepping: Stepping, key: str) -> Stepping:
    """A step when an array had just been computed: the very one, where it stands there."""
    position = _maker(stepping.record, key)
    if stepping.place.entry == position:
        return stepping
    place = Place(position, stepping.record.entries[position].count)
    return replace(stepping, place=place, stopped=None)


def _maker(record: Record, key: str) -> int:
    parameter = key.split(":")[1] if key.startswith(("s':", "hat:")) else ""
    wanted = f"after:{parameter}" if parameter else key
    return next(i for i, one in enumerate(record.entries) if one.writes == wanted)


def _later(record: Record, position: int) -> Iterator[str]:
    for entry in record.entries[position + 1 :]:
        yield from (key for key in _made_by(record, entry) if key in record.arrays)


def _made_by(record: Record, entry: Entry) -> Iterator[str]:
    yield entry.writes
    where = entry.writes.partition(":")[2]
    if entry.kind == "batch_norm":
        yield from (f"{kind}:{where}" for kind in _WITH_BATCH_NORM)
    elif entry.kind == "dropout":
        yield f"mask:{where}"
    elif entry.kind == "update":
        yield from _of_update(record, entry.parameter)


def _of_update(record: Record, parameter: str) -> Iterator[str]:
    """What an optimizer's step makes of a parameter, in the order in which it is worked out."""
    used = record.spec.optimizer.used
    yield from (f"s':{parameter}:{state}" for state in used)
    yield from (f"hat:{parameter}:{state}" for state in used)
    yield f"after:{parameter}"
    yield f"step:{parameter}"


def _equals(record: Record, hidden: Hidden) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The number's places in the record's arrays, and those of what a step makes of it."""
    kind, _, rest = hidden.key.partition(":")
    if kind in ("after", "s'", "hat"):
        made = list(_of_update(record, rest.partition(":")[0]))
        for key in made[made.index(hidden.key) :]:
            if key in record.arrays:
                yield key, hidden.index
        return
    if is_per_sample(hidden.key):
        if hidden.sample is not None or record.samples == 1:
            yield hidden.key, (hidden.sample or 0, *hidden.index)
    elif not is_shared(hidden.key) or hidden.sample is None or record.samples == 1:
        yield hidden.key, hidden.index


def _marked(array: NDArray[Any], index: tuple[int, ...]) -> NDArray[Any]:
    made = array.copy()
    made[index] = HIDDEN
    made.flags.writeable = False
    return made
