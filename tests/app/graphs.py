"""Recorded steps of small networks, for the tests of the graph."""

from dataclasses import replace
from functools import cache

import numpy as np

from core.debugger.tape import record_step
from core.messages.record import Place, Stepping
from core.messages.snapshot import Values
from core.presets import PRESETS
from tests.app.fakes import snapshot_of
from tests.core.experiments import trainer_of

WORKED, XOR, SPIRAL = "worked-2-3-2", "xor-2-2-1", "spiral-2-16-16-1"
DENSE, CNN = "dense-784-64-10", "cnn-mnist"


@cache
def recorded(name):
    """The first step of a preset."""
    return record_step(trainer_of(PRESETS[name].spec)).record


@cache
def standing(name):
    """A preset's network, nothing stepped."""
    spec = PRESETS[name].spec
    data = spec.data.load(spec.seed)
    snapshot = snapshot_of(spec)
    named = replace(snapshot.data, feature_names=data.feature_names, class_names=data.class_names)
    return replace(snapshot, data=named)


def entry_of(record, kind, path=None, parameter=""):
    """Where an entry stands in the record."""
    return next(
        i
        for i, entry in enumerate(record.entries)
        if entry.kind == kind
        and path in (None, entry.path)
        and entry.parameter in (parameter, entry.parameter if not parameter else "")
    )


def stepped(name, kind, path=None, number=None, *, parameter=""):
    """A preset with the cursor in an entry, behind so many of its numbers or behind all."""
    record = recorded(name)
    entry = entry_of(record, kind, path, parameter)
    count = record.entries[entry].count
    place = Place(entry, count if number is None else number)
    return replace(standing(name), stepping=Stepping(record, place, can_go_back=True))


def live(name):
    """A preset with its weights as they are before the first step."""
    arrays = recorded(name).arrays
    parameters = {
        key.removeprefix("p:"): np.asarray(value)
        for key, value in arrays.items()
        if key.startswith("p:")
    }
    return replace(standing(name), values=Values(0, parameters, {}))
