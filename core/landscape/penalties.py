"""What the L1 and L2 penalties add at many vectors of parameters."""

from __future__ import annotations

import torch
from torch import Tensor

from core.landscape.arena import Flat
from core.training.step import Penalty

ELEMENTS = 2**18
"""Weights at a time: more leave the cache."""


class Penalties:
    """A penalty, and which numbers of a vector (p,) it acts on.

    Args:
        penalty: The training's.
        shapes: The parameters', in their order; those of two dimensions or more are weights.
    """

    def __init__(self, penalty: Penalty, shapes: list[torch.Size]) -> None:
        self._penalty = penalty
        self._spans: list[slice] = []
        at = 0
        for shape in shapes:
            if len(shape) > 1:
                self._spans.append(slice(at, at + shape.numel()))
            at += shape.numel()

    def of_states(self, states: Tensor) -> Tensor:
        """(k,) of vectors (k, p)."""
        total = states.new_zeros(len(states))
        if not self._penalty:
            return total
        for span in self._spans:
            weights = states[:, span]
            total += self._penalty.l1 * weights.abs().sum(1) if self._penalty.l1 else 0
            total += 0.5 * self._penalty.l2 * weights.square().sum(1) if self._penalty.l2 else 0
        return total

    def on_plane(self, flat: Flat, coefficients: Tensor) -> Tensor:
        """(k,) at base + x·d1 + y·d2, for ``coefficients`` (k, 3) float64 of 1, x and y."""
        total = coefficients.new_zeros(len(coefficients))
        if not self._penalty:
            return total.float()
        for span in self._spans:
            axes = torch.stack((flat.base[span], flat.d1[span], flat.d2[span]))
            if self._penalty.l2:
                total += 0.5 * self._penalty.l2 * _squares(axes, coefficients)
            if self._penalty.l1:
                total += self._penalty.l1 * _magnitudes(axes, coefficients)
        return total.float()


def _squares(axes: Tensor, coefficients: Tensor) -> Tensor:
    """Σw²: on a plane a polynomial of the second degree, of which six numbers are all."""
    axes = axes.to(coefficients.dtype)
    return ((coefficients @ (axes @ axes.T)) * coefficients).sum(1)


def _magnitudes(axes: Tensor, coefficients: Tensor) -> Tensor:
    """Σ|w|, which has a kink wherever a weight changes its sign, so that each point counts."""
    chunk = max(1, ELEMENTS // axes.shape[1])
    parts = torch.split(coefficients.to(axes.dtype), chunk)
    return torch.cat([torch.mm(part, axes).abs_().sum(1) for part in parts])
