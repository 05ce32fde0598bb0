"""The window: header, tabs, status bar, and the menus over the one table of actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.kit import icons, theme
from app.window import dialogs as help_windows
from app.window import dialogs as questions
from app.window import menus
from app.window.document import Document
from app.window.live_actions import LiveActions
from app.window.notices import Message, NoticeBar
from app.window.perspectives import find
from app.window.settings import Settings, ThemeChoice
from app.window.tabs import LoadingView, StatusBar, Tabs
from app.window.transport import Header

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.experiment.spec import ExperimentSpec
    from core.messages.commands import Command
    from core.messages.snapshot import Snapshot

FIRST_PRESET = "dense-784-64-10"


def make_bridge(spec: ExperimentSpec) -> Bridge:
    """The bridge to a new engine; tests put another in its place."""
    from app.link.bridge import Bridge

    return Bridge(spec)


class MainWindow(QMainWindow):
    """Experiments as tabs under one header. Needs no torch until ``open_spec`` is called.

    Attributes:
        ready: The experiment in front can be trained, for the first time.
        asks: Whether closing something unsaved asks first.
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
        self.asks = True
        self.settings = settings
        self.perspective = find(settings.perspective).id
        self._make_bridge = make_bridge
        self._was_ready = False
        self.actions_ = LiveActions(self, self)
        self._lay_out()
        menus.fill(self)
        self.resize(1440, 900)
        self.restoreGeometry(settings.geometry)

    @property
    def page(self) -> Document | None:
        """The experiment in front."""
        found = self.tabs.currentWidget()
        return found if isinstance(found, Document) else None

    @property
    def pages(self) -> Iterator[Document]:
        """All open experiments, from the left."""
        for index in range(self.tabs.count()):
            yield cast(Document, self.tabs.widget(index))

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest of the experiment in front."""
        return self.page.snapshot if self.page else None

    def open_first(self) -> None:
        """The engine is loaded: opens the experiment that the first start shows."""
        self.open_preset(FIRST_PRESET)

    def open_preset(self, name: str) -> None:
        """Opens the preset of that name in a new tab."""
        from core.presets import PRESETS

        self.open_spec(PRESETS[name].spec)

    def open_spec(self, spec: ExperimentSpec) -> Document:
        """Opens an experiment in a new tab, with an engine of its own."""
        bridge = self._make_bridge(spec)
        page = Document(bridge, self.settings, self)
        bridge.setParent(page)
        page.snapshot_changed.connect(lambda _snapshot: self._refresh_page(page))
        page.said.connect(self.status.say)
        page.built.connect(lambda: self._page_built(page))
        self.tabs.setCurrentIndex(self.tabs.add(page, page.name))
        bridge.start()
        page.build()
        return page

    def open_path(self, path: str) -> None:
        """Opens a file of weights: in this tab if nothing was done in it, else in a new one."""
        from core.presets import PRESETS

        self.settings.folder = str(Path(path).parent)
        page = self.page
        if page is None or not page.is_pristine:
            page = self.open_spec(PRESETS[FIRST_PRESET].spec)
        page.load(path)

    def close_tab(self, index: int, ask: bool = True) -> bool:
        """Closes a tab; says whether it did.

        Args:
            index: Which, from the left.
            ask: Whether to ask what to do with training that is not saved.
        """
        page = cast(Document, self.tabs.widget(index))
        if ask and self.asks and page.is_unsaved:
            answer = questions.save_before_closing(self, page.name)
            if answer is questions.Answer.SAVE:
                page.saved.connect(lambda: self.close_tab(self.tabs.indexOf(page), ask=False))
                self._save(page)
            if answer is not questions.Answer.DISCARD:
                return False
        page.remember_layout()
        self.tabs.removeTab(index)
        page.close_engine()
        page.deleteLater()
        self._refresh()
        return True

    def set_perspective(self, identifier: str) -> None:
        """Lays out the experiment in front for another activity."""
        self.perspective = self.settings.perspective = find(identifier).id
        self.header.perspectives.show_perspective(self.perspective)
        if self.page:
            self.page.show_perspective(self.perspective)

    def set_theme(self, choice: ThemeChoice) -> None:
        """Changes the appearance and remembers it."""
        self.settings.theme = choice
        theme.apply(cast(QApplication, QApplication.instance()), choice)

    def show_message(self, message: Message) -> None:
        """Says something that belongs to no experiment."""
        self.notices.show_message(message)

    def dispatch(self, command: Command) -> None:
        """Sends a command to the experiment in front."""
        if self.page:
            self.page.bridge.dispatch(command)

    def step(self, how: str) -> None:
        """Moves the cursor in the recorded step of the experiment in front."""
        if self.page and self.page.is_built:
            if self.perspective != "step":
                self.set_perspective("step")
            self.page.step(how)

    def new_experiment(self) -> None:
        """Opens the gallery."""
        from app.window.gallery import Gallery
        from core.presets import PRESETS

        gallery = Gallery(PRESETS, self)
        gallery.chosen.connect(self.open_preset)
        gallery.finished.connect(gallery.deleteLater)
        gallery.open()

    def open_file(self) -> None:
        """Asks for a file and opens it."""
        path = questions.file_to_open(self, self.settings.folder)
        if path:
            self.open_path(path)

    def save_file(self) -> None:
        """Asks for a place and saves the weights there."""
        if self.page:
            self._save(self.page)

    def close_current(self) -> None:
        """Closes the tab in front."""
        if self.page:
            self.close_tab(self.tabs.currentIndex())

    def quit(self) -> None:
        """Closes the window."""
        self.close()

    def reset_layout(self) -> None:
        """Puts the docks back where the perspective has them."""
        if self.page:
            self.page.reset_layout()

    def toggle_full_screen(self) -> None:
        """Fills the screen, or leaves it."""
        self.setWindowState(self.windowState() ^ self.windowState().WindowFullScreen)

    def show_shortcuts(self) -> None:
        """Lists the keys."""
        help_windows.shortcuts_dialog(self).open()

    def show_about(self) -> None:
        """Says what this is."""
        help_windows.about_dialog(self).open()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Passes over the docks behind others: Qt takes them for seen, far off the screen."""
        first: QWidget | None = None
        while super().focusNextPrevChild(forward):
            here = self.focusWidget()
            if here is None or here is first or self.page is None or not self.page.hides(here):
                return True
            first = first or here
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks once for all that is unsaved, then stops every engine and remembers the window."""
        unsaved = [page.name for page in self.pages if page.is_unsaved]
        if self.asks and unsaved and not questions.discard_all(self, unsaved):
            event.ignore()
            return
        self.settings.geometry = self.saveGeometry()
        while self.tabs.count():
            self.close_tab(0, ask=False)
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Draws the icons anew when the theme changes."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "header"):
            icons.redress(self)
            self.setWindowIcon(icons.icon("chainrule", "accent"))
        super().changeEvent(event)

    def _lay_out(self) -> None:
        self.header = Header(self.actions_, self)
        self.header.perspectives.chosen.connect(self.set_perspective)
        self.header.perspectives.show_perspective(self.perspective)
        self.notices = NoticeBar(self)
        self.loading = LoadingView(self)
        self.tabs = Tabs(self)
        self.tabs.tabCloseRequested.connect(self.close_tab)
        self.tabs.currentChanged.connect(self._show_page)
        self.tabs.new_wanted.connect(self.new_experiment)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.loading)
        self.stack.addWidget(self.tabs)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        central = QWidget(self)
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.header, self.notices, self.stack):
            column.addWidget(widget)
        column.setStretchFactor(self.stack, 1)
        self.setCentralWidget(central)

    def _save(self, page: Document) -> None:
        path = questions.file_to_save(self, self.settings.folder, page.name)
        if path:
            self.settings.folder = str(Path(path).parent)
            page.save(path)

    def _page_built(self, page: Document) -> None:
        # Shown first, since only what is shown has the size that the layout is cut to.
        self.stack.setCurrentWidget(self.tabs)
        page.show_perspective(self.perspective)
        self._refresh_page(page)

    def _show_page(self) -> None:
        if self.page:
            self.page.show_perspective(self.perspective)
        self._refresh()

    def _refresh_page(self, page: Document) -> None:
        index = self.tabs.indexOf(page)
        name = page.name.replace("&", "&&")
        if index >= 0 and self.tabs.tabText(index) != name:
            self.tabs.setTabText(index, name)
        if page is self.page:
            self._refresh()

    def _refresh(self) -> None:
        snapshot = self.snapshot
        self.actions_.refresh(snapshot)
        self.header.readout.show_snapshot(snapshot)
        self.status.show_snapshot(snapshot)
        built = self.page is not None and self.page.is_built
        if built and snapshot and snapshot.state.name == "READY" and not self._was_ready:
            self._was_ready = True
            self.ready.emit()
