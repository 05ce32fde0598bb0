"""The plane of two inputs in colours, or a curve over one, with the data's points over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.plots.axes import plain_axes
from app.kit.plots.line_plot import Plot
from app.kit.plots.style import picture_rect
from app.kit.plots.ticks import nice_range
from app.train.decisions.response import SYMBOLS, Scale, class_colour, value_pixels

_SIZE = 8


@dataclass(frozen=True)
class PointStyle:
    """How samples are drawn: by class, or by the value of their target where there is a scale.

    Attributes:
        scale: None for classes.
        hollow: For the test set: rings, or diamonds where a ring would not show its colour.
        dark: The theme.
    """

    scale: Scale | None
    hollow: bool
    dark: bool


class Points:
    """Some samples on a plot; drawn anew only when they change, since there may be hundreds."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self.item = pg.ScatterPlotItem(size=_SIZE, pxMode=True)
        self._shown: tuple[object, ...] = ()
        plot.addItem(self.item, ignoreBounds=True)

    def show(self, inputs: NDArray[np.float32], labels: NDArray[Any], style: PointStyle) -> None:
        """Draws a point a sample.

        Args:
            inputs: (n, 1) or (n, 2): the place, of one input with the target as its height.
            labels: (n,) classes or (n, targets), of which the first counts.
            style: Filled, or a ring.
        """
        key = (inputs.tobytes(), labels.tobytes(), style)
        if key == self._shown:
            return
        self._shown = key
        values = labels.reshape(len(labels), -1)[:, 0]
        along = inputs.shape[1] == 1
        y = _height(values, style) if along else inputs[:, 1]
        colours, symbols = _colours(values, style, along=along)
        tokens = theme.current()
        # Of a value near zero a ring would be as good as invisible.
        ring = style.hollow and (along or style.scale is None)
        edge = tokens.surface if along or style.scale is None else tokens.text
        brushes = [pg.mkBrush(tokens.surface if ring else one) for one in colours]
        pens = [pg.mkPen(one, width=1.5) for one in colours] if ring else pg.mkPen(edge)
        self.item.setData(inputs[:, 0], y, brush=brushes, pen=pens, symbol=symbols)


def _height(values: NDArray[Any], style: PointStyle) -> NDArray[np.float32]:
    """Over one input: a target as it is; of two classes 0 and 1, of more the top."""
    if style.scale is not None or len(values) == 0 or values.max() <= 1:
        return values.astype(np.float32)
    return np.ones(len(values), np.float32)


def _colours(
    values: NDArray[Any], style: PointStyle, *, along: bool
) -> tuple[list[QColor], list[str]]:
    """Over one input a target is seen by its height, and the colour tells the sets apart."""
    if style.scale is None:
        return _of_classes(values)
    symbols = ["d" if style.hollow and not along else "o"] * len(values)
    if along:
        return [set_colour(hollow=style.hollow)] * len(values), symbols
    return _of_values(values, style.scale), symbols


def set_colour(*, hollow: bool) -> QColor:
    """Of the training set or, in rings, of the test set."""
    tokens = theme.current()
    return QColor(tokens.test if hollow else tokens.train)


def _of_classes(labels: NDArray[Any]) -> tuple[list[QColor], list[str]]:
    count = int(labels.max()) + 1 if len(labels) else 0
    hues = [class_colour(index) for index in range(count)]
    shapes = [SYMBOLS[label % len(SYMBOLS)] for label in labels]
    return [hues[label] for label in labels], shapes


def _of_values(values: NDArray[Any], scale: Scale) -> list[QColor]:
    pixels = value_pixels(values[None, :], scale, discretise=False)[0]
    return [QColor(int(r), int(g), int(b)) for r, g, b in pixels]


Floats = NDArray[np.floating]

_ALIKE = 2.0
"""Inputs whose ranges differ by less are drawn to the same scale, so that circles are round."""

_BESIDE = 0.03
"""Of the height, beyond the values: points at an end are seen whole."""


class DecisionPlot(Plot):
    """Draws what it is told; ``pointed`` carries the place under the pointer, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(plain_axes(7), movable=(False, False), parent=parent)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.boundary, self.margin = pg.PlotCurveItem(), pg.PlotCurveItem()
        for item in (self.image, self.margin, self.boundary):
            self.addItem(item, ignoreBounds=True)
        self._curves: list[pg.PlotCurveItem] = []
        self.train, self.test = Points(self), Points(self)
        self.restyle()

    def show_plane(self, x: Floats, y: Floats, pixels: NDArray[np.uint8]) -> None:
        """Colours the plane from the first to the last value of both inputs."""
        self._show_curves_only(False)
        self.image.setImage(pixels, autoLevels=False, levels=(0, 255))
        self.image.setRect(picture_rect(x, y, pixels.shape))
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
        bottom, top = nice_range(low, high)
        beside = _BESIDE * (top - bottom)
        self._see(x, (bottom - beside, top + beside), alike=False)

    def restyle(self) -> None:
        super().restyle()
        tokens = theme.current()
        self.boundary.setPen(pg.mkPen(tokens.text, width=1.5))
        self.margin.setPen(pg.mkPen(tokens.text, width=1, style=Qt.PenStyle.DotLine))

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
