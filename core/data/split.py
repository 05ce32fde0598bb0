"""Which samples are for learning from and which for testing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def split(
    count: int,
    test_fraction: float,
    rng: np.random.Generator,
    labels: NDArray[Any] | None = None,
) -> tuple[Indices, Indices]:
    """Shuffles the samples, then divides them, so that no class is missing from training.

    Args:
        count: How many samples there are, at least 1.
        test_fraction: The part kept for testing, 0 to 1; rounded to whole samples.
        rng: Decides the order.
        labels: ``(count,)`` class of each sample; each class keeps at least one sample for
            training, even where the test part becomes smaller for it.

    Returns:
        ``(n,)`` indices for training, n at least 1, and ``(count - n,)`` for testing, shuffled.
    """
    order = rng.permutation(count)
    needed = 1
    if labels is not None:
        _, first_of_class = np.unique(labels[order], return_index=True)
        needed = len(first_of_class)
        order = np.concatenate([order[first_of_class], np.delete(order, first_of_class)])
    train_count = count - min(round(count * test_fraction), count - needed)
    return rng.permutation(order[:train_count]), rng.permutation(order[train_count:])
