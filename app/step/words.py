"""The parts of a recorded step in the words of the window, the same in every view of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import whole
from app.kit.text import QT_TRANSLATE_NOOP, translated
from core.messages.record import Entry, Grain, Phase, Record, Stepping

PHASES = {
    Phase.FORWARD: QT_TRANSLATE_NOOP("step", "Forward"),
    Phase.LOSS: QT_TRANSLATE_NOOP("step", "Loss"),
    Phase.BACKWARD: QT_TRANSLATE_NOOP("step", "Backward"),
    Phase.UPDATE: QT_TRANSLATE_NOOP("step", "Update"),
}
GRAINS = {
    Grain.NUMBER: QT_TRANSLATE_NOOP("step", "Number"),
    Grain.OPERATION: QT_TRANSLATE_NOOP("step", "Operation"),
    Grain.PHASE: QT_TRANSLATE_NOOP("step", "Phase"),
    Grain.ITERATION: QT_TRANSLATE_NOOP("step", "Iteration"),
}
KINDS = {
    "linear": QT_TRANSLATE_NOOP("step", "weighted sums z"),
    "convolution": QT_TRANSLATE_NOOP("step", "convolution z"),
    "max_pool": QT_TRANSLATE_NOOP("step", "largest of each window"),
    "avg_pool": QT_TRANSLATE_NOOP("step", "mean of each window"),
    "flatten": QT_TRANSLATE_NOOP("step", "numbers in one row"),
    "batch_norm": QT_TRANSLATE_NOOP("step", "normalised over the batch"),
    "dropout": QT_TRANSLATE_NOOP("step", "dropout by its mask"),
    "skip": QT_TRANSLATE_NOOP("step", "sum with the skipped input"),
    "activation": QT_TRANSLATE_NOOP("step", "activations a"),
    "loss_terms": QT_TRANSLATE_NOOP("step", "loss of each sample"),
    "loss": QT_TRANSLATE_NOOP("step", "loss of the batch"),
    "penalty": QT_TRANSLATE_NOOP("step", "penalty on the weights"),
    "objective": QT_TRANSLATE_NOOP("step", "loss with penalty"),
    "loss_gradient": QT_TRANSLATE_NOOP("step", "gradient of the loss"),
    "activation_gradient": QT_TRANSLATE_NOOP("step", "gradients of z"),
    "weight_gradient": QT_TRANSLATE_NOOP("step", "gradients of the weights"),
    "bias_gradient": QT_TRANSLATE_NOOP("step", "gradients of the biases"),
    "input_gradient": QT_TRANSLATE_NOOP("step", "gradients of the inputs"),
    "skip_gradient": QT_TRANSLATE_NOOP("step", "gradient through the skip"),
    "norm": QT_TRANSLATE_NOOP("step", "norm of all gradients"),
    "clip": QT_TRANSLATE_NOOP("step", "clipped gradients"),
    "update": QT_TRANSLATE_NOOP("step", "new values"),
}
"""By the kind of an entry: what it computes."""

_OF_PARAMETERS = {
    ("clip", "weight"): QT_TRANSLATE_NOOP("step", "clipped gradients of the weights"),
    ("clip", "bias"): QT_TRANSLATE_NOOP("step", "clipped gradients of the biases"),
    ("update", "weight"): QT_TRANSLATE_NOOP("step", "new weights"),
    ("update", "bias"): QT_TRANSLATE_NOOP("step", "new biases"),
}


def _translate(text: str) -> str:
    return QCoreApplication.translate("step", text)


def phase_name(phase: Phase) -> str:
    """A phase: ``Forward``."""
    return _translate(PHASES[phase])


def grain_name(grain: Grain) -> str:
    """A grain: ``Number``."""
    return _translate(GRAINS[grain])


def entry_name(entry: Entry) -> str:
    """What an operation computes, and in which layer: ``1 Dense · weighted sums z``."""
    kind = entry.parameter.rpartition(".")[2]
    operation = _translate(_OF_PARAMETERS.get((entry.kind, kind)) or KINDS[entry.kind])
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
    if entry is None:
        return _translate("Before the first of {entries} operations · step {step}").format(**values)
    text = _translate("Operation {entry} of {entries} · number {number} of {numbers} · step {step}")
    return text.format(numbers=whole(entry.count), **values)


def sample_name(record: Record, sample: int | None) -> str:
    """Which sample of the batch is looked at: ``Sample 3 of 32 (row 5,812)``."""
    if sample is None:
        return _translate("Whole batch (mean)")
    return _translate("Sample {number} of {count} (row {row})").format(
        number=whole(sample + 1), count=whole(record.samples), row=whole(int(record.rows[sample]))
    )
