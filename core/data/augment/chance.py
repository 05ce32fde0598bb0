"""Chance that depends on nothing but what it is for: no order of calls, no clock, no thread."""

from __future__ import annotations

import torch
from torch import Tensor

_GOLDEN = 0x9E3779B97F4A7C15 - 2**64
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64
_BITS = 24
"""Of the mantissa of a float32: each number is a whole multiple of 2⁻²⁴."""


def chances(seed: int, epoch: int, rows: Tensor, count: int) -> Tensor:
    """Numbers evenly spread from 0 to 1, the same for the same sample of the same epoch.

    SplitMix64 (Steele, Lea and Flood, 2014), entered at a place that follows from seed, epoch,
    row and column: a generator would give other numbers in another order.

    Args:
        seed: The experiment's.
        epoch: Counted from 0.
        rows: ``(b,)`` int64, which samples.
        count: How many numbers for each.

    Returns:
        ``(b, count)`` float32, at least 0 and below 1, on the rows' device.
    """
    begin = torch.tensor([seed], dtype=torch.int64, device=rows.device)
    sample = _mixed(_mixed(_mixed(begin) + epoch) + rows)
    place = torch.arange(1, count + 1, device=rows.device) * _GOLDEN
    mixed = _mixed(sample[:, None] + place)
    return _shifted(mixed, 64 - _BITS).float() * 2.0**-_BITS


def _mixed(z: Tensor) -> Tensor:
    z = (z ^ _shifted(z, 30)) * _FIRST
    z = (z ^ _shifted(z, 27)) * _SECOND
    return z ^ _shifted(z, 31)


def _shifted(z: Tensor, by: int) -> Tensor:
    """To the right, zeros coming in: torch's own shift of int64 brings the sign in."""
    return (z >> by) & ((1 << (64 - by)) - 1)
