"""Where two recorded steps part: the first operation whose numbers are not the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.debugger.formulas.names import symbol_of
from core.expression.plain import plain
from core.messages.record import Entry, Record
from core.messages.scope import is_per_sample
from core.messages.twin import FirstDifference

_OF_UPDATE = ("s'", "hat")
"""What an optimizer remembers after a step, and makes of it, which no entry of its own computes."""


def first_difference(this: Record, twin: Record) -> FirstDifference | None:
    """Compares two records bit for bit, in the order in which they were computed.

    Args:
        this, twin: The same step of networks whose weights have the same shapes.

    Returns:
        None where not one bit of what either computes differs.
    """
    if not np.array_equal(this.rows, twin.rows):
        return FirstDifference(this.step, None)
    own, other = _first(this, twin), _first(twin, this)
    if own is None and other is None:
        return None
    if other is not None and (own is None or _comes_before(other, own)):
        return _told(this, twin, other, in_twin=True)
    assert own is not None
    return _told(this, twin, own, in_twin=False)


@dataclass(frozen=True)
class _Differing:
    """An operation of a record: how many before it the other record has too, and whether it has
    this one."""

    place: int
    key: str
    before: int
    is_shared: bool


def _comes_before(one: _Differing, other: _Differing) -> bool:
    """Whether an operation of one record comes before one of the other; at the same place the one
    that only one of them has."""
    if one.before != other.before:
        return one.before < other.before
    return other.is_shared and not one.is_shared


def _first(one: Record, other: Record) -> _Differing | None:
    """The first operation of a record that gives something else in the other, or is not there."""
    shared = {entry.writes for entry in other.entries}
    before = 0
    for place, entry in enumerate(one.entries):
        for key in _made_by(one, entry):
            if not _same(one, other, key):
                return _Differing(place, key, before, entry.writes in shared)
        before += entry.writes in shared
    return None


def _made_by(record: Record, entry: Entry) -> list[str]:
    """What it writes; of an update also what the optimizer remembers."""
    if entry.kind != "update":
        return [entry.writes]
    wanted = tuple(f"{kind}:{entry.parameter}:" for kind in _OF_UPDATE)
    return [entry.writes, *(key for key in record.arrays if key.startswith(wanted))]


def _same(one: Record, other: Record, key: str) -> bool:
    found = other.arrays.get(other.canonical(key))
    return found is not None and bool(np.array_equal(one.arrays[key], found, equal_nan=True))


def _told(this: Record, twin: Record, found: _Differing, *, in_twin: bool) -> FirstDifference:
    record = twin if in_twin else this
    shape = record.arrays[found.key].shape
    ours, theirs = (_numbers(one, found.key, shape) for one in (this, twin))
    apart = np.nan_to_num(np.abs(ours - theirs), nan=np.inf)
    where = np.unravel_index(int(apart.argmax()), shape) if shape else ()
    place = tuple(int(i) for i in where)
    is_sample = is_per_sample(found.key)
    sample, index = (place[0], place[1:]) if is_sample else (None, place)
    numbers = float(ours[place]), float(theirs[place])
    operation = record.entries[found.place]
    name = name_of(record, found.key, place)
    place_in = found.place, in_twin, found.key, index, sample
    return FirstDifference(this.step, *place_in, *numbers, operation, name)


def name_of(record: Record, key: str, place: tuple[int, ...]) -> str:
    """What one number of an array is called, in plain letters.

    Args:
        record: The step.
        key: One of its arrays.
        place: Where in it, the sample first where it has samples.
    """
    kind, _, rest = key.partition(":")
    if kind in _OF_UPDATE:  # s':0.weight:m is what the optimizer remembers of a parameter
        parameter, _, letter = rest.rpartition(":")
        return f"{letter} ({plain(symbol_of(record, f'p:{parameter}', place))})"
    return plain(symbol_of(record, key, place, marked=record.samples > 1))


def _numbers(record: Record, key: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A step's numbers in that shape; NaN where it has none."""
    found = record.arrays.get(record.canonical(key))
    if found is None or found.shape != shape:
        return np.full(shape, np.nan)
    return np.asarray(found, np.float64)
