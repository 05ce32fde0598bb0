"""Where a slope jumps: at a corner of an activation (of windows with two largest: ties.py).

A gradient takes one of the two slopes there, and no straight line says what a nudge does.
"""

from __future__ import annotations

from math import inf
from weakref import WeakKeyDictionary

import numpy as np

from core.debugger.formulas.formula import Factor
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences.ties import NEAR, reader_of
from core.messages.record import Entry, Phase, Record
from core.sentence import Sentence


def distance(spot: OneNumber, number: Factor) -> float:
    """How far ahead of one sample's number the corner of its own activation is.

    0 for one that stands on it, infinite where there is none.
    """
    apart = (kink - number.value for kink in _kinks_at(spot, number.key))
    return min((one for one in apart if one >= 0), default=inf)


def _kinks_at(spot: OneNumber, key: str) -> tuple[float, ...]:
    """Of the activation that takes an array in."""
    reader = reader_of(spot.record, key)
    return _kinks(spot.record, reader) if reader and reader.kind == "activation" else ()


def _kinks(record: Record, entry: Entry) -> tuple[float, ...]:
    chosen = record.layer(entry.path).layer.activation_of()
    return chosen.kinks if chosen is not None else ()


def leads_to_one(spot: OneNumber, key: str) -> bool:
    """Whether anything computed from an array stands on a corner, and the loss depends on it.

    Args:
        spot: Its step, and its sample or the whole batch.
        key: An array of values; of a parameter the z that it has part in.
    """
    forward = [entry for entry in spot.record.entries if entry.phase is Phase.FORWARD]
    own = spot.record.canonical(key)
    first = next((i + 1 for i, entry in enumerate(forward) if entry.writes == own), 0)
    return any(_has_corner(spot, entry) for entry in forward[first:] if entry.kind == "activation")


_BY_RECORD: WeakKeyDictionary[Record, dict[tuple[str, int | None], bool]] = WeakKeyDictionary()
"""What was found out already: of all samples' images it takes a millisecond."""


def _has_corner(spot: OneNumber, entry: Entry) -> bool:
    known = _BY_RECORD.setdefault(spot.record, {})
    key = (entry.writes, spot.sample)
    if key not in known:
        known[key] = _look_for_corner(spot, entry)
    return known[key]


def _look_for_corner(spot: OneNumber, entry: Entry) -> bool:
    place = slice(None) if spot.sample is None else slice(spot.sample, spot.sample + 1)
    z = spot.array(entry.reads[0])[place]
    gradient = spot.record.arrays.get(f"d:{entry.writes}")
    for kink in _kinks(spot.record, entry):
        cornered = np.abs(z - kink) < NEAR
        if cornered.any() and (gradient is None or bool((gradient[place][cornered] != 0).any())):
            return True
    return False


def corner(name: str) -> Sentence:
    """What is said in the place of a claim."""
    return Sentence(
        "A number that {name} leads to stands exactly where a slope jumps: "
        "the gradient holds for one side of it only.",
        name=name,
    )
