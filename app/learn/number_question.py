"""A page asks for a number of the step: hidden until it is found; what was typed is noted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.lessons.assignment import GivenAnswer, Try
from core.lessons.lesson import AskedNumber, StartingPlace

if TYPE_CHECKING:
    from app.link.bridge import Bridge

_LONGEST = 200
"""Letters of an answer that are kept."""


class NumberQuestion(QObject):
    """Has the window ask, beside the formula, for what a lesson's page asks for.

    ``found`` says that the number was found, or shown on request.

    Attributes:
        given: What became of it so far.
    """

    found = Signal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked: AskedNumber | None = None
        self._is_begun = False
        self.given = GivenAnswer(question=1)
        bridge.asking.changed.connect(self._follow)
        bridge.asking.answered.connect(self._note)

    @property
    def is_open(self) -> bool:
        """Whether a page waits for its number."""
        return self._asked is not None

    def begin(self, asked: AskedNumber, number: int) -> StartingPlace:
        """Asks as soon as the step gets there, before it is shown; gives the place to go to.

        Args:
            asked: What the page asks for.
            number: Which of the lesson's questions it is, from 1.
        """
        self.end()
        self._is_begun = True
        self._asked, self.given = asked, GivenAnswer(question=number)
        self._bridge.questioner.ask_at(asked.writes, *asked.place, asked.key)
        return StartingPlace(writes=asked.writes)

    def ask_here(self) -> None:
        """Asks where the step stands already, so that nothing arrives."""
        if self._asked is None:
            return
        if self._bridge.asking.question is None:  # else it was asked on arrival
            self._bridge.questioner.ask_here(
                self._asked.writes, *self._asked.place, self._asked.key
            )

    def end(self) -> None:
        """Asks no more."""
        was_begun, self._is_begun = self._is_begun, False
        self._asked = None
        self._bridge.questioner.ask_nowhere()
        if was_begun:
            self._bridge.asking.close()

    def stop(self) -> None:
        """Follows the window's questions no longer."""
        self.end()
        self._bridge.asking.changed.disconnect(self._follow)
        self._bridge.asking.answered.disconnect(self._note)

    def _follow(self) -> None:
        asking = self._bridge.asking
        if self._asked is None or asking.question is None or asking.is_open:
            return
        self._asked = None  # it stays to be looked at
        if asking.tries > len(self.given.tries):
            self._add_try()  # the right one, which is told before it is noted
        value = float(asking.question.value).hex()
        ended = {"hints": len(asking.hints), "shown": asking.is_given_up, "value": value}
        self.given = self.given.model_copy(update=ended)
        self.found.emit()

    def _note(self, _judgement: object) -> None:
        if self._asked is not None:
            self._add_try()

    def _add_try(self) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        tried = Try(text=self._bridge.asking.typed[:_LONGEST], at=at)
        self.given = self.given.model_copy(update={"tries": (*self.given.tries, tried)})
