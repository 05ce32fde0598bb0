"""The losses of both runs since they parted, in one plot."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.labels import WrittenLegend, reading
from app.kit.layouts import in_column, named
from app.kit.numbers import four_digits, whole
from app.kit.plots.axes import StepAxis
from app.kit.plots.line_plot import LinePlot, Series
from core.messages.twin import TwinView


class LossesBeside(Restyled):
    """This run's losses solid, the twin's dashed, and both numbers where one points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("whatif.losses")
        self._twin: TwinView | None = None
        self.plot = LinePlot(StepAxis(), movable=(False, False), parent=self)
        self.plot.name_axes(self.tr("step"), self.tr("loss of the step's batch"))
        named(self.plot, "whatif.plot", self.tr("The losses of both runs"))
        self.legend = WrittenLegend("whatif.legend", self)
        self.reading = reading("whatif.reading", self)
        self.plot.pointed.connect(self._read)
        in_column(self.legend, (self.plot, 1), self.reading, into=self, apart=0.5)
        self._restyle()

    def show_twin(self, twin: TwinView | None) -> None:
        """Draws what is new."""
        if twin is None or (self._twin is not None and twin.losses is self._twin.losses):
            self._twin = twin
            return
        self._twin = twin
        self._draw()

    def _draw(self) -> None:
        twin, tokens = self._twin, theme.current()
        if twin is None:
            return
        this, other = twin.losses
        steps = np.arange(twin.origin + 1, twin.origin + 1 + len(this), dtype=np.float64)
        lines = (
            Series(steps, this, QColor(tokens.train), 1.5),
            Series(steps, other, QColor(tokens.test), 1.5, dashed=True),
        )
        self.plot.show_lines(lines)
        self.plot.fit()

    def _read(self, x: float | None) -> None:
        self.plot.show_pointer(x)
        twin = self._twin
        if x is None or twin is None or not len(twin.losses[0]):
            self.reading.show_text("")
            return
        place = int(np.clip(round(x) - twin.origin - 1, 0, len(twin.losses[0]) - 1))
        text = self.tr("Step {step}: {this} here, {twin} in the twin")
        this, other = (four_digits(float(losses[place])) for losses in twin.losses)
        step = whole(twin.origin + 1 + place)
        self.reading.show_text(text.format(step=step, this=this, twin=other))

    def _restyle(self) -> None:
        tokens = theme.current()
        entries = (
            (QColor(tokens.train), "━", self.tr("this run")),
            (QColor(tokens.test), "╍", self.tr("twin")),
        )
        self.legend.show_entries(entries)
        self.plot.restyle()
        self._draw()
