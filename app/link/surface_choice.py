"""What all pictures of one loss surface share: the request, the pointer, the quantity drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from core.messages.surface_commands import Now, Plane, State, SurveyRequest

Quantity = Literal["loss", "objective", "accuracy"]


class SurfaceChoice(QObject):
    """How a landscape is looked at; one an experiment, owned by its bridge.

    ``requested`` carries a new request, or None when no widget that shows the landscape is on the
    screen any more.

    Attributes:
        request: What is asked for.
        quantity: What is drawn as height and colour.
        is_log: Whether the loss is drawn by its logarithm.
        point: Where on the plane the pointer is, in either picture; None when nowhere.
        moment: The path's id and the step under the pointer; None when none is.
    """

    requested = Signal(object)
    changed = Signal()  # quantity or is_log
    pointed = Signal()  # point or moment
    trouble_view_changed = Signal()  # has_trouble_view

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.request = SurveyRequest(plane=None)
        self._other: tuple[Plane | None, State] = (None, Now())
        self.quantity: Quantity = "loss"
        self.is_log = True
        self.point: tuple[float, float] | None = None
        self.moment: tuple[int, int] | None = None
        self._visible: set[QObject] = set()
        self._trouble_view: QObject | None = None

    def change(self, **changes: Any) -> None:
        """Asks for another surface: fields of ``SurveyRequest``.

        Raises:
            core.errors.UserError: No surface can be drawn of that; what was asked for stands.
        """
        request = replace(self.request, **changes)
        if request == self.request:
            return
        self.request = request
        if self._visible:
            self.requested.emit(request)

    def look_at(self, subject: Literal["run", "race"]) -> None:
        """Turns to the run or the race: each has its own plane, and gets it back."""
        if subject == self.request.subject:
            return
        plane, centre = self._other
        self._other = self.request.plane, self.request.centre
        self.change(subject=subject, plane=plane, centre=centre, window=None)

    @property
    def has_trouble_view(self) -> bool:
        """Whether the map is on the screen, which says what is amiss: nobody else need."""
        return self._trouble_view in self._visible

    def watch(self, widget: QWidget, *, shows_trouble: bool = False) -> None:
        """Has the landscape surveyed while the widget is on the screen.

        Args:
            widget: Shows something of it.
            shows_trouble: It says what is amiss with a survey, so that it is said once.
        """
        if shows_trouble:
            self._trouble_view = widget
        widget.installEventFilter(self)
        widget.destroyed.connect(self._gone)
        if widget.isVisible():
            self._came(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees widgets come and go; lets every event pass."""
        if event.type() == QEvent.Type.Show:
            self._came(watched)
        elif event.type() == QEvent.Type.Hide:
            self._gone(watched)
        return False

    def _came(self, widget: QObject) -> None:
        self._visible.add(widget)
        if len(self._visible) == 1:
            self.requested.emit(self.request)
        if widget is self._trouble_view:
            self.trouble_view_changed.emit()

    def _gone(self, widget: QObject) -> None:
        was = bool(self._visible)
        self._visible.discard(widget)
        if was and not self._visible:
            self.requested.emit(None)
        if widget is self._trouble_view:
            self.trouble_view_changed.emit()

    def show_quantity(self, quantity: Quantity, *, is_log: bool) -> None:
        """Chooses what is drawn."""
        if (quantity, is_log) != (self.quantity, self.is_log):
            self.quantity, self.is_log = quantity, is_log
            self.changed.emit()

    def point_at(
        self, point: tuple[float, float] | None, moment: tuple[int, int] | None = None
    ) -> None:
        """Says what lies under the pointer."""
        if (point, moment) != (self.point, self.moment):
            self.point, self.moment = point, moment
            self.pointed.emit()
