"""Faults in how a step is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from core.catalog.losses import Loss
from core.catalog.optimizers import AdamW
from core.catalog.optimizers.base import Optimizer
from core.data.base import DataSource
from core.experiment.faults.fault import Fault
from core.experiment.faults.seams import Advance
from core.experiment.layers import Layer

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from core.experiment.network import Network

THOUSAND = 1000.0


class _OfUpdates(Fault):
    """One that leaves the gradients as they are."""

    operations: ClassVar[tuple[str, ...]] = ("update",)


class StepUphill(_OfUpdates):
    """The gradient is added where it should be taken off."""

    kind: Literal["step_uphill"] = "step_uphill"
    label: ClassVar[str] = "The step goes uphill: its sign is flipped"
    description: ClassVar[str] = (
        "The step is added to each weight where it should be taken off, so the loss rises."
    )
    shows: ClassVar[str] = "Each weight moves the other way than its update's rule says."
    broken: ClassVar[str] = "p += rate * p.grad"
    repaired: ClassVar[str] = "p -= rate * p.grad"

    def advance(self, network: Network, chosen: Optimizer) -> Advance:
        def uphill(
            optimizer: torch.optim.Optimizer | None,
            parameters: list[Tensor],
            gradients: list[Tensor],
            rate: float,
        ) -> None:
            chosen.advance(optimizer, parameters, gradients, -rate)

        return uphill

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        return not optimizer.keeps_state


class RateInThousandths(_OfUpdates):
    """The rate stands in thousandths, and nobody divides."""

    kind: Literal["rate_in_thousandths"] = "rate_in_thousandths"
    label: ClassVar[str] = "The learning rate is a thousand times too large"
    description: ClassVar[str] = (
        "The rate stands in thousandths in the settings, and is used as it stands there."
    )
    shows: ClassVar[str] = "Each weight moves a thousand times as far as its update's rule says."
    broken: ClassVar[str] = 'rate = settings["rate_in_thousandths"]'
    repaired: ClassVar[str] = 'rate = settings["rate_in_thousandths"] / 1000'

    def advance(self, network: Network, chosen: Optimizer) -> Advance:
        def leap(
            optimizer: torch.optim.Optimizer | None,
            parameters: list[Tensor],
            gradients: list[Tensor],
            rate: float,
        ) -> None:
            chosen.advance(optimizer, parameters, gradients, THOUSAND * rate)

        return leap


class LayersForgotten(_OfUpdates):
    """The optimizer is given the last layer's parameters, and no others."""

    kind: Literal["layers_forgotten"] = "layers_forgotten"
    label: ClassVar[str] = "A layer is frozen: the optimizer does not know its weights"
    description: ClassVar[str] = (
        "The optimizer is given the weights of the last layer only; all others never move."
    )
    shows: ClassVar[str] = "A layer has gradients, and after the update its weights are the same."
    broken: ClassVar[str] = "optimizer = torch.optim.SGD(model[-1].parameters(), lr=rate)"
    repaired: ClassVar[str] = "optimizer = torch.optim.SGD(model.parameters(), lr=rate)"

    def advance(self, network: Network, chosen: Optimizer) -> Advance:
        known = {id(parameter) for parameter in network.last.parameters()}

        def of_the_last(
            optimizer: torch.optim.Optimizer | None,
            parameters: list[Tensor],
            gradients: list[Tensor],
            rate: float,
        ) -> None:
            pairs = zip(parameters, gradients, strict=True)
            kept = [(one, gradient) for one, gradient in pairs if id(one) in known]
            chosen.advance(optimizer, [p for p, _ in kept], [g for _, g in kept], rate)

        return of_the_last

    def is_at(self, kind: str, path: tuple[int, ...], layers: int) -> bool:
        return super().is_at(kind, path, layers) and path[0] < layers - 1

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        return not optimizer.keeps_state and len(layers) > 1


class DecayInGradient(_OfUpdates):
    """Adam with an L2 penalty where AdamW was meant (Loshchilov and Hutter 2017)."""

    kind: Literal["decay_in_gradient"] = "decay_in_gradient"
    label: ClassVar[str] = "Weight decay goes into the gradient: Adam in place of AdamW"
    description: ClassVar[str] = (
        "λθ is added to the gradient, which Adam then divides by its usual size; it should be "
        "taken off the weight itself."
    )
    shows: ClassVar[str] = "A weight is not pulled to zero by the share that AdamW's rule says."
    broken: ClassVar[str] = (
        "optimizer = torch.optim.Adam(model.parameters(), lr=rate, weight_decay=decay)"
    )
    repaired: ClassVar[str] = (
        "optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)"
    )

    def advance(self, network: Network, chosen: Optimizer) -> Advance:
        assert isinstance(chosen, AdamW)

        def coupled(
            optimizer: torch.optim.Optimizer | None,
            parameters: list[Tensor],
            gradients: list[Tensor],
            rate: float,
        ) -> None:
            assert optimizer is not None
            for group in optimizer.param_groups:
                group["weight_decay"] = 0.0
            pairs = zip(parameters, gradients, strict=True)
            pulled = [gradient + chosen.weight_decay * one for one, gradient in pairs]
            chosen.advance(optimizer, parameters, pulled, rate)

        return coupled

    @classmethod
    def fits(
        cls, data: DataSource, layers: tuple[Layer, ...], loss: Loss, optimizer: Optimizer
    ) -> bool:
        return isinstance(optimizer, AdamW)
