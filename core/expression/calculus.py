"""What follows from a rule: its value, its derivative, and the same spelt out."""

from __future__ import annotations

import math
import operator
from functools import singledispatch
from typing import Any

from core.expression import tree
from core.expression.functions import ln
from core.expression.tree import (
    DOTS,
    ONE,
    ZERO,
    Call,
    Cases,
    Expr,
    Negative,
    Numeral,
    OutputRow,
    Power,
    Product,
    Quantity,
    Quotient,
    Relation,
    Rest,
    Sum,
    product,
    total,
)

_HOLDS = {">": operator.gt, "<": operator.lt, "=": operator.eq}


@singledispatch
def worth(expr: Expr) -> Any:
    """The value of a rule whose quantities have theirs, in double precision.

    Where it has none, as IEEE 754 has it: infinity, NaN.

    Raises:
        TypeError: A symbol in it has no value.
    """
    raise TypeError(f"no value for {expr}")


@worth.register(Numeral)
@worth.register(Quantity)
@worth.register(Rest)
def _(expr: Any) -> float:
    return float(expr.value)


@worth.register
def _(expr: OutputRow) -> tuple[float, ...]:
    return expr.values


@worth.register
def _(expr: Sum) -> float:
    return float(sum(worth(part) for part in expr.parts))


@worth.register
def _(expr: Negative) -> float:
    return -float(worth(expr.parts[0]))


@worth.register
def _(expr: Product) -> float:
    return float(math.prod(worth(part) for part in expr.parts))


@worth.register
def _(expr: Quotient) -> float:
    above, below = (worth(part) for part in expr.parts)
    if below:
        return float(above / below)
    return math.nan if not above or math.isnan(above) else math.copysign(math.inf, above)


@worth.register
def _(expr: Power) -> float:
    base, exponent = (worth(part) for part in expr.parts)
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


@worth.register
def _(expr: Call) -> float:
    function = expr.function
    if function.number is not None:
        return float(function.number(*map(worth, expr.parts)))
    assert function.body is not None
    return float(worth(function.body(*expr.parts)))


@worth.register
def _(expr: Cases) -> float:
    condition, yes, no = expr.parts
    return float(worth(yes if holds(condition) else no))


def holds(condition: Expr) -> bool:
    """Whether a relation is true of its values."""
    assert isinstance(condition, Relation)
    left, right = (worth(part) for part in condition.parts)
    return bool(_HOLDS[condition.signs[0]](left, right))


def taken(expr: Expr) -> Expr:
    """With that of two branches which its values lead to."""
    return tree.mapped(expr, _chosen)


def _chosen(expr: Expr) -> Expr | None:
    if not isinstance(expr, Cases):
        return None
    condition, yes, no = expr.parts
    return taken(yes if holds(condition) else no)


def named(expr: Expr) -> Expr:
    """With names alone, in the branches that their values lead to."""
    return tree.mapped(taken(expr), _name)


def valued(expr: Expr) -> Expr:
    """With numbers in the place of names."""
    return tree.mapped(taken(expr), _value)


def _name(expr: Expr) -> Expr | None:
    if isinstance(expr, Quantity):
        return expr.symbol
    return DOTS if isinstance(expr, Rest) else None


def _value(expr: Expr) -> Expr | None:
    return Numeral(expr.value) if isinstance(expr, Quantity) else None


def spelt(expr: Expr, *, wholly: bool = False) -> Expr:
    """With what functions stand for in their place: of all, or of those usually written out."""

    def change(part: Expr) -> Expr | None:
        if isinstance(part, Call) and part.function.body and (wholly or part.function.is_spelt):
            arguments = [spelt(one, wholly=wholly) for one in part.parts]
            return spelt(part.function.body(*arguments), wholly=wholly)
        if isinstance(part, Product):
            return _fraction([spelt(one, wholly=wholly) for one in part.parts])
        return None

    return tree.mapped(expr, change)


def opened(expr: Expr) -> Expr:
    """A rule that is but a function, by what that stands for."""
    return spelt(expr) if isinstance(expr, Call) else expr


def _fraction(factors: list[Expr]) -> Expr:
    """A product with one over something is all of it over that."""
    for place, factor in enumerate(factors):
        if place and isinstance(factor, Quotient) and factor.parts[0] == ONE:
            rest = factors[:place] + factors[place + 1 :]
            return Quotient(parts=(product(*rest), factor.parts[1]))
    return product(*factors)


@singledispatch
def derivative(expr: Expr, by: Expr) -> Expr:
    """How a rule changes with one of its symbols; what is equal to the symbol counts as it."""
    return ONE if expr == by else ZERO


@derivative.register
def _(expr: Sum, by: Expr) -> Expr:
    return total([derivative(part, by) for part in expr.parts])


@derivative.register
def _(expr: Negative, by: Expr) -> Expr:
    return -derivative(expr.parts[0], by)


@derivative.register
def _(expr: Product, by: Expr) -> Expr:
    first, rest = expr.parts[0], product(*expr.parts[1:])
    return derivative(first, by) * rest + first * derivative(rest, by)


@derivative.register
def _(expr: Quotient, by: Expr) -> Expr:
    above, below = expr.parts
    change = derivative(below, by)
    if change == ZERO:
        return derivative(above, by) / below
    return (derivative(above, by) * below - above * change) / below**2


@derivative.register
def _(expr: Power, by: Expr) -> Expr:
    base, exponent = expr.parts
    if isinstance(exponent, Numeral):
        return exponent * base ** (exponent.value - 1) * derivative(base, by)
    raised = expr * (derivative(exponent, by) * ln(base))
    return raised + exponent * base ** (exponent - 1) * derivative(base, by)


@derivative.register
def _(expr: Call, by: Expr) -> Expr:
    slopes = expr.function.slopes
    return total(
        [
            slope(*expr.parts) * derivative(part, by)
            for slope, part in zip(slopes, expr.parts, strict=True)
            if derivative(part, by) != ZERO
        ]
    )


@derivative.register
def _(expr: Cases, by: Expr) -> Expr:
    condition, yes, no = expr.parts
    return Cases(parts=(condition, derivative(yes, by), derivative(no, by)))
