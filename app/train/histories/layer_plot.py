"""One quantity of every layer over the run, on a logarithmic scale, with its healthy zones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.plots.axes import StepAxis
from app.kit.plots.line_plot import LinePlot, Numbers, Positions, nearest
from app.kit.plots.style import faint

_LOWEST, _HIGHEST = -12.0, 12.0
"""Powers of ten; what is smaller (a gradient of nothing but zeros) or larger stands at the edge."""


@dataclass(frozen=True)
class Zone:
    """A range of values that means something.

    Attributes:
        low: Where it begins, a power of ten; None for without an end.
        high: Where it ends.
        token: The colour, by its name in the theme.
        text: What it means.
    """

    low: float | None
    high: float | None
    token: str
    text: str


class LayerPlot(LinePlot):
    """Draws lines over zones; ``pointed`` carries the pointer's step, and which line is near.

    Args:
        zones: What is shaded.
        span: The powers of ten that are always shown.
    """

    longest_wide = math.inf

    def __init__(
        self, zones: tuple[Zone, ...], span: tuple[float, float], parent: QWidget | None = None
    ) -> None:
        super().__init__(StepAxis(), parent=parent)
        self.values.logarithmic = True
        self.leave_numbers_out()
        self.zones = zones
        self._least = span
        self._bands = [self._band(zone) for zone in zones]
        self._labels = [pg.TextItem(zone.text) for zone in zones]
        for label in self._labels:
            self.add(label)
        self.getViewBox().sigRangeChanged.connect(lambda *_: self._place_labels())
        self.restyle()

    def _band(self, zone: Zone) -> pg.LinearRegionItem:
        low, high = (_LOWEST * 2 if zone.low is None else zone.low), zone.high
        ends = (low, _HIGHEST * 2 if high is None else high)
        band = pg.LinearRegionItem(ends, orientation="horizontal", movable=False)
        self.add(band, -300)
        return band

    def scaled(self, values: Numbers) -> Positions:
        return positions(values)

    def value_range(self) -> tuple[float, float]:
        """Whole powers of ten around the lines, and the zones around them."""
        ends = np.concatenate([self.heights(), self._least])
        return float(np.floor(ends.min())), float(np.ceil(ends.max()))

    def under(self, x: float, y: float) -> object:
        """The step, and the line that passes the pointer nearest; -1 without any."""
        far = [np.inf]
        for line in self.lines:
            distance = abs(positions(line.y[[nearest(line.x, x)]])[0] - y)
            far.append(distance if np.isfinite(distance) else np.inf)
        return x, int(np.argmin(far)) - 1

    def restyle(self) -> None:
        super().restyle()
        tokens = theme.current()
        for zone, band, label in zip(self.zones, self._bands, self._labels, strict=True):
            colour = getattr(tokens, zone.token)
            band.setBrush(faint(colour, 26))
            for edge in band.lines:
                edge.setPen(pg.mkPen(faint(colour, 110), width=1))
            label.setColor(QColor(colour))
            label.setFont(self.font())

    def _place_labels(self) -> None:
        """Inside the part of each zone that is seen, at the right edge."""
        (_, right), (low, high) = self.getViewBox().viewRange()
        for zone, label in zip(self.zones, self._labels, strict=True):
            top = high if zone.high is None else min(high, zone.high)
            bottom = low if zone.low is None else max(low, zone.low)
            label.setVisible(top > bottom)
            # Where it is open a zone may be low, but the label can lean on the plot's edge.
            share = 0.0 if zone.high is None else 1.0 if zone.low is None else 0.5
            label.setAnchor((1, share))
            label.setPos(right, bottom + (top - bottom) * (1 - share))


def positions(values: Numbers) -> Positions:
    """Powers of ten; zero and infinity at the edges of what is drawn, NaN for what is no number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(np.log10(values.astype(np.float64)), _LOWEST, _HIGHEST)


def norm_zones() -> tuple[Zone, ...]:
    """Of the norm of a layer's gradient."""
    translate = QCoreApplication.translate
    return (
        Zone(None, -6.0, "warning", translate("HistoriesView", "vanishing")),
        Zone(2.0, None, "error", translate("HistoriesView", "exploding")),
    )


def ratio_zones() -> tuple[Zone, ...]:
    """Of the norm of its update over the norm of its weights."""
    translate = QCoreApplication.translate
    return (
        Zone(None, -5.0, "warning", translate("HistoriesView", "hardly learns")),
        Zone(-3.5, -2.5, "good", translate("HistoriesView", "healthy")),
        Zone(-1.0, None, "error", translate("HistoriesView", "unstable")),
    )


def norm_tip() -> str:
    """The first, explained."""
    return QCoreApplication.translate(
        "HistoriesView",
        "The length of the gradient of all weights of a layer. Below 1e-6 it vanishes: the layer "
        "learns nothing, as the first layers of deep sigmoid networks do. Above 100 it explodes: "
        "one step may throw the weights far off. Both limits are rules of thumb.",
    )


def ratio_tip() -> str:
    """The second, explained."""
    return QCoreApplication.translate(
        "HistoriesView",
        "How long a step is, measured in lengths of the weights that it moves. About 1e-3 is "
        "healthy; below 1e-5 the layer hardly learns, above 0.1 it is unstable. A rule of thumb "
        "of A. Karpathy's: Stanford CS231n, “Ratio of weights:updates”.",
    )
