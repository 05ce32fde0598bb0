"""What a survey decides by: how fast an arena is, whether a window still fits, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np

from core.errors import UserError
from core.landscape.losses.arena import Arena, Material, lost
from core.landscape.plane.kinds import lay
from core.landscape.plane.laid import LaidPlane
from core.landscape.plane.unasked import lay_unasked
from core.landscape.surface.paths import MOST_POINTS
from core.landscape.surface.surface import GridLosses, objective_of
from core.landscape.thinning import MOST_FUNCTION_STATES
from core.messages.surface_commands import SurveyRequest, Window
from core.messages.surface_views import Doubles, PlaneView, SurfaceView

FEW = 0.01
"""A share of a picture's points in which no shape can be seen."""

MARGIN = 0.04
"""How near to the edge of a window that fits by itself a path may come, as a share of it."""

ROOM = 0.2
"""Of a window's width, that a path is given where it has outgrown the last one."""


def laid_for(request: SurveyRequest, material: Material, before: LaidPlane | None) -> LaidPlane:
    """The plane asked for, what suits the network where none was, or a function's only one.

    Args:
        request: What is asked for.
        material: What planes are made of.
        before: The plane on the screen; None where there is none of the same wish.

    Raises:
        UserError: It cannot be laid.
    """
    is_only = material.arena.window is not None
    if request.plane is None and not is_only:
        return lay_unasked(request.centre, material, before)
    return lay(None if is_only else request.plane, request.centre, material, before)


def by_speed(arena: Arena) -> list[Arena]:
    """A quick one for the first picture where the whole is slow, then the whole."""
    quick = arena.quick()
    return [arena] if quick is arena else [quick, arena]


def most_points(arena: Arena, *, is_whole: bool) -> int:
    """Points of a path; fewer where each costs much, all on a test function."""
    if arena.window is not None:
        return MOST_FUNCTION_STATES + 1
    if arena.quick() is arena and is_whole:
        return MOST_POINTS
    return 60 if is_whole else 24


def moved(last: Window, proposed: Window, points: Doubles) -> Window:
    """A window that was fitted before, moved only where a path has come near to its edge.

    There it gets some room, since the path will go on and each new range is seen coarse at first;
    one that has become far too large gives way to the one proposed.
    """
    seen = points[np.isfinite(points).all(1)]
    if proposed.width * proposed.height * 6 < last.width * last.height or not len(seen):
        return proposed
    (left, bottom), (right, top) = seen.min(0), seen.max(0)
    x, y = MARGIN * last.width, MARGIN * last.height
    wide, high = ROOM * proposed.width, ROOM * proposed.height
    # What is proposed leaves out who flew off, who must not move the window at each picture.
    return Window(
        min(last.left, proposed.left - wide) if left < last.left + x else last.left,
        max(last.right, proposed.right + wide) if right > last.right - x else last.right,
        min(last.bottom, proposed.bottom - high) if bottom < last.bottom + y else last.bottom,
        max(last.top, proposed.top + high) if top > last.top - y else last.top,
    )


def fitted(laid: LaidPlane, feet: Sequence[Doubles], last: Window | None, arena: Arena) -> Window:
    """What part of a plane shows where somebody went: the last one, if it need not move.

    Each path has its feet on the plane, points (k, 2).

    Raises:
        UserError: What fits cannot be drawn, as where weights have exploded.
    """
    points = np.concatenate([np.zeros((0, 2)), *feet])
    proposed = laid.window(points)
    if last is not None:
        proposed = moved(last, proposed, points)
    try:
        proposed.check()
    except UserError as error:
        raise nothing_there(laid, arena) or error from None
    return proposed


def check(grid: GridLosses, laid: LaidPlane, arena: Arena) -> None:
    """Refuses a picture of nothing: the last good one stays instead.

    Raises:
        UserError: No loss on it is a finite number, or so few that there is no shape to see.
    """
    finite = np.isfinite(grid.loss)
    if finite.mean() >= FEW:
        return
    trouble = (
        "The loss is a finite number almost nowhere in this range."
        if finite.any()
        else "The loss is not a finite number anywhere in this range."
    )
    raise nothing_there(laid, arena) or UserError(trouble, "Choose a smaller range.")


def nothing_there(laid: LaidPlane, arena: Arena) -> UserError | None:
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


_keys = count(1)


def plane_view_of(laid: LaidPlane, known: PlaneView | None, *, is_race: bool) -> PlaneView:
    """What views see of a plane: with the key of ``known``, where that is the same plane."""
    return PlaneView(
        laid.plane,
        known.key if known is not None else next(_keys),
        laid.titles,
        laid.note,
        laid.centre,
        laid.step,
        laid.norms,
        laid.cosine,
        laid.explained,
        laid.marks,
        is_race,
    )


def view_of(
    grid: GridLosses, plane: PlaneView, arena: Arena, resolution: int, seconds: float
) -> SurfaceView:
    """What views see of a grid; ``seconds`` it took, ``resolution`` was asked for."""
    return SurfaceView(
        plane,
        grid.x,
        grid.y,
        grid.loss,
        objective_of(grid),
        grid.accuracy,
        arena.samples,
        arena.of,
        plane.step,
        resolution,
        seconds,
    )
