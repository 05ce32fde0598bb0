"""What a person has worked out so far, by the kind of operation, and what should come next.

What was missed comes again soon, what was right later each time; what is right is asked for in a
harder way the next time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from core.errors import UserError
from core.questions.levels import AskLevel

MOST_BOXES = 5
"""So often what is right is put off twice as long."""


@dataclass(frozen=True)
class Answered:
    """One question and what became of it.

    Attributes:
        when: The time it ended, as ISO 8601 has it, with its zone.
        kind: Of the entry that was asked about.
        level: In which way it was asked.
        right: Whether it ended with a right answer.
        tries: How many answers it took, or had.
        hints: How many hints were looked at.
        slips: The kinds of the known slips that were named, each once.
    """

    when: str
    kind: str
    level: AskLevel
    right: bool
    tries: int
    hints: int
    slips: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether it was right at once, without a hint."""
        return self.right and self.tries == 1 and not self.hints

    def line(self) -> str:
        """As it is kept: one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_line(cls, line: str) -> Answered:
        """What a line holds.

        Raises:
            UserError: It is no such line.
        """
        try:
            found: dict[str, Any] = json.loads(line)
            return cls(
                when=str(found["when"]),
                kind=str(found["kind"]),
                level=AskLevel(found["level"]),
                right=bool(found["right"]),
                tries=int(found["tries"]),
                hints=int(found["hints"]),
                slips=tuple(map(str, found["slips"])),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UserError("This line holds no answer: {line}", line=line[:80]) from error


@dataclass
class Tally:
    """All of one kind of operation together.

    Attributes:
        asked: How many questions.
        right: Of them answered rightly at once, without a hint.
        found: Of them answered rightly in the end.
        hinted: With a hint or more.
        slips: The known slips, by how often each was named.
        rung: How far up the ways of asking it has come, from 0.
        box: How often in a row it was right; what is missed goes back to 0.
        last: The number of the newest question among all that were asked.
    """

    asked: int = 0
    right: int = 0
    found: int = 0
    hinted: int = 0
    slips: Counter[str] = field(default_factory=Counter)
    rung: int = 0
    box: int = 0
    last: int = -1

    def count(self, answered: Answered, number: int) -> None:
        """Adds one more; ``number`` counts all questions."""
        self.asked += 1
        self.right += answered.is_known
        self.found += answered.right
        self.hinted += bool(answered.hints)
        self.slips.update(answered.slips)
        self.last = number
        if answered.is_known:
            reached = list(AskLevel).index(answered.level) + 1
            self.rung = min(max(self.rung, reached), len(AskLevel) - 1)
            self.box = min(self.box + 1, MOST_BOXES)
        else:
            self.rung = max(self.rung - 1, 0)
            self.box = 0

    def is_due(self, number: int) -> bool:
        """Whether it should be asked again as the question of that number."""
        return number - self.last >= 1 << self.box

    @property
    def share(self) -> float:
        """How much of it is mastered, from 0 to 1: by the ways of asking, and in a row."""
        return (self.rung / (len(AskLevel) - 1) + self.box / MOST_BOXES) / 2


def tallies(answers: Iterable[Answered]) -> dict[str, Tally]:
    """All answers put together, by the kind of operation, in the order of their first question."""
    found: dict[str, Tally] = {}
    for number, answered in enumerate(answers):
        found.setdefault(answered.kind, Tally()).count(answered, number)
    return found


def most_due(kinds: Sequence[str], known: dict[str, Tally]) -> str | None:
    """Which of several kinds to ask about: missed ones first, then new ones, the earliest first.

    Args:
        kinds: In the order of the step.
        known: From :func:`tallies`.

    Returns:
        None where none is due: all of them were right lately.
    """
    number = sum(tally.asked for tally in known.values())

    def urgency(kind: str) -> int:
        tally = known.get(kind)
        if tally is None:
            return 1
        return 0 if tally.box == 0 else 2

    due = [kind for kind in kinds if kind not in known or known[kind].is_due(number)]
    return min(due, key=urgency, default=None)


def levels_in_turn(tally: Tally | None) -> tuple[AskLevel, ...]:
    """In which way a kind is asked for next: the first of these that a number has."""
    order, rung = tuple(AskLevel), tally.rung if tally is not None else 0
    return (*reversed(order[: rung + 1]), *order[rung + 1 :])
