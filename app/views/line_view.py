"""The loss along one line through where the network stands, with its slope and its curvature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from app import theme
from app.views.elided import ElidedLabel
from app.views.readings import four_digits
from app.views.ruled_plot import RuledPlot, nearest
from core.scenery import LineView, Survey

if TYPE_CHECKING:
    from app.bridge import Bridge


class LineProfile(QWidget):
    """Three plots one under another: loss, slope and curvature along the plane's x axis."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("line")
        self._bridge = bridge
        self._line: LineView | None = None
        self._plots = [
            RuledPlot(title, steps=False, parent=self)
            for title in (self.tr("Loss"), self.tr("Slope"), self.tr("Curvature"))
        ]
        for plot, name in zip(self._plots, ("loss", "slope", "curvature"), strict=True):
            plot.setObjectName(f"line.{name}")
            plot.pointed.connect(self._point)
            plot.setAccessibleName(plot.objectName())
        for plot in self._plots[1:]:
            plot.show_zero()
        for plot in self._plots[:-1]:
            plot.leave_numbers_out()
        self._reading = ElidedLabel("line.reading", self)
        self._reading.setProperty("role", "caption")
        self._empty = QLabel(self.tr("The line is drawn when training rests."), self)
        self._empty.setObjectName("line.empty")
        self._empty.setProperty("role", "caption")
        self._empty.setWordWrap(True)
        self._lay_out()
        bridge.outlook.watch(self)
        bridge.survey_changed.connect(self._show)
        self._show(bridge.survey)

    def _lay_out(self) -> None:
        pictures = QWidget(self)
        column = QVBoxLayout(pictures)
        column.setContentsMargins(
            theme.space(1.5), theme.space(0.5), theme.space(1.5), theme.space(1)
        )
        column.setSpacing(0)
        for plot in self._plots:
            column.addWidget(plot, 1)
        column.addWidget(self._reading)
        empty = QWidget(self)
        inside = QVBoxLayout(empty)
        inside.setContentsMargins(*[theme.space(3)] * 4)
        inside.addWidget(self._empty)
        inside.addStretch(1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(pictures)

    def showEvent(self, event: QEvent) -> None:
        """The line is computed while somebody looks at it."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._bridge.outlook.ask(line=True)

    def hideEvent(self, event: QEvent) -> None:
        """And no longer."""
        super().hideEvent(event)  # type: ignore[arg-type]
        self._bridge.outlook.ask(line=False)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            for plot in self._plots:
                plot.restyle()
            if self._line is not None:
                self._draw(self._line)
        super().changeEvent(event)

    def _show(self, survey: Survey) -> None:
        line = survey.line
        if line is self._line:
            return
        self._line = line
        self._stack.setCurrentIndex(0 if line is None else 1)
        if line is not None:
            self._draw(line)

    def _draw(self, line: LineView) -> None:
        tokens = theme.current()
        colour = QColor(tokens.accent)
        for plot, values in zip(self._plots, (line.loss, line.slope, line.curvature), strict=True):
            plot.show_lines([(line.t, values, colour, False)])
            plot.mark(line.here)
        self._read(line.here)

    def _point(self, x: float | None) -> None:
        for plot in self._plots:
            plot.show_cursor(x)
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
        self._reading.say(short, full)
