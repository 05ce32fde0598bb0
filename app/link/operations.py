"""What the phases and operations of a recorded step are called, the same in every view of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.kit.text import QT_TRANSLATE_NOOP
from core.messages.record import Entry, Phase

_PHASES = {
    Phase.FORWARD: QT_TRANSLATE_NOOP("step", "Forward"),
    Phase.LOSS: QT_TRANSLATE_NOOP("step", "Loss"),
    Phase.BACKWARD: QT_TRANSLATE_NOOP("step", "Backward"),
    Phase.UPDATE: QT_TRANSLATE_NOOP("step", "Update"),
}
_KINDS = {
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

QT_TRANSLATE_NOOP("step", "outputs ŷ")

_OF_PARAMETERS = {
    ("clip", "weight"): QT_TRANSLATE_NOOP("step", "clipped gradients of the weights"),
    ("clip", "bias"): QT_TRANSLATE_NOOP("step", "clipped gradients of the biases"),
    ("update", "weight"): QT_TRANSLATE_NOOP("step", "new weights"),
    ("update", "bias"): QT_TRANSLATE_NOOP("step", "new biases"),
}


def phase_name(phase: Phase) -> str:
    """A phase: ``Forward``."""
    return _translate(_PHASES[phase])


def operation_name(entry: Entry) -> str:
    """What an operation computes, without its layer: ``weighted sums z``."""
    if entry.gives_output:
        return _translate("outputs ŷ")
    kind = entry.parameter.rpartition(".")[2]
    return _translate(_OF_PARAMETERS.get((entry.kind, kind)) or _KINDS[entry.kind])


def kinds_in_order() -> tuple[str, ...]:
    """The kinds of operations, in the order in which a step has them."""
    return tuple(_KINDS)


def kind_name(kind: str) -> str:
    """What operations of a kind compute: ``weighted sums z``."""
    return _translate(_KINDS[kind])


def _translate(text: str) -> str:
    return QCoreApplication.translate("step", text)
