"""The plane that suits a network, for whoever has chosen none."""

from __future__ import annotations

import torch
from torch import Tensor

from core.landscape.losses.arena import Material
from core.landscape.plane.states import own_route
from core.messages.surface_commands import Plane, RandomPlane, WeightsPlane, first_two

FEW = 4
"""Of so many numbers two show most."""


def usual(material: Material, seed: int = 0) -> Plane:
    """Two random directions, or two weights where these would show more, or all there is.

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
