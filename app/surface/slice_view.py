"""Does the slice tell the truth? A path's own loss against the plane's loss at its foot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from app.kit.numbers import four_digits, whole
from app.kit.plots.line_plot import Series, nearest
from app.kit.plots.ruled_page import THIN, RuledPage
from app.kit.plots.style import colour_of
from app.link.pacing import ThrottledDrawing
from core.messages.surface_views import PathView, Survey

if TYPE_CHECKING:
    from app.link.bridge import Bridge

REST_MS = 150


class SliceView(RuledPage):
    """Two plots over the steps: both losses of each path, and how far it runs from the plane."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("slice", parent)
        self._bridge = bridge
        self._paths: tuple[PathView, ...] = ()
        self._drawn: tuple[PathView, ...] | None = None
        title = self.tr("Loss: own (solid), on the plane (dashed)")
        self._losses = self.add_plot("losses", title, steps=True, share=3)
        title = self.tr("Distance from the plane")
        self._away = self.add_plot("distance", title, steps=True, share=2)
        self._away.show_zero()
        self._pace = ThrottledDrawing(bridge, self, self._draw, REST_MS)
        bridge.surface_choice.watch(self)
        bridge.surface_choice.pointed.connect(self._follow)
        bridge.survey_changed.connect(self._show)
        self._show(bridge.survey)

    def _show(self, survey: Survey) -> None:
        self._paths = tuple(path for path in survey.paths if len(path.steps) > 1)
        if survey.paths and survey.paths is not self._drawn:
            self._pace.request()
        self.show_plots(shown=bool(self._paths))
        if not self._paths:
            self.empty.setText(self._nothing())

    def _nothing(self) -> str:
        begin = self.tr("Train some steps")
        if self._bridge.contest.arena:
            begin = self.tr("Let the race run some steps")
        return self.tr(
            "{begin}: here you see how far the picture can be trusted. Where a state lies off the "
            "plane, the plane shows another loss than its own."
        ).format(begin=begin)

    def _draw(self) -> None:
        self._drawn = self._paths
        if not self._paths:
            return
        both, away = [], []
        for path in self._paths:
            colour = colour_of(path.id)
            both.append(Series(path.steps, path.loss, colour, THIN))
            both.append(Series(path.steps, path.foot, colour, THIN, dashed=True))
            away.append(Series(path.steps, path.distance, colour, THIN))
        self._losses.set_logarithmic(_all_positive(self._paths))
        self._losses.show_lines(both)
        self._away.show_lines(away)
        for plot in self.plots:
            plot.fit()
        first = self._paths[0]
        self._read_off(first, int(first.steps[first.at]))

    def _restyle(self) -> None:
        super()._restyle()
        self._drawn = None
        self._pace.request()

    def _point(self, x: float | None) -> None:
        if x is None or not self._paths:
            self._bridge.surface_choice.point_at(None)
            return
        path = self._paths[0]
        step = int(path.steps[nearest(path.steps, x)])
        self._bridge.surface_choice.point_at(None, (path.id, step))

    def _follow(self) -> None:
        """Shows the step that is pointed at, here or in one of the pictures."""
        moment = self._bridge.surface_choice.moment
        found = [path for path in self._paths if moment is not None and path.id == moment[0]]
        step = moment[1] if moment is not None and found else None
        self.show_cursor(step)
        if found and step is not None:
            self._read_off(found[0], step)

    def _read_off(self, path: PathView, step: int) -> None:
        index = nearest(path.steps, step)
        text = self.tr(
            "{name}, step {step}: its own loss {own}; the plane shows {foot}, {distance} away."
        ).format(
            name=path.name,
            step=whole(int(path.steps[index])),
            own=four_digits(float(path.loss[index])),
            foot=four_digits(float(path.foot[index])),
            distance=four_digits(float(path.distance[index])),
        )
        self.reading.show_text(text, text)


def _all_positive(paths: tuple[PathView, ...]) -> bool:
    """Whether a logarithmic scale can show all there is."""
    values = np.concatenate([array for path in paths for array in (path.loss, path.foot)])
    values = values[np.isfinite(values)]
    return bool(len(values)) and bool((values > 0).all())
