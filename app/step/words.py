"""The parts of a recorded step in the words of the window, the same in every view of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import whole
from app.kit.text import QT_TRANSLATE_NOOP, translated
from app.link.operations import operation_name
from core.messages.record import Entry, Grain, Record, Stepping

GRAINS = {
    Grain.NUMBER: QT_TRANSLATE_NOOP("step", "Number"),
    Grain.OPERATION: QT_TRANSLATE_NOOP("step", "Operation"),
    Grain.PHASE: QT_TRANSLATE_NOOP("step", "Phase"),
    Grain.ITERATION: QT_TRANSLATE_NOOP("step", "Iteration"),
}


def _translate(text: str) -> str:
    return QCoreApplication.translate("step", text)


def grain_name(grain: Grain) -> str:
    """A grain: ``Number``."""
    return _translate(GRAINS[grain])


def entry_name(entry: Entry) -> str:
    """What an operation computes, and in which layer: ``1 Dense · weighted sums z``."""
    operation = operation_name(entry)
    if not entry.name:
        return operation[:1].upper() + operation[1:]
    template = _translate("{layer} · {operation}")
    return template.format(layer=translated(entry.name), operation=operation)


def position(stepping: Stepping) -> str:
    """Where a cursor stands: ``Operation 7 of 18 · number 3 of 8 · step 12``."""
    entry, record, place = stepping.entry, stepping.record, stepping.place
    values = {
        "entry": whole(place.entry + 1),
        "entries": whole(len(record.entries)),
        "number": whole(place.number),
        "step": whole(record.step),
    }
    if entry is not None and stepping.index is None:
        text = _translate("Operation {entry} of {entries} · all {numbers} · step {step}")
        if entry.count == 1:
            text = _translate("Operation {entry} of {entries} · step {step}")
        return text.format(numbers=whole(entry.count), **values)
    if entry is None:
        return _translate("Before the first of {entries} operations · step {step}").format(**values)
    text = _translate("Operation {entry} of {entries} · number {number} of {numbers} · step {step}")
    return text.format(numbers=whole(entry.count), **values)


def sample_name(record: Record, sample: int | None, *, short: bool = False) -> str:
    """Which sample of the batch is looked at: ``Sample 3 of 32 (row 5,812)``; short without it."""
    if sample is None:
        return _translate("Whole batch of {count}").format(count=whole(record.samples))
    text = _translate("Sample {number} of {count} (row {row})")
    if short:
        text = _translate("Sample {number} of {count}")
    return text.format(
        number=whole(sample + 1), count=whole(record.samples), row=whole(int(record.rows[sample]))
    )
