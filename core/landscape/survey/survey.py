"""One survey: a plane laid, its surface from coarse to fine, the paths, the line, the sharpness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from time import perf_counter

import numpy as np
import torch

from core.landscape.losses.arena import Arena, Flat, Material, OnPlane
from core.landscape.plane.kinds import Laid, lay
from core.landscape.survey.decisions import (
    by_speed,
    check,
    check_window,
    gradient_of,
    is_same,
    landscape_of,
    most_points,
    plane_for,
    still_fits,
    view_of,
)
from core.landscape.survey.paths import Losses, look
from core.landscape.survey.sharpness import along, sharpness
from core.landscape.survey.surface import Sheet, sheets
from core.messages.surface_commands import DescentPlane, SurveyRequest, Window
from core.messages.surface_views import PathView, PlaneView, Survey

PATIENCE = 5.0
"""Seconds within which a first picture is finished though there are newer weights: a race brings
some four times a second, and each would undo what is nearly done."""

LIVE_EVERY = 0.6
"""Seconds from one picture to the next while training goes on."""

LIVE_SECONDS = 0.5
"""For one picture while training goes on: finer grids that would take longer are left out."""

LINE_SECONDS = 3.0
"""For the slope and curvature along the line, by which its number of points is chosen."""

_keys = count(1)

Interruption = Callable[[], bool]


class Expedition:
    """What is done for one request on one state of the weights.

    Args:
        request: What is asked for.
        material: The weights and where they have been.
        shown: What is on the screen until there is something newer.
        before: The one before, whose plane, window and losses may serve again.

    Attributes:
        flat: The plane of its newest picture; None before there is one.
        plane: The same as views see it.
        landscape: What it is of.
    """

    def __init__(
        self,
        request: SurveyRequest,
        material: Material,
        shown: Survey,
        before: Expedition | None,
    ) -> None:
        self._request = request
        self._material = material
        known = before is not None and before._material.arena is material.arena
        sharp = shown.sharpness if known and request.sharpness else None
        self._survey = replace(shown, request=request, sharpness=sharp)
        same = before is not None and before._is_like(request, material)
        self._before = before if same else None
        self.losses: Losses = before.losses if same and before is not None else Losses()
        self.laid: Laid | None = None
        self.plane: PlaneView | None = None
        self.fitted: Window | None = None
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

    @property
    def progress(self) -> float | None:
        """As in :class:`core.messages.surface_views.Survey`, told between two pictures too."""
        return self._survey.progress

    def end(self) -> None:
        """Says that nothing more will come."""
        self._is_done = True
        self._before = None  # or each would keep all that went before it

    def outlasts(self, newer: object) -> bool:
        """Whether newer weights, of the same landscape, wait until there is a first picture."""
        return (
            not self._has_picture
            and isinstance(newer, Material)
            and newer.arena is self._material.arena
            and perf_counter() - self._begun < PATIENCE
        )

    def _is_like(self, request: SurveyRequest, material: Material) -> bool:
        mine = (self._request.plane, self._request.subject, self._request.centre)
        theirs = (request.plane, request.subject, request.centre)
        return mine == theirs and self._material.arena is material.arena

    def _has_laid(self, flat: Flat) -> bool:
        return self.laid is not None and is_same(self.laid.flat, flat)

    def run(self, interrupted: Interruption) -> Iterator[Survey]:
        """Ever better surveys.

        Raises:
            UserError: The plane cannot be laid, or there is not enough memory.
            core.training.step.Interrupted: Something else is wanted first.
        """
        laid = self._lay()
        window = self._window(laid)
        if self._needs_paths_only(laid, window):
            yield self._with_new_paths(laid, interrupted)
        else:
            yield from self._drawn_anew(laid, window, interrupted)
        yield from self._readings(laid, window, interrupted)

    def _drawn_anew(
        self, laid: Laid, window: Window, interrupted: Interruption
    ) -> Iterator[Survey]:
        arenas = by_speed(self._material.arena)
        if self._material.moving:
            arenas = arenas[:1]
        if self._is_on_screen(laid, window):
            self._keep(laid)
            arenas = arenas[-1:]  # there is a first picture
            yield self._survey
        elif self._lags(window):
            self._survey = replace(self._survey, is_stale=True, progress=0.0)
            yield self._survey
        for arena in arenas:
            is_last = arena is arenas[-1]
            yield from self._pictures(laid, arena, window, interrupted, is_last=is_last)

    def _needs_paths_only(self, laid: Laid, window: Window) -> bool:
        """Whether the finest picture stands: a function stays what it is, wherever runners go."""
        before, surface = self._before, self._survey.surface
        return (
            self._material.arena.window is not None
            and before is not None
            and before._has_picture
            and before.plane is not None
            and surface is not None
            and surface.plane.key == before.plane.key
            and surface.plane.marks == laid.marks
            and surface.window == window
            and len(surface.x) == self._request.resolution
            and before._has_laid(laid.flat)
        )

    def _with_new_paths(self, laid: Laid, interrupted: Interruption) -> Survey:
        arena = self._material.arena
        self.flat, self.plane = laid.flat, self._plane_view(laid)
        paths = self._paths(laid, self.plane, arena, arena.on_plane(laid.flat), interrupted)
        self._has_picture = True
        self._survey = replace(
            self._survey, paths=paths, is_stale=False, progress=None, trouble=None
        )
        return self._survey

    def _lay(self) -> Laid:
        request, material = self._request, self._material
        before = self._before.laid if self._before is not None else None
        plane = plane_for(request, material)
        if isinstance(plane, DescentPlane) and material.gradient is None:
            material = replace(material, gradient=gradient_of(material.arena, material.here))
        self.laid = lay(plane, request.centre, material, before)
        return self.laid

    def _window(self, laid: Laid) -> Window:
        """The part of the plane to look at: as asked for, or as fits and need not move.

        Raises:
            UserError: What fits cannot be drawn, as where weights have exploded.
        """
        if self._request.window is not None:
            return self._request.window
        if self._material.arena.window is not None:
            return self._material.arena.window
        states = [state for route in self._material.routes for state in route.states]
        points, _ = laid.project(states) if states else (np.zeros((0, 2)), None)
        proposed = laid.window(points)
        last = self._before.fitted if self._before is not None else None
        if last is not None and still_fits(last, proposed, points):
            proposed = last
        check_window(proposed, laid, self._material.arena)
        self.fitted = proposed
        return proposed

    def _is_on_screen(self, laid: Laid, window: Window) -> bool:
        """Whether the picture on the screen is of these very weights, plane and range."""
        before, surface = self._before, self._survey.surface
        return (
            before is not None
            and before._has_picture
            and not self._material.moving
            and surface is not None
            and surface.window == window
            and before._has_laid(laid.flat)
            and torch.equal(before._material.here, self._material.here)
        )

    def _keep(self, laid: Laid) -> None:
        """Leaves the picture on the screen until there is one that is no coarser."""
        surface = self._survey.surface
        assert surface is not None
        self._survey = replace(self._survey, is_stale=False, progress=0.0, trouble=None)
        self.flat, self.plane = laid.flat, self._plane_view(laid)
        self._kept_points = len(surface.x)
        self._has_picture = True

    def _lags(self, window: Window) -> bool:
        """Whether what is on the screen is another plane or range, or took long to follow."""
        surface = self._survey.surface
        if surface is None or self._before is None:
            return True
        return surface.window != window or surface.seconds > LIVE_SECONDS

    def _pictures(
        self,
        laid: Laid,
        arena: Arena,
        window: Window,
        interrupted: Interruption,
        *,
        is_last: bool,
    ) -> Iterator[Survey]:
        on_plane = arena.on_plane(laid.flat)
        plane = self._plane_view(laid)
        paths: tuple[PathView, ...] | None = None
        follows = self._material.moving and not self._survey.is_stale
        for sheet in sheets(on_plane, window, self._request.resolution, interrupted, self._tell):
            late = is_last and self._is_late(sheet)
            last = late or len(sheet.x) >= self._request.resolution
            if follows and not last:
                continue  # who follows a run wants its newest picture, not one over another
            if len(sheet.x) < self._kept_points and not last:
                continue
            check(sheet, laid, arena)
            self.flat, self.plane = laid.flat, plane
            seconds = perf_counter() - self._begun
            surface = view_of(sheet, plane, arena, self._request.resolution, seconds)
            self._survey = replace(
                self._survey,
                surface=surface,
                paths=paths if paths is not None else self._survey.paths,
                is_stale=False,
                progress=None if last and is_last else self._survey.progress,
                trouble=None,
            )
            if paths is None:
                # The paths on screen are of another plane until the new ones are there.
                self._survey = replace(self._survey, paths=())
                paths = self._paths(laid, plane, arena, on_plane, interrupted)
                self._survey = replace(self._survey, paths=paths)
            # Newer weights are welcome from now on: before, they would undo what is nearly done.
            self._has_picture, self._is_done = True, late
            yield self._survey
            if late or not is_last:
                return

    def _is_late(self, sheet: Sheet) -> bool:
        """Whether the next grid would take too long while training goes on."""
        return self._material.moving and sheet.seconds * 4 > LIVE_SECONDS

    def _tell(self, share: float) -> None:
        self._survey = replace(self._survey, progress=share)

    def _paths(
        self, laid: Laid, plane: PlaneView, arena: Arena, on_plane: OnPlane, stop: Interruption
    ) -> tuple[PathView, ...]:
        is_whole = arena is self._material.arena
        return look(
            self._material.routes,
            laid,
            plane.key,
            arena,
            on_plane,
            self.losses,
            stop,
            descent=is_whole and not self._material.moving,
            most=most_points(arena, is_whole=is_whole),
        )

    def _readings(self, laid: Laid, window: Window, interrupted: Interruption) -> Iterator[Survey]:
        """What takes long and is asked for beside the picture; at rest only."""
        self._is_done = self._material.moving
        if self._material.moving:
            return
        arena, request = self._material.arena, self._request
        assert self._survey.surface is not None
        key = self._survey.surface.plane.key
        if request.sharpness:
            found = sharpness(arena, self._material.here, self._material.step, interrupted)
            self._survey = replace(self._survey, sharpness=found)
            yield self._survey
        if request.line:
            ends = (window.left, window.right)
            line = along(laid, arena, *ends, 11, key, interrupted)
            yield replace(self._survey, line=line)
            begun = perf_counter()
            along(laid, arena, *ends, 2, key, interrupted)
            points = int(LINE_SECONDS / (perf_counter() - begun) * 2)
            if points > 11:
                line = along(laid, arena, *ends, min(points, 101) | 1, key, interrupted)
            self._survey = replace(self._survey, line=line)
            yield self._survey

    def _plane_view(self, laid: Laid) -> PlaneView:
        """What views see of the plane: with the key of the one before, where it is the same."""
        before = self._before
        if before is not None and before.plane is not None and before._has_laid(laid.flat):
            return replace(
                before.plane,
                titles=laid.titles,
                note=laid.note,
                marks=laid.marks,
                step=laid.step,
            )
        return PlaneView(
            laid.plane,
            next(_keys),
            laid.titles,
            laid.note,
            laid.centre,
            laid.step,
            laid.norms,
            laid.cosine,
            laid.explained,
            laid.marks,
            self._request.subject == "race",
        )
