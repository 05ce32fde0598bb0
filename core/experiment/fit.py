"""Whether a network fits its data and loss, and the smallest change that makes it fit."""

from __future__ import annotations

from core.catalog.activations import Activation, Identity, Sigmoid, Softmax
from core.catalog.base import amid, entries_of
from core.catalog.losses import Loss
from core.data import DataShape, DataSource
from core.errors import UserError
from core.experiment.layers import (
    BatchNorm,
    Dense,
    Flatten,
    Layer,
    LayerShape,
    infer_shapes,
    layer_name,
    shape_text,
    walk,
)
from core.experiment.spec import ExperimentSpec


def check(spec: ExperimentSpec, data: DataShape) -> tuple[LayerShape, ...]:
    """The shapes along the network, once everything about it fits.

    Args:
        spec: The experiment.
        data: The shape of its data.

    Raises:
        UserError: A layer cannot take its input, or the output does not suit the data or the
            loss; the message names the layer and both sides of the mismatch.
    """
    shapes = infer_shapes(spec.layers, data.input_shape)
    _check_softmax(spec.layers)
    _check_loss(spec.loss, data, shapes[-1])
    _check_outputs(spec.loss, data, shapes[-1])
    return shapes


def check_batches(spec: ExperimentSpec, samples: int) -> None:
    """Checks that each batch is large enough for the layers, once the data are loaded.

    Raises:
        UserError: A batch norm would see a single sample, which has no spread.
    """
    size = samples if spec.optimizer.full_batch else min(samples, spec.training.batch_size)
    for path, layer in walk(spec.layers):
        if isinstance(layer, BatchNorm) and size < 2:
            raise UserError(
                "{layer} needs at least 2 samples a batch, but it gets {found}.",
                "Choose a larger batch or more data, or remove the layer.",
                layer=layer_name(layer, path),
                found=size,
            )


def output_units(loss: Loss, data: DataShape) -> tuple[int, ...]:
    """The numbers of outputs that suit the loss and the data, the usual one first."""
    two_classes = data.task == "classification" and data.outputs == 2
    if two_classes and loss.encoding == "columns":
        return (1, 2)
    return (data.outputs,)


def fitted(spec: ExperimentSpec, data: DataShape) -> ExperimentSpec:
    """The same experiment with loss, output layer and flattening made to suit the data.

    Everything that suits already stays as it is; what no small change can mend is left for
    :func:`check` to name.
    """
    loss = spec.loss if data.task in spec.loss.tasks else _usual_loss(data)
    layers = _flattened(spec.layers, data)
    head = layers[-1]
    if isinstance(head, Dense):
        allowed = output_units(loss, data)
        units = head.units if head.units in allowed else allowed[0]
        activation = _output_activation(head.activation, loss, data, spec.data)
        if isinstance(activation, Softmax):  # of one output it is always 1
            units = max(units, allowed[-1])
        head = head.model_copy(update={"units": units, "activation": activation})
        layers = (*layers[:-1], head)
    return ExperimentSpec.model_validate(dict(spec) | {"loss": loss, "layers": layers})


def _usual_loss(data: DataShape) -> Loss:
    for entry in entries_of(Loss).values():
        if data.task in entry.tasks and (data.task == "regression" or entry.encoding == "index"):
            return entry.model_validate({})
    raise UserError("No loss is known for {task}.", task=data.task)


def _output_activation(
    present: Activation, loss: Loss, data: DataShape, source: DataSource
) -> Activation:
    if loss.fuses is not None:
        fused = entries_of(Activation)[loss.fuses]
        return present if isinstance(present, fused) else fused.model_validate({})
    unsuited = (Softmax,) if source.suits_sigmoid else (Softmax, Sigmoid)
    if data.task == "regression" and isinstance(present, unsuited):
        return Identity()
    return present


def _flattened(layers: tuple[Layer, ...], data: DataShape) -> tuple[Layer, ...]:
    image = len(data.input_shape) == 3
    if image and isinstance(layers[0], Dense):
        return (Flatten(), *layers)
    if not image and isinstance(layers[0], Flatten) and len(layers) > 1:
        return layers[1:]
    return layers


def _check_softmax(layers: tuple[Layer, ...]) -> None:
    last = (len(layers) - 1,)
    for path, layer in walk(layers):
        activation = layer.activation_of()
        if activation is not None and activation.output_only and path != last:
            raise UserError(
                "{activation} can stand at the output only, but layer {layer} has it.",
                "Choose another activation there.",
                activation=activation.label,
                layer=".".join(str(index + 1) for index in path),
            )


def _check_loss(loss: Loss, data: DataShape, output: LayerShape) -> None:
    if data.task not in loss.tasks:
        raise UserError(
            "{loss} does not suit these data, whose task is {task}.",
            "Choose another loss, or other data.",
            loss=loss.label,
            task=data.task,
        )
    activation = output.layer.activation_of() or Identity()
    if loss.fuses is not None and activation.kind != loss.fuses:
        raise UserError(
            "{loss} needs {needed} at the output, but layer {layer} has {found}.",
            "Change the output layer's activation, or choose another loss.",
            loss=loss.label,
            needed=amid(entries_of(Activation)[loss.fuses]),
            layer=output.name,
            found=amid(activation),
        )


def _check_outputs(loss: Loss, data: DataShape, output: LayerShape) -> None:
    allowed = output_units(loss, data)
    if output.output_shape in [(units,) for units in allowed]:
        return
    raise UserError(
        "The last layer {layer} gives {found}, but the data have {needed} {what}.",
        "Make the last layer Dense with {units} units.",
        layer=output.name,
        found=shape_text(output.output_shape),
        needed=data.outputs,
        what="classes" if data.task == "classification" else "target columns",
        units=" or ".join(map(str, allowed)),
    )
