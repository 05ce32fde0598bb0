"""Where two numbers of a pooling's window are both the largest.

A gradient goes to the first of them, though another that grew would take its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from core.debugger.formulas.formula import Factor
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.windows import SlidingWindow, window_of
from core.messages.record import Entry, Phase, Record

_SLIDES = frozenset({"convolution", "max_pool", "avg_pool"})
"""What makes of each number of an image several, or one in another place."""


NEAR = 1e-6
"""Nearer than this float32 cannot tell on which side a number of a network stands."""


@dataclass(frozen=True)
class _Patch:
    """What of an image a nudge reaches.

    Attributes:
        samples: Which samples of the batch.
        channels: Which channels.
        rows, columns: From and to.
    """

    samples: slice
    channels: slice
    rows: tuple[int, int]
    columns: tuple[int, int]

    @property
    def place(self) -> tuple[slice, slice, slice, slice]:
        """To cut it out of an array with."""
        return (self.samples, self.channels, slice(*self.rows), slice(*self.columns))

    @property
    def is_point(self) -> bool:
        """Whether it is one number of each sample."""
        (top, bottom), (left, right) = self.rows, self.columns
        return (bottom - top, right - left) == (1, 1) and self.channels != slice(None)

    def seen_through(self, spot: OneNumber, layer: Entry) -> _Patch:
        """What it reaches of the output of a layer with a window."""
        window, shape = window_of(spot.record.layer(layer.path).layer), layer.shape
        channels = slice(None) if layer.kind == "convolution" else self.channels
        rows = _reached(window, self.rows, shape[1])
        return _Patch(self.samples, channels, rows, _reached(window, self.columns, shape[2]))


def _reached(window: SlidingWindow, at: tuple[int, int], outs: int) -> tuple[int, int]:
    seen = [out for place in range(*at) for _, out in window.seen_by(place, outs)]
    return (min(seen), max(seen) + 1) if seen else (0, 0)


def is_tied(spot: OneNumber, number: Factor) -> bool:
    """Whether a nudge of a number of an image could change which number of a window is largest.

    Args:
        spot: Its step.
        number: Of an array of values; with -1 for the sample it is nudged in all of them.
    """
    if len(number.index) != 4:
        return False
    sample, channel, row, column = number.index
    samples = slice(None) if sample < 0 else slice(sample, sample + 1)
    patch = _Patch(samples, slice(channel, channel + 1), (row, row + 1), (column, column + 1))
    key, flat = number.key, None
    while (reader := reader_of(spot.record, key)) is not None and reader.kind != "flatten":
        if reader.kind == "max_pool" and _has_tie(spot, reader, patch, flat):
            return True
        flat = reader if reader.kind == "activation" else None
        if reader.kind in _SLIDES:
            patch = patch.seen_through(spot, reader)
        key = reader.writes
    return False


def reader_of(record: Record, key: str) -> Entry | None:
    """The operation of the forward pass that takes an array in."""
    forward = (entry for entry in record.entries if entry.phase is Phase.FORWARD)
    return next((entry for entry in forward if entry.reads[:1] == (key,)), None)


def _has_tie(spot: OneNumber, pool: Entry, patch: _Patch, flat: Entry | None) -> bool:
    """Whether a window that sees the patch has several largest numbers, and the loss cares.

    Args:
        spot: The step.
        pool: The pooling.
        patch: What the nudge reaches of what it takes in.
        flat: The activation before it, if there is one.
    """
    outs, window = patch.seen_through(spot, pool), window_of(spot.record.layer(pool.path).layer)
    largest = spot.array(pool.writes)[outs.place]
    if not largest.size:
        return False
    seen = _seen(spot.array(pool.reads[0]), window, outs)
    equal = seen >= largest[..., None, None] - NEAR
    if flat is not None:  # a rectifier has cut these off: no nudge gets through
        z, a = (_seen(spot.array(key), window, outs) for key in (flat.reads[0], flat.writes))
        equal &= ~((z < 0) & (a == 0))
    tied = equal.sum((-2, -1)) > 1
    if patch.is_point:
        tied &= _would_take_over(seen, equal, window, patch, outs)
    gradient = spot.record.arrays.get(f"d:{pool.writes}")
    return bool((tied if gradient is None else tied & (gradient[outs.place] != 0)).any())


def _seen(image: NDArray[Any], window: SlidingWindow, outs: _Patch) -> NDArray[Any]:
    """What the windows of a patch see: (samples, channels, rows, columns, size, size)."""
    spans = (
        slice(first * window.stride, (last - 1) * window.stride + window.size)
        for first, last in (outs.rows, outs.columns)
    )
    cut, size = image[outs.samples, outs.channels, *spans], (window.size, window.size)
    return sliding_window_view(cut, size, (2, 3))[:, :, :: window.stride, :: window.stride]


def _would_take_over(
    seen: NDArray[Any], equal: NDArray[np.bool_], window: SlidingWindow, point: _Patch, outs: _Patch
) -> NDArray[np.bool_]:
    """Where one number of a window is among the largest, and not the one that is taken."""
    rows, columns = (
        at - np.arange(*span) * window.stride
        for at, span in ((point.rows[0], outs.rows), (point.columns[0], outs.columns))
    )
    own = rows[:, None] * window.size + columns
    values, marks = (one.reshape(*one.shape[:-2], -1) for one in (seen, equal))
    is_equal = np.take_along_axis(marks, np.broadcast_to(own, marks.shape[:-1])[..., None], -1)
    return np.asarray(is_equal[..., 0] & (values.argmax(-1) != own))
