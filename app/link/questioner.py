"""Which number is asked for: the one that a person wants, or what they missed before."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypedDict

from PySide6.QtCore import QObject, Signal

from app.link.answers import answer_book
from app.link.spots import NumberPlace, index_in, sample_in, shown_index, spot_of
from core.errors import UserError
from core.messages.commands import AskWhy, Command, Next, Watch
from core.messages.record import Entry, Record, Stepping
from core.messages.scope import is_per_sample, is_shared
from core.messages.surface_commands import ShowSurface
from core.questions.mastery import Answered, levels_in_turn, most_due

if TYPE_CHECKING:
    from app.link.asking import Asking
    from app.link.focus import Focus, Spot
    from core.questions.posing import Posed
    from core.sentence import Sentence

NOW_AND_THEN = 5
"""Presses of Next from one question to the next, where a person wants one now and then."""
_LOOKED_AT = 24
"""So many numbers of an operation are looked through for one that is not 0."""


class _Arguments(TypedDict):
    """Those of ``Asking.check`` and ``Asking.ask_for``."""

    entry: Entry
    index: tuple[int, ...]
    sample: int | None
    key: str


class AskMode(StrEnum):
    """How often stepping asks."""

    NEVER = "never"
    SOMETIMES = "sometimes"
    ALWAYS = "always"


class Questioner(QObject):
    """Asks about the number just reached, before it is shown, and keeps what was answered.

    Attributes:
        mode: How often.
    """

    mode_changed = Signal()
    refused = Signal(object)
    """A Sentence: why what a person wants cannot be asked, or kept."""

    def __init__(self, asking: Asking, focus: Focus, parent: QObject) -> None:
        super().__init__(parent)
        self.mode = AskMode.NEVER
        self._asking, self._focus = asking, focus
        self._steps_on = False
        self._presses = 0
        self._awaited: tuple[str, tuple[int, ...], int | None, str] | None = None
        self._asked: tuple[Record | None, set[int]] = (None, set())
        asking.arrival = self._at_arrival
        asking.changed.connect(self._point_out)
        asking.ended.connect(self._keep)

    def set_mode(self, mode: AskMode) -> None:
        """Asks so often from now on."""
        if mode is self.mode:
            return
        self.mode, self._presses = mode, 0
        if mode is not AskMode.NEVER:
            import core.questions.posing  # noqa: F401 - not amid the first press of Next
        self.mode_changed.emit()

    def why_not(self, number: NumberPlace | None) -> Sentence | None:
        """What speaks against working a number out; None where nothing does."""
        try:
            self._asking.check(**self._place(number))
        except UserError as error:
            return error.sentence
        return None

    def work_out(self, number: NumberPlace | None) -> None:
        """Asks for a number, all of it; says why where that cannot be."""
        try:
            self._asking.ask_for(**self._place(number))
        except UserError as error:
            self.refused.emit(error.sentence)

    def shown_at(self, spot: Spot) -> NumberPlace | None:
        """The number of a place that was computed last; None where none is yet."""
        stepping = self._asking.stepping
        if stepping is None:
            return None
        for entry in reversed(stepping.record.entries[: stepping.place.entry + 1]):
            is_of_edge = entry.parameter.endswith(".weight")
            index = index_in(entry, spot) if is_of_edge == (spot.source is not None) else None
            if index is not None:
                return NumberPlace(entry.writes, index, self._whose(stepping.record, entry))
        return None

    def shown_now(self) -> NumberPlace | None:
        """The number that the formula is about."""
        stepping = self._asking.stepping
        entry = stepping.entry if stepping is not None else None
        if stepping is None or entry is None:
            return None
        index = shown_index(entry, stepping.index, self._focus)
        return NumberPlace(entry.writes, index, self._whose(stepping.record, entry))

    def ask_at(self, key: str, index: tuple[int, ...], sample: int | None, state: str = "") -> None:
        """Asks for a number wherever the step gets to it next, before it is shown.

        Args:
            key: Of what its operation computes.
            index: Its place in the operation's shape.
            sample: Its place in the batch; None for the whole batch.
            state: The key of an optimizer's state, where that is asked for.
        """
        import core.questions.posing  # noqa: F401 - not amid the step's coming

        self._awaited = (key, index, sample, state)

    def ask_here(
        self, key: str, index: tuple[int, ...], sample: int | None, state: str = ""
    ) -> None:
        """Asks for it where the step stands already; says why where that cannot be."""
        self._awaited = None
        stepping = self._asking.stepping
        entry = stepping.entry if stepping is not None else None
        if stepping is None or entry is None or entry.writes != stepping.record.canonical(key):
            return
        try:
            self._asking.ask_for(entry, index, sample, key=state)
        except UserError as error:
            self.refused.emit(error.sentence)

    def ask_nowhere(self) -> None:
        """Waits for no number any more."""
        self._awaited = None

    def _at_awaited(self, now: Stepping) -> Posed | None:
        """The question that a lesson waits with, once the step is there."""
        if self._awaited is None or now.entry is None:
            return None
        key, index, sample, state = self._awaited
        if now.entry.writes != now.record.canonical(key) or not now.entry.has(index):
            return None
        from core.questions.levels import AskLevel
        from core.questions.posing import Posed
        from core.questions.question import ask

        self._awaited = None
        try:
            question = ask(now.record, now.entry, index, sample, key=state)
        except UserError:
            return None  # NaN is nothing to work out
        return Posed(question, AskLevel.NUMBER, now.known(now.entry.writes))

    def ask_next(self) -> None:
        """Asks for another number of those computed: what was missed before comes first."""
        try:
            self._ask_next()
        except UserError as error:
            self.refused.emit(error.sentence)

    def _ask_next(self) -> None:
        stepping, asked = self._asking.stepping, self._asking.question
        if stepping is None:
            raise _nothing()
        reached = stepping.record.entries[: stepping.place.entry + 1]
        others = [one for one in reached if asked is None or one is not asked.entry]
        entry = self._most_due(others or reached, stepping, always=True)
        posed = self._posed(stepping, entry) if entry is not None else None
        if posed is None:
            raise _nothing()
        self._asking.pose(posed.question, posed.level)

    def _place(self, number: NumberPlace | None) -> _Arguments:
        """The entry that computes a number; of a state that of its update."""
        stepping = self._asking.stepping
        if stepping is None or number is None:
            raise _nothing()
        key, record = number.key, stepping.record
        kind, _, rest = key.partition(":")
        wanted = record.canonical(key)
        if kind in ("s'", "hat", "step", "after"):
            wanted = f"after:{rest.partition(':')[0]}"
        entry = next((one for one in record.entries if one.writes == wanted), None)
        if entry is None:
            raise UserError("This number is given: there is nothing to work out.")
        state = key if kind in ("s'", "hat") else ""
        return {"entry": entry, "index": number.index, "sample": number.sample, "key": state}

    def _whose(self, record: Record, entry: Entry) -> int | None:
        shares = is_per_sample(entry.writes) or is_shared(entry.writes)
        return sample_in(record, self._focus.sample) if shares else None

    def note(self, command: Command) -> None:
        """Hears each command that is sent. Only Next asks: who goes to a place wants to see it."""
        if not isinstance(command, (Watch, ShowSurface, AskWhy)):  # sent by views themselves
            self._steps_on = isinstance(command, Next)

    def _at_arrival(self, before: Stepping | None, now: Stepping) -> Posed | None:
        """What to ask before a place is shown; called by Asking, amid the following."""
        awaited = self._at_awaited(now)
        if awaited is not None:
            return awaited
        if self.mode is AskMode.NEVER or not self._steps_on or not _is_on(before, now):
            return None
        self._steps_on = False
        if self._asked[0] is not now.record:
            self._asked = (now.record, set())
        self._presses += 1
        is_often = self.mode is AskMode.ALWAYS
        if not is_often and self._presses < NOW_AND_THEN:
            return None
        fresh = range(_first_new(before, now), now.place.entry + 1)
        entries = [now.record.entries[i] for i in fresh if i not in self._asked[1]]
        entry = self._most_due(entries, now, always=is_often)
        posed = self._posed(now, entry) if entry is not None else None
        if posed is not None:
            self._presses = 0
            self._asked[1].add(now.record.entries.index(posed.question.entry))
        return posed

    def _most_due(
        self, entries: Sequence[Entry], stepping: Stepping, *, always: bool
    ) -> Entry | None:
        """The operation to ask about, if any; where all were right lately, the one last asked."""
        known = answer_book().tallies
        usable = [one for one in entries if stepping.known(one.writes) != 0]
        kinds = [one.kind for one in usable]
        kind = most_due(kinds, known)
        if kind is None and always and kinds:
            kind = min(kinds, key=lambda one: known[one].last)
        return next((one for one in usable if one.kind == kind), None)

    def _posed(self, stepping: Stepping, entry: Entry) -> Posed | None:
        """The simplest number of an operation, in the way that its kind has come to."""
        from core.questions.posing import Posed
        from core.questions.question import ask

        record, known = stepping.record, stepping.known(entry.writes)
        sample = self._whose(record, entry)
        index = self._index(stepping, entry, sample)
        try:
            question = ask(record, entry, index, sample)
        except UserError:
            return None  # a run gone astray: NaN is nothing to work out
        levels = levels_in_turn(answer_book().tallies.get(entry.kind))
        found = (Posed(question, level, known) for level in levels)
        return next(one for one in found if one.is_possible)

    def _index(self, stepping: Stepping, entry: Entry, sample: int | None) -> tuple[int, ...]:
        """The number computed last; else what is picked; else the first that is not 0."""
        if entry is stepping.entry and stepping.index is not None:
            return stepping.index
        selected = self._focus.selected
        picked = index_in(entry, selected[-1]) if selected else None
        if picked is not None:
            return picked
        array = stepping.record.arrays[entry.writes]
        values = array[sample or 0] if is_per_sample(entry.writes) else array
        places = map(entry.index_of, range(min(entry.count, _LOOKED_AT)))
        return next((place for place in places if values[place]), entry.index_of(0))

    def _point_out(self) -> None:
        """The number asked for is picked in every view."""
        question = self._asking.question
        if question is None:
            return
        first = (question.sample or 0,) if is_per_sample(question.key) else ()
        spot = spot_of(question.key, (*first, *question.index))
        if spot is not None:
            self._focus.select(spot)

    def _keep(self, answered: Answered) -> None:
        try:
            answer_book().add(answered)
        except UserError as error:
            self.refused.emit(error.sentence)


def _is_on(before: Stepping | None, now: Stepping) -> bool:
    """Whether a person went on, and did not go back."""
    if before is None or before.record is not now.record:
        return now.place.entry >= 0 and (before is None or before.record.step <= now.record.step)
    return (now.place.entry, now.place.number) > (before.place.entry, before.place.number)


def _first_new(before: Stepping | None, now: Stepping) -> int:
    """The first operation of which something has been computed since."""
    if before is None or before.record is not now.record or before.entry is None:
        return 0
    return before.place.entry + (before.place.number >= before.entry.count)


def _nothing() -> UserError:
    return UserError("Nothing is computed yet.", "Press Next (.) for the first number.")
