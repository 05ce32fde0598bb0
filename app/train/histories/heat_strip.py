"""Histograms side by side in time: how dark a place is says how many values lie there."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.plots.axes import StepAxis, ValueAxis
from app.kit.plots.line_plot import Plot
from app.kit.plots.style import between

ROWS = 96
"""Of the picture: twice the bins of a histogram, so that moving edges do not blur it."""

_COLUMNS = 512

Floats = NDArray[np.float32]


class HeatStrip(Plot):
    """Time to the right, values upwards; ``pointed`` carries step and value, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"left": ValueAxis(), "bottom": StepAxis()}
        super().__init__(axes, movable=(True, False), parent=parent)
        self.image = pg.ImageItem()
        self._zero = pg.InfiniteLine(0.0, angle=0, movable=False)
        for item in (self.image, self._zero):
            self.addItem(item, ignoreBounds=True)
        self.restyle()

    def show_histograms(self, steps: NDArray[np.int64], edges: Floats, counts: Floats) -> None:
        """Draws the histograms; there is at least one.

        Args:
            steps: (k,) rising.
            edges: (k, 2) the least and the largest value of each.
            counts: (k, bins).
        """
        low, high = value_range(edges)
        shares = spread(edges, counts, np.linspace(low, high, ROWS + 1))
        first, last = float(steps[0]), float(max(steps[-1], steps[0] + 1))
        columns = min(_COLUMNS, max(1, int(last - first)))
        times = np.linspace(first, last, columns, endpoint=False)
        picture = np.sqrt(shares[np.searchsorted(steps, times, "right") - 1])
        brightest = float(np.quantile(picture.max(1), 0.9)) or 1.0
        self.image.setImage(picture, levels=(0.0, brightest), autoLevels=False)
        self.image.setRect(QRectF(first, low, last - first, high - low))
        self.getViewBox().setYRange(low, high, padding=0)

    def fit(self, last_step: float) -> None:
        """Shows all of the run."""
        self.getViewBox().setXRange(0.0, last_step, padding=0)

    def restyle(self) -> None:
        super().restyle()
        tokens = theme.current()
        stops = (tokens.surface, tokens.train, tokens.text)
        colours = [between(stops, share) for share in np.linspace(0, 0.8, 256)]
        table = [(colour.red(), colour.green(), colour.blue()) for colour in colours]
        self.image.setLookupTable(np.array(table, np.uint8))
        self._zero.setPen(pg.mkPen(tokens.text_dim, width=1))


def value_range(edges: Floats) -> tuple[float, float]:
    """What the strip shows upwards: nearly all of the histograms, a few wild ones cut off."""
    low = float(np.quantile(edges[:, 0], 0.02))
    high = float(np.quantile(edges[:, 1], 0.98))
    around = 0.04 * (high - low) or 0.1 * abs(high) or 1e-3
    return low - around, high + around


def spread(edges: Floats, counts: Floats, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Histograms with bins of their own on one grid, each value spread evenly over its bin.

    Args:
        edges: (k, 2) the first and the last edge of each histogram.
        counts: (k, bins) what its bins of equal width hold.
        grid: (rows + 1,) rising.

    Returns:
        (k, rows) the share of its values in each row.
    """
    bins, held = counts.shape[1], counts.astype(np.float64)
    low, high = (edge[:, None].astype(np.float64) for edge in edges.T)
    width = np.where(high > low, high - low, 1.0)
    place = np.where(high > low, (grid - low) / width, (grid > low) * 1.0) * bins
    place = np.clip(place, 0, bins)
    whole = np.minimum(place.astype(np.intp), bins - 1)
    total = np.maximum(held.sum(1, keepdims=True), 1)
    below = np.cumsum(np.pad(held / total, ((0, 0), (1, 0))), axis=1)
    at, after = (np.take_along_axis(below, whole + more, 1) for more in (0, 1))
    return np.diff(at + (after - at) * (place - whole), axis=1)
