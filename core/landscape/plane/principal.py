"""The directions along which weights have moved most: principal components of their paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, sqrt

import torch
from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import Flat, Material
from core.landscape.plane.laid import LaidPlane, around
from core.landscape.plane.states import NamedState
from core.landscape.thinning import evenly
from core.messages.surface_commands import PrincipalPlane
from core.sentence import Sentence
from core.training.past import KEEP_EVERY

LEAST = 3
"""States that span a plane."""

MOST = 200
"""States that are looked at."""

FEWEST = 32
"""As many are looked at however large the network is."""

WORK = 2e9
"""Products for the matrix of all states' dot products; a second's work and less."""

AT_ONCE = 2**20
"""Numbers that are held in float64 at a time."""

STRAIGHT = 1e-5
"""A second direction along which a path has moved so much less than along the first is none."""

ROUNDING = 1e-7
"""Of weights in float32: states that differ by so much do not tell a direction."""


def principal(
    plane: PrincipalPlane, centre: NamedState, material: Material, before: LaidPlane | None
) -> LaidPlane:
    """Along the first two principal components of all routes' states, no axis turned needlessly.

    Raises:
        UserError: The states do not span a plane.
    """
    rows = _states(material)
    directions, (share_1, share_2), (spread_1, spread_2) = _components(rows, material.longer)
    first, second = _oriented(directions, material, before)
    note = Sentence(
        "The two directions of {count:,} in which {states:,} states of the path vary most about "
        "their mean: {share} of their variance. Laid through “{name}”; states lie beside it.",
        count=len(centre.weights),
        states=len(rows),
        share=f"{share_1 + share_2:.1%}",
        name=centre.name,
    )
    return LaidPlane(
        Flat(centre.weights, first.float(), second.float()),
        (f"PC 1 ({share_1:.0%})", f"PC 2 ({share_2:.0%})"),
        note,
        # A path that is all but straight is not stretched until it looks as wide as long.
        around((0.0, 0.0), spread_1, max(spread_2, spread_1 / 4)),
        stretch=inf,
        explained=(share_1, share_2),
    )


def _components(rows: list[Tensor], longer: str) -> tuple[Tensor, list[float], list[float]]:
    """Principal components of states about their mean: (2, p) directions, shares and spread.

    With X (k, p) the centred states, the eigenvectors u of X Xᵀ (k, k) give the directions
    Xᵀu / √λ, of length 1 and at right angles; nothing of size (p, p) is built. X itself is only
    ever there in parts. Of the variance along them the shares are told, and the standard deviation.

    Raises:
        UserError: The states do not span a plane; ``longer`` is what helps.
    """
    if len(rows) < LEAST:
        raise UserError(
            "Principal directions need {least} kept states of the path; so far there are {count}.",
            longer,
            least=LEAST,
            count=len(rows),
            every=KEEP_EVERY,
        )
    gram = sum(
        (part @ part.T for part in _centred(rows)), rows[0].new_zeros((), dtype=torch.double)
    )
    values, vectors = torch.linalg.eigh(gram)
    _check(values, rows, longer)
    both = values[-2:].flip(0)
    mix = vectors[:, -2:].flip(1).T / both.sqrt()[:, None]
    directions = torch.cat([mix @ part for part in _centred(rows)], 1)
    shares, spread = both / values.clamp_min(0).sum(), (both / len(rows)).sqrt()
    return directions, shares.tolist(), spread.tolist()


def _states(material: Material) -> list[Tensor]:
    """The states of all routes, thinned to as many as can be compared with one another."""
    length = max(1, len(material.here))
    most = max(FEWEST, min(MOST, int(sqrt(WORK / length))))
    share = max(4, most // max(1, len(material.routes)))
    chosen = [
        route.states[index]
        for route in material.routes
        for index in evenly(len(route.states), share, route.at)
    ]
    return [state for state in chosen if bool(state.isfinite().all())]


def _centred(rows: Sequence[Tensor]) -> Iterator[Tensor]:
    """The states less their mean, (k, some of p) float64 at a time."""
    width = max(1, AT_ONCE // len(rows))
    for start in range(0, len(rows[0]), width):
        part = torch.stack([row[start : start + width] for row in rows]).double()
        yield part - part.mean(0)


def _check(values: Tensor, rows: Sequence[Tensor], longer: str) -> None:
    """Refuses states that do not span a plane; ``values`` rising, ``longer`` what helps."""
    largest = float(values[-1].clamp_min(0).sqrt())
    second = float(values[-2].clamp_min(0).sqrt())
    noise = ROUNDING * sqrt(len(rows)) * float(rows[0].double().norm())
    if second > max(noise, STRAIGHT * largest):
        return
    trouble = (
        "The {count:,} kept states of the path all have the same weights."
        if largest <= noise
        else "The {count:,} kept states of the path lie on a straight line: there is no second "
        "direction."
    )
    raise UserError(trouble, longer, count=len(rows), every=KEEP_EVERY)


def _oriented(directions: Tensor, material: Material, before: LaidPlane | None) -> list[Tensor]:
    """Turned as on the screen; where there is nothing, so that the path ends right and up."""
    guides: list[Tensor | None]
    if before is not None and before.flat.d1.shape == directions[0].shape:
        guides = [before.flat.d1, before.flat.d2]
    else:
        guides = [_way(material)] * 2
    return [
        -direction if guide is not None and float(direction @ guide.double()) < 0 else direction
        for direction, guide in zip(directions, guides, strict=True)
    ]


def _way(material: Material) -> Tensor | None:
    """From the start of the routes to their ends, in sum."""
    ways = [
        route.states[-1].double() - route.states[0].double()
        for route in material.routes
        if route.states
    ]
    finite = [way for way in ways if bool(way.isfinite().all())]
    return torch.stack(finite).sum(0) if finite else None
