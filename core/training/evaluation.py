"""Loss and accuracy on a whole set, in pieces short enough to be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from core.catalog.losses import Loss
from core.data import as_float
from core.experiment.network import Network
from core.training.metrics import accuracy_of

ELEMENTS = 2**21
"""Values of the widest layer a chunk: more leaves the cache (measured: 64 to 250 MNIST images)."""


@dataclass(frozen=True)
class Score:
    """The mean loss on a set, and the share classified right (None for regression)."""

    loss: float
    accuracy: float | None


class Evaluation:
    """One pass over a set, a chunk at a time, with the weights as they are.

    The caller must leave the weights alone until ``result`` is there.

    Args:
        network: The live network; it is put in evaluation mode for each chunk.
        loss: The loss; its mean over chunks is weighted by their samples.
        inputs: ``(n, *shape)`` uint8 or float32; ``targets`` as the loss takes them.
        labels: ``(n,)`` int64 for classification, None for regression.
    """

    def __init__(
        self, network: Network, loss: Loss, inputs: Tensor, targets: Tensor, labels: Tensor | None
    ) -> None:
        self._network = network
        self._loss = loss
        self._inputs = inputs
        self._targets = targets
        self._labels = labels
        self._chunk = chunk_size(network, inputs.device)
        self._at = 0
        self._losses: list[Tensor] = []
        self._right: list[Tensor] = []
        self.seconds = 0.0

    def run(self, until: float, interrupted: Callable[[], bool] = lambda: False) -> Score | None:
        """Goes on until a moment of ``perf_counter`` or until interrupted; at least one chunk.

        Returns:
            The score, or None while it is not done.
        """
        started = perf_counter()
        self._network.eval()
        with torch.inference_mode():
            while self._at < len(self._inputs):
                self._evaluate_chunk()
                if perf_counter() >= until or interrupted():
                    break
        self._network.train()
        score = self._score() if self._at >= len(self._inputs) else None
        self.seconds += perf_counter() - started
        return score

    def _evaluate_chunk(self) -> None:
        part = slice(self._at, self._at + self._chunk)
        z = self._network(as_float(self._inputs[part]))
        a = self._network.activate(z)
        self._losses.append(self._loss.value(z, a, self._targets[part]) * len(z))
        if self._labels is not None:
            self._right.append(accuracy_of(a, self._labels[part]).sum())
        self._at += len(z)

    def _score(self) -> Score:
        samples = len(self._inputs)
        loss = float(torch.stack(self._losses).sum(dtype=torch.float64)) / samples
        if not self._right:
            return Score(loss, None)
        return Score(loss, int(torch.stack(self._right).sum()) / samples)


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
