"""What the graph says in words: phases, operations, quantities, layers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.canvas.model.colouring import EdgeQuantity, NodeQuantity, Reach
from app.canvas.model.stack import Stage
from app.kit.numbers import whole
from app.kit.text import label_of
from core.experiment.layers import shape_text
from core.messages.record import Entry, Phase, Stepping


def _tr(text: str) -> str:
    return QCoreApplication.translate("graph", text)


def phase_name(phase: Phase) -> str:
    """A part of the step."""
    return {
        Phase.FORWARD: _tr("Forward"),
        Phase.LOSS: _tr("Loss"),
        Phase.BACKWARD: _tr("Backward"),
        Phase.UPDATE: _tr("Update"),
    }[phase]


def operation_name(kind: str) -> str:
    """What an entry of that kind computes."""
    return {
        "linear": _tr("weighted sums z"),
        "convolution": _tr("weighted sums z"),
        "max_pool": _tr("largest of each window"),
        "avg_pool": _tr("mean of each window"),
        "flatten": _tr("laid out in one row"),
        "batch_norm": _tr("centred and scaled z"),
        "dropout": _tr("some silenced at random"),
        "skip": _tr("sum with what went around"),
        "activation": _tr("activations a"),
        "loss_terms": _tr("each sample's loss"),
        "loss": _tr("loss of the batch"),
        "penalty": _tr("penalty on the weights"),
        "objective": _tr("loss plus penalty"),
        "loss_gradient": _tr("gradient of the loss ∂L"),
        "activation_gradient": _tr("through the activation, ∂L/∂z"),
        "weight_gradient": _tr("gradients of the weights ∂L/∂w"),
        "bias_gradient": _tr("gradients of the biases ∂L/∂b"),
        "input_gradient": _tr("back to the layer before, ∂L/∂a"),
        "skip_gradient": _tr("back around the group"),
        "norm": _tr("norm of all gradients"),
        "clip": _tr("clipped gradients"),
        "update": _tr("new weights"),
    }[kind]


def place_text(stepping: Stepping | None) -> str:
    """Where the cursor stands, for the corner; empty where nothing is stepped."""
    if stepping is None:
        return ""
    entry = stepping.entry
    if entry is None:
        return _tr("Step {step} · before its first operation").format(step=stepping.record.step)
    values = {
        "phase": phase_name(entry.phase),
        "layer": entry.name,
        "what": _what(entry),
        "number": whole(stepping.place.number),
        "count": whole(entry.count),
    }
    if stepping.index is None:
        text = _tr("{phase} · {layer} · {what}") if entry.name else _tr("{phase} · {what}")
    elif entry.name:
        text = _tr("{phase} · {layer} · {what} · {number} of {count}")
    else:
        text = _tr("{phase} · {what} · {number} of {count}")
    return text.format(**values)


def _what(entry: Entry) -> str:
    if entry.kind == "update" and entry.parameter.endswith(".bias"):
        return _tr("new biases")
    return operation_name(entry.kind)


def node_name(quantity: NodeQuantity) -> str:
    """What nodes show, in words."""
    return {
        NodeQuantity.FOLLOW: _tr("Follow the step"),
        NodeQuantity.ACTIVATION: _tr("Activation a"),
        NodeQuantity.SUM: _tr("Weighted sum z"),
        NodeQuantity.DELTA: _tr("Delta ∂L/∂z"),
        NodeQuantity.ABOVE: _tr("Gradient ∂L/∂a"),
        NodeQuantity.BIAS: _tr("Bias b"),
    }[quantity]


def node_symbol(stage: Stage, quantity: NodeQuantity) -> str:
    """The same in the few signs that stand over a column."""
    if stage.layer is None:
        return "∂L/∂x" if quantity in (NodeQuantity.DELTA, NodeQuantity.ABOVE) else "x"
    return {
        NodeQuantity.FOLLOW: "a",
        NodeQuantity.ACTIVATION: "a",
        NodeQuantity.SUM: "z",
        NodeQuantity.DELTA: "∂L/∂z",
        NodeQuantity.ABOVE: "∂L/∂a",
        NodeQuantity.BIAS: "b",
    }[quantity]


def edge_name(quantity: EdgeQuantity) -> str:
    """What edges show, in words."""
    return {
        EdgeQuantity.FOLLOW: _tr("Follow the step"),
        EdgeQuantity.WEIGHT: _tr("Weight w"),
        EdgeQuantity.GRADIENT: _tr("Gradient ∂L/∂w"),
        EdgeQuantity.CONTRIBUTION: _tr("Contribution w·a"),
        EdgeQuantity.UPDATE: _tr("Update Δw"),
    }[quantity]


def reach_name(reach: Reach) -> str:
    """By which numbers colours are measured."""
    return {
        Reach.LAYER: _tr("Each layer"),
        Reach.NETWORK: _tr("Whole network"),
        Reach.FIXED: _tr("Fixed over time"),
    }[reach]


def stage_name(stage: Stage) -> str:
    """A column's heading."""
    if stage.layer is None:
        return _tr("Input")
    number = ".".join(str(index + 1) for index in stage.path)
    return f"{number} {label_of(stage.layer)}"


def stage_detail(stage: Stage, shown: int) -> str:
    """Beneath the heading: how many units, and which activation.

    Args:
        stage: The column.
        shown: How many of its units are drawn as nodes.
    """
    size = shape_text(stage.shape)
    if 0 < shown < stage.units:
        values = {"shown": shown, "units": whole(stage.units)}
        return _tr("{shown} of {units}").format(**values)
    activation = stage.layer.activation_of() if stage.layer is not None else None
    if activation is None or (
        activation.kind == "identity" and stage.layer and stage.layer.kind != "activation"
    ):
        return size
    template = _tr("{size} · {activation}")
    return template.format(size=size, activation=label_of(activation))


def sample_text(stepping: Stepping | None, sample: int | None) -> str:
    """Whose numbers these are."""
    if stepping is None:
        return _tr("weights as they are now")
    count = stepping.record.samples
    if sample is None:
        return _tr("mean of the batch, {count} samples").format(count=whole(count))
    number = min(sample, count - 1) + 1
    return _tr("sample {number} of {count}").format(number=number, count=whole(count))
