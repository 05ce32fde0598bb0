"""Directions in the space of all parameters: random ones, scaled filter by filter."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def gaussian(seed: int, count: int, length: int) -> Tensor:
    """(count, length) float32 of independent standard normal numbers, on the CPU.

    A seed gives the same numbers on every device and whatever the weights are.
    """
    # torch's generator looks at 32 bits and refuses some longer seeds, which people may type.
    generator = torch.Generator().manual_seed(seed % 2**32)
    return torch.stack([torch.randn(length, generator=generator) for _ in range(count)])


def filter_normalised(direction: Tensor, weights: Tensor, shapes: Sequence[torch.Size]) -> Tensor:
    """A direction whose filters are as long as those of the network.

    Each filter d (a row of a dense weight: one unit's; an output channel of a convolution) becomes
    d / ‖d‖ · ‖θ‖ with the same filter θ of the network, after Li et al. 2018 (arXiv:1712.09913),
    section 4. Parameters with one dimension, which are biases and batch norm's, do not move, as
    with ``ignore=biasbn`` in the paper's own code.

    Args:
        direction: (p,).
        weights: (p,) the network's.
        shapes: Of its parameters, in their order.

    Returns:
        (p,) float32.
    """
    sizes = [shape.numel() for shape in shapes]
    parts = zip(shapes, torch.split(direction, sizes), torch.split(weights, sizes), strict=True)
    return torch.cat([_like(d, theta, shape) for shape, d, theta in parts])


def _like(direction: Tensor, weights: Tensor, shape: torch.Size) -> Tensor:
    if len(shape) <= 1 or not direction.numel():
        return torch.zeros_like(direction)
    filters = direction.reshape(shape[0], -1).double()
    norms = weights.reshape(shape[0], -1).double().norm(dim=1, keepdim=True)
    own = filters.norm(dim=1, keepdim=True)
    scaled: Tensor = filters * (norms / own.clamp_min(1e-300))
    return scaled.float().reshape(-1)


def across(direction: Tensor, other: Tensor) -> Tensor:
    """(p,) float64: the part of ``other`` that is at right angles to ``direction``."""
    unit: Tensor = direction.double() / direction.double().norm()
    rest: Tensor = other.double()
    # Twice, since the first time leaves rounding errors of the part that went.
    for _ in range(2):
        rest = rest - (unit @ rest) * unit
    return rest
