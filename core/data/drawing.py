"""From a drawing or a picture to an input as MNIST was made, so that a network can read it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.mnist import area_weights
from core.data.picture.frames import inside_frame
from core.data.picture.paper import mean_around
from core.data.picture.uneven import uneven_ink

Ink = NDArray[np.float32]

_SIDE = 28
_BOX = 20
_CENTRE = 14.0
"""The pixel index of the centre of mass: with it MNIST's digits come back where they were."""

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""How bright red, green and blue look (ITU-R BT.601)."""

_LEAST_CONTRAST = 0.05
_EVEN = 0.001
"""Of the paper's border: what varies more is lit unevenly, or grainy."""

_SMALL = 56
"""Pixels of a side: what has no more is no photograph, but a digit cut out."""

_CROSSED = 0.01
"""Of the border: where more of it stands out, lines may cross it, or a shadow's edge."""


def mnist_input(drawing: NDArray[Any]) -> Ink | None:
    """A drawing as MNIST's own digits were made (LeCun, Cortes and Burges, 1998).

    The ink is scaled, keeping its proportions, so that its longer side takes 20 pixels, each
    pixel the mean of the area it covers; then placed with its centre of mass in the middle of
    28 by 28, as far as all of it stays inside.

    Args:
        drawing: ``(height, width)`` ink of any size; whole numbers from 0 (paper) to 255, or
            floats or bools from 0 to 1.

    Returns:
        ``(28, 28)`` from 0 to 1; None where there is no ink.

    Raises:
        ValueError: The drawing has not two dimensions.
    """
    if drawing.ndim != 2:
        raise ValueError(f"a drawing has two dimensions, not {drawing.ndim}")
    box = _ink_box(drawing > 0)
    if box is None:
        return None
    ink = _in_unit_range(drawing[box])
    height, width = ink.shape
    scale = _BOX / max(height, width)
    rows = area_weights(height, max(1, round(height * scale)))
    columns = area_weights(width, max(1, round(width * scale)))
    digit: Ink = np.clip(rows @ ink @ columns.T, 0, 1)
    return _centred(digit) if digit.any() else None


def ink_of_picture(pixels: NDArray[Any]) -> Ink:
    """Finds the ink in a picture, dark on light or light on dark.

    A frame is left out. The paper's level comes from the border of what lies within it; ink is
    what differs from it, towards the side that differs more, by more than the border itself
    varies. Where the border says that light, lines or grain are on the paper, they are divided
    out first (:mod:`core.data.picture.uneven`). Where it is transparent, ink is whatever is not.

    Args:
        pixels: ``(height, width)`` grey, or ``(height, width, 1 to 4)`` grey, grey and alpha, RGB
            or RGBA; whole numbers from 0 to 255, or floats from 0 to 1.

    Returns:
        ``(height, width)``, 0 for paper, 1 for full ink; all 0 where nothing stands out.

    Raises:
        ValueError: The array has another shape, or no pixels.
    """
    grey = grey_of(pixels)
    ink: Ink = np.zeros_like(grey)
    within = inside_frame(grey)
    ink[within] = _ink_on_paper(grey[within])
    return ink


def grey_of(pixels: NDArray[Any]) -> Ink:
    """How bright a picture is at each pixel, ``(height, width)`` from 0 to 1.

    Where its border is transparent, how opaque it is.

    Args:
        pixels: As :func:`ink_of_picture` takes them.

    Raises:
        ValueError: The array has another shape, or no pixels.
    """
    if pixels.ndim not in (2, 3) or pixels.size == 0 or (pixels.ndim == 3 and pixels.shape[2] > 4):
        raise ValueError(f"a picture of shape {pixels.shape}")
    return _grey(_in_unit_range(pixels))


