"""A record's network and numbers in float64, to work the step out again more exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.experiment.layers import LayerShape
from core.experiment.network import MaskedDropout, Network, blocks_of
from core.messages.record import Record, key_of


def network_in_double(shapes: tuple[LayerShape, ...], record: Record) -> Network:
    """The record's network in float64, a copy of its own."""
    network = Network(shapes, seed=0).double().train()
    arrays = record.arrays
    for name, parameter in network.named().items():
        parameter.data.copy_(double(arrays[f"p:{name}"]))
    blocks = {block: key_of(block.shape.path) for block in blocks_of(network)}
    keeps = {block: arrays[k] for block, key in blocks.items() if (k := f"keep:{key}") in arrays}
    # Of an image a whole channel is silenced, so its first number tells.
    silent = {b.shape.path: keep.reshape(len(keep), -1)[:, 0] == 0 for b, keep in keeps.items()}
    network.knock_out({path: frozenset(np.flatnonzero(silent[path]).tolist()) for path in silent})
    for block, key in blocks.items():
        if isinstance(block.transform, MaskedDropout):
            block.transform.mask = double(arrays[f"mask:{key}"])
    return network


def double(array: NDArray[Any]) -> Tensor:
    """A copy in float64; class indices stay what they are."""
    tensor = torch.tensor(array)
    return tensor.double() if tensor.is_floating_point() else tensor
