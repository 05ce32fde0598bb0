"""Paper that is lit unevenly: how bright it would be without the ink on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

_WIDER = 0.3
"""What is narrower than this part of a picture's shorter side is ink; strokes take a sixth of it
at the most, even where a digit fills its picture."""

_LEAST_LIGHT = 0.05


def darkening(grey: Grey) -> Grey:
    """How much darker than the paper about it each pixel is, as a part of the paper's light.

    The paper is the closing of the picture (Serra, 1982): the brightest nearby, taken back to
    where it ends. It follows a slope of light exactly and a shadow's edge where it is, and fills
    only what is darker and narrower than the window: strokes, and the lines of ruled paper.

    Args:
        grey: ``(height, width)`` from 0 to 1, dark ink on lighter paper.

    Returns:
        The same shape; 0 for paper, less where it is brighter than usual there.
    """
    calm = mean_around(grey, 1)
    window = max(3, int(_WIDER * min(grey.shape)) | 1)
    # Beyond the border it goes on as it ends there: a slope's dark end is no ink.
    wide = np.pad(calm, window, mode="edge")
    closed = -_brightest(-_brightest(wide, window), window)
    paper = mean_around(closed[window:-window, window:-window], window // 16)
    dark = 1 - grey / np.maximum(paper, _LEAST_LIGHT)
    # The brightest of what is grainy lies above its paper's mean.
    above: Grey = (dark - np.median(dark)).astype(np.float32)
    return above


def mean_around(grey: Grey, radius: int) -> Grey:
    """Each pixel's mean with those up to ``radius`` away in both directions."""
    span = 2 * radius + 1
    for axis in (0, 1):
        edges = [(radius + 1, radius) if each == axis else (0, 0) for each in (0, 1)]
        sums = np.cumsum(np.pad(grey, edges, mode="edge"), axis=axis, dtype=np.float64)
        length = grey.shape[axis]
        last = np.take(sums, range(span, span + length), axis=axis)
        grey = ((last - np.take(sums, range(length), axis=axis)) / span).astype(np.float32)
    return grey


def _brightest(grey: Grey, window: int) -> Grey:
    """The brightest of a square about each pixel; windows are put together from halves."""
    for axis in (0, 1):
        before = window // 2
        edges = [(before, window - 1 - before) if each == axis else (0, 0) for each in (0, 1)]
        found, reach = np.moveaxis(np.pad(grey, edges, mode="edge"), axis, 0), 1
        while reach < window:
            step = min(reach, window - reach)
            found = np.maximum(found[:-step], found[step:])
            reach += step
        grey = np.moveaxis(found, 0, axis)
    return grey
