"""The directions along which weights have moved most: principal components of their paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, sqrt

import torch
from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import Flat, Material
from core.landscape.plane.laid import LaidPlane, around
from core.landscape.plane.states import NamedState, is_race
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

    Of a run about the states' mean; of a race about the state it is laid through, the runners'
    start: what leads from there to all of them is what they have in common.

    Raises:
        UserError: The states do not span a plane.
    """
    race = is_race(material)
    rows, weights = _states(material, newest_count=race)
    about = centre.weights if race else None
    directions, shares, (spread_1, spread_2) = _components(rows, weights, about, material.longer)
    first, second = _oriented(directions, material, before)
    return LaidPlane(
        Flat(centre.weights, first.float(), second.float()),
        (f"PC 1 ({shares[0]:.0%})", f"PC 2 ({shares[1]:.0%})"),
        (_of_race if race else _of_run)(centre, len(rows), sum(shares)),
        # A path that is all but straight is not stretched until it looks as wide as long.
        around((0.0, 0.0), spread_1, max(spread_2, spread_1 / 4)),
        stretch=inf,
        explained=(shares[0], shares[1]),
    )


def _of_run(centre: NamedState, states: int, share: float) -> Sentence:
    return Sentence(
        "The two directions of {count:,} in which {states:,} states of the path vary most about "
        "their mean: {share} of their variance. Laid through “{name}”; states lie beside it.",
        count=len(centre.weights),
        states=states,
        share=f"{share:.1%}",
        name=centre.name,
    )


def _of_race(centre: NamedState, states: int, share: float) -> Sentence:
    return Sentence(
        "The plane through “{name}” that lies nearest to the runners: two directions of {count:,}, "
        "with {share} of their ways.",
        name=centre.name,
        count=len(centre.weights),
        share=f"{share:.1%}",
    )


Weights = Sequence[float]
"""How much each state counts, as many times as it were there."""


def _components(
    rows: list[Tensor], weights: Weights, about: Tensor | None, longer: str
) -> tuple[Tensor, list[float], list[float]]:
    """Principal components of states about their mean: (2, p) directions, shares and spread.

    With X (k, p) the centred states, the eigenvectors u of X Xᵀ (k, k) give the directions
    Xᵀu / √λ, of length 1 and at right angles; nothing of size (p, p) is built. X itself is only
    ever there in parts. Of the variance along them the shares are told, and the standard deviation.

    Args:
        rows: k of (p,).
        weights: k; a state that counts twice is as if it were there twice.
        about: (p,) a state in the place of their mean.
        longer: What helps where they are too few.

    Raises:
        UserError: The states do not span a plane.
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
        (part @ part.T for part in _centred(rows, weights, about)),
        rows[0].new_zeros((), dtype=torch.double),
    )
    values, vectors = torch.linalg.eigh(gram)
    _check(values, rows, longer)
    both = values[-2:].flip(0)
    mix = vectors[:, -2:].flip(1).T / both.sqrt()[:, None]
    directions = torch.cat([mix @ part for part in _centred(rows, weights, about)], 1)
    shares, spread = both / values.clamp_min(0).sum(), (both / sum(weights)).sqrt()
    return directions, shares.tolist(), spread.tolist()


def _states(material: Material, *, newest_count: bool) -> tuple[list[Tensor], list[float]]:
    """The states of all routes, thinned to as many as can be compared, and how much each counts.

    Args:
        material: Of a run or a race.
        newest_count: Whether where each stands counts as much as all of its way: there the plane
            is to show the loss that it has. Without it twice as many runners had another loss
            than the plane's below them, by more than a tenth, over five presets.
    """
    length = max(1, len(material.here))
    most = max(FEWEST, min(MOST, int(sqrt(WORK / length))))
    share = max(4, most // max(1, len(material.routes)))
    rows: list[Tensor] = []
    weights: list[float] = []
    for route in material.routes:
        chosen = evenly(len(route.states), share, route.at)
        here = route.at % len(route.states) if route.states else -1
        for index in chosen:
            if bool(route.states[index].isfinite().all()):
                rows.append(route.states[index])
                weights.append(len(chosen) if newest_count and index == here else 1.0)
    return rows, weights


def _centred(rows: Sequence[Tensor], weights: Weights, about: Tensor | None) -> Iterator[Tensor]:
    """The states less their mean, or less a state, (k, some of p) float64 at a time."""
    width = max(1, AT_ONCE // len(rows))
    roots = torch.tensor(weights, dtype=torch.double, device=rows[0].device).sqrt()[:, None]
    for start in range(0, len(rows[0]), width):
        part = torch.stack([row[start : start + width] for row in rows]).double()
        middle = part.mean(0) if about is None else about[start : start + width].double()
        yield (part - middle) * roots


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
