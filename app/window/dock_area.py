"""The docks of one experiment, laid out for an activity and as a person left them there."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget, QWidget

from app.kit import theme
from app.link.bridge import Bridge
from app.link.pacing import single_shot
from app.window.columns import ColumnWidths, measure, measured, place, tops_of
from app.window.docks import DOCKS, Dock
from app.window.perspectives import Perspective, find
from app.window.settings import LAYOUT_VERSION, Settings
from core.messages.snapshot import DataSummary

_HAIR = 3
"""Pixels: the border between two docks, about."""

NARROW = 1000
"""Pixels in text of its own size: what is narrower has no room for three columns."""

LOW = 260
"""The same of the height: with less the strips take what the pictures need."""

SETTLED_MS = 120
"""After the last change of the window's size its columns are laid out for it."""

BETWEEN_MS = 4
"""From one dock to the next while they are made, so that the window can move in between."""


class DockArea(QMainWindow):
    """All docks of an experiment, built one a turn of the event loop, so that nothing stutters.

    Attributes:
        docks: By their ids, in the order of the table.
        perspective: The one that is laid out; None before the docks are there.
    """

    built = Signal()

    def __init__(self, bridge: Bridge, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)  # its constructor makes it a window
        self.setObjectName("document-docks")
        self.setDockNestingEnabled(True)
        self.setDocumentMode(True)
        everywhere = Qt.DockWidgetArea.AllDockWidgetAreas
        self.setTabPosition(everywhere, QTabWidget.TabPosition.North)
        # Animated, a dock that was let go comes to its place later, and so, if the perspective
        # was changed meanwhile, over the docks of another.
        self.setAnimated(False)
        self.docks: dict[str, Dock] = {}
        self.perspective: Perspective | None = None
        self.is_built = False
        self.is_presenting = False
        self._bridge = bridge
        self._settings = settings
        self._fitted: DataSummary | None = None
        self._band = 0
        self._scale = theme.scale()
        self._stages = self._build_docks()
        self._turn = single_shot(self, BETWEEN_MS, self._build_next)
        self._filling = single_shot(self, 0, self._fill)
        bridge.stage.changed.connect(self._restage)
        self._settling = single_shot(self, SETTLED_MS, self._keep_to_room)

    def build(self) -> None:
        """Makes the docks, one a turn; ``built`` says when, and then wants a perspective."""
        self._turn.start()

    def stop_building(self) -> None:
        """Makes no more of them: the experiment is closed."""
        self._turn.stop()

    def show_perspective(self, identifier: str) -> None:
        """Lays the docks out as this perspective was last left."""
        perspective = self._wanted(identifier)
        if not self.is_built or perspective == self.perspective:
            return
        self.remember_layout()
        self.perspective = perspective
        for dock in self.docks.values():
            dock.adapt(perspective)
        self._lay_out_remembered(perspective)
        others = [dock for name, dock in self.docks.items() if name not in perspective.docks]
        self._put_away(perspective, [dock for dock in others if dock.isFloating()])
        # One that was dragged comes down a turn later only, where none is laid out any more.
        strange = [dock for dock in others if dock.isHidden()]
        QTimer.singleShot(0, self, lambda: self._put_away(perspective, strange))
        self._fit_titles()
        self.fit_data(anew=True)
        if self.is_presenting:
            self._fold_forms()
        self._filling.start()

    def present(self, *, on: bool) -> None:
        """Folds the forms away for a room that looks on, or brings back what was there."""
        if on == self.is_presenting:
            return
        self.remember_layout()
        self.is_presenting = on
        for dock in self.docks.values():
            dock.present(on=on)
        if self.perspective is None:
            return
        if on:
            self._fold_forms()
        else:
            self._lay_out_remembered(self.perspective)
        self._fit_titles()
        if not on:
            self.fit_data(anew=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves no empty band below the strips, and no column too narrow to be read."""
        super().resizeEvent(event)
        self._filling.start()
        self._settling.start()

    def _fill(self) -> None:
        """Qt gives strips of a fixed height more than that, if it grows: the others get it."""
        if self.perspective is None:
            return
        shown = [d for d in self.docks.values() if not d.isHidden() and not d.isFloating()]
        low = max((dock.geometry().bottom() for dock in shown), default=self.height())
        single = [column.docks[0] for column in self.perspective.columns if len(column.docks) == 1]
        growing = [dock for name in single if (dock := self.docks[name]) in shown]
        band, before, self._band = self.height() - 1 - low, self._band, 0
        if growing and band > _HAIR and band != before:
            self._band = band
            heights = [self.height()] * len(growing)
            self.resizeDocks(growing, heights, Qt.Orientation.Vertical)
            self._filling.start()  # Qt may need a second time

    def changeEvent(self, event: QEvent) -> None:
        """Larger text in one half must not take room from the other."""
        super().changeEvent(event)
        if event.type() != QEvent.Type.FontChange or not hasattr(self, "_scale"):
            return
        if self._scale != theme.scale() and self.perspective is not None:
            widths = self._columns()  # as they are yet, in the text of before
            QTimer.singleShot(0, self, lambda: self._widen(widths))
            self._settling.start()
        QTimer.singleShot(0, self, self._halve)

    def _lay_out_remembered(self, perspective: Perspective) -> None:
        if perspective.is_staged:
            self.reset_layout()
            return
        state = self._settings.layout(perspective.key)
        if state.isEmpty() or not self.restoreState(state, LAYOUT_VERSION):
            self.reset_layout()
        else:
            self._widen(ColumnWidths.read(self._settings.columns(perspective.key)))

    def _widen(self, before: ColumnWidths | None) -> None:
        """Has columns that were measured in another room be as wide in this one."""
        room, perspective = self.width(), self.perspective
        self._scale = scale = theme.scale()
        if before is None or perspective is None or before.fits(room, scale):
            return
        tops = tops_of(perspective.columns, self.docks)
        widths = before.in_room(perspective.columns, list(tops), room, scale)
        self.resizeDocks(list(tops.values()), widths, Qt.Orientation.Horizontal)

    def _columns(self) -> ColumnWidths | None:
        """How wide the columns stand in the text that they were laid out for."""
        if self.perspective is None:
            return None
        return measured(self.perspective.columns, self.docks, self.width(), self._scale)

    def _fold_forms(self) -> None:
        """Puts the forms away, and gives a formula half of the room that is left."""
        for dock in self.docks.values():
            if dock.row.is_form and not dock.isHidden():
                dock.hide()
        self._halve()
        # Once more when Qt has laid out what is left, in the size that it has by then.
        QTimer.singleShot(0, self, self._halve)

    def _halve(self) -> None:
        """Before a room, graph and formula have as much room each."""
        if not self.is_presenting or not self.is_built:
            return
        halves = [self.docks[name] for name in ("graph", "formula")]
        if not any(dock.isHidden() for dock in halves):
            half = self.width() // 2
            self.resizeDocks(halves, [half, half], Qt.Orientation.Horizontal)

    def _wanted(self, identifier: str) -> Perspective:
        found, stage = find(identifier), self._bridge.stage
        if found.is_staged:
            return found.staged(stage.columns, whole=stage.more)
        found = find(identifier, whole=self._settings.shows_more(found.id))
        # Its own size is no measure: on a small screen it is larger than what is seen of it.
        room = (self.parentWidget() or self).size() / theme.scale()
        return found.tightened(low=room.height() < LOW) if room.width() < NARROW else found

    def _keep_to_room(self) -> None:
        """Stands in fewer columns where there is no room for all any more, or in all again."""
        if self.perspective is not None:
            self.show_perspective(self.perspective.id)

    def _restage(self) -> None:
        """A lesson wants other panels beside it."""
        if self.perspective is not None and self.perspective.is_staged:
            self.show_perspective(self.perspective.id)

    def _put_away(self, perspective: Perspective, docks: list[Dock]) -> None:
        """Docks of another perspective go; one that a person has added is laid out, and stays."""
        for dock in docks if perspective is self.perspective else ():
            if not dock.isHidden():
                dock.setFloating(False)
                dock.hide()

    def reset_layout(self) -> None:
        """Lays the docks out as the perspective has them, and forgets any other way."""
        if self.perspective is None:
            return
        for dock in self.docks.values():
            dock.is_closed = False
        self._arrange(self.perspective)
        self._scale = theme.scale()
        self._fit_titles()
        # Not before: titles among tabs go, and with them some of the least heights.
        self._measure(self.perspective)
        self.remember_layout()
        self.fit_data(anew=True)

    def remember_layout(self) -> None:
        """Keeps how the docks stand now, for the next time this perspective is shown."""
        perspective = self.perspective
        if perspective is not None and not (self.is_presenting or perspective.is_staged):
            widths = self._columns()
            self._settings.set_layout(perspective.key, self.saveState(LAYOUT_VERSION))
            self._settings.set_columns(perspective.key, widths.text() if widths is not None else "")

    def shows(self, dock: str) -> bool:
        """Whether the perspective in use has that dock."""
        return self.perspective is not None and dock in self.perspective.docks

    def bring_forward(self, name: str, beside: str) -> None:
        """Shows a dock in front of all others; where it has no place yet, in that of another."""
        dock, front = self.docks[name], self.docks[beside]
        if dock.isHidden() and not front.isHidden() and not dock.isFloating():
            self.removeDockWidget(dock)  # else its panel stays in the place that it had hidden
            self.tabifyDockWidget(front, dock)
        dock.is_closed = False
        dock.show()
        dock.raise_()
        self._fit_titles()

    def hides(self, widget: QWidget) -> bool:
        """Whether a widget lies in a dock that is behind another one."""
        return any(
            dock.isAncestorOf(widget) and dock.visibleRegion().isEmpty()
            for dock in self.docks.values()
        )

    def fit_data(self, *, anew: bool = False) -> None:
        """Some docks suit some data only; the others take their room."""
        data, perspective = self._bridge.snapshot.data, self.perspective
        if data is None or perspective is None or (data is self._fitted and not anew):
            return
        self._fitted = data
        shown = {
            dock: fits and not dock.is_closed
            for dock, fits in self._suiting().items()
            if dock.row.id in perspective.docks
        }
        moved = [dock for dock, on in shown.items() if dock.isHidden() == on]
        for dock in moved:
            dock.setVisible(shown[dock])
        if moved:
            self._measure(perspective)
            self._bring_forward(perspective)
            self._fit_titles()

    def _suiting(self) -> dict[Dock, bool]:
        """Which of the docks that are not for everything are for these data."""
        data = self._bridge.snapshot.data
        return {
            dock: data is not None and suits(data.shape)
            for dock in self.docks.values()
            if (suits := dock.row.suits) is not None
        }

    def _build_next(self) -> None:
        # Restarted only when done: else two long stages would follow without a turn in between.
        if next(self._stages, None) is not None:
            self._turn.start()

    def _build_docks(self) -> Iterator[Dock]:
        """All docks, with their panels where the perspective in use shows them."""
        wanted = self._wanted(self._settings.perspective).docks
        for row in DOCKS:
            self.docks[row.id] = dock = Dock(row, self._bridge, self._settings, self)
            dock.dockLocationChanged.connect(lambda _area: self._fit_titles())
            if row.id in wanted:
                dock.fill()
                yield dock
        self.is_built = True
        self.built.emit()

    def _fit_titles(self) -> None:
        """A dock among tabs has its title in its tab, and none above it."""
        QTimer.singleShot(0, self, self._hide_old_tabs)  # when Qt has laid the docks out
        for dock in self.docks.values():
            dock.show_title(not self.tabifiedDockWidgets(dock))

    def _hide_old_tabs(self) -> None:
        """Qt leaves the bars of tabs standing whose docks are laid out elsewhere by now."""
        shown = {dock.windowTitle() for dock in self.docks.values() if not dock.isHidden()}
        groups = [
            {dock.windowTitle(), *(other.windowTitle() for other in behind)} & shown
            for dock in self.docks.values()
            if (behind := self.tabifiedDockWidgets(dock)) and not dock.isHidden()
        ]
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for bar in self.findChildren(QTabBar, options=direct):
            titles = {bar.tabText(index).replace("&", "") for index in range(bar.count())}
            if bar.isVisible() and titles not in groups:
                bar.hide()
            for index in range(bar.count()):  # whole, where the bar has no room for all
                bar.setTabToolTip(index, bar.tabText(index).replace("&", ""))

    def _arrange(self, perspective: Perspective) -> None:
        """Lays docks out as the perspective has them, and hides the others; measure them after."""
        unsuited = {dock for dock, fits in self._suiting().items() if not fits}
        for dock in self.docks.values():
            self.removeDockWidget(dock)
        place(self, self.docks, perspective)
        for name, dock in self.docks.items():
            dock.setFloating(False)
            dock.setVisible(name in perspective.docks and dock not in unsuited)
        self._bring_forward(perspective)

    def _bring_forward(self, perspective: Perspective) -> None:
        """Puts the docks in front of their tabs that the perspective has there."""
        for column in perspective.columns:
            for front in column.tabs:
                self.docks[front].raise_()

    def _measure(self, perspective: Perspective) -> None:
        """Gives the docks that are shown the sizes that the perspective has for them."""
        measure(self, self.docks, perspective)
        self._filling.start()
