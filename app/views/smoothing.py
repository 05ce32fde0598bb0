"""Smooths a noisy curve, so that its course shows."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from numpy.typing import NDArray


def smoothed(values: NDArray[np.floating], weight: float) -> NDArray[np.float64]:
    """The exponential moving average without the bias of its start, as TensorBoard draws it.

    s_t = weight * s_(t-1) + (1 - weight) * x_t with s_0 = 0, shown as s_t / (1 - weight**t): the
    correction of Kingma and Ba (2015, section 3). Values that are not finite stay as they are
    and have no part in the average.

    Args:
        values: (n,)
        weight: From 0 (the values themselves) to below 1.

    Returns:
        (n,)

    Raises:
        ValueError: The weight is outside [0, 1).
    """
    if not 0 <= weight < 1:
        raise ValueError(f"a weight of {weight}")
    result = np.array(values, dtype=np.float64)
    finite = np.isfinite(result)
    scaled = (result[finite] * (1 - weight)).tolist()
    sums = np.fromiter(accumulate(scaled, lambda s, x: weight * s + x), np.float64, len(scaled))
    result[finite] = sums / (1 - weight ** np.arange(1, len(scaled) + 1))
    return result
