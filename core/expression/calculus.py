"""What follows from a rule: its value, its derivative, and the same spelt out."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from core.expression import tree
from core.expression.functions import ln
from core.expression.tree import DOTS, ONE, ZERO, Expr, Numeral, by_kind, mapped, product, total

_HOLDS = {">": operator.gt, "<": operator.lt, "=": operator.eq}


def worth(expr: Expr) -> Any:
    """The value of a rule whose quantities have theirs, in double precision.

    Where it has none, as IEEE 754 has it: infinity, NaN.

    Raises:
        TypeError: A symbol in it has no value.
    """
    return by_kind(_WORTH, expr)(expr)


def _divided(above: float, below: float) -> float:
    if below:
        return above / below
    return math.nan if not above or math.isnan(above) else math.copysign(math.inf, above)


def _raised(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _called(call: tree.Call) -> Any:
    function = call.function
    if function.number is not None:
        return float(function.number(*map(worth, call.parts)))
    assert function.body is not None
    return worth(function.body(*call.parts))


_WORTH: dict[type[Expr], Callable[[Any], Any]] = {
    Numeral: lambda e: float(e.value),
    tree.Quantity: lambda e: float(e.value),
    tree.Rest: lambda e: float(e.value),
    tree.OutputRow: lambda e: e.values,
    tree.Sum: lambda e: float(sum(map(worth, e.parts))),
    tree.Negative: lambda e: -worth(e.parts[0]),
    tree.Product: lambda e: float(math.prod(map(worth, e.parts))),
    tree.Quotient: lambda e: _divided(*map(worth, e.parts)),
    tree.Power: lambda e: _raised(*map(worth, e.parts)),
    tree.Call: _called,
    tree.Cases: lambda e: worth(_branch(e)),
}


def holds(condition: Expr) -> bool:
    """Whether a relation is true of its values."""
    assert isinstance(condition, tree.Relation)
    return bool(_HOLDS[condition.signs[0]](*map(worth, condition.parts)))


def _branch(cases: tree.Cases) -> Expr:
    condition, yes, no = cases.parts
    return yes if holds(condition) else no


def named(expr: Expr) -> Expr:
    """With names alone, in the branches that their values lead to."""

    def name(part: Expr) -> Expr | None:
        if isinstance(part, tree.Cases):
            return named(_branch(part))
        if isinstance(part, tree.Quantity):
            return part.symbol
        return DOTS if isinstance(part, tree.Rest) else None

    return mapped(expr, name)


def valued(expr: Expr) -> Expr:
    """With numbers in the place of names, in the same branches."""

    def number(part: Expr) -> Expr | None:
        if isinstance(part, tree.Cases):
            return valued(_branch(part))
        return Numeral(part.value) if isinstance(part, tree.Quantity) else None

    return mapped(expr, number)


def spelt(expr: Expr, *, wholly: bool = False) -> Expr:
    """With what functions stand for in their place: of all, or of those usually written out."""

    def change(part: Expr) -> Expr | None:
        inner = [spelt(one, wholly=wholly) for one in part.parts]
        if (
            isinstance(part, tree.Call)
            and part.function.body
            and (wholly or part.function.is_spelt)
        ):
            return spelt(part.function.body(*inner), wholly=wholly)
        return _fraction(inner) if isinstance(part, tree.Product) else None

    return mapped(expr, change)


def opened(expr: Expr) -> Expr:
    """A rule that is but a function, by what that stands for."""
    return spelt(expr) if isinstance(expr, tree.Call) else expr


def _fraction(factors: list[Expr]) -> Expr:
    """A product with one over something is all of it over that."""
    for place, factor in enumerate(factors):
        if place and isinstance(factor, tree.Quotient) and factor.parts[0] == ONE:
            rest = factors[:place] + factors[place + 1 :]
            return tree.Quotient(parts=(product(*rest), factor.parts[1]))
    return product(*factors)


def derivative(expr: Expr, by: Expr) -> Expr:
    """How a rule changes with one of its symbols."""
    if expr == by:
        return ONE
    return by_kind(_DERIVATIVES, expr)(expr, by)


def _of_product(expr: tree.Product, by: Expr) -> Expr:
    first, rest = expr.parts[0], product(*expr.parts[1:])
    return derivative(first, by) * rest + first * derivative(rest, by)


def _of_quotient(expr: tree.Quotient, by: Expr) -> Expr:
    above, below = expr.parts
    change = derivative(below, by)
    if change == ZERO:
        return derivative(above, by) / below
    return (derivative(above, by) * below - above * change) / below**2


def _of_power(expr: tree.Power, by: Expr) -> Expr:
    base, exponent = expr.parts
    if isinstance(exponent, Numeral):
        return exponent * base ** (exponent.value - 1) * derivative(base, by)
    raised = expr * (derivative(exponent, by) * ln(base))
    return raised + exponent * base ** (exponent - 1) * derivative(base, by)


def _of_call(expr: tree.Call, by: Expr) -> Expr:
    changes = [derivative(part, by) for part in expr.parts]
    slopes = zip(expr.function.slopes, changes, strict=True)
    return total([slope(*expr.parts) * change for slope, change in slopes if change != ZERO])


def _of_cases(expr: tree.Cases, by: Expr) -> Expr:
    condition, yes, no = expr.parts
    return tree.Cases(parts=(condition, derivative(yes, by), derivative(no, by)))


_DERIVATIVES: dict[type[Expr], Callable[[Any, Expr], Expr]] = {
    Expr: lambda e, by: ZERO,
    tree.Sum: lambda e, by: total([derivative(part, by) for part in e.parts]),
    tree.Negative: lambda e, by: -derivative(e.parts[0], by),
    tree.Product: _of_product,
    tree.Quotient: _of_quotient,
    tree.Power: _of_power,
    tree.Call: _of_call,
    tree.Cases: _of_cases,
}
