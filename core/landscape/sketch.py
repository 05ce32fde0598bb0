"""What a kind of plane decides for itself; the rest is the same for all of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import UserError
from core.landscape.arena import Flat
from core.surveys import Window

REACH = 10.0
"""How many times its usual width a window may become for a path."""


@dataclass(frozen=True, eq=False)
class Sketch:
    """A plane before it is looked at: the attributes are those of :class:`Laid`."""

    flat: Flat
    titles: tuple[str, str]
    note: UserError
    neighbourhood: Window
    centre: tuple[float, float] = (0.0, 0.0)
    reach: float = REACH
    explained: tuple[float, float] | None = None


def around(centre: tuple[float, float], x: float, y: float) -> Window:
    """A window that reaches so far from a point."""
    return Window(centre[0] - x, centre[0] + x, centre[1] - y, centre[1] + y)


def units(like: Tensor, first: int, second: int) -> tuple[Tensor, Tensor]:
    """Two directions along single numbers, shaped and placed as ``like``."""
    d1, d2 = torch.zeros_like(like), torch.zeros_like(like)
    d1[first] = 1
    d2[second] = 1
    return d1, d2
