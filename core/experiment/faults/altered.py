"""What faults put in the place of sound parts; torch comes with it, so it is imported late."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.experiment.faults.seams import LossRule
from core.experiment.network import Network, blocks_of


class _NoSlope(torch.autograd.Function):
    """An activation forwards, a straight line backwards."""

    @staticmethod
    def forward(context: Any, z: Tensor, a: Tensor) -> Tensor:
        """Gives a, made of z without autograd's knowledge."""
        return a.clone()

    @staticmethod
    def backward(context: Any, *above: Tensor) -> tuple[Tensor, None]:
        """What comes back goes on as it is."""
        return above[0], None


class WithoutSlope(nn.Module):
    """An activation whose backward pass was written by hand, and lacks its slope."""

    def __init__(self, sound: nn.Module) -> None:
        super().__init__()
        self._sound = sound

    def forward(self, z: Tensor) -> Tensor:
        """Of any shape; the very values of the sound activation."""
        a: Tensor = _NoSlope.apply(z, self._sound(z.detach()))  # type: ignore[no-untyped-call]
        return a


def without_slope(network: Network) -> None:
    """Puts such activations into all hidden layers."""
    for block in blocks_of(network):
        if block is not network.last and not isinstance(block.activation, nn.Identity):
            block.activation = WithoutSlope(block.activation)
    network.plan()


class _OfLoss:
    """A loss as another one has it, but for what a subclass changes."""

    def __init__(self, loss: LossRule) -> None:
        self._loss = loss

    @property
    def fuses(self) -> str | None:
        """As the sound loss."""
        return self._loss.fuses

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """As the sound loss."""
        return self._loss.value(z, a, targets)

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """As the sound loss."""
        return self._loss.terms(z, a, targets)

    def weight(self, samples: int) -> int:
        """As the sound loss."""
        return self._loss.weight(samples)

    def encode(self, labels: Tensor, classes: int, outputs: int) -> Tensor:
        """As the sound loss."""
        return self._loss.encode(labels, classes, outputs)


class SummedLoss(_OfLoss):
    """The sum over a batch where the mean was meant."""

    def weight(self, samples: int) -> int:
        """As many times the mean as there are samples."""
        return samples


class OfProbabilities(_OfLoss):
    """A loss of logits that is given probabilities."""

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """Of a softmax more than was meant."""
        return super().value(z.softmax(1), a, targets)

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """Of a softmax more than was meant."""
        return super().terms(z.softmax(1), a, targets)
