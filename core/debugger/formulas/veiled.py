"""The formula of a number that a person is working out: what it is made of, without the result."""

from __future__ import annotations

from dataclasses import replace
from math import isclose

from core.debugger.formulas.formula import Factor, Formula, OpenedGradient, Term
from core.expression.hidden import HIDDEN
from core.expression.tree import Expr, Numeral, Relation, Rows, Symbol
from core.messages.record import Entry, Record
from core.messages.scope import hides

_END = Numeral(HIDDEN)
_SAME = 1e-6
"""Of a number worked out in float64, and torch's own."""


def asks_for(record: Record, entry: Entry, index: tuple[int, ...], sample: int | None) -> bool:
    """Whether the number is worked out by a person just now, or a state of its update is."""
    hidden = record.hidden
    if hidden is None:
        return False
    if hides(record, entry.writes, index, sample):
        return True
    is_state = entry.kind == "update" and hidden.key.split(":")[1:2] == [entry.parameter]
    return is_state and hidden.key.startswith(("s':", "hat:")) and hidden.index == index


def veiled(formula: Formula, record: Record, entry: Entry) -> Formula:
    """The same formula without its result, and without what has been worked out of it already."""
    true = formula.value
    return replace(
        formula,
        numbers=_without_end(formula.numbers, _target(record, entry)),
        result=replace(formula.result, value=HIDDEN),
        value=HIDDEN,
        constants=tuple(_worked_out(one, true) for one in formula.constants),
        terms=tuple(_hidden(term, true) for term in formula.terms),
        local=_kept(formula.local, true) if formula.local is not None else None,
        opened=_without_value(formula.opened) if formula.opened is not None else None,
    )


def _target(record: Record, entry: Entry) -> Expr | None:
    """The optimizer's letter of a state asked for; None where the result is."""
    hidden = record.hidden
    if hidden is None or entry.kind != "update" or hidden.key == entry.writes:
        return None
    optimizer, (kind, _, state) = record.spec.optimizer, hidden.key.split(":")
    return optimizer.hats()[state].parts[0] if kind == "hat" else optimizer.state_names[state]


def _without_end(numbers: Expr, target: Expr | None) -> Expr:
    """The row that makes it ends in a question mark, and none comes after it."""
    if isinstance(numbers, Rows):
        rows = numbers.parts
        while target is not None and rows and rows[-1].parts[0] != target:
            rows = rows[:-1]
        return Rows(parts=(*rows[:-1], *(_without_end(row, None) for row in rows[-1:])))
    if not isinstance(numbers, Relation):
        return numbers
    left, *made = numbers.parts
    sides = (*made[:-1], _END)
    return Relation(numbers.signs[: len(sides)], parts=(left, *sides))


def _kept(factor: Factor, true: float) -> Factor:
    """A number of the record stays; one that was worked out and is all of the result does not."""
    is_all = isclose(abs(factor.value), abs(true), rel_tol=_SAME) and abs(true) not in (0.0, 1.0)
    if factor.key or not is_all:
        return factor
    return replace(factor, value=HIDDEN)


def _worked_out(constant: Factor, true: float) -> Factor:
    """A letter of its own is given; what was put together may be the result already."""
    return constant if isinstance(constant.symbol, Symbol) else _kept(constant, true)


def _hidden(term: Term, true: float) -> Term:
    return Term(tuple(_kept(one, true) for one in term.factors), is_hidden=True)


def _without_value(opened: OpenedGradient) -> OpenedGradient:
    return replace(opened, numbers=_without_end(opened.numbers, None))
