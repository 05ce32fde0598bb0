"""What all plots of the debugger share with the curves: no frame, faint grid, small grey digits."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from app.kit import theme

OWN = -1
"""The id of the experiment's own run."""


def colour_of(id: int) -> QColor:
    """The colour of a runner in the theme in use, or of this experiment's own run.

    Over a heat map a line or ball of it needs an edge in ``theme.current().surface``: no eight
    colours stand out from one another and from a whole colour scale.

    Args:
        id: As in ``RunnerView`` and ``PathView``: -1 is this experiment's own run; beyond 7 the
            colours come again.
    """
    tokens = theme.current()
    return QColor(tokens.accent if id == OWN else tokens.runners[id % len(tokens.runners)])


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


def picture_rect(x: NDArray[Any], y: NDArray[Any], shape: tuple[int, ...]) -> QRectF:
    """Where a picture lies whose values stand in the middle of their pixels.

    Args:
        x: From the first value to the last; only these ends count.
        y: In the same way.
        shape: (h, w, ...) of the picture.
    """
    (left, right), (bottom, top) = (map(float, (axis[0], axis[-1])) for axis in (x, y))
    across = (right - left) / max(1, shape[1] - 1)
    up = (top - bottom) / max(1, shape[0] - 1)
    return QRectF(left - across / 2, bottom - up / 2, right - left + across, top - bottom + up)


def luminance(colour: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.1)."""
    parts = _parts(colour)
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def faint(colour: str, alpha: int) -> QColor:
    """A token that lets through what lies behind it, 0 to 255."""
    result = QColor(colour)
    result.setAlpha(alpha)
    return result


def between(stops: tuple[str, ...], share: float) -> QColor:
    """The colour so far along a row of tokens, 0 to 1."""
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    one, other, part = QColor(stops[first]), QColor(stops[first + 1]), place - first
    ends = zip(_parts(one), _parts(other), strict=True)
    return QColor.fromRgbF(*(a + (b - a) * part for a, b in ends))


def layer_colours(count: int) -> list[QColor]:
    """A colour a layer, in their order: a row that passes by neither blue nor orange."""
    tokens = theme.current()
    stops = (tokens.test, tokens.text_dim, tokens.train)
    if count == 1:
        return [QColor(tokens.train)]
    return [between(stops, index / (count - 1)) for index in range(count)]
