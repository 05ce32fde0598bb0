"""Gradients, updates and weights of every layer over the run: does each of them learn?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from app.kit.controls import Restyled
from app.kit.flow import in_flow
from app.kit.handles import ComboBox
from app.kit.labels import WrittenLegend, bold, empty_page, reading
from app.kit.layouts import in_column, in_pages, in_row, named
from app.kit.numbers import four_digits, full_number, percent, whole
from app.kit.plots.line_plot import Series, nearest
from app.kit.plots.style import layer_colours
from app.kit.plots.ticks import nice_limit
from app.link.pacing import ThrottledDrawing
from app.link.watching import watch
from app.train.histories import layer_plot as rules_of_thumb
from app.train.histories.heat_strip import HeatStrip
from app.train.histories.layer_plot import LayerPlot
from core.messages.record import path_of
from core.messages.snapshot import LayerHistory, Snapshot
from core.messages.surface_views import Floats

if TYPE_CHECKING:
    from app.link.bridge import Bridge

REST_MS = 200


class HistoriesView(Restyled):
    """Gradient norm and update-to-weight ratio of all layers, and one layer's histograms."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("histories")
        self._bridge = bridge
        self._drawn: tuple[LayerHistory, ...] | None = None
        self._histories: tuple[LayerHistory, ...] = ()
        self._make_widgets()
        self._lay_out()
        self._connect()
        self._pace = ThrottledDrawing(bridge, self, self._draw, REST_MS)
        watch(bridge, self, "history")
        bridge.snapshot_changed.connect(self.show_snapshot)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the run, five times a second."""
        if snapshot.history is not self._drawn:
            self._pace.request()

    def _restyle(self) -> None:
        for plot in (self.norm, self.ratio, self.strip):
            plot.restyle()
        if self._histories:
            self._draw_lines()

    def _make_widgets(self) -> None:
        self.norm = named(
            LayerPlot(rules_of_thumb.norm_zones(), (-8.0, 4.0), self),
            "histories.norm",
            self.tr("Gradient norm of each layer over the steps"),
        )
        self.ratio = named(
            LayerPlot(rules_of_thumb.ratio_zones(), (-6.0, 0.0), self),
            "histories.ratio",
            self.tr("Update-to-weight ratio of each layer over the steps"),
        )
        self.strip = named(
            HeatStrip(self),
            "histories.strip",
            self.tr("Histograms over the steps"),
            self.tr(
                "Each column is a histogram: the stronger the colour, the more values lie there"
            ),
        )
        self.ratio.setXLink(self.norm)
        self.strip.setXLink(self.norm)
        self.legend = WrittenLegend("histories.legend", self)
        self.biases = named(
            QCheckBox(self.tr("Biases"), self),
            "histories.biases",
            tip=self.tr("Show the biases of each layer too, as dashed lines"),
        )
        self._make_pickers()
        self.readout = reading("histories.readout", self)
        text = self.tr("Press Train (Space), and how each layer's gradients move shows here.")
        self.empty = empty_page("histories.empty", text, self)

    def _make_pickers(self) -> None:
        self.parameter = named(
            ComboBox(self),
            "histories.parameter",
            self.tr("Parameter of the histograms"),
            self.tr("Whose values the histograms below are of"),
        )
        self.kind = named(
            ComboBox(self),
            "histories.kind",
            self.tr("What the histograms count"),
            self.tr("Count the values themselves, or their gradients"),
        )
        self.kind.addItem(self.tr("Values"), "weight")
        self.kind.addItem(self.tr("Gradients"), "gradient")

    def _lay_out(self) -> None:
        norm = self._title(self.tr("Gradient norm"), rules_of_thumb.norm_tip())
        ratio = self._title(self.tr("Update-to-weight ratio"), rules_of_thumb.ratio_tip())
        strip = self._title(self.tr("Histograms"), self.strip.toolTip())
        content = QWidget(self)
        in_column(
            in_row(norm, (self.legend, 1), self.biases, apart=1.5),
            (self.norm, 1),
            in_row(ratio, None),
            (self.ratio, 1),
            in_flow(strip, self.parameter, self.kind, apart=1.5),
            (self.strip, 1),
            self.readout,
            into=content,
            around=(1.5, 1, 1, 1),
            apart=0.5,
        )
        self._pages = in_pages(self.empty, content, into=self)

    def _title(self, text: str, tip: str) -> QLabel:
        title = bold(QLabel(text, self))
        title.setToolTip(tip)
        return title

    def _connect(self) -> None:
        self.biases.toggled.connect(lambda _: self._draw_lines())
        self.parameter.currentIndexChanged.connect(lambda _: self._draw_strip())
        self.kind.currentIndexChanged.connect(lambda _: self._draw_strip())
        for plot in (self.norm, self.ratio):
            plot.pointed.connect(self._point_at_line)
            plot.fit_asked.connect(self._fit)
        self.strip.pointed.connect(self._point_at_strip)

    def _draw(self) -> None:
        history = self._bridge.snapshot.history
        if history is self._drawn:
            return
        self._drawn = history
        # While nobody measures (after a change of perspective) the old ones still stand.
        self._histories = history if history is not None else self._histories
        self._pages.setCurrentIndex(int(bool(self._histories)))
        if self._histories:
            self._list_parameters()
            self._draw_lines()
            self._draw_strip()
            self._fit()

    def _list_parameters(self) -> None:
        """The picker's entries; the one that is picked stays so while it is there."""
        names = [self._label(history.name) for history in self._histories]
        if names == [self.parameter.itemText(i) for i in range(self.parameter.count())]:
            return
        picked = self.parameter.currentText()
        with QSignalBlocker(self.parameter):
            self.parameter.clear()
            self.parameter.addItems(names)
            self.parameter.setCurrentIndex(max(0, self.parameter.findText(picked)))

    def _label(self, name: str) -> str:
        """``1 Dense weights`` for ``0.weight``."""
        owner, _, kind = name.rpartition(".")
        names = {layer.path: layer.name for layer in self._bridge.snapshot.layers}
        layer = names.get(path_of(owner), owner)
        text = self.tr("{layer} biases") if kind == "bias" else self.tr("{layer} weights")
        return text.format(layer=layer)

    def _draw_lines(self) -> None:
        owners = list(dict.fromkeys(h.name.rpartition(".")[0] for h in self._histories))
        colours = dict(zip(owners, layer_colours(len(owners)), strict=True))
        norms: list[Series] = []
        ratios: list[Series] = []
        for history in self._histories:
            owner, _, kind = history.name.rpartition(".")
            if kind == "bias" and not self.biases.isChecked():
                continue
            for lines, values in ((norms, history.gradient_norm), (ratios, history.ratio)):
                pen, label = (colours[owner], 1.5, kind == "bias"), self._label(history.name)
                lines.append(Series(history.steps, values, *pen, label))
        self.norm.show_lines(norms)
        self.ratio.show_lines(ratios)
        self.legend.show_entries((n.colour, "╍" if n.dashed else "━", n.name) for n in norms)

    def _draw_strip(self) -> None:
        picked = self._picked()
        if picked is not None:
            self.strip.show_histograms(picked.steps, *self._counted(picked))

    def _picked(self) -> LayerHistory | None:
        index = self.parameter.currentIndex()
        return self._histories[index] if 0 <= index < len(self._histories) else None

    def _counted(self, history: LayerHistory) -> tuple[Floats, Floats]:
        """The edges and the counts of what is picked."""
        if self.kind.currentData() == "weight":
            return history.weight_edges, history.weights
        return history.gradient_edges, history.gradients

    def _fit(self) -> None:
        ends = [float(history.steps[-1]) for history in self._histories if len(history.steps)]
        last = nice_limit(max(ends, default=1.0))
        for plot in (self.norm, self.ratio, self.strip):
            plot.fit(last)

    def _point_at_line(self, point: tuple[float, int] | None) -> None:
        lines = self.norm.lines
        step, index = point if point is not None else (None, -1)
        self._mark(step)
        if step is None or not 0 <= index < len(lines):
            self.readout.show_text("")
            return
        norm, ratio = lines[index], self.ratio.lines[index]
        place = nearest(norm.x, step)
        text = self.tr("Step {step}, {layer}: gradient norm {norm}, update-to-weight ratio {ratio}")
        values = {"step": whole(int(norm.x[place])), "layer": norm.name}
        norm_now, ratio_now = float(norm.y[place]), float(ratio.y[place])
        self.readout.show_text(
            text.format(norm=four_digits(norm_now), ratio=four_digits(ratio_now), **values),
            text.format(norm=full_number(norm_now), ratio=full_number(ratio_now), **values),
        )

    def _point_at_strip(self, point: tuple[float, float] | None) -> None:
        picked = self._picked()
        self._mark(None if point is None else point[0])
        if point is None or picked is None:
            self.readout.show_text("")
            return
        place = nearest(picked.steps, point[0])
        edges, counts = self._counted(picked)
        values = counts[place]
        ends = np.linspace(edges[place, 0], edges[place, 1], len(values) + 1)
        index = int(np.clip(np.searchsorted(ends, point[1]) - 1, 0, len(values) - 1))
        inside = ends[0] <= point[1] <= ends[-1]
        share = float(values[index] / max(values.sum(), 1)) if inside else 0.0
        text = self.tr("Step {step}: {share} of {layer} between {low} and {high}")
        self.readout.show_text(
            text.format(
                step=whole(int(picked.steps[place])),
                share=percent(share),
                layer=self.parameter.currentText(),
                low=four_digits(float(ends[index])),
                high=four_digits(float(ends[index + 1])),
            )
        )

    def _mark(self, step: float | None) -> None:
        for plot in (self.norm, self.ratio):
            plot.show_pointer(step)
