"""Training pictures as an epoch shows them, made in a thread beside the one that trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import torch
from torch import Tensor

from core.data import Dataset, as_float
from core.data.augment.augmenter import Augmenter
from core.experiment.spec import ExperimentSpec
from core.messages.breakpoints import Interventions

PIECE = 256
"""Pictures changed at once: what they take stays in the processor's own memory."""


class Augmented:
    """Gives an epoch's pictures, changed.

    Args:
        augmenter: Changes them.
        data: Whose training pictures.
        kept: ``(k,)`` int64, the samples that are shown as they are: a person changed their
            inputs, and sees the numbers that were typed.
    """

    def __init__(self, augmenter: Augmenter, data: Dataset, kept: Tensor) -> None:
        self._augmenter = augmenter
        self._data = data
        self._kept = kept

    def inputs(self, epoch: int, rows: Tensor) -> Tensor:
        """``(b, *shape)`` float32 for ``(b,)`` rows of the data, on its device."""
        parts = [self._changed(epoch, part) for part in torch.split(rows, PIECE)]
        return as_float(torch.cat(parts))

    def _changed(self, epoch: int, rows: Tensor) -> Tensor:
        pictures = self._data.train_inputs.index_select(0, rows)
        labels = self._data.train_labels.index_select(0, rows)
        changed = self._augmenter.changed(pictures, labels, epoch, rows)
        if len(self._kept):
            as_they_are = torch.isin(rows, self._kept)
            changed[as_they_are] = pictures[as_they_are]
        return changed


def augmented_of(spec: ExperimentSpec, data: Dataset, hands: Interventions) -> Augmented | None:
    """Changes the training pictures as an experiment says; None where it shows them as they are."""
    augmenter = Augmenter.of(spec.augmentation, spec.data, data.shape, spec.seed)
    if augmenter is None:
        return None
    kept = sorted({row for row, _ in hands.inputs})
    device = data.train_inputs.device
    return Augmented(augmenter, data, torch.tensor(kept, dtype=torch.int64, device=device))


def made_ahead(make: Callable[[Tensor], Tensor], blocks: tuple[Tensor, ...]) -> Iterator[Tensor]:
    """What is made of each block; while one is used, the next is made in a thread of its own.

    A thread lives for one block, so that none is left where nobody takes the next.
    """
    coming = _begun(make, blocks[0])
    for block in blocks[1:]:
        found = coming.result()
        coming = _begun(make, block)
        yield found
    yield coming.result()


def _begun(make: Callable[[Tensor], Tensor], block: Tensor) -> Future[Tensor]:
    threads = partial(torch.set_num_threads, 1)  # of this thread
    pool = ThreadPoolExecutor(1, "chainrule-augmenter", threads)
    future = pool.submit(make, block)
    pool.shutdown(wait=False)
    return future