def _ink_on_paper(grey: Ink) -> Ink:
    """Ink on a paper that reaches to the picture's border; see :func:`ink_of_picture`."""
    deviation = grey - _paper(grey)
    smooth = mean_around(deviation, 1)  # so that a single bright pixel does not decide
    sign = 1 if smooth.max() >= -smooth.min() else -1
    border = np.abs(_border(deviation))
    if min(grey.shape) > _SMALL and (
        np.median(border) > _EVEN or np.mean(border > _LEAST_CONTRAST) > _CROSSED
    ):
        return uneven_ink(grey)
    return _ink_on_even(np.maximum(sign * deviation, 0), float(np.median(border)))


def _ink_on_even(difference: Ink, spread: float) -> Ink:
    """Ink where the paper is of one level, or of a slope's."""
    strongest = difference.max()
    if strongest < _LEAST_CONTRAST:
        return np.zeros_like(difference)
    full = np.quantile(difference[difference > strongest / 2], 0.9)
    threshold = min(max(6 * spread, 0.04 * full), full / 2)
    mask = difference >= threshold
    if spread > 0:
        mask &= mean_around(mask.astype(np.float32), 1) > 2.5 / 9  # no lone specks
    ink: Ink = np.where(mask, np.minimum(difference / full, 1), 0).astype(np.float32)
    return ink


def _ink_box(inked: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """The smallest box with all ink in it; None where there is none."""
    rows = np.flatnonzero(inked.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(inked.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _in_unit_range(values: NDArray[Any]) -> Ink:
    """Any pixels as float32 from 0 to 1; bytes exactly as ``core.data.as_float`` has them."""
    if np.issubdtype(values.dtype, np.integer):
        values = values.astype(np.float32) * np.float32(1 / 255)
    unit: Ink = np.clip(values.astype(np.float32), 0, 1)
    return unit


def _centred(digit: Ink) -> Ink:
    """``(28, 28)`` with the digit's centre of mass in the middle, moved by whole pixels."""
    image = np.zeros((_SIDE, _SIDE), dtype=np.float32)
    top = _offset(digit.sum(axis=1))
    left = _offset(digit.sum(axis=0))
    height, width = digit.shape
    image[top : top + height, left : left + width] = digit
    return image


def _offset(profile: Ink) -> int:
    """Where a digit starts along one axis, given how much ink it has at each pixel of it."""
    length = len(profile)
    centre = float(profile @ np.arange(length, dtype=np.float32)) / float(profile.sum())
    return min(max(round(_CENTRE - centre), 0), _SIDE - length)


def _grey(pixels: Ink) -> Ink:
    """Brightness, ``(height, width)``; where the border is transparent, opacity instead."""
    if pixels.ndim == 2:
        return pixels
    colours, alpha = pixels, None
    if pixels.shape[2] in (2, 4):
        colours, alpha = pixels[..., :-1], pixels[..., -1]
    grey: Ink = colours @ _LUMA if colours.shape[2] == 3 else colours[..., 0]
    if alpha is None:
        return grey
    if np.median(_border(alpha)) < 0.5:
        return alpha
    paper = np.median(_border(grey))
    blended: Ink = paper + alpha * (grey - paper)
    return blended


def _paper(grey: Ink) -> Ink:
    """How bright the paper is at each pixel: a plane through the border, for light from one side.

    Border pixels far from the border's median count as ink that runs off the picture. A border
    of one single level gives exactly that level.
    """
    border = _border(grey)
    level = np.median(border)
    distance = np.abs(border - level)
    if not np.median(distance):
        return np.full_like(grey, level)
    rows, columns = np.mgrid[-1 : 1 : grey.shape[0] * 1j, -1 : 1 : grey.shape[1] * 1j]
    planes = np.stack([_border(rows), _border(columns), np.ones(len(border))], axis=1)
    near = distance <= 4 * np.median(distance)
    tilt = np.linalg.lstsq(planes[near], border[near], rcond=None)[0]
    plane: Ink = (tilt[0] * rows + tilt[1] * columns + tilt[2]).astype(np.float32)
    return plane


def _border(grey: Ink) -> Ink:
    """The outermost pixels, in one row."""
    return np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
