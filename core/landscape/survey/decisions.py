"""What an expedition decides by: how fast an arena is, whether a window still fits, and so on."""

from __future__ import annotations

import numpy as np
import torch

from core.errors import UserError
from core.landscape.losses.arena import Arena, Flat, Material, lost
from core.landscape.plane.default import usual
from core.landscape.plane.laid import Laid
from core.landscape.survey.paths import MOST_POINTS
from core.landscape.survey.surface import Sheet, objective_of
from core.landscape.thinning import LANDMARKS
from core.messages.surface_commands import Plane, SurveyRequest, Window
from core.messages.surface_views import Doubles, PlaneView, SurfaceView

FEW = 0.01
"""A share of a picture's points in which no shape can be seen."""

MARGIN = 0.04
"""How near to the edge of a window that fits by itself a path may come, as a share of it."""


def plane_for(request: SurveyRequest, material: Material) -> Plane | None:
    """The plane asked for, or what suits the network; None where there is only one plane."""
    if material.arena.window is not None:
        return None
    return request.plane if request.plane is not None else usual(material)


def by_speed(arena: Arena) -> list[Arena]:
    """A quick one for the first picture where the whole is slow, then the whole."""
    quick = arena.quick()
    return [arena] if quick is arena else [quick, arena]


def most_points(arena: Arena, *, is_whole: bool) -> int:
    """Points of a path; fewer where each costs much, all on a test function."""
    if arena.window is not None:
        return LANDMARKS + 1
    if arena.quick() is arena and is_whole:
        return MOST_POINTS
    return 60 if is_whole else 24


def gradient_of(arena: Arena, here: torch.Tensor) -> torch.Tensor:
    """(p,) the gradient of the objective, on all samples of the arena."""
    with torch.inference_mode(False), torch.enable_grad():
        parameters = here.detach().clone().requires_grad_()
        return torch.autograd.grad(arena.objective(parameters), parameters)[0]


def is_same(old: Flat, new: Flat) -> bool:
    """Whether two planes are one and the same."""
    pairs = ((old.base, new.base), (old.d1, new.d1), (old.d2, new.d2))
    return all(torch.equal(a, b) for a, b in pairs)


def still_fits(last: Window, proposed: Window, points: Doubles) -> bool:
    """Whether a window that was fitted before need not move."""
    if proposed.width * proposed.height * 6 < last.width * last.height:
        return False
    x, y = MARGIN * last.width, MARGIN * last.height
    inside = (
        (points[:, 0] >= last.left + x)
        & (points[:, 0] <= last.right - x)
        & (points[:, 1] >= last.bottom + y)
        & (points[:, 1] <= last.top - y)
    )
    return bool(inside.all())


def check(sheet: Sheet, laid: Laid, arena: Arena) -> None:
    """Refuses a picture of nothing: the last good one stays instead.

    Raises:
        UserError: No loss on it is a finite number, or so few that there is no shape to see.
    """
    finite = np.isfinite(sheet.loss)
    if not finite.any():
        raise nothing_there(laid, arena) or UserError(
            "The loss is not a finite number anywhere in this range.", "Choose a smaller range."
        )
    if finite.mean() < FEW:
        raise nothing_there(laid, arena) or UserError(
            "The loss is a finite number almost nowhere in this range.", "Choose a smaller range."
        )


def check_window(window: Window, laid: Laid, arena: Arena) -> None:
    """Refuses a range that was fitted but cannot be drawn, as where weights have exploded.

    Raises:
        UserError: It cannot; says so of the weights where these are to blame.
    """
    try:
        window.check()
    except UserError as error:
        raise nothing_there(laid, arena) or error from None


def nothing_there(laid: Laid, arena: Arena) -> UserError | None:
    """Why no range is of any help: where the plane's centre itself has no finite loss."""
    if arena.window is not None:
        return None
    centre = laid.flat.at(*laid.centre)
    loss = arena.scores(centre[None], lambda: False).loss
    return None if bool(loss.isfinite().all()) else lost()


Landscape = tuple[object, ...]
"""What a picture is of: the same for two pictures that may stand in for each other a while."""


def landscape_of(request: SurveyRequest, arena: Arena) -> Landscape:
    """The subject first; then what tells its network or function from others."""
    return request.subject, arena.window, tuple(arena.names), tuple(arena.shapes)


def view_of(
    sheet: Sheet, plane: PlaneView, arena: Arena, resolution: int, seconds: float
) -> SurfaceView:
    """What views see of a sheet; ``seconds`` it took, ``resolution`` was asked for."""
    return SurfaceView(
        plane,
        sheet.x,
        sheet.y,
        sheet.loss,
        objective_of(sheet),
        sheet.accuracy,
        arena.samples,
        arena.of,
        plane.step,
        resolution,
        seconds,
    )
