"""Whether what is found in a picture are strokes of a pen at all, or dots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.picture.shapes import shapes_of

Grey = NDArray[np.float32]

_ROUGHLY = 96
"""Pixels on which neighbours are compared a second time: a screen of printed dots is grey there."""

_ALIKE = 0.3
"""The correlation of neighbouring pixels: of noise 0.1 at about the most, of digits 0.6 or more."""

_LEADING = 0.25
"""The largest shape's part of all ink: of digits 0.6 and more, of two side by side a half."""

_MANY = 12
"""Shapes: a row of digits has no more, noise has more than twenty."""

_MARKED = 0.3
_STRONG = 0.05
"""The standard deviation of a picture with anything on it: less is the grain of empty paper."""


def lacks_strokes(grey: Grey, ink: Grey) -> bool:
    """Whether a picture is noise: dots all over, and nothing drawn.

    Args:
        grey: ``(height, width)`` the picture.
        ink: The same shape, what was found in it, from 0 to 1.
    """
    if grey.std() > _STRONG and max(_likeness(grey), _likeness(_rough(grey))) < _ALIKE:
        return True
    _, sizes = shapes_of(ink > _MARKED)
    shapes = sizes[1:]
    return len(shapes) > _MANY and bool(shapes.max() < _LEADING * shapes.sum())


def _likeness(grey: Grey) -> float:
    """How far each pixel tells its neighbour in the direction in which it tells the most of it: 0
    not at all, 1 wholly; a line one pixel wide goes on in a single one."""
    pairs = (
        (grey[:, 1:], grey[:, :-1]),
        (grey[1:], grey[:-1]),
        (grey[1:, 1:], grey[:-1, :-1]),
        (grey[1:, :-1], grey[:-1, 1:]),
    )
    return max(_correlation(one, other) for one, other in pairs)


def _correlation(one: Grey, other: Grey) -> float:
    """Pearson's; 1 where there is nothing to compare, or nothing that varies."""
    if one.size < 2:
        return 1.0
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt(np.square(one).sum() * np.square(other).sum()))
    return float((one * other).sum()) / size if size > 0 else 1.0


def _rough(grey: Grey) -> Grey:
    """Means over squares, so many that the picture is small; what is over at its ends is left."""
    factor = max(1, min(max(grey.shape) // _ROUGHLY, *grey.shape))
    height, width = (side // factor for side in grey.shape)
    squares = grey[: height * factor, : width * factor]
    rough: Grey = squares.reshape(height, factor, width, factor).mean(axis=(1, 3))
    return rough
