"""Where a fault can enter an experiment's code; each seam leaves all as it is unless one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a description of an experiment must not wait for torch
    import torch
    from torch import Tensor

    from core.catalog.optimizers.base import Optimizer
    from core.data.base import Dataset
    from core.experiment.network import Network


class LossRule(Protocol):
    """What training asks of a loss: the catalog's, or one that a fault has got at."""

    @property
    def fuses(self) -> str | None:
        """As :class:`core.catalog.losses.Loss` has it."""

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """The mean of a batch's losses, 0-d, differentiable."""

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """Each sample's own loss, ``(n,)``."""

    def weight(self, samples: int) -> int:
        """How many times as large a batch's loss is as that mean."""

    def encode(self, labels: Tensor, classes: int, outputs: int) -> Tensor:
        """Labels in the form that it compares with."""


Differentiated = Callable[["Tensor", "Tensor"], "tuple[Tensor, Tensor, list[Tensor]]"]
"""Inputs and targets of a batch to its loss, z and gradients."""

Advance = Callable[["torch.optim.Optimizer | None", "list[Tensor]", "list[Tensor]", float], object]
"""One update in place, as :meth:`core.catalog.optimizers.base.Optimizer.advance`."""


class Seams:
    """All that a trainer asks before it uses data, network, loss, gradients and optimizer.

    What is handed in comes back as it is: sound code pays nothing in a step.
    """

    def data(self, data: Dataset) -> Dataset:
        """The samples that the code works with."""
        return data

    def alter(self, network: Network) -> None:
        """Changes a network in place, once, after its first weights are drawn."""

    def loss(self, loss: LossRule) -> LossRule:
        """The loss that the code computes."""
        return loss

    def gradients(self, network: Network, differentiate: Differentiated) -> Differentiated:
        """What gives the gradients of a batch."""
        return differentiate

    def advance(self, network: Network, chosen: Optimizer) -> Advance:
        """What takes a step with them."""
        return chosen.advance


SOUND = Seams()
"""Code without a fault."""
