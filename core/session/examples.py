"""Some training pictures as the present epoch shows them, to be looked at."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data import Dataset
from core.messages.surface_views import read_only
from core.training.augmented import augmented_of
from core.training.trainer import Trainer

EXAMPLES = 20


class Examples:
    """Makes the pictures anew only when they are others."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._pictures: NDArray[Any] | None = None

    def of(self, trainer: Trainer) -> NDArray[Any] | None:
        """``(EXAMPLES, height, width)``, fewer where there are fewer; None of what is no picture.

        The classes come in turn, so that each is there. The array is the same object until
        data, settings or epoch are others.
        """
        spec, data, changed = trainer.spec, trainer.data, trainer.interventions.inputs
        epoch = trainer.epoch if spec.augmentation.on else 0
        of = (spec.data, spec.seed, spec.augmentation, changed, epoch)
        if of != self._of:
            self._of = of
            self._pictures = _shown(trainer, data) if data.shape.reads_images else None
        return self._pictures


def _shown(trainer: Trainer, data: Dataset) -> NDArray[Any]:
    rows = _rows(data.train_labels, data.shape.outputs)
    augmented = augmented_of(trainer.spec, data, trainer.interventions)
    if augmented is None:
        pictures = data.train_inputs[rows]
    else:
        pictures = augmented.inputs(trainer.epoch, rows)
    return read_only(pictures[:, 0].cpu().numpy())


def _rows(labels: Tensor, classes: int) -> Tensor:
    """``(k,)``: the first sample of each class, then the second of each, until there are enough."""
    each = [torch.nonzero(labels == k)[:EXAMPLES, 0].tolist() for k in range(classes)]
    turns = (row[turn] for turn in range(EXAMPLES) for row in each if turn < len(row))
    return torch.tensor(np.array(list(islice(turns, EXAMPLES))), device=labels.device)
