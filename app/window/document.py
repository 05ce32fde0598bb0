"""One experiment's page: its docks, its notices, and what of it is not saved yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.kit.layouts import in_column
from app.kit.scaling import Room
from app.kit.text import told
from app.link.keeping import Keeping
from app.link.second import second_run
from app.link.wondering import Wondered, wondering
from app.train.findings import FindingsLine
from app.window.dock_area import DockArea
from app.window.notices import NoticeBar, message_of, status_of
from core.messages.commands import AskWhy, Edit, LoadWeights, SaveWeights, SetNumber, Watch
from core.messages.edits import rename, set_data
from core.messages.events import Diverged, Event, Refused, Saved
from core.messages.orders import EpochOnce, StepOnce, Train
from core.messages.snapshot import RunState, Snapshot
from core.messages.surface_commands import ShowSurface

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.learn.panel import LearnPanel
    from app.link.bridge import Bridge
    from app.step.bar import StepBar
    from app.step.formula.view import FormulaView
    from app.step.lab.strip import LabStrip
    from app.window.settings import Settings
    from core.data.base import DataSource
    from core.messages.findings import Offer


_LEARNS = ("train", "step")
"""The perspectives in which one watches a network learn."""
_STEPS = ("step", "learn")
"""Those in which one steps through it."""
_MAKES = (Edit, SetNumber, Train, StepOnce, EpochOnce)
"""What makes something of an experiment."""


class Document(QWidget):
    """An open experiment.

    Attributes:
        notices: What it has to say.
        area: Its docks.
        lab: The strip of a broken experiment; None for one that never was.
    """

    snapshot_changed = Signal(object)
    said = Signal(str)
    saved = Signal()
    done_with = Signal()
    offered = Signal(object)
    """An Offer to be opened beside."""
    wondered = Signal()
    another_wanted = Signal(str)
    """The kind of the fault after which the next broken experiment is wanted."""
    questioned = Signal()
    """A number is asked for."""

    def __init__(self, bridge: Bridge, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("document")
        self.bridge = bridge
        self._keeping = Keeping()
        self._shown = bridge.snapshot
        self._opened = False
        self._awaited: DataSource | None = None
        self._closes_when_saved = False
        self._posed: object = None
        self.notices = NoticeBar(self)
        self.notices.accepted.connect(self._take)
        self.area = DockArea(bridge, settings, self)
        self.findings = FindingsLine(self)
        self.findings.tried.connect(self.offered)
        self.lab: LabStrip | None = None
        self._perspective = ""
        parts = self.notices, self.findings, (_roomy(self.area, self), 1)
        self._column = in_column(*parts, into=self, apart=0)
        self._rooms = [Room(self.notices)]
        bridge.snapshot_changed.connect(self._show)
        bridge.event_received.connect(self._hear)
        bridge.dispatched.connect(self._note_order)
        bridge.stage.changed.connect(self._note_lesson)
        wondering(bridge).wanted.connect(self.wondered)
        second_run(bridge).wanted.connect(lambda: self.bring_forward("second"))
        bridge.asking.changed.connect(self._note_question)

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
        """Whether closing it would lose anything: training, or changes of the experiment.

        Numbers set by hand stand in the experiment too, as do layers, data and rates.
        """
        return self._keeping.is_unsaved(self.snapshot)

    @property
    def step_bar(self) -> StepBar:
        """What moves the cursor in the recorded step."""
        return cast("StepBar", self.area.docks["stepbar"].fill())

    def learn(self, assignment: Path | None = None) -> None:
        """Begins the first lesson, or goes on with it; or else a teacher's questions.

        Raises:
            UserError: The file holds none.
        """
        panel = cast("LearnPanel", self.area.docks["lesson"].fill())
        if assignment is None:
            panel.open_first()
        else:
            panel.open_assignment(assignment)

    def when_built(self, do: Callable[[], None]) -> None:
        """Does it now, or as soon as the docks are there."""
        if self.area.is_built:
            do()
        else:
            self.area.built.connect(do, Qt.ConnectionType.SingleShotConnection)

    def show_perspective(self, identifier: str) -> None:
        """Lays the docks out for an activity; what ails the run is told where it learns."""
        self.findings.set_wanted(identifier in _LEARNS)
        self._perspective = identifier
        if self.lab is not None:
            self.lab.set_wanted(identifier in _STEPS)
        self.area.show_perspective(identifier)

    def show_why(self, number: Wondered | None) -> None:
        """Asks why a number is what it is; without one, the number at the cursor."""
        wondering(self.bridge).ask(number)

    def bring_question_forward(self) -> None:
        """Shows the question that is open, and gives it the keyboard."""
        self.area.bring_forward("formula", "formula")
        cast("FormulaView", self.area.docks["formula"].fill()).question.take_keys()

    def bring_forward(self, name: str) -> None:
        """Shows a panel in the place of the formula, and gives it the keyboard."""
        self.area.bring_forward(name, "formula")
        self.area.docks[name].fill().setFocus(Qt.FocusReason.OtherFocusReason)

    def save(self, path: str, *, then_close: bool = False) -> None:
        """Writes experiment and weights; ``saved`` says when, or ``done_with`` if it then closes.

        Where that is refused, it stays open.
        """
        self._closes_when_saved = then_close
        self.bridge.dispatch(SaveWeights(path))

    def begin_with(self, data: DataSource) -> None:
        """Chooses other data as if it had been opened with them."""
        self._awaited = data
        self.bridge.dispatch(set_data(data))

    def rename(self, name: str) -> None:
        """Gives the experiment a name of its own."""
        if name != self.name:
            self.bridge.dispatch(rename(name))

    def load(self, path: str) -> None:
        """Puts a saved experiment in the place of this one."""
        self._opened = True
        self.bridge.dispatch(LoadWeights(path))

    def close_engine(self) -> None:
        """Stops the experiment's threads and waits for them."""
        self.area.stop_building()
        self.bridge.close()

    def _show(self, snapshot: Snapshot) -> None:
        self._shown = snapshot
        if self._opened and snapshot.state not in (RunState.LOADING, RunState.RUNNING):
            self._opened = False
            self._keeping.keep(snapshot)
        if not self._keeping.is_begun or snapshot.spec.data == self._awaited:
            self._keeping.begin(snapshot.spec)
            self._awaited = None
        self.notices.show_snapshot(snapshot)
        if snapshot.spec.fault is not None and self.lab is None:
            self._show_lab()
        self.area.fit_data()
        self.findings.show_findings(self.notices.without_said(snapshot.findings))
        self.snapshot_changed.emit(snapshot)

    def _show_lab(self) -> None:
        """Puts the strip of the lab there; a sound experiment never needs it."""
        from app.step.lab.strip import LabStrip

        self.lab = LabStrip(self.bridge, self)
        self.lab.another_wanted.connect(self.another_wanted)
        self.lab.set_wanted(self._perspective in _STEPS)
        self._column.insertWidget(1, self.lab)
        self._rooms.append(Room(self.lab))

    def _note_question(self) -> None:
        posed = self.bridge.asking.posed
        is_new = posed is not None and posed is not self._posed
        self._posed = posed
        if is_new:
            self.questioned.emit()

    def _take(self, offer: Offer) -> None:
        """Makes an offered change here, where no step was taken yet."""
        for edit in offer.edits:
            self.bridge.dispatch(edit)

    def _note_order(self, command: object) -> None:
        if not isinstance(command, (Watch, ShowSurface, AskWhy)):  # sent by views themselves
            self.notices.forget_refusals()
        if isinstance(command, _MAKES) and self._perspective != "learn":
            self._keeping.note_own()

    def _note_lesson(self) -> None:
        if self.bridge.stage.columns:
            self._keeping.begin_lesson(self._shown)
        else:
            self._keeping.end_lesson(self.snapshot)

    def _hear(self, event: Event) -> None:
        message, status = message_of(event), status_of(event)
        if isinstance(event, Diverged) and self.bridge.stage.columns:
            message, status = None, told(event.explanation)  # the lesson has the word
        if message is not None:
            self.notices.show_message(message)
        if status:
            self.said.emit(status)
        if isinstance(event, Saved):
            self._keeping.keep(self.snapshot)
            self.saved.emit()
            if self._closes_when_saved:
                self.done_with.emit()
        elif isinstance(event, Refused):
            self._closes_when_saved = False


def _roomy(area: DockArea, parent: QWidget) -> QScrollArea:
    """With large text on a small screen docks are scrolled; none makes the window any larger."""
    scroll = QScrollArea(parent)
    scroll.setObjectName("document-scroll")
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidgetResizable(True)
    scroll.setWidget(area)
    return scroll
