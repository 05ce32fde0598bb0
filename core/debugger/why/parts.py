"""What is this number made of? The parts of a sum, and what each of them was made by."""

from __future__ import annotations

from dataclasses import dataclass

from core.debugger.formulas.explain import explain
from core.debugger.formulas.formula import Factor, Formula, Term
from core.debugger.sentences.words import name, number
from core.debugger.why.place import NumberAt, place_of
from core.expression.tree import contains, product
from core.messages.record import Entry, Phase, Record
from core.sentence import Sentence


@dataclass(frozen=True)
class Operand:
    """One number that a part is made of.

    Attributes:
        number: With its name, as the step has it.
        at: The operation that made it, in this step or, of a weight, in the one before; None for
            what no operation made: an input, a mask, a first weight, a constant.
    """

    number: Factor
    at: NumberAt | None


@dataclass(frozen=True)
class Part:
    """One summand of a number, or one number that it is made of.

    Attributes:
        term: Its name and value: ``w₁₁ x₁`` and −0.3.
        operands: The numbers in it.
    """

    term: Factor
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class MadeOf:
    """What one number of a step is made of.

    Attributes:
        number: The number, as the step has it.
        at: Where it stands.
        is_sum: Whether its parts add up to it; else it is worked out from them.
        parts: The largest first, where they add up.
        left: How many parts of a sum are not listed.
        rest: What they come to.
    """

    number: Factor
    at: NumberAt
    is_sum: bool
    parts: tuple[Part, ...]
    left: int
    rest: float

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """What is to be said of it."""
        who, count = name(self.number), len(self.parts) + self.left
        if not self.is_sum:
            made = Sentence(
                "{name} is worked out from {n} numbers.",
                one="{name} is worked out from one number.",
                n=count,
                name=who,
            )
            return (made,)
        summed = Sentence(
            "{name} is the sum of {n:,} parts.",
            one="{name} has one part.",
            n=count,
            name=who,
        )
        if not self.left:
            return (summed,)
        rest = Sentence(
            "The {n:,} smaller parts together add {rest}.",
            one="The smallest part adds {rest}.",
            n=self.left,
            rest=number(self.rest),
        )
        return (summed, rest)


def made_of(
    record: Record, entry: Entry, index: tuple[int, ...], sample: int | None = None
) -> MadeOf:
    """What a number of the forward pass or of the loss is made of.

    For the parts of a part, ask again with the place that its operand names.

    Args:
        record: The step.
        entry: One of its operations.
        index: The number's place in ``entry.shape``.
        sample: As :func:`core.debugger.formulas.explain.explain` takes it.
    """
    assert entry.phase in (Phase.FORWARD, Phase.LOSS)
    formula = explain(record, entry, index, sample)
    place = NumberAt(
        record.step,
        record.entries.index(entry),
        index,
        sample if entry.per_sample else None,
    )
    parts = tuple(_part(record, term, formula.factors) for term in formula.terms)
    if not parts:
        parts = tuple(_alone(record, factor) for factor in _seen(formula))
    left, rest = formula.left_out
    return MadeOf(formula.result, place, bool(formula.terms), parts, left, rest)


def asked_again(record: Record, operand: Operand) -> MadeOf | None:
    """What an operand is made of in its turn.

    None where that is not in this step: what no operation made, or the step before has.
    """
    at = operand.at
    if at is None or at.step != record.step:
        return None
    entry = record.entries[at.entry]
    if entry.phase not in (Phase.FORWARD, Phase.LOSS):
        return None
    return made_of(record, entry, at.index, at.sample)


def _seen(formula: Formula) -> tuple[Factor, ...]:
    """The numbers of arrays that are read; of what the drawing leaves out, nothing is listed."""
    return tuple(factor for factor in formula.factors if factor.key)


def _part(record: Record, term: Term, read: tuple[Factor, ...]) -> Part:
    """A summand; one that is worked out, as (ŷ − y)², is made of the numbers named in it."""
    made = product(*(factor.symbol for factor in term.factors))
    keyed = [factor for factor in term.factors if factor.key]
    numbers = keyed or [factor for factor in read if contains(made, factor.symbol)]
    return Part(Factor(made, term.value), tuple(_operand(record, one) for one in numbers))


def _alone(record: Record, factor: Factor) -> Part:
    return Part(factor, (_operand(record, factor),))


def _operand(record: Record, factor: Factor) -> Operand:
    return Operand(factor, place_of(record, factor.key, factor.index) if factor.key else None)
