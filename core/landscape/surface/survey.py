"""One survey: a plane laid, its surface from coarse to fine, the paths, the line, the sharpness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import torch

from core.landscape.losses.arena import Arena, Flat, Interruption, Material, OnPlane, is_same
from core.landscape.plane.laid import LaidPlane
from core.landscape.surface.decisions import (
    by_speed,
    check,
    fitted,
    laid_for,
    landscape_of,
    most_points,
    plane_view_of,
    view_of,
)
from core.landscape.surface.material import SurveyTask
from core.landscape.surface.paths import Feet, KnownLosses, PathProjection
from core.landscape.surface.sharpness import profiles, sharpness
from core.landscape.surface.surface import GridLosses, coarse_to_fine
from core.messages.surface_commands import Window
from core.messages.surface_views import PathView, PlaneView, SurfaceView, Survey

PATIENCE = 5.0
"""Seconds within which a first picture is finished though there are newer weights: a race brings
some four times a second, and each would undo what is nearly done."""

LIVE_EVERY = 0.6
"""Seconds from one picture to the next while training goes on."""

LIVE_SECONDS = 0.5
"""For one picture while training goes on: finer grids that would take longer are left out."""


class SurveyComputation:
    """What is computed for one task.

    Args:
        task: What is asked for, and the weights with where they have been.
        shown: What is on the screen until there is something newer.
        before: The one before, whose plane, window and losses may serve again.

    Attributes:
        flat: The plane of its newest picture; None before there is one.
        plane: The same as views see it.
        landscape: What it is of.
        survey: The newest; its progress is told between two pictures too.
    """

    def __init__(self, task: SurveyTask, shown: Survey, before: SurveyComputation | None) -> None:
        assert isinstance(task.material, Material)
        self._request = request = task.request
        self._material = material = task.material
        known = before is not None and before._material.arena is material.arena
        sharp = shown.sharpness if known and request.sharpness else None
        self.survey = replace(shown, request=request, sharpness=sharp)
        self._before = before if before is not None and self._is_like(before) else None
        self._losses: KnownLosses = self._before._losses if self._before else KnownLosses()
        self._feet: list[Feet] | None = None
        self._laid: LaidPlane | None = None
        self._fitted: Window | None = None
        self.plane: PlaneView | None = None
        self.flat: Flat | None = None
        self.landscape = landscape_of(request, material.arena)
        self._begun = perf_counter()
        self._is_done = False
        self._has_picture = False
        self._kept_points = 0

    @property
    def is_over_for_now(self) -> bool:
        """Whether newer weights are welcome: there is a picture, and it has been seen a while."""
        return self._is_done and perf_counter() - self._begun > LIVE_EVERY

    def end(self) -> None:
        """Says that nothing more will come."""
        self._is_done = True
        self._before = None  # or each would keep all that went before it

    def is_finished_before(self, newer: object) -> bool:
        """Whether newer weights, of the same landscape, wait until there is a first picture."""
        return (
            not self._has_picture
            and isinstance(newer, Material)
            and newer.arena is self._material.arena
            and perf_counter() - self._begun < PATIENCE
        )

    def _is_like(self, other: SurveyComputation) -> bool:
        one, two = self._request, other._request
        same_wish = (one.plane, one.subject, one.centre) == (two.plane, two.subject, two.centre)
        return same_wish and self._material.arena is other._material.arena

    def _has_laid(self, flat: Flat) -> bool:
        return self._laid is not None and is_same(self._laid.flat, flat)

    def run(self, interrupted: Interruption) -> Iterator[Survey]:
        """Ever better surveys.

        Raises:
            UserError: The plane cannot be laid, or there is not enough memory.
            core.training.step.Interrupted: Something else is wanted first.
        """
        laid = self._lay()
        self._interrupted, self._window = interrupted, self._window_on(laid)
        if self._needs_paths_only(laid):
            yield self._with_new_paths(laid)
        else:
            yield from self._drawn_anew(laid)
        yield from self._readings(laid)

    def _drawn_anew(self, laid: LaidPlane) -> Iterator[Survey]:
        arenas = by_speed(self._material.arena)
        if self._material.moving:
            arenas = arenas[:1]
        if self._is_on_screen(laid):
            self._keep(laid)
            arenas = arenas[-1:]  # there is a first picture
            yield self.survey
        elif self._lags():
            yield self._changed(is_stale=True, progress=0.0)
        for arena in arenas:
            yield from self._pictures(laid, arena, is_last=arena is arenas[-1])

    def _picture_of(self, laid: LaidPlane) -> SurfaceView | None:
        """What is on the screen, if that is this plane in this range."""
        before, surface = self._before, self.survey.surface
        if before is None or not before._has_picture or surface is None:
            return None
        return surface if surface.window == self._window and before._has_laid(laid.flat) else None

    def _needs_paths_only(self, laid: LaidPlane) -> bool:
        """Whether the finest picture stands: a function stays what it is, wherever runners go."""
        if self._material.arena.window is None or self._before is None or not self._before.plane:
            return False
        picture = self._picture_of(laid)
        return (
            picture is not None
            and picture.plane.key == self._before.plane.key
            and picture.plane.marks == laid.marks
            and len(picture.x) == self._request.resolution
        )

    def _with_new_paths(self, laid: LaidPlane) -> Survey:
        self.flat, self.plane = laid.flat, self._plane_view(laid)
        arena = self._material.arena
        paths = self._paths(laid, self.plane, arena, arena.on_plane(laid.flat))
        self._has_picture = True
        return self._changed(paths=paths, is_stale=False, progress=None, trouble=None)

    def _lay(self) -> LaidPlane:
        request, material = self._request, self._material
        before = self._before._laid if self._before is not None else None
        self._laid = laid_for(request, material, before)
        return self._laid

    def _window_on(self, laid: LaidPlane) -> Window:
        """The part of the plane to look at: as asked for, or as fits and need not move.

        Raises:
            UserError: What fits cannot be drawn, as where weights have exploded.
        """
        chosen = self._request.window or self._material.arena.window
        if chosen is not None:
            return chosen
        self._feet = [laid.project(route.states) for route in self._material.routes]
        before = self._before._laid if self._before is not None else None
        is_kind = before is not None and type(before.plane) is type(laid.plane)
        last = self._before._fitted if self._before is not None and is_kind else None
        points = [points for points, _ in self._feet]
        self._fitted = fitted(laid, points, last, self._material.arena)
        return self._fitted

    def _is_on_screen(self, laid: LaidPlane) -> bool:
        """Whether the picture on the screen is of these very weights, plane and range."""
        return (
            self._before is not None
            and not self._material.moving
            and self._picture_of(laid) is not None
            and torch.equal(self._before._material.here, self._material.here)
        )

    def _keep(self, laid: LaidPlane) -> None:
        """Leaves the picture on the screen until there is one that is no coarser."""
        surface = self.survey.surface
        assert surface is not None
        self._changed(is_stale=False, progress=0.0, trouble=None)
        self.flat, self.plane = laid.flat, self._plane_view(laid)
        self._kept_points = len(surface.x)
        self._has_picture = True

    def _lags(self) -> bool:
        """Whether what is on the screen is another plane or range, or took long to follow."""
        surface = self.survey.surface
        if surface is None or self._before is None:
            return True
        return surface.window != self._window or surface.seconds > LIVE_SECONDS

    def _pictures(self, laid: LaidPlane, arena: Arena, *, is_last: bool) -> Iterator[Survey]:
        on_plane, resolution = arena.on_plane(laid.flat), self._request.resolution
        grids = coarse_to_fine(on_plane, self._window, resolution, self._interrupted, self._report)
        plane = self._plane_view(laid)
        paths: tuple[PathView, ...] | None = None
        follows = self._material.moving and not self.survey.is_stale
        for grid in grids:
            late = is_last and self._is_late(grid)
            last = late or len(grid.x) >= resolution
            if follows and not last:
                continue  # who follows a run wants its newest picture, not one over another
            if len(grid.x) < self._kept_points and not last:
                continue
            check(grid, laid, arena)
            self.flat, self.plane = laid.flat, plane
            surface = view_of(grid, plane, arena, resolution, perf_counter() - self._begun)
            progress = None if last and is_last else self.survey.progress
            self._changed(surface=surface, is_stale=False, progress=progress, trouble=None)
            if paths is None:
                # The paths on screen are of another plane until the new ones are there.
                self._changed(paths=())
                paths = self._paths(laid, plane, arena, on_plane)
            # Newer weights are welcome from now on: before, they would undo what is nearly done.
            self._has_picture, self._is_done = True, late
            yield self._changed(paths=paths)
            if late or not is_last:
                return

    def _is_late(self, grid: GridLosses) -> bool:
        """Whether the next grid would take too long while training goes on."""
        return self._material.moving and grid.seconds * 4 > LIVE_SECONDS

    def _report(self, share: float) -> None:
        self._changed(progress=share)

    def _changed(self, **changes: object) -> Survey:
        self.survey = replace(self.survey, **changes)  # type: ignore[arg-type]
        return self.survey

    def _paths(
        self, laid: LaidPlane, plane: PlaneView, arena: Arena, on_plane: OnPlane
    ) -> tuple[PathView, ...]:
        is_whole = arena is self._material.arena
        seen = PathProjection(laid, plane.key, arena, on_plane, self._losses, self._interrupted)
        return seen.paths(
            self._material.routes,
            self._feet,
            descent=is_whole and not self._material.moving,
            most=most_points(arena, is_whole=is_whole),
        )

    def _readings(self, laid: LaidPlane) -> Iterator[Survey]:
        """What takes long and is asked for beside the picture; at rest only."""
        self._is_done = self._material.moving
        if self._material.moving:
            return
        arena, request = self._material.arena, self._request
        assert self.survey.surface is not None
        if request.sharpness:
            found = sharpness(arena, self._material.here, self._material.step, self._interrupted)
            yield self._changed(sharpness=found)
        if request.line:
            key = self.survey.surface.plane.key
            for line in profiles(laid, arena, self._window, key, self._interrupted):
                yield self._changed(line=line)

    def _plane_view(self, laid: LaidPlane) -> PlaneView:
        """What views see of the plane: with the key of the one before, where it is the same."""
        before = self._before
        known = before.plane if before is not None and before._has_laid(laid.flat) else None
        return plane_view_of(laid, known, is_race=self._request.subject == "race")
