"""What lies under the pointer on a surface, shared with the other picture of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.views.surface_colours import values_of
from app.views.surface_grid import value_at
from app.views.surface_paths import Met, nearest
from app.views.surface_reading import ReadingCard, path_words, place_words
from core.scenery import PathView

if TYPE_CHECKING:
    from app.outlook import Outlook
    from app.views.surface_drawing import Drawing
    from app.views.surface_plot import Point, SurfacePlot

REACH = 12.0
"""Pixels from the pointer within which a path's point is met."""


class SurfacePointer(QObject):
    """Tells the outlook what is pointed at here, and shows what is pointed at anywhere."""

    def __init__(self, outlook: Outlook, plot: SurfacePlot, parent: QObject) -> None:
        super().__init__(parent)
        self._outlook = outlook
        self._plot = plot
        self._drawing: Drawing | None = None
        self._paths: tuple[PathView, ...] = ()
        self.card = ReadingCard(plot)
        plot.pointed.connect(self._point)
        outlook.pointed.connect(self.show_pointed)

    def present(self, drawing: Drawing | None, paths: tuple[PathView, ...]) -> None:
        """Another surface or other paths; reads them where the pointer is."""
        self._drawing, self._paths = drawing, paths
        self.show_pointed()

    def met_at(self, point: Point) -> Met | None:
        """The path's point at a place of the plane."""
        return nearest(self._paths, point, self._plot.frame.scale, REACH)

    def _point(self, point: Point | None) -> None:
        met = None if point is None else self.met_at(point)
        self._outlook.point_at(point, None if met is None else (met.path.id, met.step))

    def show_pointed(self) -> None:
        """Hairlines, ring, card and the mark at the colours."""
        point, met = self._outlook.point, self._met()
        if self._drawing is None or (point is None and met is None):
            self._plot.pointer.show_pointer(None, None)
            self._plot.legend.show_mark(None)
            self.card.hide()
            return
        self._plot.pointer.show_pointer(point, None if met is None else met.point)
        at = met.point if met is not None else point
        assert at is not None
        self._plot.legend.show_mark(self._share_at(at))
        words = (
            path_words(met)
            if met is not None
            else place_words(self._drawing.surface, self._drawing.quantity, at)
        )
        self.card.say(words, self._plot.pixel_of(at))

    def _met(self) -> Met | None:
        """The moment pointed at, among the paths seen here."""
        if self._outlook.moment is None:
            return None
        identity, step = self._outlook.moment
        for path in self._paths:
            if path.id == identity:
                index = int(path.steps.searchsorted(step))
                if index < len(path.steps) and path.steps[index] == step:
                    return Met(path, index)
        return None

    def _share_at(self, point: Point) -> float | None:
        assert self._drawing is not None
        surface = self._drawing.surface
        values = values_of(surface, self._drawing.quantity)
        value = value_at(surface.x, surface.y, values, point)
        share = math.nan if value is None else self._drawing.share_of(value)
        return share if math.isfinite(share) else None
