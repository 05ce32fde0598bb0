"""From the plane that somebody asks for to base and directions, one rule a kind of plane."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from math import isnan

import numpy as np
import torch

from core.errors import UserError
from core.experiment.symbols import symbol
from core.landscape.losses.arena import Flat, Material, lost
from core.landscape.plane.laid import LaidPlane, around, units
from core.landscape.plane.principal import principal
from core.landscape.plane.spans import (
    PARALLEL,
    by_descent,
    filter_normalised,
    gaussian,
    through_states,
)
from core.landscape.plane.states import NamedState, find, is_race, named
from core.messages.surface_commands import (
    DescentPlane,
    Number,
    Plane,
    PrincipalPlane,
    RandomPlane,
    State,
    StatesPlane,
    WeightsPlane,
)
from core.sentence import Sentence


def lay(
    plane: Plane | None, centre: State, material: Material, before: LaidPlane | None
) -> LaidPlane:
    """Lays a plane through a state.

    Args:
        plane: Which; None where the arena has two parameters and is its own plane.
        centre: The state.
        material: Where the state is found, and all that planes are made of.
        before: The plane on the screen, so that axes do not turn round without need; None
            where there is none of the same kind.

    Raises:
        UserError: It cannot be laid; says what to do instead.
    """
    through = find(centre, material)
    if before is not None and type(before.plane) is not type(plane):
        before = None
    laid = replace(
        lay_kind(plane, through, material, before),
        plane=plane,
        step=through.step or 0,  # not known of another run's end, which is called by its name
        places=tuple(named(material)),
    )
    _check(laid)
    return laid


def _check(laid: LaidPlane) -> None:
    if not bool(laid.flat.d1.isfinite().all() and laid.flat.d2.isfinite().all()):
        raise lost()
    if isnan(laid.sine):
        raise UserError(
            "A direction of this plane leads nowhere: the weights it is scaled by are all zero.",
            "Train a few steps first, or choose another plane.",
        )
    if laid.sine < PARALLEL:
        raise UserError("The two directions of this plane are parallel.", "Choose another plane.")


@singledispatch
def lay_kind(
    plane: Plane | None, centre: NamedState, material: Material, before: LaidPlane | None
) -> LaidPlane:
    """Base, directions and texts of a kind of plane.

    Raises:
        UserError: As :func:`lay`.
    """
    raise TypeError(plane)


lay_kind.register(StatesPlane, through_states)
lay_kind.register(DescentPlane, by_descent)
lay_kind.register(PrincipalPlane, principal)


@lay_kind.register
def _(plane: None, centre: NamedState, material: Material, before: LaidPlane | None) -> LaidPlane:
    names = material.arena.names
    if len(names) != 2 or len(centre.weights) != 2:
        raise UserError("This landscape has more than two dimensions.", "Choose a plane in it.")
    x, y = centre.weights.tolist()
    return LaidPlane(
        Flat(torch.zeros_like(centre.weights), *units(centre.weights, 0, 1)),
        (names[0], names[1]),
        Sentence("The function has two dimensions: the picture leaves nothing out."),
        around((x, y), 2.0, 2.0),
        (x, y),
    )


@lay_kind.register
def _(
    plane: WeightsPlane, centre: NamedState, material: Material, before: LaidPlane | None
) -> LaidPlane:
    first, second = (_offset(number, material) for number in (plane.first, plane.second))
    titles = _title(plane.first, material), _title(plane.second, material)
    if first == second:
        raise UserError(
            "Both axes show the same number, {number}.",
            "Choose two different numbers.",
            number=titles[0],
        )
    x, y = centre.weights[[first, second]].tolist()
    # With both numbers at 0 in the base, the axes show the numbers' own values.
    base = centre.weights.clone()
    base[[first, second]] = 0
    return LaidPlane(
        Flat(base, *units(base, first, second)),
        titles,
        _all_but_two(len(base), centre, material),
        around((x, y), max(2.0, 1.5 * abs(x)), max(2.0, 1.5 * abs(y))),
        (x, y),
    )


def _title(number: Number, material: Material) -> str:
    """``1 Dense w₂,₁``, as the window calls it, or ``0.weight[1, 0]``, as torch does."""
    if material.layers is not None:
        shapes = dict(zip(material.arena.names, material.arena.shapes, strict=True))
        layer = material.layers[number.parameter]
        return f"{layer} {symbol(number.parameter, number.index, shapes)}"
    return f"{number.parameter}[{', '.join(map(str, number.index))}]"


def _offset(number: Number, material: Material) -> int:
    """Where a number lies in the vector of all parameters."""
    arena = material.arena
    if number.parameter not in arena.names:
        raise UserError(
            "The network has no parameter {parameter}.",
            "Choose one of these: {names}.",
            parameter=number.parameter,
            names=", ".join(arena.names),
        )
    place = arena.names.index(number.parameter)
    shape = arena.shapes[place]
    inside = all(0 <= index < size for index, size in zip(number.index, shape, strict=False))
    if len(number.index) != len(shape) or not inside:
        raise UserError(
            "{number} is not there: {parameter} has the shape {shape}, counted from 0.",
            "Choose an index within the shape.",
            number=_title(number, material),
            parameter=number.parameter,
            shape="×".join(map(str, shape)) or "1",
        )
    before = sum(size.numel() for size in arena.shapes[:place])
    return before + (int(np.ravel_multi_index(number.index, tuple(shape))) if shape else 0)


def _all_but_two(count: int, centre: NamedState, material: Material) -> Sentence:
    # Steps of a race are counted from its start, so they say nothing of the weights there.
    if centre.step is None or is_race(material):
        return Sentence(
            "Of {count:,} parameters two are varied; all others keep the values of “{name}”.",
            count=count,
            name=centre.name,
        )
    return Sentence(
        "Of {count:,} parameters two are varied; all others keep the values of step {step:,}.",
        count=count,
        step=centre.step,
    )


@lay_kind.register
def _(
    plane: RandomPlane, centre: NamedState, material: Material, before: LaidPlane | None
) -> LaidPlane:
    base, shapes = centre.weights, material.arena.shapes
    if not any(len(shape) > 1 for shape in shapes):
        raise UserError(
            "There are no weights for random directions: biases and batch norm's stay.",
            "Choose another plane.",
        )
    drawn = gaussian(plane.seed, 2, len(base)).to(base.device)
    d1, d2 = (filter_normalised(direction, base, shapes) for direction in drawn)
    note = Sentence(
        "Two directions of {count:,} are seen, drawn at random. Valleys in others are not seen.",
        "Each filter is scaled to the length of the network's own; biases and batch norm stay.",
        count=len(base),
    )
    titles = ("Direction 1", "Direction 2")
    return LaidPlane(Flat(base, d1, d2), titles, note, around((0.0, 0.0), 1.0, 1.0))
