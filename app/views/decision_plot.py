"""The plane of two inputs in colours, or a curve over one, with the data's points over it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app import theme
from app.views.curve_axes import nice_range
from app.views.decision_points import Points
from app.views.plot_style import restyle, set_up

Floats = NDArray[np.floating]

_ALIKE = 2.0
"""Inputs whose ranges differ by less are drawn to the same scale, so that circles are round."""


class DecisionPlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws what it is told; ``pointed`` carries the place under the pointer, or None."""

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.bottom, self.left = pg.AxisItem("bottom"), pg.AxisItem("left")
        super().__init__(parent, axisItems={"bottom": self.bottom, "left": self.left})
        set_up(self)
        self.left.setWidth(theme.space(7))
        for axis in (self.bottom, self.left):
            axis.enableAutoSIPrefix(False)
        self.getViewBox().setMouseEnabled(x=False, y=False)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.boundary, self.margin = pg.PlotCurveItem(), pg.PlotCurveItem()
        for item in (self.image, self.margin, self.boundary):
            self.addItem(item, ignoreBounds=True)
        self._curves: list[pg.PlotCurveItem] = []
        self.train, self.test = Points(self), Points(self)
        self._names = ("", "")
        self.scene().sigMouseMoved.connect(self._mouse_moved)
        self.restyle()

    def name_axes(self, bottom: str, left: str) -> None:
        """Says what the inputs are."""
        if (bottom, left) != self._names:
            self._names = (bottom, left)
            self._label_axes()

    def show_plane(self, x: Floats, y: Floats, pixels: NDArray[np.uint8]) -> None:
        """Colours the plane from the first to the last value of both inputs."""
        self._show_curves_only(False)
        height, width = pixels.shape[:2]
        # The values stand in the middle of their pixels.
        half_x = (x[-1] - x[0]) / max(width - 1, 1) / 2
        half_y = (y[-1] - y[0]) / max(height - 1, 1) / 2
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))
        self.image.setRect(
            QRectF(
                float(x[0] - half_x),
                float(y[0] - half_y),
                float(x[-1] - x[0] + 2 * half_x),
                float(y[-1] - y[0] + 2 * half_y),
            )
        )
        ratio = float((x[-1] - x[0]) / (y[-1] - y[0]))
        self._see(x, (float(y[0]), float(y[-1])), alike=1 / _ALIKE < ratio < _ALIKE)

    def show_contours(self, boundary: Floats, margin: Floats) -> None:
        """Lines over the plane: (2 n, 2) ends of pieces, as ``contour`` gives them."""
        for item, ends in ((self.boundary, boundary), (self.margin, margin)):
            item.setData(ends[:, 0], ends[:, 1], connect="pairs")

    def show_curves(
        self, x: Floats, curves: list[tuple[Floats, QColor]], also: list[Floats]
    ) -> None:
        """Draws curves over one input; ``also`` are further values that must be in view."""
        self._show_curves_only(True)
        while len(self._curves) < len(curves):
            item = pg.PlotCurveItem(antialias=True)
            self.addItem(item, ignoreBounds=True)
            item.setZValue(10)  # hundreds of points would bury it
            self._curves.append(item)
        for item, (y, colour) in zip(self._curves, curves, strict=False):
            item.setPen(pg.mkPen(colour, width=2))
            item.setData(x, y, connect="finite")
        for index, item in enumerate(self._curves):
            item.setVisible(index < len(curves))
        seen = np.concatenate([*(y.ravel() for y, _ in curves), *(y.ravel() for y in also)])
        seen = seen[np.isfinite(seen)]
        low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
        self._see(x, nice_range(low, high), alike=False)

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        restyle(self, (self.bottom, self.left))
        self.boundary.setPen(pg.mkPen(tokens.text, width=1.5))
        self.margin.setPen(pg.mkPen(tokens.text, width=1, style=Qt.PenStyle.DotLine))
        self._label_axes()

    def leaveEvent(self, event: QEvent) -> None:
        """No pointer, no reading."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def _label_axes(self) -> None:
        style: dict[str, Any] = {"color": theme.current().text_dim}
        for axis, name in zip((self.bottom, self.left), self._names, strict=True):
            axis.setLabel(name, **style)

    def _show_curves_only(self, on: bool) -> None:
        for item in (self.image, self.boundary, self.margin):
            item.setVisible(not on)
        if not on:
            for curve in self._curves:
                curve.hide()

    def _see(self, x: Floats, y: tuple[float, float], *, alike: bool) -> None:
        box = self.getViewBox()
        box.setAspectLocked(alike, ratio=1)
        wanted = [[float(x[0]), float(x[-1])], list(y)]
        if box.targetRange() != wanted:
            box.setRange(xRange=wanted[0], yRange=wanted[1], padding=0, disableAutoRange=True)

    def _mouse_moved(self, position: QPointF) -> None:
        box = self.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        point = box.mapSceneToView(position) if inside else None
        self.pointed.emit(None if point is None else (point.x(), point.y()))
