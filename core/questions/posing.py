"""A question put in one of the ways: what is offered, and what is read of what a person did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import floor, log10
from zlib import crc32

from core.debugger.formulas.explain import explain
from core.debugger.formulas.formula import Factor, Formula
from core.debugger.sentences.words import name, number
from core.errors import UserError
from core.questions.distance import where_to_look
from core.questions.judge import Judgement, Outcome, judge
from core.questions.levels import AskLevel
from core.questions.of_sums import words_of
from core.questions.question import Question
from core.questions.typed import read_typed
from core.sentence import Sentence

_ALWAYS_ABOVE = ("loss_terms", "loss", "penalty", "objective", "norm")
"""Kinds of entries whose numbers have no sign to tell."""
_PUT_TOGETHER = (
    "linear",
    "activation_gradient",
    "weight_gradient",
    "bias_gradient",
    "input_gradient",
)
"""Kinds whose numbers are put together from parts."""
_APART = 0.02
"""The share by which two numbers differ at least, to be compared."""
_MOST_PARTS = 4
_MOST_TRIED = 12
"""Numbers of an operation that are looked through for one to compare with."""
_FEW = 3
"""Of an operation's other numbers so many along each axis, itself counted, give wrong parts."""
_ROUND = (1.0, 2.0, 5.0, 10.0)
_ROOM = 1.3
"""A scale is at least so much longer than what it shows."""
NEAR = 0.1
"""The share of a scale's half within which a size that was drawn is right."""


@dataclass(frozen=True)
class OfferedPart:
    """What is offered to put a number together from.

    Attributes:
        text: Its name.
        belongs: Whether the number is made of it.
    """

    text: str
    belongs: bool


@dataclass(frozen=True, eq=False)
class Posed:
    """A question, and in which way it is asked.

    Attributes:
        question: About one number.
        level: The way.
        reached: How many numbers of the operation are computed; None for all.
    """

    question: Question
    level: AskLevel
    reached: int | None = None

    @property
    def instruction(self) -> Sentence | None:
        """What to do; None where the question says it all."""
        return _INSTRUCTIONS[self.level](self) if self.level in _INSTRUCTIONS else None

    @cached_property
    def other(self) -> Factor | None:
        """The number to compare with: another of the operation, or what it was before the step."""
        found = (one for one in _others(self) if _differ(one.value, self.question.value))
        return next(found, None)

    @cached_property
    def reach(self) -> float:
        """Where the drawn scale ends, above 0 and below it: a round number."""
        least = _ROOM * (self.question.scale or 1.0)
        unit = 10.0 ** floor(log10(least))
        return next(unit * one for one in _ROUND if unit * one >= least)

    @cached_property
    def parts(self) -> tuple[OfferedPart, ...]:
        """What is offered, right and wrong, in an order that says nothing; or nothing."""
        question = self.question
        right = _parts_of(question.formula)
        if question.entry.kind not in _PUT_TOGETHER or not 2 <= len(right) <= _MOST_PARTS:
            return ()
        wrong = [one for one in dict.fromkeys(_strangers(question)) if one not in right]
        offered = [*(OfferedPart(one, True) for one in right)]
        offered += [OfferedPart(one, False) for one in wrong[: max(2, len(right))]]
        return tuple(sorted(offered, key=lambda one: crc32(one.text.encode()))) if wrong else ()

    @property
    def is_possible(self) -> bool:
        """Whether the number can be asked for in this way."""
        if self.level is AskLevel.SIGN:
            return self.question.entry.kind not in _ALWAYS_ABOVE
        if self.level is AskLevel.COMPARE:
            return self.other is not None
        return self.level is not AskLevel.CHAIN or bool(self.parts)

    def read(self, text: str) -> Judgement:
        """What is made of an answer.

        Args:
            text: The number as typed, or as drawn; ``+``, ``-`` or ``0``; ``larger`` or
                ``smaller``; the places of the parts chosen, from 0: ``0,2``.

        Raises:
            UserError: It is no answer.
        """
        return _READERS[self.level](self, text)


def ways_of(question: Question, reached: int | None = None) -> tuple[AskLevel, ...]:
    """The ways in which a number can be asked for, the easiest first."""
    return tuple(level for level in AskLevel if Posed(question, level, reached).is_possible)


def sign_of(value: float) -> str:
    """``+``, ``-`` or ``0``."""
    return "0" if not value else "-" if value < 0 else "+"


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > _APART * max(abs(one), abs(other))


def _others(posed: Posed) -> Iterator[Factor]:
    question = posed.question
    entry, operands = question.entry, question.operands
    if entry.kind == "update":
        state = question.key.rpartition(":")[2]
        before = "p:" + entry.parameter
        wanted = before if question.key == entry.writes else f"s:{entry.parameter}:{state}"
        yield from (one for one in operands if one.key == wanted)
        return
    own = next(i for i in range(entry.count) if entry.index_of(i) == question.index)
    last = entry.count if posed.reached is None else posed.reached
    for step in range(1, min(entry.count, _MOST_TRIED)):
        place = (own + step) % entry.count
        if place < last:
            index = entry.index_of(place)
            yield explain(question.record, entry, index, question.sample).result
    yield from operands


