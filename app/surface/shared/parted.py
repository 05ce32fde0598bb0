"""Who has another loss than the plane shows below them, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import four_digits
from app.link.surface_choice import Quantity
from app.surface.shared.colours import quantities
from core.messages.surface_views import PathView, SurfaceView

PARTED = 0.1
"""Of the larger of both: a ball whose own loss differs by more does not stand on the surface."""


def parted(surface: SurfaceView, paths: Sequence[PathView], quantity: Quantity) -> list[PathView]:
    """The paths that stand where the surface is not as high as they are, the worst first.

    Only losses can be told apart so: of a path no accuracy is known, and no penalty.
    """
    is_loss = quantity == "loss" or (
        quantity == "objective" and "objective" not in quantities(surface)
    )
    here = [path for path in paths if path.plane == surface.plane.key and len(path.points)]
    return sorted((path for path in here if is_loss and gap(path) > PARTED), key=gap, reverse=True)


def gap(path: PathView) -> float:
    """By what share of the larger one the losses part where a path stands; 0 if unknown."""
    own, foot = losses(path)
    if not (math.isfinite(own) and math.isfinite(foot)) or own == foot:
        return 0.0
    return abs(own - foot) / max(abs(own), abs(foot))


def losses(path: PathView) -> tuple[float, float]:
    """Where a path stands, its own loss and the plane's."""
    at = path.at % len(path.points)
    return float(path.loss[at]), float(path.foot[at])


def parted_words(found: Sequence[PathView]) -> str:
    """Why a ball is not where the surface is; empty where all are."""
    if not found:
        return ""
    path = found[0]
    own, foot = map(four_digits, losses(path))
    distance = four_digits(float(path.distance[path.at % len(path.points)]))
    template = _tr(
        "“{name}” has a loss of {own}, the plane shows {foot} below it: its weights lie {distance} "
        "beside the plane, in directions that the picture leaves out."
    )
    if len(found) > 1:
        template = _tr(
            "{count} have another loss than the plane shows below them, most of all “{name}” "
            "({own}, shown {foot}): their weights lie beside the plane, in directions that the "
            "picture leaves out."
        )
    return template.format(count=len(found), name=path.name, own=own, foot=foot, distance=distance)


def floating_words(found: Sequence[PathView]) -> str:
    """The same in short, for a picture in which balls stand at their own heights."""
    if not found:
        return ""
    return _tr("Balls off the surface: their weights lie beside the plane")


def _tr(text: str) -> str:
    return QCoreApplication.translate("surface", text)
