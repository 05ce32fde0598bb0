"""Where a layer stands in a network, and where another may stand."""

from __future__ import annotations

from core.catalog.activations import Activation, ReLU
from core.errors import UserError
from core.experiment.layers import Layer, Path, Residual, Shape, infer_shapes, walk
from core.experiment.spec import ExperimentSpec
from core.messages.edits import add_layer
from core.sentence import Sentence


def is_output(layers: tuple[Layer, ...], path: Path) -> bool:
    """Whether the layer at the path gives the network's output."""
    return path == (len(layers) - 1,)


def siblings(layers: tuple[Layer, ...], path: Path) -> tuple[Layer, ...]:
    """The row that a path leads into: the network's own, or a residual group's."""
    row = layers
    for index in path[:-1]:
        group = row[index]
        if not isinstance(group, Residual):
            raise IndexError(path)
        row = group.layers
    return row


def place_after(layers: tuple[Layer, ...], selected: Path | None) -> Path:
    """Where a new layer goes: after the selected one, but never after the output."""
    if selected is None or is_output(layers, selected):
        return (len(layers) - 1,)
    return (*selected[:-1], selected[-1] + 1)


def new_layer(kind: type[Layer], layers: tuple[Layer, ...], path: Path) -> Layer:
    """A layer to put at the path, with the activation that the hidden layers before it have."""
    fields = kind.model_fields
    if "activation" not in fields or "layers" in fields:
        return kind.model_validate({})
    return kind.model_validate({"activation": _activation_before(layers, path)})


def why_not_there(
    spec: ExperimentSpec, path: Path, layer: Layer, input_shape: Shape
) -> Sentence | None:
    """What speaks against putting a layer at a path; nothing where the network did not fit before.

    ``input_shape`` is one sample's.
    """
    if _problem(spec.layers, input_shape) is not None:
        return None
    return _problem(add_layer(path, layer).apply(spec).layers, input_shape)


def _problem(layers: tuple[Layer, ...], input_shape: Shape) -> Sentence | None:
    try:
        infer_shapes(layers, input_shape)
    except UserError as error:
        return error.sentence
    return None


def _activation_before(layers: tuple[Layer, ...], path: Path) -> Activation:
    found: Activation = ReLU()
    for other, layer in walk(layers):
        activation = layer.activation_of()
        usable = activation is not None and not activation.output_only
        if other < path and usable and activation is not None and not is_output(layers, other):
            found = activation
    return found
