"""Where one stands in a recorded step, and where a press of Next or Back leads."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

from core.experiment.layers import Path
from core.messages.record import Entry, Grain, Place

Entries = tuple[Entry, ...]

START = Place()


def end_of(entries: Entries) -> Place:
    """Behind the last number."""
    return whole(entries, len(entries) - 1)


def whole(entries: Entries, entry: int) -> Place:
    """Behind the last number of an entry; the start, for -1."""
    return Place(entry, entries[entry].count) if entry >= 0 else START


def is_whole(entries: Entries, place: Place) -> bool:
    """Whether the entry a place is in is computed to its end."""
    return place.entry < 0 or place.number >= entries[place.entry].count


def onward(entries: Entries, place: Place, grain: Grain) -> Place | None:
    """Where Next leads; None from the end of the step."""
    if place == end_of(entries):
        return None
    entry = place.entry + 1 if is_whole(entries, place) else place.entry
    if grain is Grain.NUMBER:
        return Place(entry, 1 if entry > place.entry else place.number + 1)
    if grain is Grain.OPERATION:
        return whole(entries, entry)
    if grain is Grain.PHASE:
        phase = entries[entry].phase
        return whole(entries, _last(entries, len(entries) - 1, lambda one: one.phase == phase))
    return end_of(entries)


def backward(entries: Entries, place: Place, grain: Grain) -> Place | None:
    """Where Back leads; None from the start of the step."""
    if place.entry < 0:
        return None
    if grain is Grain.NUMBER and place.number > 1:
        return Place(place.entry, place.number - 1)
    if grain in (Grain.NUMBER, Grain.OPERATION):
        return whole(entries, place.entry - 1)
    if grain is Grain.PHASE:
        phase = entries[place.entry].phase
        return whole(entries, _last(entries, place.entry, lambda entry: entry.phase != phase))
    return START


def out_of_layer(entries: Entries, place: Place) -> Place | None:
    """The end of what the present layer does in the present phase."""
    if place.entry < 0:
        return onward(entries, place, Grain.OPERATION)
    here = entries[place.entry]
    together = takewhile(
        lambda entry: (entry.phase, entry.path) == (here.phase, here.path), entries[place.entry :]
    )
    end = whole(entries, place.entry + len(list(together)) - 1)
    return onward(entries, place, Grain.OPERATION) if end == place else end


def to_layer(entries: Entries, place: Place, path: Path, unit: int | None) -> Place | None:
    """The next place at which something of a layer is computed; of one unit, if one is given."""
    for position in range(max(place.entry, 0), len(entries)):
        entry = entries[position]
        if entry.path != path:
            continue
        begun = place.number if position == place.entry else 0
        number = _number_of(entry, unit, begun)
        if number is not None:
            return Place(position, number)
    return None


def _number_of(entry: Entry, unit: int | None, begun: int) -> int | None:
    """How many numbers stand when the unit's first one after ``begun`` does."""
    if unit is None:
        return entry.count if begun < entry.count else None
    if not entry.shape or unit >= entry.shape[0]:
        return None
    each = entry.count // entry.shape[0]
    first, last = unit * each, (unit + 1) * each
    number = max(first, begun) + 1
    return number if number <= last else None


def _last(entries: Entries, before: int, fits: Callable[[Entry], bool]) -> int:
    """The last entry up to ``before`` that fits; -1 if none does."""
    return next((i for i in range(before, -1, -1) if fits(entries[i])), -1)
