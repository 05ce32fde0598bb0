"""The plot of lines over an axis: ticks, crosshair, scale and fit, the same in every view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QFrame, QGraphicsItem, QWidget

from app.kit import theme
from app.kit.plots.axes import ValueAxis
from app.kit.plots.ticks import ANYWHERE, nice_range

Numbers = NDArray[Any]
Positions = NDArray[np.float64]
Spots = list[dict[str, object]]
"""Marks as pyqtgraph takes them: ``pos`` and ``brush``."""


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A picture over our axes, which says where the pointer is.

    ``pointed`` carries what ``under`` makes of that place, or None when the pointer has left;
    ``zoomed`` says that a person changed the range, ``fit_asked`` that they want all of it back.

    Args:
        axes: By their sides.
        box: What is looked into; pyqtgraph's own where none is given.
        movable: Whether drag and wheel change the range, along x and y.
    """

    pointed = Signal(object)
    zoomed = Signal()
    fit_asked = Signal()

    def __init__(
        self,
        axes: dict[str, pg.AxisItem],
        *,
        box: pg.ViewBox | None = None,
        movable: tuple[bool, bool] = (True, True),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, axisItems=axes, viewBox=box)
        self._axes = axes
        self._titles = ("", "")
        self._set_up()
        for axis in axes.values():
            # Drawing text and grid anew took two thirds of each frame.
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            axis.setZValue(-200)  # the grid lies behind what is drawn
        box = self.getViewBox()
        box.setMouseEnabled(*movable)
        box.sigRangeChangedManually.connect(lambda _: self.zoomed.emit())
        self.scene().sigMouseMoved.connect(self._mouse_moved)

    def _set_up(self) -> None:
        """No frame, no menu, no button, and nothing that moves by itself."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumHeight(theme.gap(7))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(0, 0, theme.space(1), 0)
        item.vb.setDefaultPadding(0)
        item.disableAutoRange()

    def under(self, x: float, y: float) -> object:
        """What ``pointed`` carries of a place: here the place itself."""
        return x, y

    def show_range(self, x: Sequence[float], y: Sequence[float]) -> None:
        """Looks at a part of the plane."""
        box, wanted = self.getViewBox(), [list(x), list(y)]
        if box.viewRange() != wanted:
            box.setRange(xRange=wanted[0], yRange=wanted[1], padding=0, disableAutoRange=True)

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        self.setBackground(tokens.surface)
        for axis in self._axes.values():
            axis.setTickFont(theme.number_font(self.font().pointSizeF() * 0.85))
            axis.setTextPen(tokens.text_dim)
            axis.setPen(pg.mkPen(tokens.line))
            axis.setTickPen(pg.mkPen(tokens.line))
            axis.setStyle(tickLength=0, tickTextOffset=4, maxTickLevel=0)
        if any(self._titles):
            self._label_axes()

    def name_axes(self, bottom: str, left: str) -> None:
        """Says what x and y are."""
        if (bottom, left) != self._titles:
            self._titles = (bottom, left)
            self._label_axes()

    def _label_axes(self) -> None:
        size = f"{self.font().pointSizeF():.2f}pt"
        style: dict[str, Any] = {"color": theme.current().text_dim, "font-size": size}
        for side, name in zip(("bottom", "left"), self._titles, strict=True):
            self._axes[side].setLabel(name, **style)
            self._axes[side].resizeEvent()  # or a shorter name stands where the longer one began

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Asks for all of the picture again."""
        self.fit_asked.emit()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)
        super().leaveEvent(event)

    def _mouse_moved(self, position: QPointF) -> None:
        box = self.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        place = box.mapSceneToView(position)
        self.pointed.emit(self.under(place.x(), place.y()) if inside else None)


@dataclass(frozen=True, eq=False)
class Series:
    """A line: ``x`` rising and ``y``, of which not all need be numbers; those leave a gap."""

    x: Numbers
    y: Numbers
    colour: QColor
    width: float = 2.0
    dashed: bool = False
    name: str = ""

    def looks_as(self, other: Series) -> bool:
        """Whether another one is drawn just so: of the very same arrays, in the same pen."""
        one, two = (self.colour, self.width, self.dashed), (other.colour, other.width, other.dashed)
        return self.x is other.x and self.y is other.y and one == two


