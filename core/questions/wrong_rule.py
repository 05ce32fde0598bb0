"""What a wrong rule is: a slip that many people make, and what it would give at a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from core.questions.question import Question
from core.sentence import Sentence


@dataclass(frozen=True)
class Guess:
    """What a wrong rule would give.

    Attributes:
        value: Worked out from the record.
        asks: What to ask back.
    """

    value: float
    asks: Sentence


class WrongRule:
    """One slip; a class each, and the registry is their list.

    Attributes:
        kind: What it is called in records of answers.
        label: The same for people.
        of_several: What to ask back where several of its guesses fit alike; None for what the first
            of them asks.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    of_several: ClassVar[Sentence | None] = None

    def guesses(self, question: Question) -> Iterator[Guess]:
        """What it would give for this very place; nothing where it does not apply.

        A pure function; a guess that is the true value, or is no finite number, is dropped by
        the caller.
        """
        raise NotImplementedError
