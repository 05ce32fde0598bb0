"""Which marked pixels hang together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Marked = NDArray[np.bool_]


def shapes_of(marked: Marked) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shapes whose pixels touch, at a corner too; found by runs, each joined to those above it.

    Args:
        marked: ``(height, width)``.

    Returns:
        ``(height, width)`` the number of each pixel's shape from 1 on, 0 for none; and the number
        of pixels of each shape, that of none first.
    """
    runs = _runs(marked)
    parents = list(range(len(runs)))
    above: list[int] = []
    row = -1
    here: list[int] = []
    for index, (at, start, stop) in enumerate(runs):
        if at != row:
            above, here = (here if at == row + 1 else []), []
            row = at
        for other in above:
            if runs[other][1] <= stop and start <= runs[other][2]:
                parents[_root(parents, other)] = _root(parents, index)
        here.append(index)
    roots = [_root(parents, index) for index in range(len(runs))]
    numbers = {root: number for number, root in enumerate(dict.fromkeys(roots), 1)}
    labels = np.zeros(marked.shape, np.int64)
    for (at, start, stop), root in zip(runs, roots, strict=True):
        labels[at, start:stop] = numbers[root]
    return labels, np.bincount(labels.ravel(), minlength=len(numbers) + 1)


def _runs(marked: Marked) -> list[tuple[int, int, int]]:
    """Row, first column and the one behind the last of each run, in reading order."""
    edges = np.diff(np.pad(marked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, stops = np.nonzero(edges == -1)
    return list(zip(rows.tolist(), starts.tolist(), stops.tolist(), strict=True))


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index
