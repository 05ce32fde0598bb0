"""Real recorded steps for tests of what shows them, without an engine."""

from dataclasses import replace

from core.debugger.tape import record_step
from core.messages.record import Place, Stepping
from tests.app.fakes import snapshot_of
from tests.core.experiments import tiny, trainer_of


def record_of(spec=None):
    return record_step(trainer_of(spec or tiny())).record


def whole_place(record, entry):
    """Behind the last number of an entry."""
    return Place(entry, record.entries[entry].count)


def standing(record, place=None, **fields):
    """A snapshot with the cursor there; before the first entry without a place."""
    place = place or Place()
    stepping = Stepping(record, place, can_go_back=place.entry >= 0)
    return replace(snapshot_of(record.spec), **({"stepping": stepping} | fields))


def entry_writing(record, key):
    return next(i for i, entry in enumerate(record.entries) if entry.writes == key)
