"""A test function as a landscape that surfaces are drawn of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.catalog.functions import LossFunction
from core.landscape.arena import Arena, Flat, Scores
from core.surveys import Window


class FunctionArena:
    """A function's values; see :class:`core.landscape.arena.Arena`.

    Args:
        function: Of x and y, the only two parameters.
    """

    def __init__(self, function: LossFunction) -> None:
        self.function = function
        self.names = ["x", "y"]
        self.shapes = [torch.Size(()), torch.Size(())]
        self.samples = 1
        self.of = 1
        self.window: Window | None = Window(*function.domain)

    def quick(self) -> Arena:
        """Itself."""
        return self

    def on_plane(self, flat: Flat) -> _OnPlane:
        """A plane of (x, y), which is the plane itself unless somebody turns it."""
        return _OnPlane(self, flat)

    def scores(self, states: Tensor, interrupted: Callable[[], bool]) -> Scores:
        """Values at (k, 2), all in one go: a hundred thousand take a millisecond."""
        x, y = states.to(torch.float64).unbind(1)
        loss = self.function.value(x, y).to(torch.float32)
        return Scores(loss, torch.zeros_like(loss), None)

    def objective(self, parameters: Tensor) -> Tensor:
        """The value at (2,), 0-d."""
        return self.function.value(parameters[0], parameters[1])


@dataclass(frozen=True, eq=False)
class _OnPlane:
    arena: FunctionArena
    flat: Flat

    def scores(self, points: Tensor, interrupted: Callable[[], bool]) -> Scores:
        """See :meth:`core.landscape.arena.OnPlane.scores`."""
        flat = self.flat
        base, d1, d2 = (part.to(torch.float64) for part in (flat.base, flat.d1, flat.d2))
        x, y = points.to(torch.float64).unbind(1)
        return self.arena.scores(base + x[:, None] * d1 + y[:, None] * d2, interrupted)
