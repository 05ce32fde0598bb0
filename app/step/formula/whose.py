"""What stands above a formula: which number it is, and whose; without one, how to begin."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import whole
from app.step.words import sample_name
from core.messages.record import Entry, Record, Stepping
from core.messages.scope import adds_up
from core.messages.snapshot import RunState

SHARED = ("weight_gradient", "bias_gradient")
"""What is made of all samples, and of which one sample's share can be shown."""


def whose(stepping: Stepping, entry: Entry, index: tuple[int, ...], sample: int | None) -> str:
    """Which number of the operation, and of which sample."""
    record, text = stepping.record, _scope(stepping.record, entry, sample)
    if index:
        place = ", ".join(str(i + 1) for i in index)
        one = _tr("Number {place} · {scope}")
        if stepping.index is None and entry.count > 1:
            one = _tr("Number {place}, one of {numbers} computed · {scope}")
        text = one.format(place=place, scope=text, numbers=whole(entry.count))
    looked_at = 0 if record.samples == 1 else sample
    return text.format(sample=sample_name(record, looked_at), count=whole(record.samples))


def how_to_begin(stepping: Stepping | None, state: RunState) -> str:
    """What to do while nothing is computed."""
    if state is RunState.RUNNING:
        return _tr("Pause the training to step through it number by number.")
    if stepping is None:
        return _tr(
            "Press Next (.) to compute the first number.\n"
            "Each number then shows here how it is made."
        )
    text = _tr("Nothing of step {step} is computed yet.\nPress Next (.) for its first number.")
    return text.format(step=stepping.record.step)


def _scope(record: Record, entry: Entry, sample: int | None) -> str:
    """Whose number it is; what there is for the batch alone, or for a sample, says so. A batch of
    one sample has nothing to tell apart."""
    if record.samples == 1:
        return "{sample}"
    summed = _tr("whole batch of {count}: all samples' shares added up")
    if sample is None and entry.per_sample:
        mean = _tr("whole batch of {count}: the mean over its samples")
        return summed if adds_up(record, entry.writes) else mean
    if sample is None:
        return summed if entry.kind in SHARED else _tr("from the whole batch of {count}")
    if entry.kind in SHARED:
        return _tr("one sample's share · {sample}")
    none = _tr("from the whole batch of {count}: there is none for one sample")
    return "{sample}" if entry.per_sample else none


def _tr(text: str) -> str:
    return QCoreApplication.translate("FormulaView", text)
