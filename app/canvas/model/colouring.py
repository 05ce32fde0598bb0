"""What the colours of edges and nodes stand for, and how far they reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.canvas.model.numbers import Numbers, Shown, asked_for
from app.canvas.model.stack import NetworkStage
from core.expression.hidden import HIDDEN
from core.messages.record import Entry, Phase, input_of, key_of


class EdgeQuantity(StrEnum):
    """What an edge's colour and width show."""

    FOLLOW = "follow"
    WEIGHT = "weight"
    GRADIENT = "gradient"
    CONTRIBUTION = "contribution"
    UPDATE = "update"
    SHARE = "share"
    CLIPPED = "clipped"


OFFERED_EDGES = [
    one for one in EdgeQuantity if one not in (EdgeQuantity.SHARE, EdgeQuantity.CLIPPED)
]
"""What can be chosen: whether a gradient is a sample's share or clipped, the step decides."""


class NodeQuantity(StrEnum):
    """What a node's colour and number show."""

    FOLLOW = "follow"
    ACTIVATION = "a"
    SUM = "z"
    DELTA = "delta"
    ABOVE = "above"
    BIAS = "bias"


class Reach(StrEnum):
    """Which numbers the strongest colour is measured by."""

    LAYER = "layer"
    NETWORK = "network"
    FIXED = "fixed"


@dataclass(frozen=True)
class Colouring:
    """What a person chose to see."""

    edges: EdgeQuantity = EdgeQuantity.FOLLOW
    nodes: NodeQuantity = NodeQuantity.FOLLOW
    reach: Reach = Reach.LAYER


def shown_nodes(
    stage: NetworkStage, chosen: NodeQuantity, entry: Entry | None, numbers: Numbers
) -> tuple[NodeQuantity, Shown | None]:
    """What a column shows at an entry, and its numbers in one sample's shape; biases, one a unit.

    Chosen is a quantity, or to follow the step.
    """
    follows = chosen is NodeQuantity.FOLLOW
    quantity = _followed_nodes(stage, entry, numbers) if follows else chosen
    return quantity, _NODES[quantity](stage, numbers)


def shown_edges(
    stage: NetworkStage, chosen: EdgeQuantity, entry: Entry | None, numbers: Numbers
) -> tuple[EdgeQuantity, Shown | None]:
    """The same of a layer's edges, in its weight's shape; None where it has none."""
    follows = chosen is EdgeQuantity.FOLLOW
    quantity = _followed_edges(stage, entry, numbers) if follows else chosen
    if quantity is EdgeQuantity.GRADIENT:
        quantity = _kind_of_gradient(stage, numbers)
    return quantity, _EDGES[quantity](stage, numbers)


def _kind_of_gradient(stage: NetworkStage, numbers: Numbers) -> EdgeQuantity:
    """After clipping, once that is computed, which there is for the batch alone."""
    if _is_there(_of_weight("clipped")(stage, numbers)):
        return EdgeQuantity.CLIPPED
    return EdgeQuantity.GRADIENT if numbers.sample is None else EdgeQuantity.SHARE


def _followed_nodes(stage: NetworkStage, entry: Entry | None, numbers: Numbers) -> NodeQuantity:
    """What a column shows while one steps: the newest of its numbers that are there."""
    if entry is not None and entry.parameter == f"{key_of(stage.path)}.bias":
        updates = entry.phase is Phase.UPDATE
        return NodeQuantity.BIAS if updates else NodeQuantity.DELTA
    backward = entry is not None and entry.phase in (Phase.BACKWARD, Phase.UPDATE)
    order = [NodeQuantity.ACTIVATION, NodeQuantity.SUM]
    if entry is not None and entry.writes == f"z:{key_of(stage.path)}":
        order.reverse()
    order = [NodeQuantity.DELTA, NodeQuantity.ABOVE, *order] if backward else order
    there = (one for one in order if _is_there(_NODES[one](stage, numbers)))
    return next(there, NodeQuantity.ACTIVATION)


def _followed_edges(stage: NetworkStage, entry: Entry | None, numbers: Numbers) -> EdgeQuantity:
    """What a layer's edges show while one steps: its weights until there is more to tell."""
    if entry is None or (entry.kind == "input_gradient" and entry.path == stage.path):
        return EdgeQuantity.WEIGHT
    order = {
        Phase.BACKWARD: (EdgeQuantity.GRADIENT,),
        Phase.UPDATE: (EdgeQuantity.UPDATE, EdgeQuantity.GRADIENT),
    }.get(entry.phase, ())
    there = (one for one in order if _is_there(_EDGES[one](stage, numbers)))
    return next(there, EdgeQuantity.WEIGHT)


