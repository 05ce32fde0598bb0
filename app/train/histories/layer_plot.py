"""One quantity of every layer over the run, on a logarithmic scale, with its healthy zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QGraphicsItem, QWidget

from app.kit import theme
from app.kit.plots.axes import StepAxis, ValueAxis
from app.kit.plots.style import faint, restyle, set_up

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


@dataclass(frozen=True, eq=False)
class Line:
    """A layer's course: ``steps`` (k,) and ``values`` (k,), of which not all need be numbers."""

    name: str
    steps: NDArray[np.int64]
    values: NDArray[np.float32]
    colour: QColor
    dashed: bool = False


class LayerPlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws lines over zones; ``pointed`` says at which step the pointer is, and near which line.

    Args:
        zones: What is shaded.
        span: The powers of ten that are always shown.
    """

    pointed = Signal(object, int)
    fit_asked = Signal()

    def __init__(
        self, zones: tuple[Zone, ...], span: tuple[float, float], parent: QWidget | None = None
    ) -> None:
        self.values = ValueAxis()
        self.values.logarithmic = True
        self.steps = StepAxis()
        super().__init__(parent, axisItems={"left": self.values, "bottom": self.steps})
        self.zones = zones
        self.lines: tuple[Line, ...] = ()
        self._span = span
        self._curves: list[pg.PlotCurveItem] = []
        self._set_up()
        self.restyle()

    def _set_up(self) -> None:
        set_up(self)
        self.steps.setStyle(showValues=False)
        self.steps.setHeight(theme.space(0.5))
        for axis in (self.values, self.steps):
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            axis.setZValue(-200)
        self._bands = [self._band(zone) for zone in self.zones]
        self._labels = [pg.TextItem(zone.text) for zone in self.zones]
        for label in self._labels:
            self.addItem(label, ignoreBounds=True)
        self._pointer = pg.InfiniteLine(angle=90, movable=False)
        self._pointer.hide()
        self.addItem(self._pointer, ignoreBounds=True)
        self.getViewBox().sigRangeChanged.connect(lambda *_: self._place_labels())
        self.scene().sigMouseMoved.connect(self._mouse_moved)

    def _band(self, zone: Zone) -> pg.LinearRegionItem:
        low, high = (_LOWEST * 2 if zone.low is None else zone.low), zone.high
        ends = (low, _HIGHEST * 2 if high is None else high)
        band = pg.LinearRegionItem(ends, orientation="horizontal", movable=False)
        band.setZValue(-300)
        self.addItem(band, ignoreBounds=True)
        return band

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """Draws the courses anew."""
        self.lines = lines
        while len(self._curves) < len(lines):
            curve = pg.PlotCurveItem(antialias=True, connect="finite")
            self.addItem(curve, ignoreBounds=True)
            self._curves.append(curve)
        for curve, line in zip(self._curves, lines, strict=False):
            style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
            curve.setPen(pg.mkPen(line.colour, width=1.5, style=style))
            # Four times as fast as a path; but each segment would begin its dashes anew.
            curve.setSegmentedLineMode("off" if line.dashed else "on")
            curve.setData(line.steps.astype(np.float64), positions(line.values), connect="finite")
        for index, curve in enumerate(self._curves):
            curve.setVisible(index < len(lines))

    def fit(self, last_step: float) -> None:
        """Shows all of the lines, and the zones around them."""
        shown = [positions(line.values) for line in self.lines]
        values = np.concatenate([*shown, np.array(self._span)])
        values = values[np.isfinite(values)]
        low, high = float(np.floor(values.min())), float(np.ceil(values.max()))
        self.getViewBox().setRange(
            xRange=(0.0, last_step), yRange=(low, high), padding=0, disableAutoRange=True
        )

    def show_pointer(self, step: float | None) -> None:
        """Marks a step."""
        self._pointer.setVisible(step is not None)
        if step is not None:
            self._pointer.setPos(step)

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        restyle(self, (self.values, self.steps))
        self.values.setGrid(120)
        for zone, band, label in zip(self.zones, self._bands, self._labels, strict=True):
            colour = getattr(tokens, zone.token)
            band.setBrush(faint(colour, 26))
            for edge in band.lines:
                edge.setPen(pg.mkPen(faint(colour, 110), width=1))
            label.setColor(QColor(colour))
            label.setFont(self.font())
        self._pointer.setPen(pg.mkPen(tokens.text_dim, width=1))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Shows all again."""
        self.fit_asked.emit()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """No pointer, no reading."""
        self.pointed.emit(None, -1)
        super().leaveEvent(event)

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

    def _mouse_moved(self, position: QPointF) -> None:
        box = self.getViewBox()
        if not box.sceneBoundingRect().contains(position):
            self.pointed.emit(None, -1)
            return
        point = box.mapSceneToView(position)
        self.pointed.emit(point.x(), self._nearest(point.x(), point.y()))

    def _nearest(self, step: float, y: float) -> int:
        """The line that passes the pointer nearest; -1 without any."""
        far = [np.inf]
        for line in self.lines:
            distance = abs(positions(line.values[[nearest(line.steps, step)]])[0] - y)
            far.append(distance if np.isfinite(distance) else np.inf)
        return int(np.argmin(far)) - 1


def nearest(steps: NDArray[np.int64], step: float) -> int:
    """The place of the measurement that is nearest to a step; there is at least one."""
    return int(np.argmin(np.abs(steps - step)))


def positions(values: NDArray[np.float32]) -> NDArray[np.float64]:
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
