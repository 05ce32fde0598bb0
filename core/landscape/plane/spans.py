"""Planes spanned by where weights have been or will go: chosen states, gradient and update."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import Flat, Material, gradient_of
from core.landscape.plane.laid import LaidPlane
from core.landscape.plane.states import FOR_A_RACE, NamedState, find, is_race
from core.messages.surface_commands import DescentPlane, StatesPlane, Window
from core.sentence import Sentence


def gaussian(seed: int, count: int, length: int) -> Tensor:
    """(count, length) float32 of independent standard normal numbers, on the CPU.

    A seed gives the same numbers on every device and whatever the weights are.
    """
    # torch's generator looks at 32 bits and refuses some longer seeds, which people may type.
    generator = torch.Generator().manual_seed(seed % 2**32)
    return torch.stack([torch.randn(length, generator=generator) for _ in range(count)])


def filter_normalised(direction: Tensor, weights: Tensor, shapes: Sequence[torch.Size]) -> Tensor:
    """A direction whose filters are as long as those of the network.

    Each filter d (a row of a dense weight: one unit's; an output channel of a convolution) becomes
    d / ‖d‖ · ‖θ‖ with the same filter θ of the network, after Li et al. 2018 (arXiv:1712.09913),
    section 4. Parameters with one dimension, which are biases and batch norm's, do not move, as
    with ``ignore=biasbn`` in the paper's own code.

    Args:
        direction: (p,).
        weights: (p,) the network's.
        shapes: Of its parameters, in their order.

    Returns:
        (p,) float32.
    """
    sizes = [shape.numel() for shape in shapes]
    parts = zip(shapes, torch.split(direction, sizes), torch.split(weights, sizes), strict=True)
    return torch.cat([_like(d, theta, shape) for shape, d, theta in parts])


def _like(direction: Tensor, weights: Tensor, shape: torch.Size) -> Tensor:
    if len(shape) <= 1 or not direction.numel():
        return torch.zeros_like(direction)
    filters = direction.reshape(shape[0], -1).double()
    norms = weights.reshape(shape[0], -1).double().norm(dim=1, keepdim=True)
    own = filters.norm(dim=1, keepdim=True)
    scaled: Tensor = filters * (norms / own.clamp_min(1e-300))
    return scaled.float().reshape(-1)


def across(direction: Tensor, other: Tensor) -> Tensor:
    """(p,) float64: the part of ``other`` that is at right angles to ``direction``."""
    unit: Tensor = direction.double() / direction.double().norm()
    rest: Tensor = other.double()
    # Twice, since the first time leaves rounding errors of the part that went.
    for _ in range(2):
        rest = rest - (unit @ rest) * unit
    return rest


PARALLEL = 1e-3
"""The least sine between two directions: a plane any flatter would show its rounding errors."""

ROUNDING = 5e-7
"""Of weights in float32, of the whole: a part that is shorter is no direction of its own."""

AHEAD = Window(-5.0, 10.0, -7.5, 7.5)
"""In lengths of an update: some behind, more ahead."""


# What a plane says of the update it shows: as a title, as a note, and where it goes straight.
_LAST = (
    "The last update’s own turn",
    "Steepest descent to the right, the part of the last update that is not along it upwards: "
    "two dimensions of {count:,}. One unit is as long as the last update: {length}.",
    "The last update went straight down the gradient, so the two span no plane.",
)
_NEXT = (
    "The next update’s own turn",
    "Steepest descent to the right, the part of the next update that is not along it upwards: "
    "two dimensions of {count:,}. One unit is as long as the next update: {length}.",
    "The next update goes straight down the gradient, so the two span no plane.",
)


def through_states(
    plane: StatesPlane, centre: NamedState, material: Material, before: LaidPlane | None
) -> LaidPlane:
    """(1, 0) is the second state; (0, 1) the third, or a random place at right angles."""
    second = find(plane.second, material)
    d1 = second.weights - centre.weights
    if not bool(d1.any()):
        raise _same(centre, second, material)
    if plane.third is None:
        return _line(centre, second, d1)
    third = find(plane.third, material)
    d2 = third.weights - centre.weights
    if not bool(d2.any()):
        raise _same(centre, third, material)
    if _own_part(d1, d2, centre.weights) is None:
        raise UserError(
            "“{first}”, “{second}” and “{third}” lie on one line, so no plane goes through them.",
            "Choose another state, or leave the third one out.",
            first=centre.name,
            second=second.name,
            third=third.name,
        )
    note = Sentence(
        "The plane through “{first}” at (0, 0), “{second}” at (1, 0) and “{third}” at (0, 1): two "
        "dimensions of {count:,}. Other states of the path lie beside it.",
        first=centre.name,
        second=second.name,
        third=third.name,
        count=len(d1),
    )
    flat = Flat(centre.weights, d1, d2)
    return LaidPlane(flat, (second.name, third.name), note, Window(-0.5, 1.5, -0.5, 1.5))


def _line(centre: NamedState, second: NamedState, d1: Tensor) -> LaidPlane:
    """Through two states; the y axis is random, at right angles, and as long."""
    if len(d1) < 2:
        raise UserError("A network with one parameter has no plane.", "Add a neuron to it.")
    rest = across(d1, gaussian(0, 1, len(d1))[0].to(d1.device))
    d2 = (rest * (d1.double().norm() / rest.norm())).float()
    note = Sentence(
        "From “{first}” at (0, 0) to “{second}” at (1, 0), and across one random direction of "
        "{count:,}, as long. Other states of the path lie beside it.",
        first=centre.name,
        second=second.name,
        count=len(d1),
    )
    titles = (second.name, "Random, at right angles")
    return LaidPlane(Flat(centre.weights, d1, d2), titles, note, Window(-0.5, 1.5, -1.0, 1.0))


def _same(first: NamedState, second: NamedState, material: Material) -> UserError:
    return UserError(
        "“{first}” and “{second}” are the same weights, so there is no line through them.",
        FOR_A_RACE if is_race(material) else "Train a few steps first, or choose another state.",
        first=first.name,
        second=second.name,
    )


def by_descent(
    plane: DescentPlane, centre: NamedState, material: Material, before: LaidPlane | None
) -> LaidPlane:
    """Downhill to the right, the update's own part upwards; both as long as the update."""
    gradient, update = _moves(centre, material)
    title, words, straight = _NEXT if material.is_next else _LAST
    own = _own_part(gradient, update, centre.weights)
    if own is None:
        raise UserError(
            straight,
            "Choose another plane; momentum, Adam or small batches make the two differ.",
        )
    length = update.double().norm()
    downhill = -gradient.double() * (length / gradient.double().norm())
    upwards = own * (length / own.norm())
    note = Sentence(words, count=len(update), length=f"{float(length):.4g}")
    flat = Flat(centre.weights, downhill.float(), upwards.float())
    # No window for the whole path: the update, which this plane is for, would be lost in it.
    return LaidPlane(flat, ("Downhill", title), note, AHEAD, stretch=1.0)


def _moves(centre: NamedState, material: Material) -> tuple[Tensor, Tensor]:
    """The gradient and the update, where both can be drawn."""
    if is_race(material):
        raise UserError(
            "Each runner of a race makes updates of its own, so there is no one plane of them.",
            "Choose another plane, such as two random directions.",
        )
    if not torch.equal(centre.weights, material.here):
        raise UserError(
            "The gradient is known only where the network stands.",
            "Lay this plane through the present weights.",
        )
    gradient, update = material.gradient, material.update
    if update is None:
        raise UserError("There is no update to show here.", "Take a training step first.")
    if gradient is None:
        gradient = gradient_of(material.arena, material.here)
    if not bool(gradient.isfinite().all() and update.isfinite().all()):
        raise UserError(
            "The gradient or the update is not finite.",
            "Go back to a step before the training diverged.",
        )
    if not bool(gradient.any() and update.any()):
        raise UserError(
            "The gradient or the update is zero: it shows no direction.",
            "Choose another plane.",
        )
    return gradient, update


def _own_part(direction: Tensor, other: Tensor, weights: Tensor) -> Tensor | None:
    """(p,) float64: what of ``other`` is at right angles; None where that is rounding alone."""
    own = across(direction, other)
    least = max(PARALLEL * float(other.double().norm()), ROUNDING * float(weights.double().norm()))
    return own if float(own.norm()) > least else None
