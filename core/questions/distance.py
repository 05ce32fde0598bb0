"""Of an answer that no known slip explains: how far off it is, and where to look first."""

from __future__ import annotations

from math import isclose, isfinite, log10

from core.debugger.formulas.formula import Factor
from core.debugger.sentences.words import name, number
from core.expression.plain import plain
from core.questions.question import Question
from core.sentence import Sentence

_NEAR = 0.01
"""The share of a number within which an answer is off by little."""
_SAME = 1e-3
"""Two sizes that differ by less of themselves are called the same."""
_MOST = 100.0
"""A factor beyond it says less than the difference."""


def how_far(question: Question, answer: float, figures: int = 0) -> Sentence:
    """In the plainest way: too few digits, nearly, a power of ten, a factor, the difference.

    ``figures`` is how many digits were typed, as ``judged`` has it.
    """
    true = question.value
    off = Sentence("It is off by {off}.", off=number(abs(answer - true)))
    if not true or not answer:
        return off
    factor = answer / true
    if 1 < figures < question.figures and rounds_to(true, answer, figures):
        return Sentence(
            "Right to {digits} digits; {asked} are asked.", digits=figures, asked=question.figures
        )
    if abs(factor - 1) <= _NEAR:
        return Sentence(
            "Nearly: it is off by {off}. Was something rounded on the way?",
            off=number(abs(answer - true)),
        )
    if factor < 0:
        return Sentence("The sign is the other one, and the size is not right either.")
    if _is_power_of_ten(factor):
        return _by_tens(factor)
    return _by_factor(factor) if 1 / _MOST <= factor <= _MOST else off


def _by_factor(factor: float) -> Sentence:
    said = "It is {factor} times the true number."
    return Sentence(said, factor=number(factor, figures=3))


def rounds_to(value: float, answer: float, figures: int) -> bool:
    """Whether a number is the answer once it has as few digits."""
    return isfinite(value) and float(f"{value:.{figures}g}") == answer


def where_to_look(question: Question, answer: float | None = None) -> tuple[Sentence, ...]:
    """The part that counts most; never one that was given for an answer.

    Args:
        question: What was asked.
        answer: What was given.
    """
    terms = question.formula.terms
    count = len(terms) + question.formula.left_out[0]
    if count > 1:
        largest = max(terms, key=lambda term: abs(term.value))
        part = " · ".join(plain(factor.symbol) for factor in largest.factors)
        said = "Look at {part} first: of the {n} parts it counts most."
        return (Sentence(said, part=part, n=count),)
    found = _operand(question, answer)
    if found is None:
        return ()
    said = "Look at {name} first: it is {value} here."
    return (Sentence(said, name=name(found), value=number(found.value)),)


def _operand(question: Question, answer: float | None) -> Factor | None:
    """What comes from above in a product; of a step its gradient; else the largest number read."""
    formula = question.formula
    if formula.upstream is not None and formula.local is not None:
        above, local = formula.upstream, formula.local
        is_above = answer is not None and abs(answer - above.value) <= _NEAR * abs(above.value)
        return local if is_above else above
    others = [one for one in question.operands if answer is None or one.value != answer]
    operands = others or list(question.operands)
    gradients = [one for one in operands if one.key.startswith(("d:p:", "clipped:"))]
    if gradients:
        return gradients[0]
    return max(operands, key=lambda one: abs(one.value), default=None)


def _is_power_of_ten(factor: float) -> bool:
    power = log10(factor)
    return bool(round(power)) and isclose(factor, 10.0 ** round(power), rel_tol=_SAME)


def _by_tens(factor: float) -> Sentence:
    power = round(log10(factor))
    places = abs(power)
    if power > 0:
        return Sentence(
            "The point is {n} places too far to the right.",
            one="The point is one place too far to the right.",
            n=places,
        )
    return Sentence(
        "The point is {n} places too far to the left.",
        one="The point is one place too far to the left.",
        n=places,
    )
