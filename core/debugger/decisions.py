"""What a network makes of every place of the plane of its two inputs, or of its one input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.data.base import Dataset
from core.experiment.layers import Path
from core.experiment.network import Block, Network, Skip
from core.messages.snapshot import DecisionMap
from core.messages.surface_views import Floats, read_only

MARGIN = 0.1
"""How far the map goes beyond the data on each side, as a share of the data's range."""

UNIT_RESOLUTION = 24
"""Points along each side of a hidden unit's map, which stands in a node of the canvas. A curve has
as many as the output's: it costs nothing."""

MOST_UNITS = 256
"""Hidden units that get a map, the first layers' first."""

MOST_POINTS = 500
"""Samples of each set that are drawn over the map; the eye tells no more apart."""


def decision_map(network: Network, data: Dataset, step: int, resolution: int) -> DecisionMap | None:
    """The network's output over a grid, in evaluation mode; the network is left as it was.

    Args:
        network: The live one, between two steps.
        data: What it learns from: gives the grid's range and the points.
        step: Updates made.
        resolution: Points along each side.

    Returns:
        None where the inputs are not one or two plain numbers.
    """
    if not data.shape.is_a_plane:
        return None
    axes = _axes(data, resolution)
    coarse = axes if len(axes) == 1 else [_thinned(axis, UNIT_RESOLUTION) for axis in axes]
    with torch.inference_mode(), _evaluating(network):
        outputs = network.activate(network(_grid(axes, data.train_inputs.device)))
        units = _hidden(network, _grid(coarse, data.train_inputs.device))
    train, test = _every(len(data.train_inputs)), _every(len(data.test_inputs))
    return DecisionMap(
        step,
        x=read_only(axes[0]),
        y=read_only(axes[1] if len(axes) > 1 else np.zeros(0, np.float32)),
        outputs=_shaped(outputs, axes),
        units={path: _shaped(a, coarse) for path, a in units.items()},
        train_inputs=_rows(data.train_inputs, train),
        train_labels=_rows(data.train_labels, train),
        test_inputs=_rows(data.test_inputs, test),
        test_labels=_rows(data.test_labels, test),
    )


@contextmanager
def _evaluating(network: Network) -> Iterator[None]:
    """Dropout off and batch norm on its running moments, which then do not move."""
    training = [module for module in network.modules() if module.training]
    network.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True


def _axes(data: Dataset, resolution: int) -> list[Floats]:
    """For each input the values along it, with a margin around those of the data."""
    inputs = torch.cat((data.train_inputs, data.test_inputs)).float().cpu().numpy()
    inputs = inputs[np.isfinite(inputs).all(1)].astype(np.float64)
    if not len(inputs):
        inputs = np.array([[-1.0], [1.0]]).repeat(data.shape.input_shape[0], 1)
    low, high = inputs.min(0), inputs.max(0)
    span = np.where(high > low, high - low, 1.0)
    ends = np.stack((low - MARGIN * span, high + MARGIN * span))
    return [np.linspace(a, b, resolution, dtype=np.float32) for a, b in ends.T]


def _thinned(axis: Floats, resolution: int) -> Floats:
    return np.linspace(axis[0], axis[-1], min(resolution, len(axis)), dtype=np.float32)


def _grid(axes: list[Floats], device: torch.device) -> Tensor:
    """Every point, ``(w, 1)`` or ``(h * w, 2)`` with the first input running fastest."""
    points = np.stack([axis.ravel() for axis in np.meshgrid(*axes)], 1)
    return torch.from_numpy(points).to(device)


def _hidden(network: Network, points: Tensor) -> dict[Path, Tensor]:
    """The activations ``(points, units)`` of hidden layers, as far as ``MOST_UNITS`` go."""
    found: dict[Path, Tensor] = {}
    _collect(network.layers, points, found)
    del found[network.shapes[-1].path]
    kept: dict[Path, Tensor] = {}
    room = MOST_UNITS
    for path in sorted(found):
        if room > 0:
            kept[path] = found[path][:, :room]
            room -= kept[path].shape[1]
    return kept


def _collect(blocks: nn.ModuleList, x: Tensor, found: dict[Path, Tensor]) -> Tensor:
    """Runs a row of layers in the textbook's order, and those of the groups in it."""
    for block in blocks:
        assert isinstance(block, Block)
        if isinstance(block.transform, Skip):
            z = x + _collect(block.transform.layers, x, found)
        else:
            z = block.transform(x)
        x = found[block.shape.path] = block.activate(z)
    return x


def _shaped(values: Tensor, axes: list[Floats]) -> Floats:
    """``(points, units)`` as ``(h, w, units)`` or ``(w, units)``."""
    sides = [len(axis) for axis in reversed(axes)]
    return read_only(values.float().cpu().numpy().reshape(*sides, -1))


def _every(count: int) -> NDArray[np.int64]:
    """The samples to draw: evenly spread, since a set may be sorted."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).astype(np.int64))


def _rows(tensor: Tensor, rows: NDArray[np.int64]) -> NDArray[Any]:
    chosen = tensor[torch.from_numpy(rows).to(tensor.device)]
    return read_only(chosen.cpu().numpy())
