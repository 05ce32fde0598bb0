"""The window: header, tabs, status bar, and the menus over the one table of actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QStackedWidget, QStatusBar, QWidget

from app.kit import icons, numbers
from app.kit.layouts import in_column, named
from app.kit.pointing import PressedKeys, Spotlight
from app.kit.scaling import Room
from app.learn.welcome import Welcome
from app.window import menus
from app.window.experiments import Experiments, make_bridge
from app.window.live_actions import LiveActions
from app.window.loading import LoadingView
from app.window.notices import NoticeBar, refusal_of
from app.window.settings import Settings
from app.window.tabs import Tabs
from app.window.transport import Header

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from app.window.document import Document
    from core.experiment.spec import ExperimentSpec
    from core.messages.snapshot import Snapshot

SHOWN_MS = 8000
FRAME = 32
"""Pixels that the system's own title takes of a screen, about."""


class StatusBar(QStatusBar):
    """What is good to know and needs no answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setSizeGripEnabled(False)
        self._running = False
        self.parameters = named(QLabel(self), "status-parameters")
        self.device = named(QLabel(self), "status-device")
        self.addPermanentWidget(self.parameters)
        self.addPermanentWidget(self.device)

    def show_briefly(self, text: str) -> None:
        """Shows a word for a while."""
        self.showMessage(text, SHOWN_MS)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Shows the experiment in front; nothing where there is none."""
        running = snapshot is not None and snapshot.state.is_running
        if running and not self._running:  # what ended goes on
            self.clearMessage()
        self._running = running
        count = snapshot.parameters if snapshot else 0
        template = self.tr("Parameters: {count}")
        # A label that says so already costs nothing.
        self.parameters.setText(template.format(count=numbers.whole(count)) if count else "")
        device = snapshot.device if snapshot else None
        self.device.setText(device.label if device else "")
        self.device.setToolTip(device.reason if device else "")


HEADING_MS = 80
"""From one heading to the next while training goes on: figures that change faster nobody reads."""


