"""What a click on a surface does: to a step of the run, or a new start of the race."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu

from app.kit.layouts import named
from app.kit.plots.style import OWN
from app.link.pacing import single_shot
from app.surface.shared.colours import values_of
from app.surface.shared.grid import value_at
from app.surface.shared.paths import PathPoint, apart_from, nearest, point_at
from app.surface.shared.reading import ReadingCard, path_words, place_words
from core.errors import UserError
from core.messages.commands import Visit
from core.messages.race import RestartRace
from core.messages.surface_views import PathView
from core.sentence import Sentence

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from app.link.surface_choice import SurfaceChoice
    from app.surface.map.drawing import SurfaceDrawing
    from app.surface.map.plane_plot import Point
    from app.surface.map.plot import SurfacePlot
    from app.surface.map.tools import SurfaceTools
    from core.messages.surface_commands import Window
    from core.messages.surface_views import SurfaceView, Survey

HIT_PIXELS = 12.0
"""Pixels from the pointer within which a path's point is met."""


class SurfacePointer(QObject):
    """Tells the choice what is pointed at here, and shows what is pointed at anywhere."""

    def __init__(self, choice: SurfaceChoice, plot: SurfacePlot, parent: QObject) -> None:
        super().__init__(parent)
        self._choice = choice
        self._plot = plot
        self._drawing: SurfaceDrawing | None = None
        self._paths: tuple[PathView, ...] = ()
        self.card = ReadingCard(plot)
        plot.pointed.connect(self._point)
        choice.pointed.connect(self.show_pointed)

    def present(self, drawing: SurfaceDrawing | None, paths: tuple[PathView, ...]) -> None:
        """Another surface or other paths; reads them where the pointer is."""
        self._drawing, self._paths = drawing, paths
        self.show_pointed()

    def met_at(self, point: Point) -> PathPoint | None:
        """The path's point at a place of the plane."""
        return nearest(self._paths, apart_from(point, self._plot.frame.scale), HIT_PIXELS)

    def _point(self, point: Point | None) -> None:
        met = None if point is None else self.met_at(point)
        self._choice.point_at(point, None if met is None else (met.path.id, met.step))

    def show_pointed(self) -> None:
        """Hairlines, ring, card and the mark at the colours."""
        point, met = self._choice.point, point_at(self._paths, self._choice.moment)
        at, drawing = point if met is None else met.point, self._drawing
        if drawing is None or at is None:
            self._plot.pointer.show_pointer(None, None)
            self._plot.legend.show_mark(None)
            self.card.hide()
            return
        surface, quantity = drawing.surface, drawing.quantity
        self._plot.pointer.show_pointer(point, None if met is None else met.point)
        value = value_at(surface.x, surface.y, values_of(surface, quantity), at)
        share = math.nan if value is None else drawing.share_of(value)
        self._plot.legend.show_mark(share if math.isfinite(share) else None)
        words = place_words(surface, quantity, at) if met is None else path_words(met)
        self.card.show_lines(words, self._plot.pixel_of(at))


REST_MS = 150
"""After so long without another movement the surface of the new range is asked for."""


class SurfaceRange(QObject):
    """Asks for the range that the person moved to, and follows the range that others ask for.

    Between a wish and its answer surveys of older wishes go on arriving; none of them may throw
    the picture back.

    Attributes:
        refused: Why the last range that was asked for cannot be had; None if it can.
        requested: A range was asked for, and refused or not.
    """

    requested = Signal()

    def __init__(self, choice: SurfaceChoice, plot: SurfacePlot, parent: QObject) -> None:
        super().__init__(parent)
        self._choice = choice
        self._plot = plot
        self._is_waiting = False
        self._surface: SurfaceView | None = None
        self.refused: Sentence | None = None
        self._rest = single_shot(self, REST_MS, lambda: self._request(plot.window_shown))
        plot.zoomed.connect(self._rest.start)
        plot.fit_asked.connect(self.fit)

    def fit(self) -> None:
        """Asks for the range that holds the path and its neighbourhood."""
        self._rest.stop()
        if self._choice.request.window is not None:
            self._request(None)
        elif self._surface is not None:
            self._plot.show_window(self._surface.window)

    def follow(self, survey: Survey) -> None:
        """Shows the range of a survey, unless the person has moved on since."""
        changed = survey.surface is not self._surface
        self._surface = survey.surface
        window = survey.request.window if survey.request is not None else None
        # The engine may put other states into a request, but never another range.
        self._is_waiting = self._is_waiting and window != self._choice.request.window
        if self._rest.isActive() or self._is_waiting:
            return
        if window is not None:
            self._plot.show_window(window)
        elif survey.surface is not None and (changed or not survey.is_stale):
            self._plot.show_window(survey.surface.window)

    def _request(self, window: Window | None) -> None:
        before, self._is_waiting = self._is_waiting, True
        try:
            self._choice.change(window=window)
            self.refused = None
        except UserError as error:
            self.refused = error.sentence
            # Dragged off to where nothing can be drawn: back to what was asked for.
            self._is_waiting = before
            last = self._choice.request.window
            if last is None and self._surface is not None:
                last = self._surface.window
            if last is not None:
                self._plot.show_window(last)
        self.requested.emit()


class SurfaceGestures(QObject):
    """Turns clicks into commands."""

    picked = Signal(float, float)

    def __init__(
        self,
        bridge: Bridge,
        plot: SurfacePlot,
        pointer: SurfacePointer,
        tools: SurfaceTools,
    ) -> None:
        super().__init__(plot)
        self._bridge = bridge
        self._plot = plot
        self._pointer = pointer
        self._tools = tools
        plot.clicked.connect(self._click)
        plot.menu_asked.connect(lambda point, at: self.menu_for(point).popup(at))
        plot.escaped.connect(lambda: tools.start.setChecked(False))
        tools.start.toggled.connect(self._arm)

    @property
    def is_race(self) -> bool:
        """Whether the surface shown is one that a race can be started on."""
        request = self._bridge.survey.request
        return bool(self._bridge.contest.arena) or (
            request is not None and request.subject == "race"
        )

    def menu_for(self, point: Point) -> QMenu:
        """What can be done at a place."""
        menu = named(QMenu(self._plot), "surface.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.is_race:
            start = menu.addAction(self.tr("Start the race here"))
            start.triggered.connect(lambda _: self._restart(point))
            menu.addSeparator()
        fit = menu.addAction(self.tr("Fit"))
        fit.triggered.connect(lambda _: self._plot.fit_asked.emit())
        menu.addAction(self._tools.copy.copy_action)
        menu.addAction(self._tools.copy.save_action)
        return menu

    def _click(self, point: Point) -> None:
        if self._tools.start.isChecked():
            self._tools.start.setChecked(False)
            self._restart(point)
            return
        met = self._pointer.met_at(point)
        if met is not None and met.path.id == OWN:
            self._bridge.dispatch(Visit(met.step))
        if self.is_race:
            self.picked.emit(*point)

    def _restart(self, point: Point) -> None:
        self._bridge.dispatch(RestartRace(point))

    def _arm(self, on: bool) -> None:
        """The next click is the start."""
        if on:
            self._plot.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self._plot.viewport().unsetCursor()
