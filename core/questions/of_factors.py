"""Slips in which a factor is forgotten: the local one, the ½ of a squared error, a 1 − β."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import ClassVar

import numpy as np

from core.catalog.losses import HalfMSE
from core.debugger.formulas.updates import step_of
from core.debugger.sentences.words import name, number
from core.expression.calculus import named, worth
from core.expression.plain import plain
from core.expression.tree import ONE, Expr, Negative, Quantity, Sum
from core.questions.of_chain import WEIGHING
from core.questions.question import Question
from core.questions.stepping import given_by, is_held
from core.questions.wrong_rule import Guess, WrongRule
from core.sentence import Sentence


class LocalLeftOut(WrongRule):
    """What comes back is passed on as it is: the input of a weight, or a weight, is left out."""

    kind: ClassVar[str] = "local_left_out"
    label: ClassVar[str] = "The local factor left out"

    def guesses(self, question: Question) -> Iterator[Guess]:
        spot, kind = question.spot, question.entry.kind
        weighs = bool(question.entry.name) and isinstance(spot.layer.layer, WEIGHING)
        if not weighs or kind not in ("weight_gradient", "input_gradient"):
            return
        local = spot.source if kind == "weight_gradient" else f"p:{spot.where}.weight"
        told = Sentence("Is this what comes back, and nothing more? Each part is a product.")
        ways = question.formula.ways
        if len(ways) == 1:
            told = Sentence(
                "Is this what comes back, and nothing more? It is multiplied by {name}, "
                "{value} here.",
                name=name(ways[0].local),
                value=number(ways[0].local.value),
            )
        yield Guess(question.retold({local: np.ones_like(spot.array(local))}), told)


class HalfForgotten(WrongRule):
    """A squared error whole, where its half is meant; and so its slope twice as steep."""

    kind: ClassVar[str] = "half_forgotten"
    label: ClassVar[str] = "The ½ of the squared error forgotten"

    def guesses(self, question: Question) -> Iterator[Guess]:
        if not isinstance(question.record.spec.loss, HalfMSE):
            return
        if question.entry.kind in ("loss_terms", "loss"):
            told = Sentence("Did the ½ come in? This loss is half the squared error.")
            yield Guess(2 * question.value, told)
        elif question.entry.kind == "loss_gradient":
            told = Sentence("Did the ½ come in? It cancels the 2 that the square brings along.")
            yield Guess(2 * question.value, told)


class ShareForgotten(WrongRule):
    """A gradient is added whole to what the optimizer keeps, where a share 1 − β of it is."""

    kind: ClassVar[str] = "share_forgotten"
    label: ClassVar[str] = "1 − β forgotten"

    def guesses(self, question: Question) -> Iterator[Guess]:
        spot = question.spot
        if question.entry.kind != "update" or is_held(spot):
            return
        step = step_of(spot)
        shares = list(dict.fromkeys(one for row in step.optimizer.rows() for one in _shares(row)))
        for count in range(len(shares), 0, -1):
            for left_out in combinations(shares, count):
                told = Sentence(
                    "Did {share} come in? It is {value} here, and stands before what the gradient "
                    "adds.",
                    share=plain(named(left_out[0])),
                    value=number(worth(left_out[0])),
                )
                yield Guess(given_by(spot, question.key, step, whole=left_out), told)


def _shares(expr: Expr) -> Iterator[Expr]:
    """The factors 1 − β in a row: of an option, and not of its power, which corrects a bias."""
    match expr:
        case Sum(parts=(first, Negative(parts=(Quantity(),)))) if first == ONE:
            yield expr
        case _:
            for part in expr.parts:
                yield from _shares(part)
