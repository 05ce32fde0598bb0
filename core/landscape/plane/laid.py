"""A plane as it was laid: what lies where on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import hypot

import numpy as np
import torch
from torch import Tensor

from core.landscape.losses.arena import Flat
from core.landscape.plane.states import NamedState
from core.messages.surface_commands import Plane, Window
from core.messages.surface_views import Doubles
from core.sentence import Sentence

MOST_STRETCH = 10.0
"""How many times its usual width a window may become for a path."""


def around(centre: tuple[float, float], x: float, y: float) -> Window:
    """A window that reaches so far from a point."""
    return Window(centre[0] - x, centre[0] + x, centre[1] - y, centre[1] + y)


def units(like: Tensor, first: int, second: int) -> tuple[Tensor, Tensor]:
    """Two directions along single numbers, shaped and placed as ``like``."""
    d1, d2 = torch.zeros_like(like), torch.zeros_like(like)
    d1[first] = 1
    d2[second] = 1
    return d1, d2


MARGIN = 0.1
"""Of a window's width that is left free beside a path."""

IN_CACHE = 2**17
"""Numbers that are looked at together in float64: more would wait for the memory."""


@dataclass(frozen=True, eq=False)
class LaidPlane:
    """A plane through the space of all parameters, with what a picture says of it.

    Attributes:
        flat: base + x·d1 + y·d2.
        titles: Of the axes.
        note: What the picture shows and what it leaves out.
        neighbourhood: What of it is worth seeing, whether there is a path or not.
        centre: Where the state lies that it was laid through.
        stretch: So many times as wide as the neighbourhood a window may become for a path: one who
            flew off must not make a dot of all others.
        explained: The shares of the path's variance, for principal directions.
        plane: As it was asked for; None where the arena is its own plane.
        step: Updates behind the state it was laid through.
        places: The states to be named on it.
    """

    flat: Flat
    titles: tuple[str, str]
    note: Sentence
    neighbourhood: Window
    centre: tuple[float, float] = (0.0, 0.0)
    stretch: float = MOST_STRETCH
    explained: tuple[float, float] | None = None
    plane: Plane | None = None
    step: int = 0
    places: tuple[NamedState, ...] = ()

    @cached_property
    def _frame(self) -> tuple[Tensor, Tensor, float, float, float]:
        """Orthonormal q1, q2 (p,) float64 with d1 = a·q1 and d2 = b·q1 + c·q2; a, b, c.

        Gram-Schmidt does not square the condition of d1 and d2, as the normal equations would.
        """
        d1, d2 = self.flat.d1.double(), self.flat.d2.double()
        a = d1.norm()
        q1 = d1 / a
        b = q1 @ d2
        rest = d2 - b * q1
        rest = rest - (q1 @ rest) * q1
        c = rest.norm()
        return q1, rest / c, float(a), float(b), float(c)

    @property
    def norms(self) -> tuple[float, float]:
        """Of d1 and d2 in the space of all parameters."""
        _, _, a, b, c = self._frame
        return a, hypot(b, c)

    @property
    def cosine(self) -> float:
        """Of the angle between d1 and d2."""
        _, _, _, b, c = self._frame
        return b / hypot(b, c)

    @property
    def sine(self) -> float:
        """Of that angle; not a number where a direction is no direction."""
        _, _, a, b, c = self._frame
        return c / hypot(b, c) if a > 0 and hypot(b, c) > 0 else float("nan")

    @cached_property
    def marks(self) -> tuple[tuple[str, float, float], ...]:
        """States to be named on it: a name and its foot (x, y)."""
        points, _ = self.project([place.weights for place in self.places])
        feet = zip(self.places, points.tolist(), strict=True)
        return tuple((place.name, x, y) for place, (x, y) in feet if np.isfinite((x, y)).all())

    def project(self, states: Sequence[Tensor]) -> tuple[Doubles, Doubles]:
        """The nearest points of the plane, by least squares in float64.

        Args:
            states: k of (p,).

        Returns:
            (k, 2) the feet in the plane's units, and (k,) the distances from state to foot in the
            space of all parameters; not numbers where a state is not finite.
        """
        length = len(self.flat.base)
        together = max(1, IN_CACHE // max(1, length))
        parts = [self._feet(states[i : i + together]) for i in range(0, len(states), together)]
        found = torch.cat(parts).cpu().numpy() if parts else np.zeros((0, 3))
        found[~np.isfinite(found).all(1)] = np.nan
        return found[:, :2], found[:, 2]

    def _feet(self, states: Sequence[Tensor]) -> Tensor:
        """(k, 3): x, y, distance."""
        q1, q2, a, b, c = self._frame
        sums = torch.zeros(len(states), 3, dtype=torch.float64, device=q1.device)
        for start in range(0, len(q1), IN_CACHE):
            part = slice(start, start + IN_CACHE)
            away = torch.stack([state[part] for state in states]).to(q1.device).double()
            away -= self.flat.base[part]
            sums += torch.stack((away @ q1[part], away @ q2[part], away.square().sum(1)), 1)
        first, second, square = sums.unbind(1)
        y = second / c
        x = (first - b * y) / a
        # Pythagoras in float64 is right to 1e-8 of the way, which is finer than float32's states.
        distance = (square - first**2 - second**2).clamp_min(0).sqrt()
        return torch.stack((x, y, distance), 1)

    def window(self, points: Doubles | None = None) -> Window:
        """A part of the plane worth seeing: the neighbourhood, and a path with a margin.

        Args:
            points: (k, 2) the feet of a path; those that are not finite are left out.
        """
        near = self.neighbourhood
        if points is None:
            return near
        seen = points[np.isfinite(points).all(1)]
        left, right = _stretched(near.left, near.right, self.stretch, seen[:, 0])
        bottom, top = _stretched(near.bottom, near.top, self.stretch, seen[:, 1])
        return Window(left, right, bottom, top)


def _stretched(low: float, high: float, stretch: float, values: Doubles) -> tuple[float, float]:
    """An interval that is stretched, within limits, to hold values with a margin."""
    if not len(values):
        return low, high
    spare = (high - low) * (stretch - 1) / 2
    seen = np.clip(values, low - spare, high + spare)
    least, most = float(seen.min()), float(seen.max())
    margin = MARGIN * (max(high, most) - min(low, least))
    return (
        max(min(low, least - margin), low - spare),
        min(max(high, most + margin), high + spare),
    )
