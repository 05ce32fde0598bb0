"""How weights and gradients of each parameter move over a run, kept small however long the run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.messages.snapshot import LayerHistory
from core.messages.surface_views import Floats, read_only

BINS = 48
"""Of each histogram: as many as a strip a hand high can show."""

CAPACITY = 512
"""Measurements kept of each parameter; a strip has few more pixels."""

_SCALARS = 6
"""Gradient norm, ratio, and two edges each for weights and gradients."""


class Statistics:
    """Measures parameters at steps of the caller's choice.

    Time is divided into bins of steps, of which the newest measurement stays; the bins double in
    width whenever they become too many (as :class:`core.training.metrics.BinnedCurve`'s do).

    Args:
        capacity: How many measurements are kept; even.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._names: tuple[str, ...] = ()
        self._begin(())

    def _begin(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._width = 1
        self._count = 0
        self._steps = np.zeros(self._capacity, np.int64)
        room = (self._capacity, len(names))
        self._scalars = np.zeros((*room, _SCALARS), np.float32)
        self._counts = np.zeros((*room, 2, BINS), np.float32)
        self._view: tuple[LayerHistory, ...] | None = None

    def measure(
        self,
        step: int,
        names: Sequence[str],
        parameters: Sequence[Tensor],
        gradients: Sequence[Tensor],
        updates: Sequence[Tensor],
    ) -> None:
        """Adds what one step shows; what was measured at it or after it is forgotten.

        Args:
            step: Updates made, from 0.
            names: ``0.weight`` and so on; other ones than before begin anew.
            parameters: The values that the updates were added to, of any shape.
            gradients: Of the same shapes.
            updates: After minus before, of the same shapes.
        """
        if tuple(names) != self._names:
            self._begin(tuple(names))
        self.truncate(step - 1)
        while step // self._width >= self._capacity:
            self._widen()
        if self._count and self._steps[self._count - 1] // self._width == step // self._width:
            self._count -= 1
        place, self._view = self._count, None
        self._steps[place] = step
        if names:
            self._scalars[place], self._counts[place] = _measured(parameters, gradients, updates)
        self._count += 1

    def _widen(self) -> None:
        """Bins twice as wide: of two measurements in one, the newer stays."""
        self._width *= 2
        bins = self._steps[: self._count] // self._width
        newest = np.flatnonzero(np.diff(bins, append=-1))
        for array in (self._steps, self._scalars, self._counts):
            array[: len(newest)] = array[newest]
        self._count = len(newest)

    def truncate(self, step: int) -> None:
        """Forgets what was measured after a step, for a run that goes back."""
        kept = int(np.searchsorted(self._steps[: self._count], step, "right"))
        if kept != self._count:
            self._count, self._view = kept, None

    def view(self) -> tuple[LayerHistory, ...]:
        """One history a parameter, read-only; the very same tuple while nothing was measured."""
        if self._view is None:
            steps = read_only(self._steps[: self._count].copy())
            shown = range(len(self._names)) if self._count else ()
            self._view = tuple(self._history(steps, index) for index in shown)
        return self._view

    def _history(self, steps: NDArray[np.int64], index: int) -> LayerHistory:
        scalars = read_only(self._scalars[: self._count, index].copy())
        counts = self._counts[: self._count, index]
        return LayerHistory(
            self._names[index],
            steps,
            gradient_norm=scalars[:, 0],
            ratio=scalars[:, 1],
            weight_edges=scalars[:, 2:4],
            weights=read_only(counts[:, 0].copy()),
            gradient_edges=scalars[:, 4:6],
            gradients=read_only(counts[:, 1].copy()),
        )


def _measured(
    parameters: Sequence[Tensor], gradients: Sequence[Tensor], updates: Sequence[Tensor]
) -> tuple[Floats, Floats]:
    """``(n, 6)`` scalars and ``(n, 2, BINS)`` counts; a GPU is waited for once, at the end."""
    rows = []
    with torch.inference_mode():
        for parameter, gradient, update in zip(parameters, gradients, updates, strict=True):
            size = parameter.norm()
            # Of a bias that is still zero, no update is small.
            ratio = torch.where(size > 0, update.norm() / size, torch.nan)
            values, weight_edges = _histogram(parameter)
            slopes, gradient_edges = _histogram(gradient)
            norms = torch.stack((gradient.norm(), ratio))
            rows.append(torch.cat((norms, weight_edges, gradient_edges, values, slopes)))
        found = torch.stack(rows).float().cpu().numpy()
    return found[:, :_SCALARS], found[:, _SCALARS:].reshape(-1, 2, BINS)


def _histogram(tensor: Tensor) -> tuple[Tensor, Tensor]:
    """``(BINS,)`` counts between the least and the largest finite value, and these two.

    Equal values all stand in the middle bin; without a finite value both edges are 0.
    """
    values = tensor.reshape(-1)
    finite = torch.isfinite(values)
    low = torch.where(finite, values, torch.inf).min()
    high = torch.where(finite, values, -torch.inf).max()
    # In halves, since high - low may be more than a float can hold.
    shares = (values / 2 - low / 2) / (high / 2 - low / 2)
    places = (shares * BINS).nan_to_num(BINS // 2).clamp(0, BINS - 1).long()
    counts = torch.zeros(BINS, dtype=values.dtype, device=values.device)
    counts.index_add_(0, places, finite.to(values.dtype))
    edges = torch.stack((low, high))
    return counts, torch.where(finite.any(), edges, torch.zeros_like(edges))
