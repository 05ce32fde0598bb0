"""Which number of the step a place on the graph shows just now."""

from __future__ import annotations

from app.canvas.model.colouring import EdgeQuantity, NodeQuantity, shown_edges, shown_nodes
from app.canvas.model.state import GraphState
from app.link.focus import Spot
from app.link.spots import weight_index
from app.link.wondering import Wondered
from core.messages.record import key_of

_NODES = {
    NodeQuantity.ACTIVATION: "a",
    NodeQuantity.SUM: "z",
    NodeQuantity.DELTA: "d:z",
    NodeQuantity.ABOVE: "d:a",
}
_GRADIENTS = (EdgeQuantity.GRADIENT, EdgeQuantity.SHARE, EdgeQuantity.CLIPPED)


def asked_number(state: GraphState, spot: Spot) -> Wondered | None:
    """What can be asked about at a place; None where nothing is shown that something made.

    Of a weight while gradients are shown its gradient, and else the weight.
    """
    index = state.layout.index_of(spot.path)
    if index is None:
        return None
    return _of_node(state, spot, index) if spot.source is None else _of_edge(state, spot, index)


def _of_node(state: GraphState, spot: Spot, index: int) -> Wondered | None:
    stage, chosen = state.layout.columns[index].stage, state.colouring.nodes
    stepping = state.snapshot.stepping
    entry = stepping.entry if stepping is not None else None
    quantity, shown = shown_nodes(stage, chosen, entry, state.numbers)
    place = (spot.unit, *(spot.pixel or ()))
    if shown is None or shown.at(place) is None:
        return None
    if quantity is NodeQuantity.BIAS:
        return Wondered(f"p:{key_of(spot.path)}.bias", (spot.unit,))
    key = f"{_NODES[quantity]}:{key_of(spot.path)}"
    if stage.layer is None:  # an input is given; only its gradient was made by something
        key = "d:x" if key.startswith("d:") else ""
    return Wondered(key, place) if key else None


def _of_edge(state: GraphState, spot: Spot, index: int) -> Wondered | None:
    stage, chosen = state.layout.columns[index].stage, state.colouring.edges
    stepping = state.snapshot.stepping
    entry = stepping.entry if stepping is not None else None
    quantity, _ = shown_edges(stage, chosen, entry, state.numbers)
    name, place = f"{key_of(spot.path)}.weight", weight_index(spot)
    weight = state.numbers.parameter(name)
    if weight is None:
        return None
    place = place[: weight.values.ndim]
    kind = "d:p" if quantity in _GRADIENTS else "p"
    shown = state.numbers.get(f"{kind}:{name}")
    known = shown is not None and shown.at(place) is not None
    return Wondered(f"{kind}:{name}", place) if known else None
