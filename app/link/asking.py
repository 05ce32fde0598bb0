"""The number that a person is working out, and what is kept from all views meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.errors import UserError
from core.expression.hidden import HIDDEN
from core.messages.curves import Curve, Curves
from core.messages.hiding import as_it_stood, without
from core.messages.record import Entry, Hidden, Phase, Stepping
from core.messages.snapshot import Snapshot
from core.messages.surface_views import Survey
from core.questions.levels import AskLevel
from core.questions.mastery import Answered
from core.sentence import Sentence

if TYPE_CHECKING:
    from core.questions.judge import Judgement
    from core.questions.posing import Posed
    from core.questions.question import Question


class Asking(QObject):
    """The one open question of an experiment; its bridge owns it and shows views what it leaves.

    A question is open until it is answered rightly or its number is shown. It stays, to be looked
    at, until another is posed, it is closed, or the step moves on: then it ends by itself.
    ``answered`` carries the Judgement of an answer; ``ended`` what became of a question, for the
    record: as soon as its number is told, or it ends after an answer.

    Attributes:
        arrival: Asked wherever the step has moved, from where and to where: what to pose there
            before it is shown, or None.
        question: What is asked, or was asked last; None where nothing is.
        posed: The same in its way, with what is offered; None likewise.
        judgement: Of the newest answer to it.
        tries: How many answers it has had.
        typed: The newest of them, as it was typed.
        hints: Those that a person has looked at.
        is_open: Whether its number is still to be worked out, and hidden.
        is_given_up: Whether the person had it shown.
    """

    changed = Signal()
    answered = Signal(object)
    ended = Signal(object)
    veil_changed = Signal()
    """Views are to be shown more, or less; comes before ``changed``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.arrival: Callable[[Stepping | None, Stepping], Posed | None] = lambda _a, _b: None
        self._stepping: Stepping | None = None
        self._unsaid: list[Answered] = []
        self._slips: set[str] = set()
        self._seen: Snapshot | None = None
        self._veiled: Snapshot | None = None
        self._without: Stepping | None = None
        self._is_news = self._keeps_loss = self._keeps_ahead = False
        self._ahead: tuple[Survey | None, Survey] = (None, Survey())
        self._begin(None)

    def _clear(self) -> None:
        if self.is_open and self.tries:
            self._note_end()
        self._begin(None)

    def _begin(self, posed: Posed | None) -> None:
        self.question: Question | None = posed.question if posed is not None else None
        self.posed = posed
        self.judgement: Judgement | None = None
        self.tries = 0
        self.typed = ""
        self.hints: tuple[Sentence, ...] = ()
        self.is_open = posed is not None
        self.is_given_up = False
        self._slips = set()
        self._veiled = self._without = None

    @property
    def stepping(self) -> Stepping | None:
        """The step as it is, with the number that views do not get."""
        return self._stepping

    @property
    def hides_loss(self) -> bool:
        """Whether the loss is among what is asked for, so that no curve may show it."""
        question = self.question if self.is_open else None
        return self._keeps_loss or (question is not None and question.entry.phase is Phase.LOSS)

    def keep_loss(self, *, back: bool) -> None:
        """Shows no loss, or shows it again: a lesson is about to ask for it."""
        if back != self._keeps_loss:
            self._keeps_loss = back
            self._tell()

    @property
    def more_hints(self) -> int:
        """How many hints there are still."""
        return len(self._all_hints) - len(self.hints)

    def ask_for(
        self,
        entry: Entry,
        index: tuple[int, ...],
        sample: int | None,
        *,
        key: str = "",
        level: AskLevel = AskLevel.NUMBER,
    ) -> Question:
        """Poses a question about a number of the step that is recorded.

        Args:
            entry: The operation that computes it.
            index: Its place in ``entry.shape``.
            sample: Its place in the batch; None for the whole batch.
            key: Of an optimizer's state; else what the entry writes.
            level: In which way to ask.

        Raises:
            UserError: There is nothing to work out: it is not computed yet, or no finite number.
        """
        question = self.check(entry, index, sample, key=key)
        self.pose(question, level)
        return question

    def about(self, entry: Entry) -> Posed | None:
        """The question, where it is about a number of that operation."""
        is_its = self.question is not None and self.question.entry is entry
        return self.posed if is_its else None

    def keep_ahead(self, *, back: bool) -> None:
        """Shows no way downhill and no next place, or shows them again: a lesson asks for them."""
        if back != self._keeps_ahead:
            self._keeps_ahead = back
            self._tell()

    def without_ahead(self, survey: Survey) -> Survey:
        """What pictures of the loss may show of it."""
        if not self._keeps_ahead:
            return survey
        if survey is not self._ahead[0]:
            paths = tuple(
                replace(path, next=None, next_loss=None, descent=None) for path in survey.paths
            )
            self._ahead = survey, replace(survey, paths=paths)
        return self._ahead[1]

    def check(
        self, entry: Entry, index: tuple[int, ...], sample: int | None, *, key: str = ""
    ) -> Question:
        """The question that :meth:`ask_for` would pose; raises what it would."""
        from core.questions.question import ask  # and all that explains a number, with it

        stepping = self._stepping
        if stepping is None or not _is_there(stepping, entry, index):
            raise UserError(
                "This number is not computed yet.", "Step to it first, then work it out."
            )
        alone = sample is None and entry.per_sample and stepping.record.samples == 1
        return ask(stepping.record, entry, index, 0 if alone else sample, key=key)

    def pose(self, question: Question, level: AskLevel = AskLevel.NUMBER) -> None:
        """Asks for a number of the step that is recorded, and hides it; another question ends.

        In a way that the number has not, it is asked for itself.

        Raises:
            ValueError: The question is about another step.
        """
        from core.questions.posing import Posed  # and torch with it

        if self._stepping is None or question.record is not self._stepping.record:
            raise ValueError(question.record.step)
        self._clear()
        posed = Posed(question, level, self._stepping.known(question.entry.writes))
        self._begin(posed if posed.is_possible else replace(posed, level=AskLevel.NUMBER))
        self._tell()

    def answer(self, text: str) -> Judgement:
        """Reads an answer; a right one shows the number, and so does a size once it is drawn.

        Args:
            text: As ``Posed.read`` takes it.

        Raises:
            UserError: It is no answer; it is not counted.
        """
        if self.posed is None or not self.is_open:
            raise UserError("Nothing is asked just now.")
        from core.questions.judge import Outcome

        self.judgement = self.posed.read(text)
        self.tries += 1
        self.typed = text
        is_told = self.judgement.outcome is Outcome.RIGHT or self.posed.level is AskLevel.SIZE
        if self.judgement.outcome is Outcome.SLIP:
            self._slips |= {one.rule.kind for one in self.judgement.suspects}
        self.is_open = not is_told
        if is_told:
            self._note_end()
        self._tell(veil=not self.is_open)
        self.answered.emit(self.judgement)
        return self.judgement

    def take_hint(self) -> Sentence | None:
        """Tells a little more, and counts it; None where all is told."""
        if self.question is None or not self.is_open or not self.more_hints:
            return None
        self.hints = self._all_hints[: len(self.hints) + 1]
        self._tell(veil=False)
        return self.hints[-1]

    def give_up(self) -> None:
        """Shows the number."""
        if self.is_open:
            self.is_open, self.is_given_up = False, True
            self._note_end()
            self._tell()

    def close(self) -> None:
        """Asks nothing any more."""
        if self.question is not None:
            self._clear()
            self._tell()

    def veil(self, snapshot: Snapshot) -> Snapshot:
        """What views may see of the newest snapshot: all of it, where nothing is asked.

        Once the number is told they see all of the step up to it, beside the answer.
        """
        if snapshot is not self._seen:
            self._follow(snapshot)
        if self.question is None and not self._keeps_loss:
            return snapshot
        if self._veiled is None:
            self._veiled = self._without_losses(self._without_number(snapshot))
        return self._veiled

    def tell_news(self) -> None:
        """Says so where a snapshot has ended a question or posed one; views have seen it."""
        if self._is_news:
            self._is_news = False
            self._say_ended()
            self.changed.emit()

    @property
    def _all_hints(self) -> tuple[Sentence, ...]:
        from core.questions.hints import hints_of

        return hints_of(self.question) if self.question is not None else ()

    def _follow(self, snapshot: Snapshot) -> None:
        before, stepping = self._stepping, snapshot.stepping
        self._seen, self._veiled, self._stepping = snapshot, None, stepping
        if self.question is not None and not _stands_still(before, stepping):
            self._clear()
            self._is_news = True
        if stepping is None or before is stepping or _stands_still(before, stepping):
            return
        posed = self.arrival(before, stepping)
        if posed is not None:
            self._begin(posed)
            self._is_news = True

    def _note_end(self) -> None:
        posed, judgement = self.posed, self.judgement
        if posed is None:
            return
        answered = Answered(
            datetime.now(UTC).isoformat(timespec="seconds"),
            posed.question.entry.kind,
            posed.level,
            right=judgement is not None and judgement.is_right and not self.is_given_up,
            tries=self.tries,
            hints=len(self.hints),
            slips=tuple(sorted(self._slips)),
        )
        self._unsaid.append(answered)

    def _say_ended(self) -> None:
        unsaid, self._unsaid = self._unsaid, []
        for answered in unsaid:
            self.ended.emit(answered)

    def _tell(self, *, veil: bool = True) -> None:
        if veil:
            self._veiled = self._without = None
            self.veil_changed.emit()
        self._say_ended()
        self.changed.emit()

    def _without_number(self, snapshot: Snapshot) -> Snapshot:
        question, stepping = self.question, snapshot.stepping
        if question is None:
            return snapshot
        assert stepping is not None
        if not self.is_open:
            stood = as_it_stood(stepping, question.key)
            return snapshot if stood is stepping else replace(snapshot, stepping=stood)
        if self._without is None:
            hidden = Hidden(question.key, question.index, question.sample)
            self._without = without(stepping, hidden)
        return replace(snapshot, stepping=self._without, values=None, history=None, twin=None)

    def _without_losses(self, snapshot: Snapshot) -> Snapshot:
        if not self.hides_loss:
            return snapshot
        curves = _without_losses(snapshot.curves)
        return replace(snapshot, curves=curves, findings=(), twin=None)


def _stands_still(before: Stepping | None, now: Stepping | None) -> bool:
    if before is None or now is None:
        return False
    return before.record is now.record and before.place == now.place


def _is_there(stepping: Stepping, entry: Entry, index: tuple[int, ...]) -> bool:
    known = stepping.known(entry.writes)
    number = int(np.ravel_multi_index(index, entry.shape)) if index else 0
    return entry in stepping.record.entries and (known is None or number < known)


def _without_losses(curves: Curves) -> Curves:
    """The same curves, as long, without a loss on them."""

    def hidden(curve: Curve) -> Curve:
        return Curve(curve.steps, np.full_like(curve.values, HIDDEN))

    return replace(
        curves,
        train_loss=hidden(curves.train_loss),
        test_loss=hidden(curves.test_loss),
        whole_loss=hidden(curves.whole_loss),
    )
