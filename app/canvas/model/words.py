"""What the graph says in words: places of a step, quantities, layers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.canvas.model.colouring import EdgeQuantity, NodeQuantity, Reach
from app.canvas.model.stack import NetworkStage
from app.kit.numbers import whole
from app.kit.text import label_of
from app.link.operations import operation_name, phase_name
from core.experiment.layers import shape_text
from core.messages.record import Stepping


def tr(text: str) -> str:
    """A text of the canvas in the window's language."""
    return QCoreApplication.translate("graph", text)


def place_text(stepping: Stepping | None) -> str:
    """Where the cursor stands, for the corner; empty where nothing is stepped."""
    if stepping is None:
        return ""
    entry = stepping.entry
    if entry is None:
        return tr("Step {step} · before its first operation").format(step=stepping.record.step)
    values = {
        "phase": phase_name(entry.phase),
        "layer": entry.name,
        "what": operation_name(entry),
        "number": whole(stepping.place.number),
        "count": whole(entry.count),
    }
    if stepping.index is None:
        text = tr("{phase} · {layer} · {what}") if entry.name else tr("{phase} · {what}")
    elif entry.name:
        text = tr("{phase} · {layer} · {what} · {number} of {count}")
    else:
        text = tr("{phase} · {what} · {number} of {count}")
    return text.format(**values)


def node_name(quantity: NodeQuantity) -> str:
    """What nodes show, in words."""
    return {
        NodeQuantity.FOLLOW: tr("Follow the step"),
        NodeQuantity.ACTIVATION: tr("Activation a"),
        NodeQuantity.SUM: tr("Weighted sum z"),
        NodeQuantity.DELTA: tr("Delta ∂L/∂z"),
        NodeQuantity.ABOVE: tr("Gradient ∂L/∂a"),
        NodeQuantity.BIAS: tr("Bias b"),
    }[quantity]


def node_symbol(stage: NetworkStage, quantity: NodeQuantity) -> str:
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
        EdgeQuantity.FOLLOW: tr("Follow the step"),
        EdgeQuantity.WEIGHT: tr("Weight w"),
        EdgeQuantity.GRADIENT: tr("Gradient ∂L/∂w"),
        EdgeQuantity.CONTRIBUTION: tr("Contribution w·a"),
        EdgeQuantity.UPDATE: tr("Update Δw"),
    }[quantity]


def reach_name(reach: Reach) -> str:
    """By which numbers colours are measured."""
    return {
        Reach.LAYER: tr("Each layer"),
        Reach.NETWORK: tr("Whole network"),
        Reach.FIXED: tr("Fixed over time"),
    }[reach]


def stage_name(stage: NetworkStage) -> str:
    """A column's heading."""
    if stage.layer is None:
        return tr("Input")
    number = ".".join(str(index + 1) for index in stage.path)
    return f"{number} {label_of(stage.layer)}"


def stage_detail(stage: NetworkStage, shown: int) -> str:
    """Beneath the heading: how many units, and which activation.

    Args:
        stage: The column.
        shown: How many of its units are drawn as nodes.
    """
    size = shape_text(stage.shape)
    if 0 < shown < stage.units:
        values = {"shown": shown, "units": whole(stage.units)}
        return tr("{shown} of {units}").format(**values)
    activation = stage.layer.activation_of() if stage.layer is not None else None
    if activation is None or (
        activation.kind == "identity" and stage.layer and stage.layer.kind != "activation"
    ):
        return size
    template = tr("{size} · {activation}")
    return template.format(size=size, activation=label_of(activation))


def sample_text(stepping: Stepping | None, sample: int | None) -> str:
    """Whose numbers these are."""
    if stepping is None:
        return tr("weights as they are now")
    count = stepping.record.samples
    if sample is None:
        return tr("mean of the batch, {count} samples").format(count=whole(count))
    number = min(sample, count - 1) + 1
    return tr("sample {number} of {count}").format(number=number, count=whole(count))
