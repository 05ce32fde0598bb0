"""The order in which training samples are taken, and the batches cut from it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

import torch
from torch import Tensor

from core.data import as_float
from core.data.balance import Balance
from core.training.augmented import Augmented, made_ahead

GATHERED = 2048
"""Samples gathered in one indexing: batches are then views, which costs less than a gather each."""

CHANGED = 512
"""Pictures changed in one block, some 10 ms of work: the first batch waits for no more."""


def order_of(seed: int, epoch: int, samples: int) -> Tensor:
    """The order of one epoch: its own permutation, so that any epoch can be entered directly.

    Returns:
        ``(samples,)`` int64 on the CPU, the same for the same seed and epoch.
    """
    generator = torch.Generator().manual_seed((seed * 1_000_003 + epoch) % 2**63)
    return torch.randperm(samples, generator=generator)


class Batches:
    """Cuts shuffled batches from samples that lie whole on the device.

    Args:
        inputs: ``(n, *shape)`` uint8 or float32.
        targets: ``(n,)`` int64 or ``(n, outputs)`` float32.
        batch_size: Samples a batch; the last batch of an epoch may be smaller.
        seed: Of the order.
        smallest: A last batch with fewer samples is left out (batch norm needs two).
        augmented: Changes the inputs, each epoch anew; None to show them as they are.
        balance: Draws samples of rarer classes several times; None to take each once.

    Attributes:
        samples: How many an epoch draws.
    """

    def __init__(
        self,
        inputs: Tensor,
        targets: Tensor,
        batch_size: int,
        seed: int,
        smallest: int = 1,
        *,
        augmented: Augmented | None = None,
        balance: Balance | None = None,
    ) -> None:
        self._inputs = inputs
        self._targets = targets
        self._seed = seed
        self._augmented = augmented
        self.balance = balance
        self.samples = balance.samples if balance is not None else len(inputs)
        self.batch_size = min(batch_size, self.samples)
        remainder = self.samples % self.batch_size
        self._used = self.samples - (remainder if remainder < smallest else 0)
        self.steps_per_epoch = -(-self._used // self.batch_size)

    def rows(self, epoch: int, step: int) -> Tensor:
        """Which samples a batch holds, ``(b,)`` int64 on the CPU.

        Args:
            epoch: Counted from 0.
            step: The batch of that epoch, counted from 0.
        """
        if self.batch_size >= self.samples:
            return self.every()
        order = self._order(epoch)
        return order[step * self.batch_size : (step + 1) * self.batch_size]

    def every(self) -> Tensor:
        """The rows of an epoch in the data's order, ``(samples,)`` int64 on the CPU.

        With a balance those of the first epoch, and of each where a batch takes them all.
        """
        return torch.arange(self.samples) if self.balance is None else self.balance.rows()

    def _order(self, epoch: int) -> Tensor:
        order = order_of(self._seed, epoch, self.samples)[: self._used]
        return order if self.balance is None else self.balance.rows(epoch)[order]

    def epoch(self, epoch: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch, from the given step on.

        Yields:
            ``(b, *shape)`` float32 and ``(b,)`` or ``(b, outputs)`` on the data's device.
        """
        if self._augmented is not None:
            return self._cut_changed(self._augmented, epoch, start)
        if self.batch_size >= self.samples:
            return self._whole()
        order = self._order(epoch)[start * self.batch_size :]
        return self._cut(order.to(self._inputs.device))

    def _cut(self, order: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        gathered = max(1, GATHERED // self.batch_size) * self.batch_size
        for indices in torch.split(order, gathered):
            # Outside inference mode, so that autograd too may save these tensors.
            with torch.inference_mode(False):
                inputs = as_float(self._inputs.index_select(0, indices))
                targets = self._targets.index_select(0, indices)
            yield from zip(
                torch.split(inputs, self.batch_size),
                torch.split(targets, self.batch_size),
                strict=True,
            )

    def _cut_changed(
        self, augmented: Augmented, epoch: int, start: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """The epoch's blocks are the same wherever one enters it, so the bits are too."""
        order = self._order(epoch) if self.batch_size < self.samples else self.every()
        a_block = max(1, CHANGED // self.batch_size)
        first, passed = divmod(start, a_block)
        order = order[first * a_block * self.batch_size :].to(self._inputs.device)
        blocks = torch.split(order, a_block * self.batch_size)
        made = made_ahead(partial(augmented.inputs, epoch), blocks)
        for indices, inputs in zip(blocks, made, strict=True):
            with torch.inference_mode(False):
                targets = self._targets.index_select(0, indices)
            batches = zip(
                torch.split(inputs, self.batch_size),
                torch.split(targets, self.batch_size),
                strict=True,
            )
            yield from islice(batches, passed, None)
            passed = 0

    def _whole(self) -> Iterator[tuple[Tensor, Tensor]]:
        inputs, targets = self._inputs, self._targets
        with torch.inference_mode(False):
            if self.balance is not None:
                rows = self.every().to(inputs.device)
                inputs, targets = inputs.index_select(0, rows), targets.index_select(0, rows)
            inputs = as_float(inputs)
        yield inputs, targets
