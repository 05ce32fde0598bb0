"""The plane of whoever has chosen none: it shows most of what there is to be seen."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import Material
from core.landscape.plane.kinds import lay
from core.landscape.plane.laid import LaidPlane
from core.landscape.plane.states import find, is_race, named, own_route
from core.messages.surface_commands import (
    Plane,
    PrincipalPlane,
    RandomPlane,
    RunnerEnd,
    State,
    StatesPlane,
    WeightsPlane,
    first_two,
)

BESIDE = 1e-3
"""Of the length of a state: one so near to a plane lies on it."""


def lay_unasked(centre: State, material: Material, before: LaidPlane | None) -> LaidPlane:
    """Lays what suits a run or a race of a network through a state.

    A race is seen on the plane through its runners, laid anew as they move: on directions that
    have nothing to do with them one whose loss falls seems to climb. Before they have spread so
    far that they have one, it goes through the start and one of them, or stays as it is on screen.

    Args:
        centre: The state.
        material: Where the state is found, and all that planes are made of.
        before: The plane on the screen; None where there is none of the same landscape.

    Raises:
        UserError: As :func:`core.landscape.plane.kinds.lay`.
    """
    if is_race(material) and len(material.here) > 2:
        stayed = _kept(centre, material, before)
        runners = [StatesPlane(RunnerEnd(route.id)) for route in material.routes]
        for plane in (PrincipalPlane(), *([] if stayed else runners)):
            try:
                return lay(plane, centre, material, before)
            except UserError:
                continue  # they stand still, or go straight on
        if stayed is not None:
            return stayed
    return lay(default_plane(material), centre, material, before)


def _kept(centre: State, material: Material, before: LaidPlane | None) -> LaidPlane | None:
    """The runners' plane on the screen, where the centre lies on it: a race that starts anew from
    a place of it is seen on it until it has gone some steps."""
    if before is None or not isinstance(before.plane, PrincipalPlane):
        return None
    through = find(centre, material)
    points, distances = before.project([through.weights])
    if not float(distances[0]) <= BESIDE * max(1.0, float(through.weights.double().norm())):
        return None
    x, y = points[0].tolist()
    return replace(before, centre=(x, y), step=through.step or 0, places=tuple(named(material)))


FEW = 4
"""Of so many numbers two show most, where nobody has chosen a plane."""


def default_plane(material: Material, seed: int = 0) -> Plane:
    """What nobody has chosen: two random directions, or two weights where these show more.

    Directions are scaled to the network's own filters: where a run began with weights of zero
    they would have no length there. That its beginning decides keeps a run's plane the same.

    Args:
        material: Of the network.
        seed: Of random directions.
    """
    arena = material.arena
    sizes = [shape.numel() for shape in arena.shapes]
    if sum(sizes) < 2:
        return RandomPlane(seed)
    route = own_route(material)
    start = route.states[0] if route is not None and route.states else material.here
    if sum(sizes) <= FEW or not _can_be_scaled(start, arena.shapes):
        return WeightsPlane(*first_two(dict(zip(arena.names, arena.shapes, strict=True))))
    return RandomPlane(seed)


def _can_be_scaled(weights: Tensor, shapes: list[torch.Size]) -> bool:
    """Whether there is a filter that is not zero."""
    parts = torch.split(weights, [shape.numel() for shape in shapes])
    pairs = zip(shapes, parts, strict=True)
    return any(len(shape) > 1 and bool(part.any()) for shape, part in pairs)