class MainWindow(QMainWindow):
    """Experiments as tabs under one header.

    Attributes:
        ready: The experiment in front can be trained, for the first time.
        experiments: What opens and closes them.
    """

    ready = Signal()

    def __init__(
        self,
        settings: Settings,
        make_bridge: Callable[[ExperimentSpec], Bridge] = make_bridge,
    ) -> None:
        super().__init__()
        self.setObjectName("main-window")
        self.setWindowTitle("Chainrule")
        self.setWindowIcon(icons.icon("chainrule", "accent"))
        self.settings = settings
        self._was_ready = False
        self._headed: Document | None = None
        self._heading = QTimer(self, singleShot=True, interval=HEADING_MS)
        self._heading.timeout.connect(self._show_heading)
        self.tabs = Tabs(self)
        self.experiments = Experiments(self.tabs, settings, make_bridge)
        self.text_size = self.experiments.text_size
        self.actions_ = LiveActions(self, self.experiments)
        self._lay_out()
        self._connect()
        switch = self.header.perspectives
        menus.fill(self.menuBar(), self.actions_, switch.group.actions(), self.experiments)
        self.spotlight, self.pressed_keys = Spotlight(self), PressedKeys(self)
        self.text_size.presenting.connect(self._present)
        self.text_size.keys_shown.connect(lambda on: self.pressed_keys.set_on(on=on))
        self.text_size.apply()
        self.resize(_first_size(self))
        self.restoreGeometry(settings.geometry)
        # Else Qt gives the focus to the first button, whose ring says what nobody chose.
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def page(self) -> Document | None:
        """The experiment in front."""
        return self.experiments.front

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest of the experiment in front."""
        return self.experiments.snapshot

    def show_failure(self, reason: str, details: str) -> None:
        """The engine could not be loaded: says so in the place of the experiments."""
        self.experiments.engines_wait = False
        self.stack.setCurrentWidget(self.loading)
        self.loading.show_failure(reason, details)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Passes over the docks behind others: Qt takes them for seen, far off the screen."""
        first: QWidget | None = None
        while super().focusNextPrevChild(forward):
            here, page = self.focusWidget(), self.page
            if here is None or here is first or page is None or not page.area.hides(here):
                return True
            first = first or here
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stops every engine and remembers the window, unless there is something to save first."""
        if self.experiments.letting_go.is_held:
            event.ignore()
            self.experiments.letting_go.then(self.close)
            return
        geometry = self.saveGeometry()
        if not self.experiments.close_all():
            event.ignore()
            return
        self.settings.geometry = geometry
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Draws the icons anew when the theme changes, or the text's size."""
        looks = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in looks and hasattr(self, "header"):
            icons.redress(self)
            self.setWindowIcon(icons.icon("chainrule", "accent"))
        super().changeEvent(event)

    def _lay_out(self) -> None:
        self.header = Header(self.actions_, self)
        self.welcome = Welcome(self)
        self.welcome.setHidden(self.settings.is_welcomed)
        self.notices = NoticeBar(self)
        self.loading = LoadingView(self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.loading)
        self.stack.addWidget(self.tabs)
        self.status = StatusBar(self)
        self._rooms = [
            Room(part) for part in (self.header, self.welcome, self.notices, self.status)
        ]
        self.setStatusBar(self.status)
        central = QWidget(self)
        column = in_column(
            self.header, self.welcome, self.notices, self.stack, into=central, apart=0
        )
        column.setStretchFactor(self.stack, 1)
        self.setCentralWidget(central)

    def _present(self, on: bool) -> None:
        self.spotlight.set_on(on=on)
        self.header.guide.set_presenting(on=on)
        self.status.setVisible(not on)
        self._show_more(self.experiments.shows_more)
        self._present_pages()
        self._refresh()

    def _present_pages(self) -> None:
        for page in self.experiments.all:
            page.area.present(on=self.text_size.is_presenting)

    def _connect(self) -> None:
        experiments, switch = self.experiments, self.header.perspectives
        switch.show_perspective(experiments.perspective)
        switch.chosen.connect(experiments.show_perspective)
        experiments.perspective_changed.connect(switch.show_perspective)
        experiments.more_changed.connect(self._show_more)
        self._show_more(experiments.shows_more)
        experiments.more_changed.connect(lambda _: self._end_welcome(self.snapshot))
        experiments.built.connect(lambda: self.stack.setCurrentWidget(self.tabs))
        experiments.built.connect(self._present_pages)
        experiments.said.connect(self.status.show_briefly)
        experiments.refused.connect(
            lambda sentence: self.notices.show_message(refusal_of(sentence))
        )
        experiments.changed.connect(self._refresh)
        self.welcome.chosen.connect(self._begin)

    def _begin(self, choice: str) -> None:
        """A person has chosen where to begin, or wants no offer."""
        self.settings.set_welcomed()
        self.welcome.hide()
        self.experiments.begin(choice)

    def _end_welcome(self, snapshot: Snapshot | None) -> None:
        """Where to begin is no question any more once somebody has begun."""
        if self.welcome.isHidden() or snapshot is None:
            return
        has_run = snapshot.state.is_running or snapshot.progress.step > 0
        has_stepped = snapshot.stepping is not None or snapshot.undo is not None
        if has_run or has_stepped or self.tabs.count() > 1 or self.experiments.shows_more:
            self.settings.set_welcomed()
            self.welcome.hide()

    def _show_more(self, on: bool) -> None:
        self.header.show_more(on=on, before_room=self.text_size.is_presenting)
        self.actions_.name_more(shown=on)
        self.header.guide.show_next(self.experiments.perspective, self.snapshot)

    def _refresh(self) -> None:
        snapshot, page = self.snapshot, self.page
        self.actions_.refresh(snapshot)
        self.status.show_snapshot(snapshot)
        if snapshot is None or not snapshot.state.is_running or page is not self._headed:
            self._show_heading()
        elif not self._heading.isActive():
            self._heading.start()
        self._end_welcome(snapshot)
        built = page is not None and page.area.is_built
        if built and snapshot and snapshot.state.is_idle and not self._was_ready:
            self._was_ready = True
            self.ready.emit()

    def _show_heading(self) -> None:
        """The figures of where one stands, and what to do next."""
        self._heading.stop()
        self._headed, snapshot = self.page, self.snapshot
        self.header.readout.show_snapshot(snapshot)
        self.header.guide.show_next(self.experiments.perspective, snapshot)


def _first_size(window: QWidget) -> QSize:
    """1440x900, and no more than the screen has under the window's own frame."""
    return QSize(1440, 900).boundedTo(window.screen().availableSize() - QSize(0, FRAME))
