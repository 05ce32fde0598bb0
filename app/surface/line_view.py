"""The loss along one line through where the network stands, with its slope and its curvature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.numbers import four_digits
from app.kit.plots.line_plot import Series, nearest
from app.kit.plots.ruled_page import THIN, RuledPage
from core.messages.surface_views import LineView, Survey

if TYPE_CHECKING:
    from app.link.bridge import Bridge


class LineProfile(RuledPage):
    """Three plots one under another: loss, slope and curvature along the plane's x axis."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("line", parent)
        self.empty.setText(self.tr("The line is drawn when training rests."))
        self._bridge = bridge
        self._line: LineView | None = None
        titles = (self.tr("Loss"), self.tr("Slope"), self.tr("Curvature"))
        for name, title in zip(("loss", "slope", "curvature"), titles, strict=True):
            self.add_plot(name, title, steps=False)
        for plot in self.plots[1:]:
            plot.show_zero()
        for plot in self.plots[:-1]:
            plot.leave_numbers_out()
        bridge.surface_choice.watch(self)
        bridge.survey_changed.connect(self._show)
        self._show(bridge.survey)

    def showEvent(self, event: QEvent) -> None:
        """The line is computed while somebody looks at it."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._bridge.surface_choice.change(line=True)

    def hideEvent(self, event: QEvent) -> None:
        super().hideEvent(event)  # type: ignore[arg-type]
        self._bridge.surface_choice.change(line=False)

    def _show(self, survey: Survey) -> None:
        line = survey.line
        if line is self._line:
            return
        self._line = line
        self.show_plots(shown=line is not None)
        if line is not None:
            self._draw(line)

    def _draw(self, line: LineView) -> None:
        tokens = theme.current()
        colour = QColor(tokens.accent)
        for plot, values in zip(self.plots, (line.loss, line.slope, line.curvature), strict=True):
            plot.show_lines([Series(line.t, values, colour, THIN)])
            plot.fit()
            plot.mark(line.here)
        self._read(line.here)

    def _restyle(self) -> None:
        super()._restyle()
        if self._line is not None:
            self._draw(self._line)

    def _point(self, x: float | None) -> None:
        self.show_cursor(x)
        if self._line is not None:
            self._read(self._line.here if x is None else x)

    def _read(self, x: float) -> None:
        line = self._line
        if line is None or not len(line.t):
            return
        index = nearest(line.t, x)
        values = (line.t[index], line.loss[index], line.slope[index], line.curvature[index])
        t, loss, slope, curvature = (four_digits(float(value)) for value in values)
        bent = float(line.curvature[index])
        short = full = self.tr("At {t}: loss {loss}, slope {slope}, curvature {curvature}.").format(
            t=t, loss=loss, slope=slope, curvature=curvature
        )
        if np.isfinite(bent) and bent > 0:
            step = four_digits(-float(line.slope[index]) / bent)
            alone = self.tr("Along this line alone a step of {step} would be best.")
            full = f"{full} {alone.format(step=step)}"
            short = self.tr(
                "At {t}: loss {loss}, slope {slope}, curvature {curvature}, best step {step}."
            ).format(t=t, loss=loss, slope=slope, curvature=curvature, step=step)
        self.reading.show_text(short, full)
