"""The printed lines of ruled and squared paper, which no pen has drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

_STEEPEST = 0.1
"""How far a line may rise for each pixel along it: six degrees, as one holds a camera."""

_SLOPES = 41
_ALONG = 0.7
"""The least share of a picture's width, and of both its ends, along which a line is seen."""

_END = 0.15
"""The part of the width that is an end: a digit's stroke does not reach both."""

_ENOUGH = 0.3
_FAINT = 0.03
_DARKEST = 0.9
_PARTS = 3
_UNLIKE = 1.6
"""Times a part's darkness from which on a line is darker for ink that lies along it."""

_REACH = 3
"""Pixels from a line's middle to where it has surely ended."""


def without_ruling(dark: Grey, spread: float) -> Grey:
    """Paper without its lines, level and upright; strokes that cross them stay.

    A line is printed on the paper and takes its part of the light, whatever is drawn over it: so
    it is divided out, as the paper is.

    Args:
        dark: ``(height, width)`` how much darker than the paper each pixel is.
        spread: How far paper itself varies.
    """
    level = _without_level(dark, spread)
    return np.ascontiguousarray(_without_level(level.T, spread).T)


def _without_level(dark: Grey, spread: float) -> Grey:
    """Without lines that run from left to right, all of one slope."""
    marked = (dark > max(_FAINT, 3 * spread)).astype(np.float32)
    slope = _slope_of(marked)
    straight = _straight(dark, slope)
    inside = _straight(np.ones_like(dark), slope) > 0
    printed = _printed(straight, _straight(marked, slope), inside)
    if not printed.any():
        return dark
    rows = _rows_of(dark, slope)
    lines: Grey = printed[rows - rows.min()]
    cleared: Grey = 1 - (1 - dark) / (1 - np.minimum(lines, _DARKEST))
    return cleared


def _slope_of(marked: Grey) -> float:
    """The slope along which rows are the most full or empty: the lines' own."""
    rows, columns = np.nonzero(marked)
    across = columns - marked.shape[1] / 2

    def fullness(slope: float) -> float:
        level = rows - np.rint(slope * across).astype(np.int64)
        counts = np.bincount(level - level.min())
        return float(np.square(counts).sum())

    slopes = np.linspace(-_STEEPEST, _STEEPEST, _SLOPES).tolist()
    return max(slopes, key=fullness) if len(rows) else 0.0


def _rows_of(picture: Grey, slope: float) -> NDArray[np.int64]:
    """``(height, width)``: the row in which each pixel comes to lie once lines are level."""
    height, width = picture.shape
    rise = np.rint(slope * (np.arange(width) - width / 2)).astype(np.int64)
    rows: NDArray[np.int64] = np.arange(height)[:, None] - rise
    return rows


def _straight(picture: Grey, slope: float) -> Grey:
    """The picture with lines of that slope level, as tall as need be; beyond it is nothing."""
    rows = _rows_of(picture, slope)
    first = rows.min()
    level = np.zeros((int(rows.max() - first) + 1, picture.shape[1]), np.float32)
    level[rows - first, np.arange(picture.shape[1])] = picture
    return level


def _printed(straight: Grey, marked: Grey, inside: NDArray[np.bool_]) -> Grey:
    """``(rows,)``: how dark the lines are at each row; 0 where there is none."""
    seen = _seen(marked, inside)
    printed = np.zeros(len(straight), np.float32)
    for row in _middles(seen):
        first, last = max(row - _REACH, 0), min(row + _REACH + 1, len(straight))
        # A pixel wider each way, since lines were cut to pixels.
        levels = _usual(_widened(straight[first:last, inside[row]]))
        levels[levels < _FAINT] = 0
        printed[first:last] = np.maximum(printed[first:last], levels)
    return printed


def _usual(rows: Grey) -> Grey:
    """How dark each row is where no ink is: usually its median, but where a stroke lies along it
    that of its faintest part."""
    whole = np.median(rows, axis=1)
    parts = np.array_split(rows, _PARTS, axis=1)
    faintest = np.min([np.median(part, axis=1) for part in parts], axis=0)
    usual: Grey = np.where(whole > _UNLIKE * faintest, faintest, whole)
    return usual


def _seen(marked: Grey, inside: NDArray[np.bool_]) -> Grey:
    """``(rows,)``: the share of each row, or of its emptier end, that is marked at or beside it.

    A line that leaves the picture at a corner counts along what is inside, if that is enough.
    """
    near = _widened(marked) * inside
    width = marked.shape[1]
    end = max(1, int(_END * width))
    shares = [inside.mean(axis=1) >= _ENOUGH]
    for part in (slice(None), slice(0, end), slice(width - end, None)):
        there = inside[:, part].sum(axis=1)
        share = near[:, part].sum(axis=1) / np.maximum(there, 1)
        shares.append(np.where(there > 0, share, 1))
    seen: Grey = np.min(shares, axis=0).astype(np.float32)
    return seen


def _widened(rows: Grey) -> Grey:
    """The largest of each pixel and those above and below it."""
    padded = np.pad(rows, ((1, 1), (0, 0)))
    largest: Grey = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    return largest


def _middles(seen: Grey) -> list[int]:
    """The rows in the middle of lines: of neighbouring rows that are seen along, the middle one."""
    rows = np.flatnonzero(seen >= _ALONG)
    groups = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    return [int(group[len(group) // 2]) for group in groups if len(group)]