def _parts_of(formula: Formula) -> tuple[str, ...]:
    """The parts of a product of two, or of a sum, by their names."""
    if formula.upstream is not None and formula.local is not None:
        return name(formula.upstream), name(formula.local)
    return () if formula.left_out[0] else tuple(words_of(term) for term in formula.terms)


def _strangers(question: Question) -> Iterator[str]:
    """What is no part of it, and is near: what it could be mistaken for, then others' parts."""
    entry, shape = question.entry, question.entry.shape
    if question.formula.upstream is not None:
        yield from (name(one) for one in question.operands)
    for axis in reversed(range(len(shape))):
        for step in range(1, min(shape[axis], _FEW)):
            index = list(question.index)
            index[axis] = (index[axis] + step) % shape[axis]
            other = explain(question.record, entry, tuple(index), question.sample)
            yield from _parts_of(other)


def _comparison(posed: Posed) -> Sentence:
    other = posed.other
    assert other is not None
    if posed.question.entry.kind == "update":
        said = "Is it larger or smaller than before the step, where it was {value}?"
        return Sentence(said, value=number(other.value))
    said = "Is it larger or smaller than {other}, which is {value}?"
    return Sentence(said, other=name(other), value=number(other.value))


_INSTRUCTIONS: dict[AskLevel, Callable[[Posed], Sentence]] = {
    AskLevel.SIGN: lambda _: Sentence("Its sign is enough."),
    AskLevel.COMPARE: _comparison,
    AskLevel.SIZE: lambda _: Sentence("Draw how large it is."),
    AskLevel.CHAIN: lambda _: Sentence("Choose all the parts that it is made of."),
}


def _sign(posed: Posed, text: str) -> Judgement:
    if text not in ("+", "-", "0"):
        raise UserError("This is no sign.")
    true, said = sign_of(posed.question.value), {"+": 1.0, "-": -1.0, "0": 0.0}[text]
    if text == true:
        return _right(said)
    return _wrong(said, *_signs(posed.question))


def _signs(question: Question) -> tuple[Sentence, ...]:
    above, local = question.formula.upstream, question.formula.local
    if above is None or local is None:
        return where_to_look(question)
    said = "{above} is {first}, and {local} is {second}: which sign has their product?"
    values = {"first": number(above.value), "second": number(local.value)}
    return (Sentence(said, above=name(above), local=name(local), **values),)


def _order(posed: Posed, text: str) -> Judgement:
    other = posed.other
    if text not in ("larger", "smaller") or other is None:
        raise UserError("This is neither larger nor smaller.")
    is_larger = posed.question.value > other.value
    if (text == "larger") == is_larger:
        return _right(other.value)
    return _wrong(other.value, *where_to_look(posed.question))


def _size(posed: Posed, text: str) -> Judgement:
    drawn, true = read_typed(text), posed.question.value
    values = {"drawn": number(drawn, 3), "true": number(true)}
    if abs(drawn - true) <= NEAR * posed.reach:
        told = Sentence("Right: you drew {drawn}, and it is {true}.", **values)
        return Judgement(Outcome.RIGHT, drawn, (), (told,))
    said = "You drew {drawn}, and it is {true}."
    if drawn * true < 0:
        said = "You drew {drawn}, and it is {true}: on the other side of 0."
    return _wrong(drawn, Sentence(said, **values))


def _chosen(posed: Posed, text: str) -> Judgement:
    places = [int(one) for one in text.split(",") if one.strip().isdecimal()]
    if not places or max(places) >= len(posed.parts):
        raise UserError("No part is chosen yet.", "Choose all the parts that it is made of.")
    chosen = {posed.parts[place] for place in places}
    strange = sum(not part.belongs for part in chosen)
    missing = sum(part.belongs for part in posed.parts if part not in chosen)
    if not strange and not missing:
        return _right(posed.question.value)
    told = []
    if strange:
        one = "One of those chosen is no part of it."
        told.append(Sentence("{n} of those chosen are no part of it.", one=one, n=strange))
    if missing:
        told.append(Sentence("{n} parts are missing.", one="One part is missing.", n=missing))
    return _wrong(0.0, *told)


def _right(answer: float) -> Judgement:
    return Judgement(Outcome.RIGHT, answer, (), (Sentence("Right."),))


def _wrong(answer: float, *said: Sentence) -> Judgement:
    return Judgement(Outcome.UNKNOWN, answer, (), said or (Sentence("Not so."),))


_READERS: dict[AskLevel, Callable[[Posed, str], Judgement]] = {
    AskLevel.SIGN: _sign,
    AskLevel.COMPARE: _order,
    AskLevel.SIZE: _size,
    AskLevel.NUMBER: lambda posed, text: judge(posed.question, text),
    AskLevel.CHAIN: _chosen,
}
