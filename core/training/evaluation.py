"""Loss and accuracy on a test set, in pieces short enough to be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from core.data import as_float
from core.experiment.faults.seams import LossRule
from core.experiment.network import Network
from core.training.metrics import accuracy_of

ELEMENTS = 2**21
"""Values of the widest layer a chunk: more leaves the cache (measured: 64 to 250 MNIST images)."""


@dataclass(frozen=True)
class Score:
    """The mean loss on so many samples, and the share classified right (None for regression)."""

    loss: float
    accuracy: float | None
    samples: int


class Evaluation:
    """One pass over a set, a chunk at a time, with the weights as they are.

    The caller must leave the weights alone until it is done.

    Args:
        network: The live network; it is put in evaluation mode for each chunk.
        loss: The loss; its mean over chunks is weighted by their samples.
        inputs: ``(n, *shape)`` uint8 or float32; ``targets`` as the loss takes them.
        labels: ``(n,)`` int64 for classification, None for regression.
        part: How many of the first have a score of their own, before all of them; 0 for none.
        whole: Whether to go on after these; :meth:`go_on_to_all` may ask for it later.
    """

    def __init__(
        self,
        network: Network,
        loss: LossRule,
        inputs: Tensor,
        targets: Tensor,
        labels: Tensor | None,
        *,
        part: int = 0,
        whole: bool = True,
    ) -> None:
        self._network = network
        self._loss = loss
        self._inputs = inputs
        self._targets = targets
        self._labels = labels
        self._chunk = chunk_size(network, inputs.device)
        self._at = 0
        self._ends = [part] if 0 < part < len(inputs) else []
        self._losses: list[Tensor] = []
        self._right: list[Tensor] = []
        if whole or not self._ends:
            self.go_on_to_all()

    def go_on_to_all(self) -> None:
        """Has all samples measured after those of the part."""
        count = len(self._inputs)
        if count not in self._ends:
            self._ends.append(count)

    def leave_it_at_the_part(self) -> None:
        """Has nothing measured but the part, where there is one."""
        del self._ends[1:]

    @property
    def is_done(self) -> bool:
        """Whether all that was asked for has its score."""
        return self._at >= self._ends[-1]

    def run(self, until: float, interrupted: Callable[[], bool] = lambda: False) -> Score | None:
        """Goes on until a moment of ``perf_counter`` or until interrupted; at least one chunk.

        Returns:
            The score of the part, then that of all; None while neither has just been reached.
        """
        end = next(end for end in self._ends if end > self._at)
        self._network.eval()
        with torch.inference_mode():
            while self._at < end:
                self._evaluate_chunk(end)
                if perf_counter() >= until or interrupted():
                    break
        self._network.train()
        return self._score() if self._at == end else None

    def _evaluate_chunk(self, end: int) -> None:
        taken = slice(self._at, min(self._at + self._chunk, end))
        z = self._network(as_float(self._inputs[taken]))
        a = self._network.activate(z)
        self._losses.append(self._loss.value(z, a, self._targets[taken]) * len(z))
        if self._labels is not None:
            self._right.append(accuracy_of(a, self._labels[taken]).sum())
        self._at += len(z)

    def _score(self) -> Score:
        loss = float(torch.stack(self._losses).sum(dtype=torch.float64)) / self._at
        if not self._right:
            return Score(loss, None, self._at)
        return Score(loss, int(torch.stack(self._right).sum()) / self._at, self._at)


def chunk_size(network: Network, device: torch.device) -> int:
    """How many samples to evaluate at once."""
    elements = ELEMENTS if device.type == "cpu" else ELEMENTS * 64
    return max(16, min(elements // widest(network), 512 if device.type == "cpu" else 65536))


def widest(network: Network) -> int:
    """How many values a sample has where it has most."""
    return max(
        torch.Size(shape).numel()
        for layer in network.shapes
        for shape in (layer.input_shape, layer.output_shape)
    )
