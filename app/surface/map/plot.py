"""The loss surface as a map: colours, contours, arrows, paths and names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QGraphicsItem, QWidget

from app.kit import theme
from app.kit.text import translated
from app.surface.map.layers import ArrowItem, ContourItem, HeatItem, field
from app.surface.map.legend import SurfaceLegend
from app.surface.map.marks import MarkItem, PointerItem
from app.surface.map.note import Veil
from app.surface.map.plane_plot import PlanePlot
from app.surface.shared.colours import quantity_name
from app.surface.shared.paths import PathsItem, descent_of

if TYPE_CHECKING:
    from app.surface.map.drawing import SurfaceDrawing
    from core.messages.surface_views import PathView, PlaneView

NO_FIELD = (np.zeros((0, 2)), np.zeros((0, 2)))
_CACHE_KB = 64 * 1024


class SurfacePlot(PlanePlot):
    """Paints a surface with all that lies over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Half a line above, or the uppermost number would be cut.
        self.getPlotItem().layout.setContentsMargins(0, theme.space(1), 0, 0)
        self._add_items()
        self.restyle()

    def _add_items(self) -> None:
        self.heat, self.contours, self.arrows = HeatItem(), ContourItem(), ArrowItem()
        self.paths, self.marks, self.pointer = PathsItem(), MarkItem(), PointerItem()
        self.veil, self.legend = Veil(), SurfaceLegend()
        ground = (self.heat, self.arrows, self.contours, self.veil)
        for item in (*ground, self.pointer, self.paths, self.marks):
            self.addItem(item, ignoreBounds=True)
        self.getPlotItem().layout.addItem(self.legend, 2, 3)
        self._keep(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    @contextmanager
    def drawn_anew(self) -> Iterator[None]:
        """Has everything painted at the size it is wanted in, for a picture larger than this."""
        self._keep(QGraphicsItem.CacheMode.NoCache)
        try:
            yield
        finally:
            self._keep(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def _keep(self, mode: QGraphicsItem.CacheMode) -> None:
        """Kept as painted, a picture costs next to nothing while a pointer moves over it."""
        # Qt's own limit of 10 MB is less than the layers of one large picture.
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE_KB))
        kept = (self.heat, self.arrows, self.contours, self.paths, self.marks)
        for item in (*self._axes.values(), *kept):
            item.setCacheMode(mode)

    def show_drawing(self, drawing: SurfaceDrawing, *, arrows: bool) -> None:
        """Paints a surface, and names its axes."""
        surface = drawing.surface
        self.heat.show_heights(surface.x, surface.y, drawing.fine, drawing.limits)
        self.contours.show_contours(drawing.levels, drawing.texts, drawing.lines)
        # Downhill of a share classified right leads nowhere: it is flat but for its steps.
        slopes = drawing.drawn if arrows and drawing.quantity != "accuracy" else None
        self.arrows.show_field(*(field(surface, slopes) if slopes is not None else NO_FIELD))
        ticks = [
            (level.share, text) for level, text in zip(drawing.levels, drawing.texts, strict=True)
        ]
        self.legend.show_scale(quantity_name(drawing.quantity), ticks)
        self.name_axes(*(translated(title) for title in surface.plane.titles))

    def show_paths(self, paths: tuple[PathView, ...], plane: PlaneView) -> None:
        """Paints paths, and the plane's names off them."""
        self.paths.show_paths(paths, plane)
        shown = [path for path in paths if len(path.points)]
        self.marks.show_marks(
            plane.marks,
            [path.points[: path.at % len(path.points) + 1] for path in shown],
            [descent_of(path, plane) for path in shown],
        )

    def place_labels(self) -> None:
        """Finds room for the contours' values in the range shown, clear of paths and names."""
        frame = self.frame
        marks = [np.array([[x, y]]) for _, x, y in self.marks.marks] + self.marks.rooms(frame)
        self.contours.place(frame, [*(path.points for path in self.paths.paths), *marks])

    def restyle(self) -> None:
        super().restyle()
        self.legend.restyle()
        self.scene().update()
