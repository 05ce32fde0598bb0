"""What the panel is to answer: the number at the cursor, one asked about, or the weight picked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.link.spots import parameter_among, sample_in, shown_index
from core.messages.record import Entry, Phase, Record, Stepping
from core.messages.snapshot import RunState, Snapshot
from core.messages.why import AboutNumber, AboutWeight

if TYPE_CHECKING:
    from app.link.focus import Focus
    from app.link.wondering import Wondered


class Matter(StrEnum):
    """What a person asks about where nothing is asked about in particular."""

    NUMBER = "number"
    WEIGHT = "weight"


@dataclass(frozen=True)
class Nothing:
    """Nothing to answer, and what to do about it."""

    words: str


Subject = AboutNumber | AboutWeight | Nothing


def is_same(one: Subject | None, other: Subject | None) -> bool:
    """Whether two subjects are the same number of the same step."""
    if isinstance(one, AboutNumber) and isinstance(other, AboutNumber):
        same = one.record is other.record and one.entry is other.entry
        return same and (one.index, one.sample) == (other.index, other.sample)
    return one == other


def subject_of(
    snapshot: Snapshot, focus: Focus, number: Wondered | None, matter: Matter
) -> Subject:
    """What to answer now.

    Args:
        snapshot: Where the cursor stands, and whether anything does stand.
        focus: Whose numbers are looked at, and what is picked.
        number: What is asked about in particular, if anything is.
        matter: What else.
    """
    if snapshot.state is RunState.RUNNING:
        return Nothing(_tr("Pause the training to ask why a number is what it is."))
    if not snapshot.state.is_idle or not snapshot.layers:
        return Nothing("")
    if number is not None:
        return _asked(snapshot, focus, number)
    if matter is Matter.WEIGHT:
        return _picked(snapshot, focus)
    return _at_cursor(snapshot.stepping, focus)


def _asked(snapshot: Snapshot, focus: Focus, number: Wondered) -> Subject:
    if number.key.startswith("p:"):
        return AboutWeight(number.key.removeprefix("p:"), number.index)
    stepping = snapshot.stepping
    record = stepping.record if stepping is not None else None
    entry = _writing(record, number.key) if record is not None else None
    if record is None or entry is None:
        return Nothing(_tr("Press Next (.) to record a step, then ask again."))
    return _of(record, entry, number.index, sample_in(record, focus.sample))


def _picked(snapshot: Snapshot, focus: Focus) -> Subject:
    spot = focus.selected[-1] if focus.selected else None
    found = parameter_among(snapshot.held.get, spot) if spot is not None else None
    if found is None:
        return Nothing(
            _tr(
                "Pick a weight in the network, or a neuron for its bias:\n"
                "every update that made it shows here."
            )
        )
    return AboutWeight(*found)


def _at_cursor(stepping: Stepping | None, focus: Focus) -> Subject:
    entry = stepping.entry if stepping is not None else None
    if stepping is None or entry is None:
        return Nothing(
            _tr("Press Next (.) to compute a number.\nWhat made it what it is then shows here.")
        )
    record = stepping.record
    index = shown_index(entry, stepping.index, focus)
    return _of(record, entry, index, sample_in(record, focus.sample))


def _of(record: Record, entry: Entry, index: tuple[int, ...], sample: int | None) -> Subject:
    """Of a clipped gradient, the gradient; of a weight's new value, the weight."""
    if entry.kind == "clip":
        return _of_gradient(record, entry.parameter, index, sample)
    if entry.kind == "update":
        return AboutWeight(entry.parameter, index)
    if entry.phase is Phase.UPDATE:
        return Nothing(
            _tr(
                "The norm takes all gradients together.\n"
                "Go back to one of them to see its paths to the loss."
            )
        )
    return AboutNumber(record, entry, index, sample)


def _of_gradient(
    record: Record, parameter: str, index: tuple[int, ...], sample: int | None
) -> Subject:
    entry = _writing(record, f"d:p:{parameter}")
    assert entry is not None  # what is clipped was computed before
    return AboutNumber(record, entry, index, sample)


def _writing(record: Record, key: str) -> Entry | None:
    wanted = key if key in record.arrays else record.canonical(key)
    return next((entry for entry in record.entries if entry.writes == wanted), None)


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyView", text)
