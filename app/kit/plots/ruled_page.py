"""A page of plots one under another, with a reading beneath and a word where there is nothing."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.labels import empty_page, reading
from app.kit.layouts import in_column, in_pages, named
from app.kit.plots.axes import StepAxis, ValueAxis
from app.kit.plots.line_plot import LinePlot
from app.kit.plots.ticks import nice_range

TITLE_LEFT, TITLE_HEIGHT = 60, 16
"""Pixels: the title stands above the plot, beside the axis."""

LEAST_HEIGHT = 48
"""A title, some numbers and a curve: less than a picture that stands alone asks for."""

THIN = 1.6
"""The width of a profile's lines, of which many stand close."""

LEAST_SPAN = 1e-6
"""Values that lie closer together are drawn as one: float32 tells no more apart."""


class RuledPlot(LinePlot):
    """Lines under a title, always all of them.

    Args:
        title: Of the y axis, in the plot's corner.
        steps: Whether the x axis counts steps; plain numbers otherwise.
    """

    grid = False
    is_quick = False
    longest_wide = math.inf

    def __init__(self, title: str, *, steps: bool, parent: QWidget | None = None) -> None:
        bottom = StepAxis() if steps else ValueAxis("bottom")
        super().__init__(bottom, movable=(False, False), parent=parent)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.getPlotItem().layout.setContentsMargins(0, TITLE_HEIGHT, theme.space(1), 0)
        self._title = QLabel(title, self)
        self._title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title.move(TITLE_LEFT, 0)
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._zero = pg.InfiniteLine(angle=0, pos=0, movable=False)
        for line in (self._zero, self._here):
            self.add(line, -50)
            line.hide()
        self.restyle()

    def mark(self, here: float) -> None:
        """A dashed line at an x."""
        self._here.show()
        self._here.setPos(here)

    def show_zero(self) -> None:
        """A hairline at zero."""
        self._zero.show()

    def span(self) -> tuple[float, float]:
        """Clear of the frame by a hundredth at either end."""
        low, high = super().span()
        clear = (high - low) / 100
        return low - clear, high + clear

    def value_range(self) -> tuple[float, float]:
        """Noise is not blown up."""
        values = self.heights()
        if len(values) and np.ptp(values) < LEAST_SPAN * max(1.0, abs(values[0])):
            return nice_range(float(values[0]), float(values[0]))
        return super().value_range()

    def restyle(self) -> None:
        super().restyle()
        tokens = theme.current()
        self._title.setStyleSheet(f"color: {tokens.text_dim}; background: transparent;")
        self._pointer.setPen(pg.mkPen(tokens.text_dim, style=Qt.PenStyle.DotLine))
        self._here.setPen(pg.mkPen(tokens.accent, style=Qt.PenStyle.DashLine))
        self._zero.setPen(pg.mkPen(tokens.line))


class RuledPage(Restyled):
    """The frame of a view of ruled plots, with a page in their place while there is nothing.

    Args:
        identity: The view's name, with which its parts' names begin.
        parent: As usual.

    Attributes:
        plots: From above.
        reading: What is read off them.
        empty: What there is to say while there is nothing to draw.
    """

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self._identity = identity
        self.plots: list[RuledPlot] = []
        self.reading = reading(f"{identity}.reading", self)
        self.empty = empty_page(f"{identity}.empty", "", self)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._lay_out()

    def add_plot(self, name: str, title: str, *, steps: bool, share: int = 1) -> RuledPlot:
        """One more plot, beneath the others; its pointer is led to ``_point``.

        Args:
            name: Behind the view's.
            title: Of its y axis.
            steps: Whether its x axis counts steps.
            share: Of the height.
        """
        plot = RuledPlot(title, steps=steps, parent=self)
        named(plot, f"{self._identity}.{name}", f"{self._identity}.{name}")
        plot.pointed.connect(self._point)
        self._column.insertWidget(len(self.plots), plot, share)
        self.plots.append(plot)
        return plot

    def show_plots(self, *, shown: bool) -> None:
        """Shows the plots, or what there is to say in their place."""
        self._stack.setCurrentIndex(int(shown))

    def show_cursor(self, x: float | None) -> None:
        """A line through all plots."""
        for plot in self.plots:
            plot.show_pointer(x)

    def _restyle(self) -> None:
        """The plots' own colours; who draws lines on them draws these anew."""
        for plot in self.plots:
            plot.restyle()

    def _point(self, x: float | None) -> None:
        """The pointer is at an x of one of the plots; None when it has left."""
        raise NotImplementedError

    def _lay_out(self) -> None:
        pictures = QWidget(self)
        self._column = in_column(self.reading, into=pictures, around=(1.5, 0.5, 1.5, 1), apart=0)
        empty = QWidget(self)
        in_column(self.empty, None, into=empty, around=3)
        self._stack = in_pages(empty, pictures, into=self)
