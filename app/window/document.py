"""One experiment's page: its docks, its notices, and what of it is not saved yet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QTabBar,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.kit import theme
from app.window import perspectives
from app.window.docks import DOCKS, SUITS, make_dock, put_panel
from app.window.notices import NoticeBar, message_of, status_of
from app.window.settings import LAYOUT_VERSION, Settings

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.messages.snapshot import Event, Snapshot


BETWEEN_MS = 4
"""From one dock to the next while they are made, so that the window can move in between."""


class Document(QWidget):
    """An open experiment. Its docks are built one a turn of the event loop, so nothing stutters."""

    snapshot_changed = Signal(object)
    said = Signal(str)
    saved = Signal()
    built = Signal()

    def __init__(self, bridge: Bridge, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("document")
        self.bridge = bridge
        self.perspective = ""
        self.docks: dict[str, QDockWidget] = {}
        self.is_built = False
        self._settings = settings
        self._saved_step = 0
        self._opened = False
        self._suits: dict[str, bool] = {}
        self._closed: set[str] = set()
        self.notices = NoticeBar(self)
        self._area = QMainWindow(self)
        self._area.setWindowFlags(Qt.WindowType.Widget)  # its constructor makes it a window
        self._area.setObjectName("document-docks")
        self._area.setDockNestingEnabled(True)
        self._area.setDocumentMode(True)
        everywhere = Qt.DockWidgetArea.AllDockWidgetAreas
        self._area.setTabPosition(everywhere, QTabWidget.TabPosition.North)
        self._area.setAnimated(theme.animation_ms() > 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self._area, 1)
        bridge.snapshot_changed.connect(self._show)
        bridge.event_received.connect(self._hear)

    @property
    def snapshot(self) -> Snapshot:
        """The newest there is."""
        return self.bridge.snapshot

    @property
    def name(self) -> str:
        """The experiment's name, for its tab."""
        return self.snapshot.spec.name

    @property
    def is_pristine(self) -> bool:
        """Whether nothing was done with it yet, so that another may take its place."""
        return self.snapshot.progress.step == 0 and self.snapshot.undo is None

    @property
    def is_unsaved(self) -> bool:
        """Whether it was trained since its weights were last saved."""
        return self.snapshot.progress.step not in (0, self._saved_step)

    def build(self) -> None:
        """Makes the docks, one a turn; ``built`` says when, and then wants a perspective."""
        self._stages = self._build_docks()
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(BETWEEN_MS)
        self._turn.timeout.connect(self._build_next)
        self._turn.start()

    def show_perspective(self, identifier: str) -> None:
        """Lays the docks out as this perspective was last left."""
        if not self.is_built or identifier == self.perspective:
            return
        self.remember_layout()
        self.perspective = identifier
        wanted = perspectives.find(identifier).docks
        for row in DOCKS:
            if row.id in wanted:
                self._fill(row.id)
        self._set_editable()
        state = self._settings.layout(identifier)
        if state.isEmpty() or not self._area.restoreState(state, LAYOUT_VERSION):
            self.reset_layout()
        self._fit_titles()
        self._fit_views(anew=True)

    def _hide_old_tabs(self) -> None:
        """Qt leaves the bars of tabs standing whose docks are laid out elsewhere by now."""
        shown = {dock.windowTitle() for dock in self.docks.values() if not dock.isHidden()}
        groups = [
            {dock.windowTitle(), *(other.windowTitle() for other in behind)} & shown
            for dock in self.docks.values()
            if (behind := self._area.tabifiedDockWidgets(dock)) and not dock.isHidden()
        ]
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for bar in self._area.findChildren(QTabBar, options=direct):
            titles = {bar.tabText(index).replace("&", "") for index in range(bar.count())}
            if bar.isVisible() and titles not in groups:
                bar.hide()

    def _fit_titles(self) -> None:
        """A dock among tabs has its title in its tab, and none above it."""
        QTimer.singleShot(0, self, self._hide_old_tabs)  # when Qt has laid the docks out
        for dock in self.docks.values():
            bar, none = dock.findChild(QWidget, "dock-title"), dock.findChild(QWidget, "no-title")
            among_tabs = bool(self._area.tabifiedDockWidgets(dock))
            wanted = none if among_tabs or bar is None else bar
            if wanted is not None and dock.titleBarWidget() is not wanted:
                dock.titleBarWidget().hide()
                dock.setTitleBarWidget(wanted)
                wanted.show()

    def reset_layout(self) -> None:
        """Lays the docks out as the perspective has them, and forgets any other way."""
        without = frozenset(name for name, fits in self._suiting().items() if not fits)
        self._closed.clear()
        perspective = perspectives.find(self.perspective)
        perspectives.arrange(self._area, self.docks, perspective, without)
        self._fit_titles()
        # Not before: titles among tabs go, and with them some of the least heights.
        perspectives.measure(self._area, self.docks, perspective)
        self._settings.set_layout(self.perspective, self._area.saveState(LAYOUT_VERSION))
        self._fit_views(anew=True)

    def hides(self, widget: QWidget) -> bool:
        """Whether a widget lies in a dock that is behind another one."""
        return any(
            dock.isAncestorOf(widget) and dock.visibleRegion().isEmpty()
            for dock in self.docks.values()
        )

    def remember_layout(self) -> None:
        """Keeps how the docks stand now, for the next time this perspective is shown."""
        if self.perspective:
            state = self._area.saveState(LAYOUT_VERSION)
            self._settings.set_layout(self.perspective, state)

    def save(self, path: str) -> None:
        """Writes the weights; ``saved`` says when."""
        from core.messages.commands import SaveWeights

        self.bridge.dispatch(SaveWeights(path))

    def load(self, path: str) -> None:
        """Puts a saved experiment in the place of this one."""
        from core.messages.commands import LoadWeights

        self._opened = True
        self.bridge.dispatch(LoadWeights(path))

    def close_engine(self) -> None:
        """Stops the experiment's threads and waits for them."""
        if not self.is_built:
            self._turn.stop()
        self.bridge.close()

    def _build_next(self) -> None:
        # Restarted only when done: else two long stages would follow without a turn in between.
        if next(self._stages, None) is not None:
            self._turn.start()

    def _build_docks(self) -> Iterator[QDockWidget]:
        """All docks, with their panels where the perspective in use shows them."""
        wanted = perspectives.find(self._settings.perspective).docks
        for row in DOCKS:
            self.docks[row.id] = dock = make_dock(row, self._area)
            dock.hide()
            dock.visibilityChanged.connect(partial(self._fill_if, row.id))
            dock.dockLocationChanged.connect(lambda _area: self._fit_titles())
            dock.toggleViewAction().triggered.connect(partial(self._note_closed, row.id))
            close = dock.findChild(QToolButton, "dock-close")
            if close is not None:
                close.clicked.connect(partial(self._note_closed, row.id, False))
            if row.id in wanted:
                self._fill(row.id)
                yield dock
        self.is_built = True
        self.built.emit()

    def _fill_if(self, name: str, visible: bool) -> None:
        if visible:
            self._fill(name)

    def _fill(self, name: str) -> None:
        """Makes a dock's panel, when it is first needed."""
        row = next(row for row in DOCKS if row.id == name)
        dock = self.docks[name]
        if dock.property("filled"):
            return
        dock.setProperty("filled", True)
        module, _, panel = row.panel.partition(":")
        put_panel(row, dock, getattr(import_module(module), panel)(self.bridge))
        if name == "graph":
            from app.link.watching import watch  # which brings core along

            watch(self.bridge, dock.widget(), "values")
            watch(self.bridge, dock.widget(), "map")
            self._set_editable()

    def _set_editable(self) -> None:
        """The network is put together in Build; everywhere else it is looked at."""
        canvas = self.docks["graph"].widget()
        if hasattr(canvas, "set_editable"):
            canvas.set_editable(self.perspective == "build")

    def step(self, how: str) -> None:
        """Moves the cursor in the recorded step: ``next_``, ``back``, ``step_into`` and so on."""
        self._fill("stepbar")
        getattr(self.docks["stepbar"].widget(), how)()

    def _show(self, snapshot: Snapshot) -> None:
        if self._opened and snapshot.state.name not in ("LOADING", "RUNNING"):
            self._opened, self._saved_step = False, snapshot.progress.step
        self._fit_views()
        self.snapshot_changed.emit(snapshot)

    def _hear(self, event: Event) -> None:
        message, status = message_of(event), status_of(event)
        if message is not None:
            self.notices.show_message(message)
        if status:
            self.said.emit(status)
        if type(event).__name__ == "Saved":
            self._saved_step = self.snapshot.progress.step
            self.saved.emit()

    def _fit_views(self, *, anew: bool = False) -> None:
        """Some docks suit some data only; the others take their room."""
        if self.snapshot.data is None or not self.is_built:
            return
        before = self._suits
        self._suits = self._suiting()
        if self._suits == before and not anew:
            return
        perspective = perspectives.find(self.perspective)
        shown = {
            name: fits and name not in self._closed
            for name, fits in self._suits.items()
            if name in perspective.docks
        }
        moved = [name for name, on in shown.items() if self.docks[name].isHidden() == on]
        for name in moved:
            self.docks[name].setVisible(shown[name])
        if moved:
            perspectives.measure(self._area, self.docks, perspective)
            perspectives.bring_forward(self.docks, perspective)
            self._fit_titles()

    def _suiting(self) -> dict[str, bool]:
        """Which of the docks that are not for everything are for these data."""
        data = self.snapshot.data
        if data is None:
            return dict.fromkeys(SUITS, False)
        return {name: suits(data.input_shape, data.task) for name, suits in SUITS.items()}

    def _note_closed(self, name: str, shown: bool) -> None:
        """A dock that a person has closed stays closed."""
        (self._closed.discard if shown else self._closed.add)(name)
