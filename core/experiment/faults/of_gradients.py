"""Faults in the loss, and in how its gradients are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from core.catalog.losses import CrossEntropy, Loss
from core.catalog.optimizers.base import Optimizer
from core.data.base import DataSource
from core.experiment.faults.fault import Fault
from core.experiment.faults.seams import Differentiated, LossRule
from core.experiment.layers import Dense, Layer

if TYPE_CHECKING:
    from torch import Tensor

    from core.experiment.network import Network


class GradientsKept(Fault):
    """Nobody sets the gradients to zero: torch adds each backward pass to the ones before."""

    kind: Literal["gradients_kept"] = "gradients_kept"
    label: ClassVar[str] = "Gradients are not zeroed between steps"
    description: ClassVar[str] = (
        "loss.backward() adds to what p.grad holds already, and nobody empties it: each step "
        "follows the sum of all gradients so far."
    )
    shows: ClassVar[str] = (
        "From the second step on, a weight's gradient is larger than its rule says by what it was "
        "in the steps before."
    )
    broken: ClassVar[str] = "loss.backward(); optimizer.step()"
    repaired: ClassVar[str] = "optimizer.zero_grad(); loss.backward(); optimizer.step()"
    operations: ClassVar[tuple[str, ...]] = ("weight_gradient", "bias_gradient")

    def alter(self, network: Network) -> None:
        """What is left over belongs to the run's state, as weights do: one can go back to it."""
        from torch import zeros_like

        for place, parameter in enumerate(network.parameters()):
            network.register_buffer(f"left_over_{place}", zeros_like(parameter))

    def gradients(self, network: Network, differentiate: Differentiated) -> Differentiated:
        def added(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
            loss, z, found = differentiate(inputs, targets)
            sums = []
            for place, gradient in enumerate(found):
                left_over = network.get_buffer(f"left_over_{place}").add_(gradient)
                sums.append(left_over.clone())  # what comes after writes into its gradients
            return loss, z, sums

        return added


class SlopeForgotten(Fault):
    """A backward pass by hand that takes the activation for a straight line."""

    kind: Literal["slope_forgotten"] = "slope_forgotten"
    label: ClassVar[str] = "The activation's slope is left out of the backward pass"
    description: ClassVar[str] = (
        "What comes back to a layer's output is passed on as it is, not times the slope there."
    )
    shows: ClassVar[str] = "δ of a hidden layer equals ∂L/∂a, whatever the slope is."
    broken: ClassVar[str] = "dz = da"
    repaired: ClassVar[str] = "dz = da * slope(z)"
    operations: ClassVar[tuple[str, ...]] = ("activation_gradient",)

    def alter(self, network: Network) -> None:
        from core.experiment.faults.altered import without_slope

        without_slope(network)

    def is_at(self, kind: str, path: tuple[int, ...], layers: int) -> bool:
        return super().is_at(kind, path, layers) and path[0] < layers - 1

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        """The output's own slope is often part of the loss's gradient: hidden layers only."""
        return any(_bends(layer) for layer in layers[:-1])


class SummedForMean(Fault):
    """The losses of a batch are added up where their mean was meant."""

    kind: Literal["summed_for_mean"] = "summed_for_mean"
    label: ClassVar[str] = "The batch's loss is a sum where its mean was meant"
    description: ClassVar[str] = (
        "The samples' losses are added up and not divided by their number: loss and gradients are "
        "as many times too large as the batch has samples."
    )
    shows: ClassVar[str] = "The batch's loss is n times the mean of its samples' losses."
    broken: ClassVar[str] = "loss = terms.sum()"
    repaired: ClassVar[str] = "loss = terms.mean()"
    operations: ClassVar[tuple[str, ...]] = ("loss", "loss_gradient")

    def loss(self, loss: LossRule) -> LossRule:
        from core.experiment.faults.altered import SummedLoss

        return SummedLoss(loss)

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        return loss.averages


class SoftmaxTwice(Fault):
    """The network ends in softmax, and the loss, which has one of its own, is given that."""

    kind: Literal["softmax_twice"] = "softmax_twice"
    label: ClassVar[str] = "Softmax is applied twice"
    description: ClassVar[str] = (
        "The loss applies softmax itself, and is given probabilities where it wants z."
    )
    shows: ClassVar[str] = (
        "A sample's loss is not what its z give; even a sure and right answer costs a lot."
    )
    broken: ClassVar[str] = "loss = F.cross_entropy(z.softmax(1), y)"
    repaired: ClassVar[str] = "loss = F.cross_entropy(z, y)"
    operations: ClassVar[tuple[str, ...]] = ("loss_terms", "loss_gradient")

    def loss(self, loss: LossRule) -> LossRule:
        from core.experiment.faults.altered import OfProbabilities

        return OfProbabilities(loss)

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        return isinstance(loss, CrossEntropy)


def _bends(layer: Layer) -> bool:
    return isinstance(layer, Dense) and layer.activation.kind != "identity"
