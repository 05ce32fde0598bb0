"""Where somebody went, seen on a plane, and how far the plane tells the truth about it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.landscape.losses.arena import Arena, Interruption, OnPlane, Route, gradient_of
from core.landscape.plane.laid import LaidPlane
from core.landscape.thinning import thinned
from core.messages.surface_views import Doubles, Floats, PathView, read_only

MOST_POINTS = 200
"""Of a path: more could not be told apart."""

AT_ONCE = 2**24
"""Numbers in the states that are scored together."""

OWN = -1
"""In the place of a plane's key: the loss of the state itself."""


class KnownLosses:
    """Losses that were computed before, of states that are still alive.

    A state is known by its tensor, which nobody writes to: a survey that follows the training
    asks for the new states only.

    Args:
        most: Losses that are kept at the most; the oldest go first.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._known: dict[tuple[int, int, int], tuple[_Alive, float]] = {}

    def of(
        self,
        states: Sequence[Tensor],
        arena: Arena,
        key: int,
        compute: Callable[[list[int]], Tensor],
    ) -> Floats:
        """(k,) losses of states, or of their feet on a plane.

        Args:
            states: k of (p,).
            arena: Whose losses.
            key: The plane's; ``OWN`` for the states' own losses.
            compute: From the indices of some states to their losses; what it raises goes through,
                and what it had computed before is kept.
        """
        names = [(id(arena), key, id(state)) for state in states]
        missing = [
            index
            for index, (name, state) in enumerate(zip(names, states, strict=True))
            if name not in self._known or not self._known[name][0].are(arena, state)
        ]
        together = max(1, min(64, AT_ONCE // max(1, len(states[0])))) if states else 1
        for start in range(0, len(missing), together):
            part = missing[start : start + together]
            for index, loss in zip(part, compute(part).tolist(), strict=True):
                # Forgotten first, so that the newest stand last.
                self._known.pop(names[index], None)
                self._known[names[index]] = (_Alive(arena, states[index]), loss)
        found = np.array([self._known[name][1] for name in names], np.float32)
        self._forget()
        return found

    def _forget(self) -> None:
        if len(self._known) > self._most:
            alive = [item for item in self._known.items() if item[1][0].is_alive]
            self._known = dict(alive[-self._most :])


class _Alive:
    """Whether an arena and a tensor are the very ones they were: an id alone may come again."""

    def __init__(self, arena: Arena, state: Tensor) -> None:
        self._arena = weakref.ref(arena)
        self._state = weakref.ref(state)

    def are(self, arena: Arena, state: Tensor) -> bool:
        return self._arena() is arena and self._state() is state

    @property
    def is_alive(self) -> bool:
        return self._arena() is not None and self._state() is not None


Feet = tuple[Doubles, Doubles]
"""Of a route's states: as :meth:`core.landscape.plane.laid.LaidPlane.project` gives them."""


@dataclass(frozen=True, eq=False)
class PathProjection:
    """How routes are seen on one plane, known by its key.

    Attributes:
        memory: Losses of earlier surveys; what is computed is added to it.
        interrupted: Looked at some hundred times a second.
    """

    laid: LaidPlane
    key: int
    arena: Arena
    on_plane: OnPlane
    memory: KnownLosses
    interrupted: Interruption

    def paths(
        self,
        routes: Sequence[Route],
        feet: Sequence[Feet] | None = None,
        *,
        descent: bool = False,
        most: int = MOST_POINTS,
    ) -> tuple[PathView, ...]:
        """Routes as they are seen on the plane; routes without states are left out.

        Args:
            routes: Where they went.
            feet: Of all states of each, where they are known already.
            descent: Whether the gradient is wanted too; it costs a pass over all samples a route.
            most: Points of each path, at least 4.

        Raises:
            core.training.step.Interrupted: ``interrupted`` said so; what was computed is kept.
        """
        known = feet if feet is not None else [None] * len(routes)
        pairs = zip(routes, known, strict=True)
        return tuple(self._path(route, own, descent, most) for route, own in pairs if route.states)

    def _path(self, route: Route, feet: Feet | None, descent: bool, most: int) -> PathView:
        chosen = thinned(route.steps, most, route.at, is_early=route.is_early)
        states = [route.states[index] for index in chosen]
        if feet is None:
            points, distance = self.laid.project(states)
        else:
            points, distance = feet[0][chosen], feet[1][chosen]
        next_foot, next_loss = self._next(route)
        return PathView(
            route.id,
            route.name,
            self.key,
            read_only(np.array([route.steps[index] for index in chosen], np.int64)),
            read_only(points),
            read_only(self._own(states)),
            read_only(self._foot(states, points)),
            read_only(distance),
            next_foot,
            next_loss,
            _descent(route.states[route.at], self.laid, self.arena) if descent else None,
            chosen.index(route.at % len(route.states)),
        )

    def _own(self, states: Sequence[Tensor]) -> Floats:
        """(k,) the states' own losses."""

        def compute(some: list[int]) -> Tensor:
            stacked = torch.stack([states[index] for index in some])
            return self.arena.scores(stacked, self.interrupted).loss

        return self.memory.of(states, self.arena, OWN, compute)

    def _foot(self, states: Sequence[Tensor], points: Doubles) -> Floats:
        """(k,) the plane's losses at the states' feet; not numbers where a foot is none."""
        there: list[int] = np.flatnonzero(np.isfinite(points).all(1)).tolist()
        feet = torch.from_numpy(points[there])

        def compute(some: list[int]) -> Tensor:
            return self.on_plane.scores(feet[some], self.interrupted).loss

        found = np.full(len(states), np.nan, np.float32)
        found[there] = self.memory.of([states[i] for i in there], self.arena, self.key, compute)
        return found

    def _next(self, route: Route) -> tuple[tuple[float, float] | None, float | None]:
        """The foot and the loss of where the next update leads."""
        if route.next is None:
            return None, None
        points, _ = self.laid.project([route.next])
        if not np.isfinite(points).all():
            return None, None
        x, y = points[0].tolist()
        return (x, y), float(self._own([route.next])[0])


def _descent(state: Tensor, laid: LaidPlane, arena: Arena) -> tuple[float, float] | None:
    """Minus the objective's derivatives by x and y, by autograd at the state itself."""
    gradient = gradient_of(arena, state)
    x = -float(gradient.double() @ laid.flat.d1.double())
    y = -float(gradient.double() @ laid.flat.d2.double())
    return (x, y) if np.isfinite((x, y)).all() else None
