"""The training samples that a loss surface is averaged over."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.data import as_float
from core.layers import Conv2d, walk
from core.training.trainer import Trainer

QUICK_ENOUGH = 2048
"""Samples where nothing else is asked for,"""

QUICK_ENOUGH_IMAGES = 512
"""and where the network convolves."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Some of a training set, in an order of chance, so that its first few are a sample too.

    Attributes:
        inputs: (n, *shape) float32.
        targets: (n, ...) as the loss takes them.
        labels: (n,) int64; None for regression.
        of: So many samples the training set has.
    """

    inputs: Tensor
    targets: Tensor
    labels: Tensor | None
    of: int

    def __len__(self) -> int:
        """The number of samples."""
        return len(self.inputs)

    def part(self, where: slice) -> Sample:
        """Some of it, without copying."""
        labels = self.labels[where] if self.labels is not None else None
        return replace(self, inputs=self.inputs[where], targets=self.targets[where], labels=labels)

    def parts(self, size: int) -> list[slice]:
        """Where it lies in pieces of so many samples."""
        return [slice(at, min(at + size, len(self))) for at in range(0, len(self), size)]


def drawn(trainer: Trainer, samples: int | None) -> Sample:
    """A copy of samples that a run trains on: the same ones for the same experiment.

    Args:
        trainer: Between two steps.
        samples: How many; None for as many as are quick enough.
    """
    spec, data = trainer.spec, trainer.data
    whole = len(data.train_inputs)
    count = min(whole, samples or _quick_enough(trainer))
    order = torch.randperm(whole, generator=torch.Generator().manual_seed(spec.seed))
    with torch.inference_mode(False):
        rows = order[:count].to(trainer.device)
        labels = data.train_labels[rows]
        outputs = trainer.network.shapes[-1].output_shape[0]
        targets = spec.loss.encode(labels, data.shape.outputs, outputs)
        classes = labels if data.shape.task == "classification" else None
        return Sample(as_float(data.train_inputs[rows]), targets, classes, whole)


def _quick_enough(trainer: Trainer) -> int:
    convolves = any(isinstance(layer, Conv2d) for _, layer in walk(trainer.spec.layers))
    return QUICK_ENOUGH_IMAGES if convolves else QUICK_ENOUGH
