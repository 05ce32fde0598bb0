"""What a click on a surface does: to a step of the run, or a new start of the race."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu

from app.views.runner_colours import OWN
from core.commands import Visit
from core.surveys import RestartRace

if TYPE_CHECKING:
    from app.bridge import Bridge
    from app.views.surface_plot import Point, SurfacePlot
    from app.views.surface_pointer import SurfacePointer
    from app.views.surface_tools import SurfaceTools


class SurfaceGestures(QObject):
    """Turns clicks into commands."""

    picked = Signal(float, float)

    def __init__(
        self,
        bridge: Bridge,
        plot: SurfacePlot,
        pointer: SurfacePointer,
        tools: SurfaceTools,
    ) -> None:
        super().__init__(plot)
        self._bridge = bridge
        self._plot = plot
        self._pointer = pointer
        self._tools = tools
        plot.clicked.connect(self._click)
        plot.menu_asked.connect(lambda point, at: self.menu_for(point).popup(at))
        plot.escaped.connect(lambda: tools.start.setChecked(False))
        tools.start.toggled.connect(self._arm)

    @property
    def is_race(self) -> bool:
        """Whether the surface shown is one that a race can be started on."""
        request = self._bridge.survey.request
        return bool(self._bridge.contest.arena) or (
            request is not None and request.subject == "race"
        )

    def menu_for(self, point: Point) -> QMenu:
        """What can be done at a place."""
        menu = QMenu(self._plot)
        menu.setObjectName("surface.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.is_race:
            start = menu.addAction(self.tr("Start the race here"))
            start.triggered.connect(lambda _: self._restart(point))
            menu.addSeparator()
        fit = menu.addAction(self.tr("Fit"))
        fit.triggered.connect(lambda _: self._plot.fit_asked.emit())
        menu.addAction(self._tools.copy_action)
        menu.addAction(self._tools.save_action)
        return menu

    def _click(self, point: Point) -> None:
        if self._tools.start.isChecked():
            self._tools.start.setChecked(False)
            self._restart(point)
            return
        met = self._pointer.met_at(point)
        if met is not None and met.path.id == OWN:
            self._bridge.dispatch(Visit(met.step))
        if self.is_race:
            self.picked.emit(*point)

    def _restart(self, point: Point) -> None:
        self._bridge.dispatch(RestartRace(point))

    def _arm(self, on: bool) -> None:
        """The next click is the start."""
        if on:
            self._plot.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self._plot.viewport().unsetCursor()
