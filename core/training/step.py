"""Loss and gradients of one batch, by one call of autograd or in pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.experiment.faults.seams import LossRule
from core.experiment.network import Network
from core.experiment.spec import Training


@dataclass(frozen=True)
class Penalty:
    """The L1 and L2 penalties: λ₁·Σ|w| + λ₂/2·Σw² over weights, not biases."""

    l1: float
    l2: float

    def __bool__(self) -> bool:
        """Whether there is anything to add."""
        return self.l1 > 0 or self.l2 > 0

    def value(self, weights: Sequence[Tensor]) -> Tensor:
        """The penalty, 0-d."""
        total = weights[0].new_zeros(())
        for weight in weights:
            if self.l1:
                total = total + self.l1 * weight.abs().sum()
            if self.l2:
                total = total + 0.5 * self.l2 * weight.square().sum()
        return total


@dataclass(frozen=True)
class Clipping:
    """Gradient clipping: each entry to ± ``value`` first, then the whole to ``norm``."""

    norm: float | None
    value: float | None

    def __bool__(self) -> bool:
        """Whether there is anything to clip."""
        return self.norm is not None or self.value is not None

    def apply(self, gradients: list[Tensor]) -> None:
        """Clips in place, with the arithmetic of torch.nn.utils."""
        if self.value is not None:
            torch._foreach_clamp_min_(gradients, -self.value)
            torch._foreach_clamp_max_(gradients, self.value)
        if self.norm is not None:
            total = nn.utils.get_total_norm(gradients)
            # The factor of torch.nn.utils.clip_grads_with_norm_.
            torch._foreach_mul_(gradients, torch.clamp(self.norm / (total + 1e-6), max=1.0))


Result = tuple[Tensor, Tensor, list[Tensor]]
"""Loss 0-d, z ``(n, outputs)``, gradients: a plain tuple, since it is made thousands of times
a second."""


Differentiate = Callable[[Tensor, Tensor], Result]
"""Inputs and targets of a batch to its loss, z and gradients."""


class Whole:
    """What a piece of a batch has to know of the whole.

    Attributes:
        samples: How many the batch has; None where it comes whole.
    """

    def __init__(self) -> None:
        self.samples: int | None = None


class EagerStep:
    """One forward pass and one call of autograd.

    Args:
        network: The live network, in training mode.
        loss: The loss.
        penalty: Added to the loss before differentiation.
        whole: What a batch that comes in pieces says of itself.
    """

    def __init__(
        self, network: Network, loss: LossRule, penalty: Penalty, whole: Whole | None = None
    ) -> None:
        self._network = network
        self._loss = loss
        self._penalty = penalty
        self._whole = whole or Whole()
        self._parameters = list(network.parameters())

    def __call__(self, inputs: Tensor, targets: Tensor) -> Result:
        """Loss, z and gradients of one batch."""
        with torch.inference_mode(False), torch.enable_grad():
            z = self._network(inputs)
            loss, total = objective(
                self._network, self._loss, self._penalty, z, targets, of=self._whole.samples
            )
            gradients = torch.autograd.grad(total, self._parameters)
        return loss.detach(), z.detach(), list(gradients)


def objective(
    network: Network,
    loss: LossRule,
    penalty: Penalty,
    z: Tensor,
    targets: Tensor,
    *,
    a: Tensor | None = None,
    of: int | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean of the samples' losses, and what is differentiated; both 0-d.

    That is the batch's loss, their mean or their sum, with the penalty added.

    Args:
        network: The live one.
        loss: The loss.
        penalty: The penalties.
        z: ``(n, outputs)``.
        targets: As the loss wants them.
        a: The network's output where the caller has it already.
        of: Samples of the whole batch, where these are a piece of it.
    """
    if a is None:
        a = z if loss.fuses else network.activate(z)
    mean = loss.value(z, a, targets)
    weight = loss.weight(of or len(z))
    total = mean if weight == 1 else mean * weight
    return mean, total + penalty.value(network.penalised()) if penalty else total


class Interrupted(Exception):  # noqa: N818  no error: somebody wants something else first
    """A step was given up half-way; nothing has changed."""


class PiecewiseStep:
    """A large batch in pieces, whose gradients add up to the batch's own.

    Bounds the memory that a step takes, and lets a command in between two pieces.

    Args:
        eager: Does each piece.
        piece: Samples a piece.
        prepare: Called with a piece's size before it: draws dropout masks.
        whole: Told of the batch while its pieces are done.
    """

    def __init__(
        self,
        eager: Differentiate,
        piece: int,
        prepare: Callable[[int], None],
        whole: Whole | None = None,
    ) -> None:
        self._eager = eager
        self._piece = piece
        self._prepare = prepare
        self._whole = whole or Whole()
        self.interrupted: Callable[[], bool] = lambda: False

    def __call__(self, inputs: Tensor, targets: Tensor) -> Result:
        """Loss, z and gradients of one batch, to rounding those of :class:`EagerStep`.

        Raises:
            Interrupted: ``interrupted`` said so between two pieces.
        """
        self._whole.samples = len(inputs)
        try:
            return self._in_pieces(inputs, targets)
        finally:
            self._whole.samples = None

    def _in_pieces(self, inputs: Tensor, targets: Tensor) -> Result:
        losses: list[Tensor] = []
        zs: list[Tensor] = []
        gradients: list[Tensor] | None = None
        for start in range(0, len(inputs), self._piece):
            if start and self.interrupted():
                raise Interrupted
            part = slice(start, start + self._piece)
            share = len(inputs[part]) / len(inputs)
            self._prepare(len(inputs[part]))
            loss, z, found = self._eager(inputs[part], targets[part])
            losses.append(loss * share)
            zs.append(z)
            torch._foreach_mul_(found, share)
            if gradients is None:
                gradients = found
            else:
                torch._foreach_add_(gradients, found)
        assert gradients is not None
        return torch.stack(losses).sum(), torch.cat(zs), gradients


def penalty_of(training: Training) -> Penalty:
    """The penalties of a description."""
    return Penalty(training.l1, training.l2)


def clipping_of(training: Training) -> Clipping:
    """The clipping of a description."""
    return Clipping(training.clip_norm, training.clip_value)
