"""Why is this number what it is? The answer in sentences, and as a tree of its pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.labels import bold, empty_page
from app.kit.layouts import in_column, in_row, named
from app.kit.segments import Segments
from app.kit.text import unbroken
from app.link.pacing import is_out_of_sight, single_shot
from app.link.spots import spot_of
from app.link.wondering import wondering
from app.step.why.answer import WhyPage, shown_history, shown_parts, shown_paths, shown_refusal
from app.step.why.subject import Matter, Nothing, Subject, is_same, subject_of
from app.step.why.tree import WhyTree
from core.debugger.why.parts import made_of
from core.debugger.why.place import NumberAt
from core.messages.commands import AskWhy, Command, RunToPlace, Visit, Watch
from core.messages.record import Entry, Phase
from core.messages.snapshot import Snapshot
from core.messages.surface_commands import ShowSurface
from core.messages.why import AboutNumber, AboutWeight, WhyAnswer

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from app.step.why.pieces import PieceRow
    from core.debugger.why.paths import GradientPaths
    from core.debugger.why.weight_history import WeightHistory

SETTLE_MS = 220
"""From the last change to the question: arrows have come to their end by then, and a person who
walks on asks nothing."""

_SHARED = ("weight_gradient", "bias_gradient")
_BY_THEMSELVES = (Watch, ShowSurface, AskWhy)
"""Commands that views send by themselves: no person has gone on."""


class WhyView(Restyled):
    """Follows the cursor, the weight picked, or a number that somebody asked about.

    From a piece one goes to the operation that made it, and the answer stays, so that one can go on
    to the next piece; it leaves when a person goes on in any other way.

    Attributes:
        matter: Whether the number at the cursor is asked about, or the weight picked.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("why")
        self._bridge, self._wondering = bridge, wondering(bridge)
        self.matter = Matter.NUMBER
        self._wanted: tuple[Subject, object] | None = None
        self._request = 0
        self._awaited: Subject | None = None
        self._is_held = self._is_going = False
        self._is_in_front = True
        self._selected, self._sample = bridge.focus.selected, bridge.focus.sample
        self._settled = single_shot(self, SETTLE_MS, self._ask)
        self._make_parts()
        self._lay_out()
        self._restyle()
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.dispatched.connect(self._follow_order)
        bridge.focus.changed.connect(self._refocus)
        self._wondering.wanted.connect(self._ask_at_once)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows an answer that has come; asks about another number when all is still."""
        if is_out_of_sight(self) or not self._is_in_front:
            return
        if self._bridge.asking.is_open:  # what the number comes from would give it away
            self._release()
            self._wanted = self._awaited = None
            self._show_nothing(self.tr("Answer the open question first."))
            return
        if snapshot.why is not None and snapshot.why.request == self._request:
            self._take(snapshot, snapshot.why)
        if self._is_held:
            return
        focus = self._bridge.focus
        subject = subject_of(snapshot, focus, self._wondering.number, self.matter)
        wanted = subject, _moment(snapshot, subject)
        before = self._wanted
        self._back.setVisible(self._wondering.number is not None)
        if before is not None and is_same(before[0], subject) and before[1] == wanted[1]:
            return
        self._wanted, self._awaited = wanted, None
        if isinstance(subject, Nothing):
            self._show_nothing(subject.words)
        else:
            self._settled.start()

    def choose(self, matter: str) -> None:
        """Asks about the number at the cursor, or about the weight picked."""
        self.matter = Matter(matter)
        self.switch.show_choice(matter)
        self._release()
        self._ask_at_once()

    def set_in_front(self, *, on: bool) -> None:
        """Catches up in front of its tabs; behind them it asks nothing and lights nothing."""
        self._is_in_front = on
        if on:
            self.show_snapshot(self._bridge.snapshot)
        else:
            self._rest()

    def text(self) -> str:
        """The whole answer, to be copied or read aloud."""
        said = (self.heading.text(), self.whose.text(), self.sentences.text(), self.tree.text())
        return "\n".join(part for part in said if part).replace("\u2060", "")

    def showEvent(self, event: QShowEvent) -> None:
        """Catches up."""
        super().showEvent(event)
        self.show_snapshot(self._bridge.snapshot)

    def hideEvent(self, event: QHideEvent) -> None:
        """Asks nothing and lights nothing while nobody looks."""
        self._rest()
        super().hideEvent(event)

    def _rest(self) -> None:
        self._settled.stop()
        self._wanted = None
        self._bridge.focus.light(())

    def _ask_at_once(self) -> None:
        """A person has asked: it need not wait."""
        focus = self._bridge.focus
        self._is_held, self._selected, self._sample = False, focus.selected, focus.sample
        self.show_snapshot(self._bridge.snapshot)
        if self._settled.isActive():
            self._settled.stop()
            self._ask()

    def _ask(self) -> None:
        """What is a step's own arithmetic is told here; all else the engine works out."""
        subject = self._wanted[0] if self._wanted is not None else None
        if isinstance(subject, AboutNumber) and subject.entry.phase is not Phase.BACKWARD:
            found = made_of(subject.record, subject.entry, subject.index, subject.sample)
            self._show(shown_parts(subject, found))
        elif isinstance(subject, AboutNumber | AboutWeight):
            self._request += 1
            self._awaited = subject
            self._bridge.dispatch(AskWhy(self._request, subject))

    def _take(self, snapshot: Snapshot, answer: WhyAnswer) -> None:
        """Shows the answer to the newest question, once."""
        subject, self._awaited = self._awaited, None
        if subject is None or isinstance(subject, Nothing):
            return
        if answer.refused is not None:
            self._show(shown_refusal(answer.refused))
        elif isinstance(subject, AboutNumber):
            self._show(shown_paths(subject, cast("GradientPaths", answer.found)))
        else:
            found = cast("WeightHistory", answer.found)
            self._show(shown_history(snapshot, subject, found))

    def _show(self, shown: WhyPage) -> None:
        self.heading.setText(unbroken(shown.heading))
        self.whose.setText(shown.whose)
        self.whose.setVisible(bool(shown.whose))
        self.sentences.setText(unbroken(shown.sentences))
        for label in (self.heading, self.sentences):
            label.setToolTip(shown.digits)
        self.tree.show_pieces(shown.pieces)
        self.tree.setVisible(bool(shown.pieces))
        self.empty.hide()
        self._page.show()

    def _show_nothing(self, words: str) -> None:
        self._settled.stop()
        self.heading.clear()
        self.empty.setText(words)
        self._page.hide()
        self.tree.show_pieces(())
        self._bridge.focus.light(())
        self.empty.show()

    def _follow_order(self, command: Command) -> None:
        """A person goes on: the cursor is followed again."""
        if not self._is_going and not isinstance(command, _BY_THEMSELVES):
            self._release()

    def _refocus(self) -> None:
        """Another place is picked, or another sample."""
        focus = self._bridge.focus
        moved = focus.selected != self._selected
        if not self._is_going and (moved or (self._is_held and focus.sample != self._sample)):
            self._selected, self._sample = focus.selected, focus.sample
            self._release()
        self.show_snapshot(self._bridge.snapshot)

    def _release(self) -> None:
        """Follows again what is looked at."""
        self._is_held = False
        self._wondering.forget()

    def _return(self) -> None:
        self._release()
        self._ask_at_once()

    def _go(self, at: NumberAt) -> None:
        """Goes to where a number was made, in whichever step, and looks at it there."""
        bridge, focus = self._bridge, self._bridge.focus
        stepping = bridge.snapshot.stepping
        self._is_going = self._is_held = True
        if stepping is not None:
            self._look_at(stepping.record.entries[at.entry], at)
        if stepping is None or stepping.record.step != at.step:
            bridge.dispatch(Visit(at.step - 1))
        bridge.dispatch(RunToPlace(at.entry))
        self._selected, self._sample = focus.selected, focus.sample
        self._is_going = False
        self._settled.stop()
        self._back.show()

    def _look_at(self, entry: Entry, at: NumberAt) -> None:
        """Has all views show the number, of its sample."""
        focus = self._bridge.focus
        if entry.per_sample or entry.kind in _SHARED:
            focus.pick_sample(at.sample)
        first = (at.sample or 0,) if entry.per_sample else ()
        spot = spot_of(entry.writes, (*first, *at.index))
        if spot is not None:
            focus.select(spot)

    def _light(self, piece: PieceRow | None) -> None:
        self._bridge.focus.light(piece.places if piece is not None else ())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def _make_parts(self) -> None:
        tr = self.tr
        self.heading = bold(named(QLabel(self), "why.heading"))
        self.whose = named(QLabel(self), "why.whose")
        self.sentences = named(QLabel(self), "why.sentences", tr("The answer in words"))
        for label in (self.heading, self.whose, self.sentences):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        choices = (
            (Matter.NUMBER, tr("Number"), tr("Ask about the number at the cursor")),
            (Matter.WEIGHT, tr("Weight"), tr("Ask about the weight picked, or a neuron's bias")),
        )
        self.switch = Segments("why.matter", tr("What to ask about"), choices, self)
        self.switch.show_choice(self.matter)
        self.switch.chosen.connect(self.choose)
        self.tree = WhyTree(self)
        self.setFocusProxy(self.tree)
        policy = self.tree.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # words stay at the top where there are no rows
        self.tree.setSizePolicy(policy)
        self.tree.pointed.connect(self._light)
        self.tree.gone.connect(self._go)
        self._make_buttons()
        self.empty = empty_page("why.empty", "", self)
        self.empty.setMargin(theme.space(2))

    def _make_buttons(self) -> None:
        tr = self.tr
        self._copy_button = named(
            QPushButton(tr("Copy as text"), self), "why.copy", tip=tr("Copy all rows that are open")
        )
        self._copy_button.clicked.connect(self._copy)
        tip = tr("Ask about what is looked at now, and no more about this number")
        self._back = named(QPushButton(tr("Follow the cursor"), self), "why.back", tip=tip)
        self._back.clicked.connect(self._return)
        self._back.hide()

    def _lay_out(self) -> None:
        self._page = QWidget(self)
        buttons = in_row(self._copy_button, self._back, None, apart=1)
        in_column(
            self.whose, 0.5, self.sentences, 0.5, (self.tree, 1), 0.5, buttons,
            into=self._page, around=(1.5, 0, 1.5, 1), apart=0.5,
        )  # fmt: skip
        top = in_row((self.heading, 1), self.switch, around=(1.5, 1, 1.5, 0), apart=1)
        in_column(top, (self._page, 1), (self.empty, 1), into=self, apart=0.5)
        self._page.hide()

    def _restyle(self) -> None:
        dim = f"color: {theme.current().text_dim};"
        if self.whose.styleSheet() != dim:
            self.whose.setStyleSheet(dim)


def _moment(snapshot: Snapshot, subject: Subject) -> object:
    """What else the answer about a weight hangs on: after which step, and what it is there."""
    if not isinstance(subject, AboutWeight):
        return None
    stepping, values = snapshot.stepping, snapshot.values
    found = None
    if stepping is not None:
        found = stepping.record.arrays.get(f"p:{subject.parameter}")
    elif values is not None:
        found = values.parameters.get(subject.parameter)
    value = float(found[subject.index]) if found is not None else None
    return snapshot.progress.step, value
