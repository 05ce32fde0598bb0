"""All that stands in one picture of a loss surface, in the units of its box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite

import numpy as np
from PySide6.QtCore import QCoreApplication

from app.kit.text import translated
from app.link.surface_choice import Quantity, SurfaceChoice
from app.surface.relief.camera import FLOOR, TALL, Projection
from app.surface.relief.shape import Relief, drape, relief_of
from app.surface.shared.colours import height_of, is_logarithmic, quantity_name
from app.surface.shared.contours import contour_lines, levels_between
from app.surface.shared.parted import losses, parted
from app.surface.shared.paths import PathPoint, nearest
from core.messages.surface_views import Doubles, PathView, SurfaceView, Survey

_GROUND = 64
_LOWEST, _HIGHEST = -0.1, 1.15
"""How far out of the box, as shares of its height, a ball may stand whose loss is out of range."""
_LIFT = 0.008
"""Lines lie so much above the surface."""


@dataclass(eq=False)
class ReliefStage:
    """One surface set up to be drawn, coarse and fine; kept while its paths grow.

    Attributes:
        surface: As it was computed.
        relief: Its shape, with every point.
        logarithmic: Whether it is drawn by its logarithm.
        titles: Of the three axes.
        quantity: What is drawn.
    """

    surface: SurfaceView
    relief: Relief
    logarithmic: bool
    titles: tuple[str, str, str]
    quantity: Quantity
    _meshes: dict[int, Relief] = field(default_factory=dict)

    def mesh(self, quads: int) -> Relief:
        """The shape with so many quads a side."""
        if quads not in self._meshes:
            self._meshes[quads] = self.relief.remeshed(quads)
        return self._meshes[quads]

    @property
    def ground(self) -> Relief:
        """The mesh that lines lie on and are hidden by, however fine the surface is filled in."""
        return self.mesh(_GROUND)

    @cached_property
    def level_lines(self) -> Doubles:
        """(n, 3) all contours where they are on the surface, with nan between them."""
        return self._contours(lambda share: share * TALL + _LIFT)

    @cached_property
    def floor_lines(self) -> Doubles:
        """(n, 3) the same on the floor."""
        return self._contours(lambda _: FLOOR)

    def draped(self, points: Doubles) -> Doubles:
        """(n, 3) a polyline (k, 2) of the plane, laid over the surface; nan where it leaves it."""
        places = self.ground.standing(drape(self.ground, points))
        places[:, 2] += _LIFT
        return places

    def _contours(self, height: Callable[[float], float]) -> Doubles:
        ground, gap = self.ground, np.full((1, 3), np.nan)
        levels = levels_between(ground.limits, logarithmic=self.logarithmic)
        found = contour_lines(ground.x, ground.y, ground.drawn, levels)
        parts = [gap]
        for level, lines in zip(levels, found, strict=True):
            for line in lines:
                upwards = np.full(len(line), height(level.share))
                parts += [np.column_stack([ground.floor_of(line), upwards]), gap]
        return np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class ReliefScene:
    """What is drawn.

    Attributes:
        stage: The surface.
        given: All paths of the survey that it was made of.
        paths: Those on the surface's plane.
        parted: Those whose own loss is not the surface's where they stand, the worst first.
    """

    stage: ReliefStage
    given: tuple[PathView, ...]
    paths: tuple[PathView, ...]
    parted: tuple[PathView, ...] = ()

    @cached_property
    def own_shares(self) -> dict[int, float]:
        """By the id of who is parted from the surface: how far up the box its own loss is."""
        relief, logarithmic = self.stage.relief, self.stage.logarithmic
        low, high = relief.limits
        own = {path.id: height_of(losses(path)[0], logarithmic=logarithmic) for path in self.parted}
        return {
            id: min(max((height - low) / (high - low), _LOWEST), _HIGHEST)
            for id, height in own.items()
            if isfinite(height)
        }

    def points(self, each: int) -> Doubles:
        """(n, 2) of all paths, some of each; always with the last."""
        parts = [path.points[:: -max(1, len(path.points) // each)] for path in self.paths]
        return np.concatenate(parts) if parts else np.zeros((0, 2))

    def nearest(self, projection: Projection, x: float, y: float, reach: float) -> PathPoint | None:
        """The point of a path drawn nearest to a pixel, the newest of those just as near."""

        def distances(path: PathView) -> Doubles:
            drawn = projection.to_screen(self.stage.relief.standing(path.points))
            return np.hypot(drawn[:, 0] - x, drawn[:, 1] - y)

        return nearest(self.paths, distances, reach)


def stage_of(surface: SurfaceView, choice: SurfaceChoice) -> ReliefStage:
    """Sets a surface up as the choice wants it drawn."""
    quantity = choice.quantity
    if quantity == "accuracy" and surface.accuracy is None:
        quantity = "loss"
    logarithmic = is_logarithmic(surface, quantity, choice.is_log)
    relief = relief_of(surface, quantity, choice.is_log)
    name = quantity_name(quantity)
    if logarithmic:
        name = QCoreApplication.translate("surface", "{quantity}, log scale").format(quantity=name)
    x, y = (translated(title) for title in surface.plane.titles)
    return ReliefStage(surface, relief, logarithmic, (x, y, name), quantity)


def scene_of(survey: Survey, stage: ReliefStage) -> ReliefScene:
    """The surface with the paths that lie on its plane."""
    key = stage.surface.plane.key
    paths = tuple(path for path in survey.paths if path.plane == key and len(path.points))
    off = tuple(parted(stage.surface, paths, stage.quantity))
    return ReliefScene(stage, survey.paths, paths, off)


def on_floor(relief: Relief, points: Doubles) -> Doubles:
    """(k, 3) points (k, 2) of the plane on the floor of the box."""
    return np.column_stack([relief.floor_of(points), np.full(len(points), FLOOR)])