def _is_there(shown: Shown | None) -> bool:
    return shown is not None and not shown.is_empty


def _values(prefix: str) -> Callable[[NetworkStage, Numbers], Shown | None]:
    def read(stage: NetworkStage, numbers: Numbers) -> Shown | None:
        if stage.layer is None:
            # Of the inputs there is only what they are, and the loss's gradient with respect to it.
            return numbers.get("d:x" if prefix.startswith("d:") else "x")
        return numbers.get(f"{prefix}:{key_of(stage.path)}")

    return read


def _parameter(kind: str) -> Callable[[NetworkStage, Numbers], Shown | None]:
    return lambda stage, numbers: numbers.parameter(f"{key_of(stage.path)}.{kind}")


def _of_weight(prefix: str) -> Callable[[NetworkStage, Numbers], Shown | None]:
    return lambda stage, numbers: numbers.get(f"{prefix}:{key_of(stage.path)}.weight")


def _contribution(stage: NetworkStage, numbers: Numbers) -> Shown | None:
    """Each weight times what it weighs: its summand of z."""
    weight = _parameter("weight")(stage, numbers)
    source = numbers.get(input_of(stage.path))
    if weight is None or source is None or weight.values.ndim != 2 or source.is_empty:
        return None
    # A source that is still being computed has no summand yet; NaN stands for one unseen.
    seen = np.where(source.mask, source.values, np.nan)
    made = weight.values * seen.reshape(1, -1)
    made[asked_for(numbers.get(f"z:{key_of(stage.path)}"), len(made))] = HIDDEN
    return Shown(made)


_NODES: dict[NodeQuantity, Callable[[NetworkStage, Numbers], Shown | None]] = {
    NodeQuantity.FOLLOW: _values("a"),
    NodeQuantity.ACTIVATION: _values("a"),
    NodeQuantity.SUM: _values("z"),
    NodeQuantity.DELTA: _values("d:z"),
    NodeQuantity.ABOVE: _values("d:a"),
    NodeQuantity.BIAS: _parameter("bias"),
}
_EDGES: dict[EdgeQuantity, Callable[[NetworkStage, Numbers], Shown | None]] = {
    EdgeQuantity.FOLLOW: _parameter("weight"),
    EdgeQuantity.WEIGHT: _parameter("weight"),
    EdgeQuantity.GRADIENT: _of_weight("d:p"),
    EdgeQuantity.SHARE: _of_weight("d:p"),
    EdgeQuantity.CLIPPED: _of_weight("clipped"),
    EdgeQuantity.CONTRIBUTION: _contribution,
    EdgeQuantity.UPDATE: _of_weight("step"),
}


class Limits:
    """The magnitude that gets the whole colour, by what is shown.

    With a fixed reach it only grows, so that colours of two moments can be compared.
    """

    def __init__(self) -> None:
        self._fixed: dict[str, float] = {}

    def forget(self) -> None:
        """Measures anew from now on."""
        self._fixed.clear()

    def of(self, reach: Reach, shown: list[tuple[str, Shown | None]]) -> list[float]:
        """One limit for each part of the picture.

        Args:
            reach: How far each measures.
            shown: The word for what each part shows, and its numbers.
        """
        own = [_largest(numbers) for _, numbers in shown]
        if reach is Reach.LAYER:
            return own
        whole: dict[str, float] = {}
        for (word, _), largest in zip(shown, own, strict=True):
            whole[word] = max(whole.get(word, 0.0), largest)
        if reach is Reach.FIXED:
            for word, largest in whole.items():
                self._fixed[word] = max(self._fixed.get(word, 0.0), largest)
            whole = self._fixed
        return [whole[word] for word, _ in shown]


def _largest(shown: Shown | None) -> float:
    """The largest magnitude among the finite numbers that may be seen; 0 if there are none."""
    if shown is None or shown.values.size == 0 or shown.is_empty:
        return 0.0
    values = shown.values if shown.known is None else shown.values.reshape(-1)[: shown.known]
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 0.0