class LinePlot(Plot):
    """Lines with one x axis; ``pointed`` carries the pointer's x.

    Args:
        bottom: The axis of x.
        values: The axis of y; a plain one where none is given.
        top: A second axis of x.
        movable: Whether drag and wheel change the range, along x and y.
    """

    grid = 120
    """How strong the lines across are, 0 to 255."""
    longest_wide = 600.0
    """A line of more points is a pixel wide: a wider one costs ten times as much."""
    is_quick = True
    """Whether wide lines are drawn in segments: four times as fast as a path, with a bead at each
    joint; what changes seldom is drawn fair."""

    def __init__(
        self,
        bottom: pg.AxisItem,
        values: ValueAxis | None = None,
        *,
        top: pg.AxisItem | None = None,
        movable: tuple[bool, bool] = (True, True),
        parent: QWidget | None = None,
    ) -> None:
        self.bottom, self.values = bottom, values or ValueAxis()
        axes = {"left": self.values, "bottom": bottom} | ({"top": top} if top is not None else {})
        super().__init__(axes, movable=movable, parent=parent)
        self.lines: tuple[Series, ...] = ()
        self._curves: list[pg.PlotCurveItem] = []
        self._pointer = pg.InfiniteLine(angle=90, movable=False)
        self._marks = pg.ScatterPlotItem(size=7, pxMode=True)
        for depth, item in ((-40, self._pointer), (60, self._marks)):
            self.add(item, depth)
            item.hide()

    def add(self, item: pg.GraphicsObject, depth: float = 0.0) -> None:
        """Draws something beside the lines, before or behind them; it never counts for the fit."""
        item.setZValue(depth)
        self.addItem(item, ignoreBounds=True)

    def show_lines(self, lines: Sequence[Series]) -> None:
        """Draws lines in place of those before: those that are others."""
        before, self.lines = self.lines, tuple(lines)
        while len(self._curves) < len(lines):
            self._curves.append(pg.PlotCurveItem())
            self.add(self._curves[-1])
        for index, line in enumerate(self.lines):
            if index >= len(before) or not line.looks_as(before[index]):
                self._draw(index)
        for curve in self._curves[len(lines) :]:
            curve.setData([], [])

    @property
    def logarithmic(self) -> bool:
        """Whether values stand at their logarithms."""
        return self.values.logarithmic

    def set_logarithmic(self, on: bool) -> None:
        """Puts the values on a logarithmic scale, or back on a linear one."""
        if on != self.values.logarithmic:
            self.values.logarithmic = on
            self.values.redraw()
            for index in range(len(self.lines)):
                self._draw(index)

    def fit(self, last: float | None = None) -> None:
        """Shows all of the lines: from 0 to an x, or from their first to their last."""
        self.show_range(self.span() if last is None else (0.0, last), self.value_range())

    def span(self) -> tuple[float, float]:
        """From the first x of the lines to the last."""
        x = np.concatenate([*(line.x for line in self.lines), np.zeros(0)])
        low, high = (float(x.min()), float(x.max())) if len(x) else (0.0, 1.0)
        return low, max(high, low + 1e-9)

    def value_range(self) -> tuple[float, float]:
        """The positions that hold the lines, and none that cannot be."""
        values = self.heights()
        if not len(values):
            return (-2.0, 0.0) if self.logarithmic else (0.0, 1.0)
        within = ANYWHERE if self.logarithmic else None
        return nice_range(float(values.min()), float(values.max()), within=within)

    def heights(self) -> Positions:
        """The positions of all values that have one, in one row."""
        return finite([self.scaled(line.y) for line in self.lines])

    def scaled(self, values: Numbers) -> Positions:
        """Positions on the axis; NaN where a value has none."""
        wide = np.array(values, dtype=np.float64)
        if self.logarithmic:
            wide[~(wide > 0)] = np.nan
            wide = np.log10(wide)
        wide[~np.isfinite(wide)] = np.nan
        return wide

    def show_pointer(self, x: float | None) -> None:
        """Marks an x, and the lines' places there; None takes the crosshair away."""
        self._pointer.setVisible(x is not None)
        self._marks.setVisible(x is not None)
        if x is not None:
            self._pointer.setPos(x)
            self._marks.setData(self.marks_at(x))

    def marks_at(self, x: float) -> Spots:
        """Where the crosshair has dots: here nowhere."""
        return []

    def under(self, x: float, y: float) -> object:
        return x

    def leave_numbers_out(self) -> None:
        """No numbers along x: another plot beneath has the same ones."""
        self.bottom.setStyle(showValues=False)
        self.bottom.setHeight(theme.space(0.75))

    def restyle(self) -> None:
        super().restyle()
        tokens = theme.current()
        self.values.setGrid(self.grid)
        self._pointer.setPen(pg.mkPen(tokens.text_dim, width=1))
        self._marks.setPen(pg.mkPen(tokens.surface, width=1.5))

    def _draw(self, index: int) -> None:
        line, curve = self.lines[index], self._curves[index]
        style = Qt.PenStyle.DashLine if line.dashed else Qt.PenStyle.SolidLine
        width = line.width if len(line.x) <= self.longest_wide else min(line.width, 1.0)
        curve.setPen(pg.mkPen(line.colour, width=width, style=style))
        is_wide = line.width > 1
        # Each segment would begin its dashes anew.
        in_segments = self.is_quick and is_wide and not line.dashed
        curve.setSegmentedLineMode("on" if in_segments else "off")
        y = self.scaled(line.y)
        is_whole = bool(np.isfinite(y).all())
        curve.setData(
            np.asarray(line.x, np.float64),
            y,
            antialias=is_wide,
            connect="all" if is_whole else "finite",
            skipFiniteCheck=is_whole,
        )


def finite(rows: Sequence[Positions]) -> Positions:
    """All numbers of some rows in one."""
    values: Positions = np.concatenate([*rows, np.zeros(0)])
    return np.asarray(values[np.isfinite(values)])


def nearest(x: Numbers, wanted: float) -> int:
    """The index of the value nearest to one; there is at least one."""
    return int(np.argmin(np.abs(np.asarray(x, np.float64) - wanted)))
