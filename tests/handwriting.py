"""Pen strokes made from MNIST's digits, since no strokes come with it: thinned, and traced."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Strokes = list[NDArray[np.float64]]
"""(points, 2) x and y of each pull of the pen, the longer side of the digit's box being 1."""

ENLARGED = 4
_AROUND = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]
"""The eight neighbours in turn, from the one above."""


def thinned(filled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines one pixel wide in the middle of what is filled (Zhang and Suen, 1984).

    Args:
        filled: ``(height, width)``, empty at its border.
    """
    image = filled.copy()
    while True:
        before = image.copy()
        for first in (True, False):
            around = [np.roll(image, (-dy, -dx), (0, 1)) for dy, dx in _AROUND]
            count = sum(each.astype(int) for each in around)
            steps = sum((~a & b).astype(int) for a, b in pairwise([*around, around[0]]))
            up, _, right, _, down, _, left, _ = around
            sides = (up & right & down, right & down & left)
            turned = (up & right & left, up & down & left)
            kept = (sides if first else turned)[0] | (sides if first else turned)[1]
            image &= ~((count >= 2) & (count <= 6) & (steps == 1) & ~kept)
        if np.array_equal(before, image):
            return image


def strokes_of(digit: NDArray[np.uint8]) -> Strokes:
    """The pulls of a pen that would draw a digit of MNIST, in no order that anybody wrote in."""
    side = digit.shape[0] * ENLARGED
    large = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC))
    lines = thinned(np.pad(large > 127, 1))
    paths = [path for path in _paths(lines) if len(path) > ENLARGED]
    if not paths:
        return []
    points = [_smooth(np.array(path, float)[:, ::-1]) for path in paths]
    low = np.min([path.min(0) for path in points], 0)
    size = np.max([path.max(0) for path in points], 0) - low
    return [(path - low) / max(size.max(), 1.0) for path in points]


def _paths(lines: NDArray[np.bool_]) -> Iterator[list[tuple[int, int]]]:
    """Walks along lines of single pixels, from ends first, until all have been walked."""
    left = {(int(y), int(x)) for y, x in np.argwhere(lines)}

    def neighbours(at: tuple[int, int], among: set[tuple[int, int]]) -> list[tuple[int, int]]:
        straight_first = sorted(_AROUND, key=lambda step: abs(step[0]) + abs(step[1]))
        near = [(at[0] + dy, at[1] + dx) for dy, dx in straight_first]
        return [place for place in near if place in among]

    whole = set(left)
    while left:
        ends = [at for at in left if len(neighbours(at, left)) == 1]
        at = min(ends or left)
        # A branch is joined to the line that it leaves.
        path = [place for place in neighbours(at, whole) if place not in left][:1]
        path.append(at)
        left.discard(at)
        while onward := neighbours(path[-1], left):
            # As a hand goes on: the way that turns the least.
            back = path[-min(len(path), 6)]
            ahead = np.subtract(path[-1], back)
            path.append(max(onward, key=lambda p, a=ahead, h=path[-1]: np.subtract(p, h) @ a))
            left.discard(path[-1])
        path += [place for place in neighbours(path[-1], whole) if place not in path][:1]
        yield path


def _smooth(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over five points, the ends as they are; every second one, as a mouse reports."""
    padded = np.pad(path, ((2, 2), (0, 0)), mode="edge")
    mean = sum(padded[k : k + len(path)] for k in range(5)) / 5
    mean[0], mean[-1] = path[0], path[-1]
    return np.concatenate([mean[:-1:2], mean[-1:]])
