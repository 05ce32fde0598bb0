"""What the network, or the neuron under the pointer, makes of every place of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.flow import in_flow
from app.kit.labels import ElidedLabel, bold, empty_page, reading
from app.kit.layouts import in_column, in_pages, named
from app.kit.more import folds_before_room
from app.link.pacing import ThrottledDrawing
from app.link.watching import watch
from app.train.decisions import words
from app.train.decisions.plot import DecisionPlot, PointStyle
from app.train.decisions.response import (
    Response,
    Scale,
    boundaries,
    class_colour,
    class_pixels,
    finer,
    grid,
    of_network,
    of_unit,
    value_pixels,
)
from app.train.decisions.words import DecisionLegend
from core.messages.snapshot import DecisionMap, Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge

REST_MS = 50
"""Twenty pictures a second look like motion."""

_FINE = 128
"""Pixels along each side of the picture."""

_NO_LINE = np.zeros((0, 2))


class DecisionView(Restyled):
    """A title that says whose map it is, options, the map, its colours, and a reading."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decisions")
        self._bridge = bridge
        self._drawn: DecisionMap | None = None
        self._response: Response | None = None
        self._pointed: tuple[float, float] | None = None
        self._make_widgets()
        self._lay_out()
        self._pace = ThrottledDrawing(bridge, self, self._draw, REST_MS)
        self._connect()
        watch(bridge, self, "map")
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the training."""
        if snapshot.decisions is not self._drawn or snapshot.decisions is None:
            self._pace.request()

    def _restyle(self) -> None:
        self.plot.restyle()
        self._pace.draw_now()

    def _make_widgets(self) -> None:
        self.title = bold(ElidedLabel("decisions.title", self))
        tip = self.tr("Show the points it is tested on too, as rings or diamonds")
        self.test = self._option("test", self.tr("Test points"), tip)
        tip = self.tr("Show only which side each place is on, not how far the network is from it")
        self.discretise = self._option("discretise", self.tr("Discretise"), tip)
        tip = self.tr("Draw where the answer changes, and dotted where it is half-way to certain")
        self.margin = self._option("margin", self.tr("Margin"), tip)
        self.plot = named(
            DecisionPlot(self), "decisions.plot", self.tr("Map of the network's answers")
        )
        self.legend = DecisionLegend(self)
        self.readout = reading("decisions.readout", self)
        self.empty = empty_page("decisions.empty", "", self)

    def _option(self, identity: str, text: str, tip: str) -> QCheckBox:
        return named(QCheckBox(text, self), f"decisions.{identity}", tip=tip)

    def _lay_out(self) -> None:
        options = QWidget(self)
        in_flow(self.test, self.discretise, self.margin, into=options, apart=1.5)
        folds_before_room(options)
        parts = (self.title, options, (self.plot, 1), self.legend, self.readout)
        content = QWidget(self)
        in_column(*parts, into=content, around=(1.5, 1, 1.5, 1), apart=0.5)
        self._pages = in_pages(self.empty, content, into=self)

    def _connect(self) -> None:
        for option in (self.test, self.discretise, self.margin):
            option.toggled.connect(lambda _: self._pace.draw_now())
        self.plot.pointed.connect(self._point)
        self._hovered = self._bridge.focus.hovered
        self._bridge.focus.changed.connect(self._follow)
        self._bridge.snapshot_changed.connect(self.show_snapshot)

    def _follow(self) -> None:
        """Another neuron under the pointer: its own map, without waiting."""
        if self._bridge.focus.hovered != self._hovered:
            self._hovered = self._bridge.focus.hovered
            self._pace.draw_now()

    def _draw(self) -> None:
        snapshot = self._bridge.snapshot
        decisions, data = snapshot.decisions, snapshot.data
        self._drawn = decisions
        self._pages.setCurrentIndex(int(decisions is not None and data is not None))
        if decisions is None or data is None:
            self.empty.setText(words.nothing(snapshot))
            return
        whole = of_network(decisions, data.task)
        unit = self._of_hovered(snapshot, decisions)
        self.title.show_text(words.network() if unit is None else unit[0])
        response = self._response = whole if unit is None else unit[1]
        has_plane = len(decisions.y) > 0
        for option in (self.discretise, self.margin):
            option.setVisible(has_plane)
        self.plot.name_axes(*words.axes(data, unit=unit is not None))
        if has_plane:
            self._draw_plane(decisions, response)
        else:
            self._draw_curves(decisions, response, is_unit=unit is not None)
        self._draw_points(decisions, whole.scale, shown=has_plane or unit is None)
        if response.scale is None:
            self.legend.show_classes(words.classes(data, response.values.shape[-1]))
        elif has_plane or unit is not None:
            self.legend.show_scale(response.scale, discretise=self.discretise.isChecked())
        else:
            self.legend.show_sets(test=self.test.isChecked())
        self._point(self._pointed)

    def _of_hovered(
        self, snapshot: Snapshot, decisions: DecisionMap
    ) -> tuple[str, Response] | None:
        """The title and the answers of the neuron under the pointer; None without one."""
        spot = self._hovered
        if spot is None or spot.source is not None:
            return None
        is_output = spot.path == (len(snapshot.spec.layers) - 1,)
        units = decisions.outputs if is_output else decisions.units.get(spot.path)
        if units is None or not 0 <= spot.unit < units.shape[-1]:
            return None
        return words.unit(snapshot, spot), of_unit(units, spot.unit)

    def _draw_plane(self, decisions: DecisionMap, response: Response) -> None:
        values, discretise = finer(response.values, _FINE), self.discretise.isChecked()
        if response.scale is None:
            pixels = class_pixels(values, discretise=discretise)
        else:
            pixels = value_pixels(values[..., 0], response.scale, discretise=discretise)
        self.plot.show_plane(decisions.x, decisions.y, pixels)
        lines = boundaries(decisions, response) if self.margin.isChecked() else (_NO_LINE, _NO_LINE)
        self.plot.show_contours(*lines)

    def _draw_curves(self, decisions: DecisionMap, response: Response, *, is_unit: bool) -> None:
        values, tokens = response.values, theme.current()
        first = values[:, 0]
        if response.scale is None:
            count = values.shape[-1]
            # Of two classes the one's share is the other's mirror image.
            shown = range(count) if count > 2 else range(1, 2)
            curves = [(values[:, index], class_colour(index)) for index in shown]
        elif is_unit:
            # With the piece that passes zero, so that there is no gap.
            above = np.convolve(first > 0, np.ones(3), "same") > 0
            positive, negative = (np.where(part, first, np.nan) for part in (above, first <= 0))
            signs = (QColor(tokens.positive), QColor(tokens.negative))
            curves = [(positive, signs[0]), (negative, signs[1])]
        else:
            curves = [(first, QColor(tokens.text))]
        points = np.array([0.0, 1.0]) if response.scale is None else decisions.train_labels
        self.plot.show_curves(decisions.x, curves, [] if is_unit else [points])

    def _draw_points(self, decisions: DecisionMap, scale: Scale | None, *, shown: bool) -> None:
        dark = theme.current().dark
        self.plot.train.item.setVisible(shown)
        self.plot.test.item.setVisible(shown and self.test.isChecked())
        train, test = PointStyle(scale, False, dark), PointStyle(scale, True, dark)
        self.plot.train.show(decisions.train_inputs, decisions.train_labels, train)
        if self.test.isChecked():
            self.plot.test.show(decisions.test_inputs, decisions.test_labels, test)

    def _point(self, point: tuple[float, float] | None) -> None:
        """Reads the place of the grid that is nearest: only there the network was asked."""
        self._pointed = point
        decisions, data = self._drawn, self._bridge.snapshot.data
        if point is None or decisions is None or data is None or self._response is None:
            self.readout.show_text("")
            return
        values, has_plane = self._response.values, len(decisions.y) > 0
        axes = grid(decisions, values)
        coordinates = reversed(point) if has_plane else point[:1]
        near = (
            int(np.abs(axis - coordinate).argmin())
            for axis, coordinate in zip(axes, coordinates, strict=True)
        )
        place = tuple(near)
        inputs = [axis[index] for axis, index in zip(axes, place, strict=True)]
        self.readout.show_text(*words.reading(data, inputs[::-1], values[place]))
