"""Faults in what goes into the first step: weights, biases, inputs and labels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from core.catalog.losses import Loss
from core.catalog.optimizers.base import Optimizer
from core.data.base import Dataset, DataSource
from core.experiment.faults.fault import Fault
from core.experiment.layers import Dense, Layer

if TYPE_CHECKING:
    from torch import Tensor

    from core.experiment.network import Network

ALIKE = 0.5
DEAD = -10.0


class WeightsAlike(Fault):
    """Every weight begins as the same number, so all units of a layer stay the same unit."""

    kind: Literal["weights_alike"] = "weights_alike"
    label: ClassVar[str] = "All weights begin alike"
    description: ClassVar[str] = (
        "Every weight starts as the same number: all units of a layer compute the same, get the "
        "same gradient, and stay one unit for ever."
    )
    shows: ClassVar[str] = "The weighted sums of all units of a layer are the same number."
    broken: ClassVar[str] = "nn.init.constant_(layer.weight, 0.5)"
    repaired: ClassVar[str] = "nn.init.xavier_uniform_(layer.weight)"
    operations: ClassVar[tuple[str, ...]] = ("linear",)

    def alter(self, network: Network) -> None:
        from torch import no_grad

        with no_grad():
            for name, parameter in network.named().items():
                if name.endswith("weight") and parameter.dim() == 2:
                    parameter.fill_(ALIKE)

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        return any(isinstance(layer, Dense) and layer.units > 1 for layer in layers[:-1])


class UnitsBornDead(Fault):
    """Biases begin so low that no ReLU ever lets anything through."""

    kind: Literal["units_born_dead"] = "units_born_dead"
    label: ClassVar[str] = "The hidden units are dead: their biases begin far too low"
    description: ClassVar[str] = (
        "Every hidden bias starts at −10: each sum is negative, ReLU makes 0 of it, and no "
        "gradient comes through."
    )
    shows: ClassVar[str] = (
        "Every sum of a hidden layer is far below 0, and its bias alone makes it so."
    )
    broken: ClassVar[str] = "nn.init.constant_(layer.bias, -10.0)"
    repaired: ClassVar[str] = "nn.init.zeros_(layer.bias)"
    operations: ClassVar[tuple[str, ...]] = ("linear",)

    def alter(self, network: Network) -> None:
        from torch import no_grad

        named, last = network.named(), len(network.shapes) - 1
        with no_grad():
            for name, parameter in named.items():
                if name.endswith("bias") and int(name.split(".", 1)[0]) < last:
                    parameter.fill_(DEAD)

    def is_at(self, kind: str, path: tuple[int, ...], layers: int) -> bool:
        return super().is_at(kind, path, layers) and path[0] < layers - 1

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        hidden = [layer for layer in layers[:-1] if isinstance(layer, Dense)]
        return any(layer.bias and layer.activation.kind == "relu" for layer in hidden)


class LabelsShifted(Fault):
    """Each sample is compared with the label of the one before it."""

    kind: Literal["labels_shifted"] = "labels_shifted"
    label: ClassVar[str] = "Labels are shifted by one: each sample has its neighbour's"
    description: ClassVar[str] = (
        "The labels are read one row too early: each sample is compared with the target of the "
        "sample before it."
    )
    shows: ClassVar[str] = "The target beside a sample is not the one that belongs to its inputs."
    broken: ClassVar[str] = "x, y = inputs[rows], labels[rows - 1]"
    repaired: ClassVar[str] = "x, y = inputs[rows], labels[rows]"
    operations: ClassVar[tuple[str, ...]] = ("loss_terms",)

    def data(self, data: Dataset) -> Dataset:
        return replace(data, train_labels=data.train_labels.roll(1, 0))


class PixelsUnscaled(Fault):
    """Pixels go in as bytes, 0 to 255, where 0 to 1 was meant."""

    kind: Literal["pixels_unscaled"] = "pixels_unscaled"
    label: ClassVar[str] = "Inputs are not scaled: pixels go in as 0 to 255"
    description: ClassVar[str] = (
        "The pixels are not divided by 255: the first sums are as many times too large, and so "
        "are the gradients of the first weights."
    )
    shows: ClassVar[str] = "Inputs are numbers up to 255, and the first layer's sums are huge."
    broken: ClassVar[str] = "x = pixels[rows].float()"
    repaired: ClassVar[str] = "x = pixels[rows].float() / 255"
    operations: ClassVar[tuple[str, ...]] = ("flatten", "linear", "convolution")

    def data(self, data: Dataset) -> Dataset:
        train, test = _in_bytes(data.train_inputs), _in_bytes(data.test_inputs)
        return replace(data, train_inputs=train, test_inputs=test)

    def is_at(self, kind: str, path: tuple[int, ...], layers: int) -> bool:
        return super().is_at(kind, path, layers) and path[0] < 2

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        return data.holds_digits


def _in_bytes(pixels: Tensor) -> Tensor:
    """Pixels as numbers from 0 to 255, whether they are kept as bytes or from 0 to 1."""
    return pixels * 255 if pixels.is_floating_point() else pixels.float()
