"""The layers a learner can stack, each knowing the shape it makes of the shape it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from core.catalog.activations import ActivationChoice, Identity
from core.catalog.base import Choice, union_of
from core.catalog.initializers import GlorotUniform, Initializer, InitializerChoice, Zeros
from core.errors import UserError

Shape = tuple[int, ...]
Path = tuple[int, ...]
"""Where a layer stands: its index, then its index inside the residual group, and so on."""


def shape_text(shape: Shape) -> str:
    """A shape as people write it: ``32×13×13``."""
    return "×".join(map(str, shape))


class Layer(Choice):
    """One layer of a network.

    ``output_shape`` raises a UserError with the fields ``layer`` and ``found`` left to the
    caller, who knows the layer's name.
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape of one sample after this layer.

        Args:
            input_shape: One sample's shape before it, without the batch.

        Raises:
            UserError: The layer cannot take this shape.
        """
        return input_shape

    def activation_of(self) -> Activation | None:
        """The activation at the layer's end, if it has one."""
        return getattr(self, "activation", None)


def _for_bias(chosen: Initializer) -> Initializer:
    """Refuses an initializer that needs to know the inputs and outputs of a weight."""
    if not chosen.for_bias:
        raise ValueError(f"{chosen.label} can start weights only, not biases")
    return chosen


class Dense(Layer):
    """Every output sees every input."""

    kind: Literal["dense"] = "dense"
    label: ClassVar[str] = "Dense"
    description: ClassVar[str] = "Each unit sums all inputs, weighted, adds its bias, activates."

    units: int = Field(8, ge=1, le=4096, title="Units", description="How many outputs it has.")
    activation: ActivationChoice = Field(Identity(), title="Activation")
    bias: bool = Field(True, title="Bias", description="Whether each unit has a bias to learn.")
    weight_init: InitializerChoice = Field(GlorotUniform(), title="Weights start as")
    bias_init: InitializerChoice = Field(Zeros(), title="Biases start as")
    _bias_can_start_so = field_validator("bias_init")(_for_bias)

    def output_shape(self, input_shape: Shape) -> Shape:
        """``(units,)``."""
        if len(input_shape) != 1:
            raise UserError(
                "{layer} needs a flat input, but it gets {found}.",
                "Put a Flatten layer before it.",
                found=shape_text(input_shape),
            )
        return (self.units,)


