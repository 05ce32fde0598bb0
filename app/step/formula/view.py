"""The arithmetic of the number that the cursor just computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.kit import theme
from app.kit.layouts import in_row
from app.kit.more import folds_before_room
from app.link.operations import phase_name
from app.link.pacing import is_out_of_sight
from app.link.spots import number_of, sample_in, shown_index, spot_of
from app.link.work_out_row import open_menu
from app.step.formula.card import FormulaCard
from app.step.formula.chain_strip import ChainStrip
from app.step.formula.telling import PlainSentence, Telling, TellingSwitch
from app.step.formula.whose import SHARED, how_to_begin, whose
from app.step.question.panel import QuestionPanel
from app.step.words import entry_name
from core.debugger.formulas.chain import Link, chain
from core.debugger.formulas.explain import explain
from core.debugger.sentences.say import say
from core.messages.commands import RunToPlace
from core.messages.record import Entry, Record, Stepping
from core.messages.snapshot import RunState, Snapshot
from core.questions.levels import AskLevel

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.debugger.formulas.formula import Factor, Formula
    from core.questions.posing import Posed

_ROOMY = ((84, 1.5), (68, 1.25))
"""From which width on, in units of the grid, letters are so much larger: by steps, so that nothing
flows anew with each pixel."""
_Shown = tuple[Stepping | None, RunState, tuple[int, ...], int | None, object]


class FormulaView(QWidget):
    """A heading in words, then the number in a plain sentence, in symbols, or both; while nothing
    is computed, how to begin.

    Attributes:
        telling: In which of them.
    """

    choice_made = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("formula")
        self._bridge = bridge
        self._shown: _Shown | None = None
        self._chained: Record | None = None
        self._asked_for: Posed | None = None
        self._walked: tuple[Link, ...] = ()
        self.telling = Telling.BOTH
        self._is_warm = False
        self._make_parts()
        self._lay_out()
        self._restyle()
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.dispatched.connect(self.card.drawer.make_way)
        bridge.focus.changed.connect(self._refocus)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Explains the number computed last, or the picked one of those computed together."""
        if is_out_of_sight(self):
            return
        stepping, focus = snapshot.stepping, self._bridge.focus
        entry = stepping.entry if stepping is not None else None
        if stepping is None or entry is None:
            self._show_nothing(stepping, snapshot.state)
            return
        index = shown_index(entry, stepping.index, focus)
        sample = sample_in(stepping.record, focus.sample)
        asked = self._bridge.asking.about(entry)
        if asked is not None:
            index, sample = asked.question.index, asked.question.sample
        shown = (stepping, snapshot.state, index, sample, asked)
        if shown == self._shown:
            return
        self._shown = shown
        self.empty.hide()
        self._show_heading(stepping, entry, index, sample)
        formula = explain(stepping.record, entry, index, sample)
        is_said = self.telling is not Telling.SYMBOLS and asked is None
        saying = say(stepping.record, entry, index, sample, formula) if is_said else None
        self.sentence.setVisible(is_said)
        self.sentence.show_saying(saying)
        self.card.show_formula(formula if self._shows_card(asked) else None)
        links: tuple[Link, ...] = ()
        if self.telling is not Telling.PLAIN and asked is None:
            links = chain(stepping.record, entry, index, sample, formula)
        self._show_chain(stepping.record, entry, links)
        self.page.show()

    def choose(self, telling: str) -> None:
        """Tells numbers in another way; what is no way of telling changes nothing."""
        if telling not in list(Telling) or telling == self.telling:
            return
        self.telling = Telling(telling)
        self.switch.show_choice(telling)
        self.sentence.setVisible(self.telling is not Telling.SYMBOLS)
        self._put_away()
        self._shown = None
        self.show_snapshot(self._bridge.snapshot)

    def _shows_card(self, asked: Posed | None) -> bool:
        """Whether symbols are shown: to a person who works a number out, unless it is those that
        they put together."""
        if asked is None or not self._bridge.asking.is_open:
            return asked is not None or self.telling is not Telling.PLAIN
        return asked.level is not AskLevel.CHAIN

    def _put_away(self) -> None:
        self.card.show_formula(None)
        self.chain.show_chain(())

    def _choose(self, telling: str) -> None:
        self.choose(telling)
        self.choice_made.emit(telling)

    def _formulas_ahead(self) -> Iterator[Formula]:
        """What Next will show: the next number, and the next operation."""
        stepping = self._bridge.snapshot.stepping
        if stepping is None or self.telling is Telling.PLAIN:
            return
        record, place = stepping.record, stepping.place
        entry, sample = stepping.entry, sample_in(record, self._bridge.focus.sample)
        if entry is not None and place.number < entry.count:
            yield explain(record, entry, entry.index_of(place.number), sample)
        for following in record.entries[place.entry + 1 : place.entry + 2]:
            index = shown_index(following, None, self._bridge.focus)
            yield explain(record, following, index, sample)

    def _show_chain(self, record: Record, entry: Entry, links: tuple[Link, ...]) -> None:
        """The chain that leads to the number; one that leads on from it stays, so that one can
        walk along it."""
        if record is not self._chained:
            self._walked, self._chained = (), record
        for longer in (self._walked, self.chain.links):
            ahead = longer[:1] if entry.kind == "loss" else links
            if ahead and ahead == longer[: len(ahead)]:
                self.chain.show_chain(longer, len(ahead) - 1)
                return
        self.chain.show_chain(links)

    def _go(self, link: Link) -> None:
        """Goes to where a number of the chain is computed, and looks at it there."""
        stepping = self._bridge.snapshot.stepping
        if stepping is None:
            return
        # What is picked is looked at for a moment where one still stands, with another chain.
        self._walked = self.chain.links
        entry, focus = stepping.record.entries[link.entry], self._bridge.focus
        if entry.per_sample or entry.kind in SHARED:
            focus.pick_sample(link.sample)
        first = (link.sample or 0,) if entry.per_sample else ()
        spot = spot_of(entry.writes, (*first, *link.index))
        if spot is not None:
            focus.select(spot)
        if not link.number.key:
            self.card.open_chain()
        self._bridge.dispatch(RunToPlace(link.entry))

    def _open_menu(self, factor: Factor | None, at: QPoint) -> None:
        """Of a number that the formula reads."""
        number = number_of(factor.key, factor.index) if factor is not None else None
        open_menu(self.card.terms, self._bridge.questioner, number, at)

    def _show_question(self) -> None:
        """A question that has come is in sight, however far the panel was scrolled."""
        posed = self._bridge.asking.posed
        if posed is not self._asked_for:
            self._asked_for = posed
            self.question.asks_on = not self._bridge.stage.columns
            self.page.verticalScrollBar().setValue(0)

    def _refocus(self) -> None:
        self.show_snapshot(self._bridge.snapshot)

    def showEvent(self, event: QShowEvent) -> None:
        """Catches up; at first has what draws formulas loaded."""
        super().showEvent(event)
        if not self._is_warm:
            self._is_warm = True
            self.card.drawer.warm_up()
        self.show_snapshot(self._bridge.snapshot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Formulas grow with the room."""
        super().resizeEvent(event)
        room = self.width() / theme.space()
        factor = next((factor for least, factor in _ROOMY if room >= least), 1.0)
        for part in (self.card, self.sentence):
            part.magnify(factor)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _make_parts(self) -> None:
        self.heading = QLabel(self)
        self.heading.setObjectName("formula.heading")
        self.heading.setWordWrap(True)
        font = self.heading.font()
        font.setBold(True)
        self.heading.setFont(font)
        self.whose = QLabel(self)
        self.whose.setObjectName("formula.whose")
        self.whose.setWordWrap(True)
        self.switch = TellingSwitch(self)
        self.switch.show_choice(self.telling)
        self.switch.chosen.connect(self._choose)
        folds_before_room(self.switch)
        self.question = QuestionPanel(self._bridge.asking, self)
        self._bridge.asking.changed.connect(self._show_question)
        self.question.next_wanted.connect(self._bridge.questioner.ask_next)
        self.sentence = PlainSentence(self)
        self.chain = ChainStrip(self)
        self.chain.picked.connect(self._go)
        self.card = FormulaCard("formula", self._bridge.focus, self)
        self.card.drawer.ahead = self._formulas_ahead
        self.card.terms.menu_wanted.connect(self._open_menu)
        self.empty = QLabel(self)
        self.empty.setObjectName("formula.empty")
        self.empty.setWordWrap(True)
        self.empty.setMargin(theme.space(2))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.page = QScrollArea(self)
        self.page.setObjectName("formula.scroll")
        self.page.setWidgetResizable(True)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(*[theme.space(1.5)] * 4)
        column.setSpacing(theme.space(0.5))
        column.addLayout(in_row((self.heading, 1), self.switch, apart=1))
        column.addWidget(self.whose)
        column.addSpacing(theme.space(0.5))
        column.addWidget(self.question)
        column.addWidget(self.sentence)
        column.addSpacing(theme.space(0.5))
        column.addWidget(self.chain)
        column.addWidget(self.card)
        column.addStretch()
        self.page.setWidget(inside)
        for widget in (self.page.viewport(), inside):
            widget.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.page, 1)
        outer.addWidget(self.empty, 1)

    def _show_heading(
        self, stepping: Stepping, entry: Entry, index: tuple[int, ...], sample: int | None
    ) -> None:
        heading = self.tr("{phase} · {operation}")
        self.heading.setText(
            heading.format(phase=phase_name(entry.phase), operation=entry_name(entry))
        )
        self.whose.setText(whose(stepping, entry, index, sample))

    def _show_nothing(self, stepping: Stepping | None, state: RunState) -> None:
        shown = (stepping, state, (), None, None)
        if shown == self._shown:
            return
        self._shown = shown
        self.page.hide()
        self._put_away()
        self.empty.setText(how_to_begin(stepping, state))
        self.empty.show()

    def _restyle(self) -> None:
        dim = f"color: {theme.current().text_dim};"
        self.whose.setStyleSheet(dim)
        self.empty.setStyleSheet(dim)
