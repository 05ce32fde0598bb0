"""Ink on paper that is lit unevenly, printed with lines, or photographed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.picture.paper import Grey, darkening, mean_around
from core.data.picture.ruling import without_ruling
from core.data.picture.shapes import shapes_of

_LONGEST_SIDE = 320
"""Pixels that are looked at: a network is given 28, and lines are found in a hundredth second."""

_LEAST_CONTRAST = 0.05
_LEAST_SHARE = 0.2
"""Of full ink: what is fainter is paper, or left of a printed line."""

_SURELY = 6
"""Times its usual variation from which on paper is ink."""

_SMALLEST = 0.04
"""Of the largest shape's pixels: smaller shapes are specks."""


_ROUGHLY = 96
"""Pixels on which it is found out whether ink is dark or light."""


def uneven_ink(grey: Grey) -> Grey:
    """Finds ink on paper whose light and printed lines are divided out.

    Args:
        grey: ``(height, width)`` from 0 to 1, dark ink on lighter paper or the other way round.

    Returns:
        The same shape, 0 for paper, 1 for full ink; where the picture is large, in squares.
    """
    if is_light_on_dark(grey):
        grey = 1 - grey
    factor = -(-max(grey.shape) // _LONGEST_SIDE)
    ink = _dark_ink(_reduced(grey, factor))
    large = ink.repeat(factor, axis=0).repeat(factor, axis=1)
    return large[: grey.shape[0], : grey.shape[1]]


def _dark_ink(grey: Grey) -> Grey:
    dark = darkening(grey)
    spread = float(np.median(np.abs(mean_around(dark, 1))))
    return _strong(without_ruling(dark, spread), spread)


def is_light_on_dark(grey: Grey) -> bool:
    """Whether ink is lighter than its paper: there is less of it, so it lies farther from the mean
    of both about it.

    Args:
        grey: ``(height, width)`` from 0 to 1.
    """
    rough = mean_around(_reduced(grey, -(-max(grey.shape) // _ROUGHLY)), 1)
    away = rough - mean_around(rough, min(rough.shape) // 4)
    return bool(away.max() > -away.min())


def _reduced(grey: Grey, factor: int) -> Grey:
    """Means over squares of that side; incomplete ones are filled up from their edge."""
    if factor == 1:
        return grey
    height, width = (-(-side // factor) for side in grey.shape)
    edges = [
        (0, sides * factor - side) for sides, side in zip((height, width), grey.shape, strict=True)
    ]
    whole = np.pad(grey, edges, mode="edge")
    reduced: Grey = whole.reshape(height, factor, width, factor).mean(axis=(1, 3))
    return reduced


def _strong(dark: Grey, spread: float) -> Grey:
    """What is dark enough to be ink, as a share of the darkest; no specks."""
    strongest = float(dark.max())
    if strongest < _LEAST_CONTRAST:
        return np.zeros_like(dark)
    full = float(np.quantile(dark[dark > strongest / 2], 0.9))
    threshold = min(max(_SURELY * spread, _LEAST_SHARE * full), full / 2)
    calm = mean_around(dark, 1)  # grain is no ink; but the edge of ink is as sharp as it was
    marked = _without_specks((calm >= threshold) & (dark >= threshold), dark >= full / 2)
    ink: Grey = np.where(marked, np.clip(dark / full, 0, 1), 0).astype(np.float32)
    return ink


def _without_specks(marked: NDArray[np.bool_], strong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The shapes that are not small, and somewhere as dark as ink."""
    labels, sizes = shapes_of(marked)
    sizes[0] = 0
    dark = np.zeros(len(sizes), bool)
    dark[np.unique(labels[strong])] = True
    kept = dark & (sizes >= _SMALLEST * sizes.max())
    kept[0] = False
    pixels: NDArray[np.bool_] = kept[labels]
    return pixels
