"""The open experiments: a tab each, with an engine of its own, and a plus after the last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from app.kit.letting_go import LettingGo
from app.kit.text import sentence
from app.kit.text_size import TextSize
from app.window import dialogs
from app.window.perspectives import find
from app.window.settings import Settings
from app.window.tabs import Tabs

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from app.step.bar import StepBar
    from app.window.document import Document
    from core.experiment.spec import ExperimentSpec
    from core.messages.findings import Offer
    from core.messages.snapshot import Snapshot


NAME_LENGTH = 80
"""Letters that the name of an experiment may have."""


def make_bridge(spec: ExperimentSpec) -> Bridge:
    """The bridge to a new engine; tests put another in its place."""
    from app.link.bridge import Bridge

    return Bridge(spec)


class Experiments(QObject):
    """What opens, shows, saves and closes experiments. Nothing of it needs torch until one opens.

    Attributes:
        tabs: Where they are shown.
        settings: What is remembered of them.
        text_size: How large all of the window's text is.
        perspective: The id of the one in which they are all shown.
        asks: Whether closing something unsaved asks first.
        engines_wait: Whether torch is still to come: experiments are shown, but not yet alive.
        letting_go: What must wait for the end of a drag goes through it.
    """

    changed = Signal()
    """Another one is in front, or the one in front has changed."""
    built = Signal()
    """The docks of one are made, not yet laid out."""
    laid_out = Signal()
    perspective_changed = Signal(str)
    more_changed = Signal(bool)
    """Whether all is shown that the perspective in use has."""
    said = Signal(str)
    refused = Signal(object)
    """A Sentence that says why a file cannot be opened."""

    def __init__(
        self,
        tabs: Tabs,
        settings: Settings,
        make_bridge: Callable[[ExperimentSpec], Bridge] = make_bridge,
    ) -> None:
        super().__init__(tabs)
        self.tabs = tabs
        self.settings = settings
        self.text_size = TextSize(settings, self)
        self.perspective = find(settings.perspective).id
        self.asks = True
        self.engines_wait = False
        self._make_bridge = make_bridge
        self.letting_go = LettingGo(self)
        tabs.tabCloseRequested.connect(lambda index: self.close(self._at(index)))
        tabs.currentChanged.connect(self._show_front)
        tabs.new_wanted.connect(self.choose_preset)
        tabs.renamed.connect(lambda page, name: cast("Document", page).rename(name))

    @property
    def front(self) -> Document | None:
        """The experiment in front."""
        return cast("Document | None", self.tabs.currentWidget())

    @property
    def all(self) -> list[Document]:
        """All that are open, from the left."""
        return [self._at(index) for index in range(self.tabs.count())]

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest of the experiment in front."""
        return self.front.snapshot if self.front else None

    def open_spec(self, spec: ExperimentSpec) -> Document:
        """Opens an experiment in a new tab, with an engine of its own."""
        from app.window.document import Document

        bridge = self._make_bridge(spec)
        page = Document(bridge, self.settings, self.tabs)
        bridge.setParent(page)
        page.snapshot_changed.connect(lambda _snapshot: self._follow(page))
        page.said.connect(self.said)
        page.done_with.connect(lambda: self.close(page, ask=False))
        page.wondered.connect(lambda: self.show_by_formula("why"))
        page.another_wanted.connect(self.find_fault)
        page.questioned.connect(self._show_question)
        page.offered.connect(lambda offer: self.try_beside(page, offer))
        page.area.built.connect(lambda: self._show_built(page))
        if not self.engines_wait:
            bridge.start()
        self.tabs.setCurrentIndex(self.tabs.add(page, page.name))
        page.area.build()
        return page

    def try_beside(self, page: Document, offer: Offer) -> Document:
        """Opens a copy with the one change that an offer is; undo there takes the change back."""
        spec = page.snapshot.spec
        name = f"{page.name}: {sentence(offer.change)}"[:NAME_LENGTH]
        beside = self.open_spec(spec.model_copy(update={"name": name}))
        for edit in offer.edits:
            beside.bridge.dispatch(edit)
        return beside

    def find_fault(self, after: str = "") -> Document:
        """Opens the next experiment that is broken on purpose, where one steps through it.

        Args:
            after: The kind of the fault that was found before; else the one opened last counts.
        """
        from core.presets.lab import case_after

        case = case_after(after or self.settings.choice("lab"))
        assert case.fault is not None
        self.settings.set_choice("lab", case.fault.kind)
        page = self.open_spec(case)
        self.show_perspective("step")
        return page

    def open_preset(self, name: str) -> Document:
        """Opens the preset of that name in a new tab."""
        from core.presets import PRESETS

        return self.open_spec(PRESETS[name].spec)

    def start_engines(self) -> None:
        """Torch is there: brings to life what was opened before."""
        self.engines_wait = False
        for page in self.all:
            page.bridge.start()

    def begin(self, choice: str) -> None:
        """Begins with what the first start offers.

        Args:
            choice: ``lesson`` for the first one, ``blank`` for a network to build, ``digits`` for
                those that a first start opens; nothing else changes anything.
        """
        match choice:
            case "lesson":
                self.show_perspective("learn")
                if self.front:
                    self.front.when_built(self.front.learn)
            case "blank":
                self.open_preset("blank")
                self.show_perspective("build")
            case "digits":
                self._go_to_digits()
                self.show_perspective("train")

    def _go_to_digits(self) -> None:
        """To those that are open; to others only where none are."""
        from core.presets import FIRST, PRESETS

        found = [page for page in self.all if page.snapshot.spec.data == PRESETS[FIRST].spec.data]
        if not found:
            self.open_first()
            return
        self.tabs.setCurrentWidget(found[0])
        self.said.emit(self.tr("You are there: press Train, then draw a digit on the pad."))

    def open_first(self) -> Document:
        """Opens the experiment that the first start shows."""
        from core.presets import FIRST

        return self.open_preset(FIRST)

    def open_path(self, path: str) -> None:
        """Opens a file: in this tab if nothing was done in it, else in a new one.

        A description in JSON and a table get a tab of their own.
        """
        self.settings.folder = str(Path(path).parent)
        match Path(path).suffix.lower():
            case ".json":
                self._open_description(Path(path))
            case ".csv":
                self.open_table(path)
            case _:
                self._open_weights(path)

    def _open_weights(self, path: str) -> None:
        page = self.front
        if page is None or not page.is_pristine:
            page = self.open_first()
        page.load(path)

    def _open_description(self, path: Path) -> None:
        from core.errors import UserError
        from core.experiment.spec import read_spec
        from core.lessons.assignment import is_assignment

        if is_assignment(path):
            self._open_assignment(path)
            return
        try:
            self.open_spec(read_spec(path))
        except UserError as error:
            self.refused.emit(error.sentence)

    def _open_assignment(self, path: Path) -> None:
        """Begins a teacher's questions, in this tab if nothing was done in it."""
        from core.errors import UserError

        page = self.front
        if page is None or not page.is_pristine:
            page = self.open_first()
        self.show_perspective("learn")

        def begin(page: Document = page) -> None:
            try:
                page.learn(path)
            except UserError as error:
                self.refused.emit(error.sentence)

        page.when_built(begin)

    def choose_preset(self) -> None:
        """Opens the gallery."""
        from app.window.gallery import Gallery
        from core.presets import PRESETS

        gallery = Gallery(PRESETS, self.tabs.window())
        gallery.chosen.connect(self.open_preset)
        gallery.table_wanted.connect(self.choose_table)
        gallery.finished.connect(gallery.deleteLater)
        gallery.open()

    def choose_table(self) -> None:
        """Asks for a CSV file and opens an experiment on it."""
        path = dialogs.table_to_open(self.tabs.window(), self.settings.folder)
        if path:
            self.settings.folder = str(Path(path).parent)
            self.open_table(path)

    def open_table(self, path: str) -> None:
        """Opens an experiment on a CSV file: the engine reads it, and fits output and loss."""
        from core.data.table import CsvTable
        from core.presets import FOR_TABLE

        spec = FOR_TABLE.model_copy(update={"name": Path(path).stem[:80] or FOR_TABLE.name})
        self.open_spec(spec).begin_with(CsvTable(path=path))

    def choose_file(self) -> None:
        """Asks for a file and opens it."""
        path = dialogs.file_to_open(self.tabs.window(), self.settings.folder)
        if path:
            self.open_path(path)

    def save(self, page: Document, *, then_close: bool = False) -> None:
        """Asks for a place and saves the weights there; closes the tab once they are written."""
        path = dialogs.file_to_save(self.tabs.window(), self.settings.folder, page.name)
        if path and self.tabs.indexOf(page) >= 0:
            self.settings.folder = str(Path(path).parent)
            page.save(path, then_close=then_close)

    def close(self, page: Document, ask: bool = True) -> bool:
        """Closes a tab; says whether it did.

        Args:
            page: The page, and not its index: others may close while a question is open.
            ask: Whether to ask what to do with what is not saved.
        """
        if ask and self.asks and page.is_unsaved:
            answer = dialogs.save_before_closing(self.tabs.window(), page.name)
            if answer is dialogs.Answer.SAVE:
                self.save(page, then_close=True)
            if answer is not dialogs.Answer.DISCARD:
                return False
        if self.tabs.indexOf(page) < 0:  # closed meanwhile
            return False
        page.area.remember_layout()
        self.tabs.removeTab(self.tabs.indexOf(page))
        page.close_engine()
        page.deleteLater()
        self.changed.emit()
        return True

    def close_all(self) -> bool:
        """Asks once for all that is unsaved, then closes every tab; says whether it did."""
        unsaved = [page.name for page in self.all if page.is_unsaved]
        if self.asks and unsaved and not dialogs.discard_all(self.tabs.window(), unsaved):
            return False
        while self.tabs.count():
            self.close(self._at(0), ask=False)
        return True

    def show_perspective(self, identifier: str) -> None:
        """Lays out the experiment in front for another activity, and remembers it."""
        self.letting_go.then(lambda: self._show_perspective(identifier))

    def close_front(self) -> None:
        """Closes the tab in front, if there is one."""
        self.letting_go.then(lambda: self.front and self.close(self.front))

    @property
    def shows_more(self) -> bool:
        """Whether all is shown that the perspective in use has."""
        return self.settings.shows_more(self.perspective)

    def toggle_more(self) -> None:
        """Shows all that the perspective in use has, or less again, and remembers it."""
        self.settings.set_more(self.perspective, on=not self.shows_more)
        self.show_perspective(self.perspective)

    def _show_perspective(self, identifier: str) -> None:
        self.perspective = self.settings.perspective = find(identifier).id
        self.perspective_changed.emit(self.perspective)
        self.more_changed.emit(self.shows_more)
        if self.front:
            self.front.show_perspective(self.perspective)

    def step(self, move: Callable[[StepBar], None]) -> None:
        """Moves the cursor in the recorded step of the experiment in front, where it is seen."""
        if self.front and self.front.area.is_built:
            if not self.front.area.shows("stepbar"):
                self.show_perspective("step")
            move(self.front.step_bar)

    def _show_question(self) -> None:
        """Shows what is asked of the person, in front of what hides it."""
        if self.front and self.front.area.is_built:
            if not self.front.area.shows("formula"):
                self.show_perspective("step")
            self.front.bring_question_forward()

    def show_by_formula(self, name: str) -> None:
        """Shows a panel in the experiment in front: where its formula is, as in a lesson."""
        if self.front and self.front.area.is_built:
            if not self.front.area.shows("formula"):
                self.show_perspective("step")
            self.front.bring_forward(name)

    def _at(self, index: int) -> Document:
        return cast("Document", self.tabs.widget(index))

    def _show_built(self, page: Document) -> None:
        # Said first, since only what is shown has the size that the layout is cut to.
        self.built.emit()
        page.show_perspective(self.perspective)
        self._follow(page)
        self.laid_out.emit()

    def _show_front(self) -> None:
        if self.front:
            self.front.show_perspective(self.perspective)
        self.changed.emit()

    def _follow(self, page: Document) -> None:
        """Keeps a tab's name, and says what is new in front."""
        index = self.tabs.indexOf(page)
        name = page.name.replace("&", "&&")
        if index >= 0 and self.tabs.tabText(index) != name:
            self.tabs.setTabText(index, name)
        if page is self.front:
            self.changed.emit()
