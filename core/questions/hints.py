"""Hints on the way to a number: each tells a little more, and none tells a value."""

from __future__ import annotations

from core.catalog.optimizers.base import THETA
from core.debugger.sentences.words import name
from core.expression.plain import plain
from core.expression.tree import Expr
from core.questions.of_sums import words_of
from core.questions.question import Question
from core.questions.stepping import is_held, symbol_of_state
from core.sentence import Sentence

_NAMED = 3
"""Of many numbers so many are named."""


def hints_of(question: Question) -> tuple[Sentence, ...]:
    """Where it comes from, how many parts it has, and what one of them is; the least first.

    How many of them a person has looked at is for the caller to count.
    """
    return (_where_from(question), *_parts(question))


def _where_from(question: Question) -> Sentence:
    names = [name(factor) for factor in question.operands]
    shown = ", ".join(names[:_NAMED])
    if len(names) <= _NAMED and not question.formula.left_out[0]:
        return Sentence("It is made of {names}.", names=shown)
    return Sentence("It is made of {names} and others.", names=shown)


def _parts(question: Question) -> tuple[Sentence, ...]:
    formula = question.formula
    if formula.upstream is not None and formula.local is not None:
        said = "It is one product: what comes back, {above}, times {local}."
        values = {"above": name(formula.upstream), "local": name(formula.local)}
        return (Sentence(said, **values),)
    if question.entry.kind == "update":
        return () if is_held(question.spot) else (_of_update(question),)
    count = len(formula.terms) + formula.left_out[0]
    if count < 2:
        return ()
    several = Sentence("{n} parts are added up.", n=count)
    return several, Sentence("One of them is {part}.", part=words_of(formula.terms[0]))


def _of_update(question: Question) -> Sentence:
    """The row of the optimizer's rule that makes it."""
    target: Expr = THETA
    if question.key != question.entry.writes:
        target = symbol_of_state(question.spot, question.key)
    rows = question.record.spec.optimizer.rows()
    row = next(one for one in reversed(rows) if one.parts[0] == target)
    return Sentence("The rule for it is {rule}.", rule=plain(row))
