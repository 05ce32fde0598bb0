"""How firmly the parts of a rule hold together, which says where a printer needs brackets."""

from __future__ import annotations

from core.expression.tree import (
    Aside,
    Big,
    Expr,
    Negative,
    Numeral,
    Power,
    Product,
    Quantity,
    Quotient,
    Relation,
    Sum,
)

RELATION, SUM, PRODUCT, POWER, WHOLE = range(5)

_LEVELS: dict[type[Expr], int] = {
    Relation: RELATION,
    Aside: RELATION,
    Sum: SUM,
    Negative: SUM,
    Product: PRODUCT,
    Big: PRODUCT,
    Quotient: PRODUCT,
    Power: POWER,
}


def level(expr: Expr) -> int:
    """From RELATION, which anything tears apart, to WHOLE."""
    if isinstance(expr, Numeral):
        return SUM if expr.value < 0 else WHOLE
    return level(expr.symbol) if isinstance(expr, Quantity) else _LEVELS.get(type(expr), WHOLE)
