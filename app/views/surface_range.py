"""Which part of a plane is seen: moved at once by the person, computed anew after a rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import UserError

if TYPE_CHECKING:
    from app.outlook import Outlook
    from app.views.surface_plot import SurfacePlot
    from core.scenery import SurfaceView, Survey
    from core.surveys import Window

REST_MS = 150
"""After so long without another movement the surface of the new range is asked for."""


class SurfaceRange(QObject):
    """Asks for the range that the person moved to, and follows the range that others ask for.

    Between a wish and its answer surveys of older wishes go on arriving; none of them may throw
    the picture back.

    Attributes:
        refused: Why the last range that was asked for cannot be had; None if it can.
        asked: A range was asked for, and refused or not.
    """

    asked = Signal()

    def __init__(self, outlook: Outlook, plot: SurfacePlot, parent: QObject) -> None:
        super().__init__(parent)
        self._outlook = outlook
        self._plot = plot
        self._is_waiting = False
        self._surface: SurfaceView | None = None
        self.refused: UserError | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(lambda: self._ask(plot.window_shown))
        plot.moved.connect(self._rest.start)
        plot.fit_asked.connect(self.fit)

    def fit(self) -> None:
        """Asks for the range that holds the path and its neighbourhood."""
        self._rest.stop()
        if self._outlook.request.window is not None:
            self._ask(None)
        elif self._surface is not None:
            self._plot.show_window(self._surface.window)

    def follow(self, survey: Survey) -> None:
        """Shows the range of a survey, unless the person has moved on since."""
        changed = survey.surface is not self._surface
        self._surface = survey.surface
        window = survey.request.window if survey.request is not None else None
        # The engine may put other states into a request, but never another range.
        self._is_waiting = self._is_waiting and window != self._outlook.request.window
        if self._rest.isActive() or self._is_waiting:
            return
        if window is not None:
            self._plot.show_window(window)
        elif survey.surface is not None and (changed or not survey.is_stale):
            self._plot.show_window(survey.surface.window)

    def _ask(self, window: Window | None) -> None:
        before, self._is_waiting = self._is_waiting, True
        try:
            self._outlook.ask(window=window)
            self.refused = None
        except UserError as error:
            self.refused = error
            # Dragged off to where nothing can be drawn: back to what was asked for.
            self._is_waiting = before
            last = self._outlook.request.window
            if last is None and self._surface is not None:
                last = self._surface.window
            if last is not None:
                self._plot.show_window(last)
        self.asked.emit()