class _Window(Layer):
    """What slides a square window over an image shares: its arithmetic."""

    def _image(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 3:
            raise UserError(
                "{layer} needs an image (channels×height×width), but it gets {found}.",
                "Put it before the Flatten layer, or choose image data.",
                found=shape_text(input_shape),
            )
        return input_shape

    def _slide(self, input_shape: Shape, window: int, stride: int, padding: int) -> Shape:
        _, height, width = self._image(input_shape)
        rows = (height + 2 * padding - window) // stride + 1
        columns = (width + 2 * padding - window) // stride + 1
        if min(height, width) + 2 * padding < window:
            raise UserError(
                "{layer} has a window of {window}×{window}, larger than its input {found}.",
                "Make the window smaller, add padding, or pool less before it.",
                window=window,
                found=shape_text(input_shape),
            )
        return rows, columns


class Conv2d(_Window):
    """The same small kernel everywhere on the image."""

    kind: Literal["conv2d"] = "conv2d"
    label: ClassVar[str] = "Conv2d"
    description: ClassVar[str] = "Slides one small kernel a channel over the image."

    channels: int = Field(8, ge=1, le=512, title="Channels", description="How many kernels.")
    kernel: int = Field(3, ge=1, le=11, title="Kernel", description="Its width and height.")
    stride: int = Field(1, ge=1, le=8, title="Stride", description="How far it moves each time.")
    padding: int = Field(0, ge=0, le=5, title="Padding", description="Zeros around the image.")
    activation: ActivationChoice = Field(Identity(), title="Activation")
    bias: bool = Field(True, title="Bias", description="Whether each channel has a bias.")
    weight_init: InitializerChoice = Field(GlorotUniform(), title="Weights start as")
    bias_init: InitializerChoice = Field(Zeros(), title="Biases start as")
    _bias_can_start_so = field_validator("bias_init")(_for_bias)

    def output_shape(self, input_shape: Shape) -> Shape:
        """``(channels, rows, columns)``."""
        return (
            self.channels,
            *self._slide(input_shape, self.kernel, self.stride, self.padding),
        )


class _Pool(_Window):
    size: int = Field(2, ge=1, le=16, title="Window", description="Its width and height.")
    stride: int | None = Field(
        None, ge=1, le=16, title="Stride", description="How far it moves; empty: its own size."
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        """``(channels, rows, columns)``, an incomplete window at the edge left out."""
        channels = self._image(input_shape)[0]
        return (channels, *self._slide(input_shape, self.size, self.stride or self.size, 0))


class MaxPool2d(_Pool):
    """The largest value of each window."""

    kind: Literal["max_pool2d"] = "max_pool2d"
    label: ClassVar[str] = "MaxPool2d"
    description: ClassVar[str] = "Keeps the largest value of each window."


class AvgPool2d(_Pool):
    """The mean of each window."""

    kind: Literal["avg_pool2d"] = "avg_pool2d"
    label: ClassVar[str] = "AvgPool2d"
    description: ClassVar[str] = "Keeps the mean of each window."


class Flatten(Layer):
    """An image as one long row of numbers."""

    kind: Literal["flatten"] = "flatten"
    label: ClassVar[str] = "Flatten"
    description: ClassVar[str] = "Lays an image out as one row of numbers."

    def output_shape(self, input_shape: Shape) -> Shape:
        """``(product of the input's,)``."""
        return (prod(input_shape),)


class BatchNorm(Layer):
    """Ioffe and Szegedy 2015, arXiv:1502.03167."""

    kind: Literal["batch_norm"] = "batch_norm"
    label: ClassVar[str] = "BatchNorm"
    description: ClassVar[str] = "Centres and scales each feature by its mean and spread."

    momentum: float = Field(
        0.1, gt=0, le=1, title="Momentum", description="How fast the running mean follows."
    )
    eps: float = Field(
        1e-5,
        gt=0,
        le=0.1,
        title="ε",
        description="Added under the root, against division by zero.",
        json_schema_extra={"log": True},
    )
    activation: ActivationChoice = Field(Identity(), title="Activation")


class Dropout(Layer):
    """Srivastava et al. 2014."""

    kind: Literal["dropout"] = "dropout"
    label: ClassVar[str] = "Dropout"
    description: ClassVar[str] = (
        "Silences units at random while training, and scales the others up."
    )

    rate: float = Field(
        0.5, ge=0, lt=1, title="Rate p", description="The share of units silenced at each step."
    )


class ActivationLayer(Layer):
    """An activation standing alone, as after an input or a sum."""

    kind: Literal["activation"] = "activation"
    label: ClassVar[str] = "Activation"
    description: ClassVar[str] = "Applies a function to each value, with nothing to learn."

    activation: ActivationChoice = Field(Identity(), title="Activation")


class Residual(Layer):
    """He et al. 2015, arXiv:1512.03385."""

    kind: Literal["residual"] = "residual"
    label: ClassVar[str] = "Residual"
    description: ClassVar[str] = "Adds a group of layers' input to its output: a skip around it."

    layers: tuple[LayerChoice, ...] = Field(
        default=(), title="Layers", description="The group that the skip goes around."
    )
    activation: ActivationChoice = Field(Identity(), title="Activation")

    def output_shape(self, input_shape: Shape) -> Shape:
        """The input's own shape, which the group must keep."""
        shapes = infer_shapes(self.layers, input_shape)
        output = shapes[-1].output_shape if shapes else input_shape
        if output != input_shape:
            raise UserError(
                "{layer} adds its input {found} to its group's output {output}, "
                "and the two shapes differ.",
                "Make the group keep the shape, with padding or as many channels or units.",
                found=shape_text(input_shape),
                output=shape_text(output),
            )
        return output


if TYPE_CHECKING:
    from core.catalog.activations import Activation

    LayerChoice = Layer
else:
    LayerChoice = union_of(Layer)

Residual.model_rebuild()


@dataclass(frozen=True)
class LayerShape:
    """A layer in its place: its path, name, and one sample's shape before and after it."""

    path: Path
    name: str
    layer: Layer
    input_shape: Shape
    output_shape: Shape


def infer_shapes(
    layers: tuple[Layer, ...], input_shape: Shape, path: Path = ()
) -> tuple[LayerShape, ...]:
    """The shapes along a row of layers; a residual group's own layers are not listed.

    Args:
        layers: The row.
        input_shape: One sample's shape before the first.
        path: Where the row itself stands, if inside a group.

    Raises:
        UserError: A layer cannot take its input; the message names the layer and both shapes.
    """
    found: list[LayerShape] = []
    shape = input_shape
    for index, layer in enumerate(layers):
        name = layer_name(layer, (*path, index))
        try:
            output = layer.output_shape(shape)
        except UserError as error:
            # A layer inside a group was named by its place in the group.
            said = error.sentence
            inner = said.values.get("layer")
            place = f"{name.split()[0]}.{inner}" if inner else name
            values = said.values | {"layer": place}
            raise UserError(said.template, said.hint, one=said.one, **values) from None
        found.append(LayerShape((*path, index), name, layer, shape, output))
        shape = output
    return tuple(found)


def layer_name(layer: Layer, path: Path) -> str:
    """A layer's name as messages and forms show it: its place counted from 1 and its kind."""
    return f"{'.'.join(str(index + 1) for index in path)} {layer.label}"


def walk(layers: tuple[Layer, ...], path: Path = ()) -> Iterator[tuple[Path, Layer]]:
    """Every layer with its path, those inside residual groups after their group."""
    for index, layer in enumerate(layers):
        here = (*path, index)
        yield here, layer
        if isinstance(layer, Residual):
            yield from walk(layer.layers, here)
