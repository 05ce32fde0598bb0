"""What is made of an answer: right, one of the known slips, several alike, or how far off it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from core.questions.distance import how_far, rounds_to, where_to_look
from core.questions.question import Question
from core.questions.registry import WRONG_RULES
from core.questions.typed import figures_typed, read_typed
from core.questions.wrong_rule import Guess, WrongRule
from core.sentence import Sentence

_FEWEST = 3
"""Digits of an answer below which too many numbers would round to it."""


class Outcome(StrEnum):
    """What an answer is."""

    RIGHT = "right"
    SLIP = "slip"
    SEVERAL = "several"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Suspect:
    """A known slip that gives the number answered.

    Attributes:
        rule: Which.
        value: What it gives here.
        asks: What to ask back.
    """

    rule: WrongRule
    value: float
    asks: Sentence


@dataclass(frozen=True)
class Judgement:
    """An answer, read.

    Attributes:
        outcome: What it is.
        answer: The number that it comes to.
        suspects: The slips that give it: one for SLIP, more for SEVERAL, else none.
        sentences: What to say, one after the other.
    """

    outcome: Outcome
    answer: float
    suspects: tuple[Suspect, ...]
    sentences: tuple[Sentence, ...]

    @property
    def is_right(self) -> bool:
        """Whether it is the number that was asked for."""
        return self.outcome is Outcome.RIGHT

    def __str__(self) -> str:
        """All that is said, in English."""
        return " ".join(map(str, self.sentences))


def judge(question: Question, text: str) -> Judgement:
    """Reads what a person typed.

    Args:
        question: What was asked.
        text: As typed: a number, a fraction, a sum or product of numbers.

    Raises:
        UserError: It is no number.
    """
    return judged(question, read_typed(text), figures_typed(text))


def judged(question: Question, answer: float, figures: int = 0) -> Judgement:
    """The same of a number.

    Args:
        question: What was asked.
        answer: The number.
        figures: How many significant digits of it were typed; 0 for all that it has.

    A right answer is right, whatever slip would have led to it too. Slips that give the same
    number as the one that was found are all named: which it was, nobody can tell.
    """
    if abs(answer - question.value) <= question.tolerance:
        return Judgement(Outcome.RIGHT, answer, (), (Sentence("Right."),))
    found = _suspects(question, answer, figures)
    if not found:
        said = (how_far(question, answer, figures), *where_to_look(question, answer))
        return Judgement(Outcome.UNKNOWN, answer, (), said)
    if len(found) == 1:
        return Judgement(Outcome.SLIP, answer, found, (found[0].asks,))
    several = Sentence("{n} slips give this number here, so it may be any of them.", n=len(found))
    said = (several, *(suspect.asks for suspect in found))
    return Judgement(Outcome.SEVERAL, answer, found, said)


def suspects_of(question: Question) -> dict[WrongRule, tuple[Guess, ...]]:
    """What each known slip would give at a place, but for what is right there."""
    found = {rule: tuple(_wrong(question, rule)) for rule in WRONG_RULES}
    return {rule: guesses for rule, guesses in found.items() if guesses}


def _wrong(question: Question, rule: WrongRule) -> Iterator[Guess]:
    for guess in rule.guesses(question):
        away = abs(guess.value - question.value)
        if isfinite(guess.value) and away > question.tolerance:
            yield guess


def _suspects(question: Question, answer: float, figures: int) -> tuple[Suspect, ...]:
    known = suspects_of(question)
    given = [guess.value for guesses in known.values() for guess in guesses]
    hit = [value for value in given if _gives(question, value, answer, figures)]
    found = (_suspect(question, rule, guesses, hit) for rule, guesses in known.items() if hit)
    return tuple(suspect for suspect in found if suspect is not None)


def _suspect(
    question: Question, rule: WrongRule, guesses: tuple[Guess, ...], hit: list[float]
) -> Suspect | None:
    """The rule, if it gives one of the numbers that were hit."""
    near = [guess for guess in guesses if any(_is_near(question, guess.value, one) for one in hit)]
    if not near:
        return None
    asks = near[0].asks
    if any(guess.asks != asks for guess in near):
        asks = rule.of_several or asks
    return Suspect(rule, near[0].value, asks)


def _is_near(question: Question, value: float, other: float) -> bool:
    return abs(value - other) <= question.tolerance_at(value)


def _gives(question: Question, value: float, answer: float, figures: int) -> bool:
    """Whether a slip's number is the answer, or is once it is rounded as the answer is."""
    if _is_near(question, value, answer):
        return True
    is_rounded = _FEWEST <= figures < question.figures
    if not is_rounded or rounds_to(question.value, answer, figures):
        return False
    return rounds_to(value, answer, figures)
