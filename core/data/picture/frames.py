"""Frames around a picture, which are no part of its paper."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

_WITHIN = 0.2
"""How deep in the picture a frame's line may lie, in parts of its height or width."""

_ALONG = 0.8
"""The least share of a row that a frame's line takes."""

_LEAST_CONTRAST = 0.05
_MOST_ON_RIM = 0.3
_SOFT = 3
"""Pixels by which a line that was drawn smoothly may reach beyond its dark middle."""


def inside_frame(grey: Grey) -> tuple[slice, slice]:
    """The rows and columns within a frame; all of them where there is none.

    A frame is a straight line along each of the four sides: a digit has no such four, so that
    none is cut. Its colour may be any that stands out from most of the picture.

    Args:
        grey: ``(height, width)``.
    """
    away = np.abs(grey - np.median(grey))
    strongest = float(away.max())
    whole = slice(0, grey.shape[0]), slice(0, grey.shape[1])
    if strongest < _LEAST_CONTRAST:
        return whole
    marked = away > strongest / 4
    rows, columns = _ends(marked.mean(axis=1)), _ends(marked.mean(axis=0))
    if rows is None or columns is None:
        return whole
    faint = away > strongest / 10
    within = (
        _past_soft_edge(rows, faint[:, columns].mean(axis=1)),
        _past_soft_edge(columns, faint[rows].mean(axis=0)),
    )
    inner = faint[within]
    if not inner.size:
        return whole
    rim = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
    # A fat digit that fills its picture has full rows too, but no paper within them.
    return within if rim.mean() <= _MOST_ON_RIM else whole


def _ends(share: NDArray[np.floating]) -> slice | None:
    """What lies between two lines near both ends, given how much of each row stands out."""
    length = len(share)
    depth = int(length * _WITHIN)
    first = np.flatnonzero(share[:depth] >= _ALONG)
    last = np.flatnonzero(share[length - depth :] >= _ALONG)
    if not len(first) or not len(last):
        return None
    return slice(int(first[-1]) + 1, length - depth + int(last[0]))


def _past_soft_edge(within: slice, share: NDArray[np.floating]) -> slice:
    start, stop = within.start, within.stop
    for _ in range(_SOFT):
        start += int(share[start] >= _ALONG)
        stop -= int(share[stop - 1] >= _ALONG)
    return slice(start, stop)
