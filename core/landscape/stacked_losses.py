"""Losses and hits of k networks at once, from z laid out ``(k, outputs, n)``."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import torch
from torch import Tensor
from torch.nn import functional

from core.catalog.activations import Activation, Identity, Softmax
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE, Loss
from core.landscape.sample import Sample

Summed = Callable[[Tensor, Tensor], Tensor]
"""z and a, each (k, outputs, n), to (k,): the loss of these n samples, times n. z stays as it is,
a may be overwritten where it is not z."""


class Judge:
    """What k networks make of some samples.

    Args:
        loss: The loss.
        activation: The last layer's.
        sample: The samples.
    """

    def __init__(self, loss: Loss, activation: Activation, sample: Sample) -> None:
        self._summed = summed(loss, sample.targets)
        self._activate = activation.module()
        self._labels = sample.labels
        # Softmax leaves the largest output the largest.
        counts_z = isinstance(activation, Softmax | Identity)
        counts_a = sample.labels is not None and not counts_z
        self._needs_a = loss.fuses is None or counts_a

    def __call__(self, z: Tensor) -> tuple[Tensor, Tensor | None]:
        """(k,) losses times the number of samples; (k,) samples classified right, or None."""
        a = self._activate(z) if self._needs_a else z
        right = None if self._labels is None else _right(a, self._labels)
        return self._summed(z, a), right


def _right(a: Tensor, labels: Tensor) -> Tensor:
    """As :func:`core.training.metrics.accuracy_of`, for each of k."""
    if a.shape[1] == 1:
        return ((a[:, 0] > 0.5) == (labels == 1)).sum(1)
    return (a.max(1).indices == labels).sum(1)


@singledispatch
def summed(loss: Loss, targets: Tensor) -> Summed:
    """A loss against the targets (n, ...); one that is not known here is computed k times."""
    return one_by_one(loss, targets)


def one_by_one(loss: Loss, targets: Tensor) -> Summed:
    """The loss's own computation for each of k."""

    def each(z: Tensor, a: Tensor) -> Tensor:
        found = [loss.value(z_k.T, a_k.T, targets) for z_k, a_k in zip(z, a, strict=True)]
        return torch.stack(found) * len(targets)

    return each


@summed.register
def _(loss: CrossEntropy, targets: Tensor) -> Summed:
    # Where each sample's own class stands in (outputs, n) laid out as one row.
    own = targets * len(targets) + torch.arange(len(targets), device=targets.device)
    return lambda z, a: -functional.log_softmax(z, 1).flatten(1).index_select(1, own).sum(1)


@summed.register
def _(loss: BinaryCrossEntropy, targets: Tensor) -> Summed:
    """ln(1 + e^(−z)) where the answer is yes and ln(1 + e^z) where it is no.

    What torch adds up instead loses all digits where the answers are sure and right.
    """
    if not bool(((targets == 0) | (targets == 1)).all()):
        return one_by_one(loss, targets)
    sign = (1 - 2 * targets).T.contiguous()

    def surprise(z: Tensor, a: Tensor) -> Tensor:
        total = functional.softplus(z * sign).sum((1, 2))
        # Not finite where z is not, as torch's is, though an infinite z may well be right.
        return (total + 0 * z.sum((1, 2))) / z.shape[1]

    return surprise


@summed.register
def _(loss: MSE, targets: Tensor) -> Summed:
    wanted = targets.T.contiguous()
    return lambda z, a: (a - wanted).square_().sum((1, 2)) / a.shape[1]


@summed.register
def _(loss: HalfMSE, targets: Tensor) -> Summed:
    wanted = targets.T.contiguous()
    return lambda z, a: (a - wanted).square_().sum((1, 2)) / 2
