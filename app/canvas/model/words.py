"""What the graph says in words: places of a step, quantities, layers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.canvas.model.colouring import EdgeQuantity, NodeQuantity, Reach
from app.canvas.model.stack import NetworkStage
from app.kit.numbers import whole
from app.kit.text import QT_TRANSLATE_NOOP, label_of
from app.link.operations import operation_name, phase_name
from core.experiment.layers import shape_text
from core.messages.record import Stepping

Choice = NodeQuantity | EdgeQuantity | Reach

_CHOICES: dict[Choice, str] = {
    NodeQuantity.FOLLOW: QT_TRANSLATE_NOOP("graph", "Follow the step"),  # edges do as well
    NodeQuantity.ACTIVATION: QT_TRANSLATE_NOOP("graph", "Activation a"),
    NodeQuantity.SUM: QT_TRANSLATE_NOOP("graph", "Weighted sum z"),
    NodeQuantity.DELTA: QT_TRANSLATE_NOOP("graph", "Delta δ = ∂L/∂z"),
    NodeQuantity.ABOVE: QT_TRANSLATE_NOOP("graph", "Gradient ∂L/∂a"),
    NodeQuantity.BIAS: QT_TRANSLATE_NOOP("graph", "Bias b"),
    EdgeQuantity.WEIGHT: QT_TRANSLATE_NOOP("graph", "Weight w"),
    EdgeQuantity.GRADIENT: QT_TRANSLATE_NOOP("graph", "Gradient ∂L/∂w"),
    EdgeQuantity.CONTRIBUTION: QT_TRANSLATE_NOOP("graph", "Contribution w·a"),
    EdgeQuantity.UPDATE: QT_TRANSLATE_NOOP("graph", "Update Δw"),
    EdgeQuantity.SHARE: QT_TRANSLATE_NOOP("graph", "This sample's share of ∂L/∂w"),
    EdgeQuantity.CLIPPED: QT_TRANSLATE_NOOP("graph", "Clipped gradient g̃"),
    Reach.LAYER: QT_TRANSLATE_NOOP("graph", "Each layer"),
    Reach.NETWORK: QT_TRANSLATE_NOOP("graph", "Whole network"),
    Reach.FIXED: QT_TRANSLATE_NOOP("graph", "Fixed over time"),
}


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


def choice_name(choice: Choice) -> str:
    """What nodes or edges show, or by which numbers their colours are measured."""
    return tr(_CHOICES[choice])


def quantity_name(stage: NetworkStage, quantity: Choice, *, output: str = "") -> str:
    """What a column's nodes or its edges show; see :func:`node_symbol`."""
    if quantity not in (NodeQuantity.ACTIVATION, NodeQuantity.SUM) or stage.layer is None:
        return choice_name(quantity)
    made = _letter(stage, NodeQuantity(quantity))
    if made == output:
        return tr("Output ŷ")
    return choice_name(NodeQuantity.SUM if made == "z" else NodeQuantity.ACTIVATION)


_GRADIENTS = (NodeQuantity.DELTA, NodeQuantity.ABOVE)


def node_symbol(
    stage: NetworkStage, quantity: NodeQuantity, *, output: str = "", of_batch: bool = False
) -> str:
    """The same in the few signs that stand over a column; see docs/NOTATION.md.

    ``output`` is the quantity that the network gives, "z" or "a", in its last column; ``of_batch``
    says that the numbers are the whole batch's.
    """
    gradient = quantity in _GRADIENTS
    made = "x" if stage.layer is None else _letter(stage, quantity)
    made = "ŷ" if output == made else made
    text = {NodeQuantity.DELTA: "δ", NodeQuantity.BIAS: "b"}.get(quantity, made)
    if gradient and (stage.layer is None or quantity is NodeQuantity.ABOVE):
        text = f"∂L/∂{made}"
    if not of_batch or quantity is NodeQuantity.BIAS:
        return text
    return (tr("sum of {symbol}") if gradient else tr("mean of {symbol}")).format(symbol=text)


_SUMMED = (
    QT_TRANSLATE_NOOP("graph", "sum of {symbol}"),
    QT_TRANSLATE_NOOP("graph", "mean of {symbol}"),
)


def _letter(stage: NetworkStage, quantity: NodeQuantity) -> str:
    """z, or a where the layer has an activation to make one."""
    return "z" if quantity is NodeQuantity.SUM or not bends(stage) else "a"


def bends(stage: NetworkStage) -> bool:
    """Whether what a layer gives is anything else than its weighted sums."""
    activation = stage.layer.activation_of() if stage.layer is not None else None
    alone = stage.layer is not None and stage.layer.kind == "activation"
    return alone or (activation is not None and activation.kind != "identity")


def stage_name(stage: NetworkStage) -> str:
    """A column's heading."""
    if stage.layer is None:
        return tr("Input")
    number = ".".join(str(index + 1) for index in stage.path)
    return f"{number} {label_of(stage.layer)}"


def stage_detail(stage: NetworkStage, shown: int) -> str:
    """Beneath the heading: how many units, ``shown`` of them as nodes, and which activation."""
    size, layer = shape_text(stage.shape), stage.layer
    if 0 < shown < stage.units:
        return tr("{shown} of {units}").format(shown=shown, units=whole(stage.units))
    activation = layer.activation_of() if layer is not None else None
    if layer is None or activation is None:
        return size
    if activation.kind == "identity" and layer.kind != "activation":
        return size
    return tr("{size} · {activation}").format(size=size, activation=label_of(activation))


_OF_BATCH = ("loss", "penalty", "objective", "norm", "clip", "update")
"""What there is for the whole batch alone."""


def sample_text(stepping: Stepping | None, sample: int | None) -> str:
    """Whose numbers these are."""
    if stepping is None:
        return tr("weights as they are now")
    count, entry = stepping.record.samples, stepping.entry
    kind = entry.kind if entry is not None else ""
    if count == 1:
        text = tr("sample {number} of {count}")
    elif sample is None:
        text = tr("whole batch of {count}")
    elif kind in _OF_BATCH:
        text = tr("sample {number} of {count} · this is the whole batch's")
    elif kind in ("weight_gradient", "bias_gradient"):
        text = tr("sample {number} of {count} · its share of the gradient")
    else:
        text = tr("sample {number} of {count}")
    number = min(sample or 0, count - 1) + 1
    return text.format(number=number, count=whole(count))
