"""Sums of products: of a thousand summands the largest are listed, the rest is one number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.debugger.formulas.formula import Factor, Formula, Term
from core.debugger.formulas.spot import OneNumber
from core.expression import tree
from core.expression.calculus import named, valued, worth
from core.expression.latex import A_ROW
from core.expression.tree import ONE, ZERO, Expr, Numeral, Product, Quantity, Quotient, Rest, Symbol

LISTED = 12
"""The most summands listed as terms."""

DRAWN = 6
"""The most summands drawn in a formula; of more only a row, since drawing mathematics is slow."""


@dataclass(frozen=True)
class Summand:
    """A summand as it is listed and drawn.

    Attributes:
        term: Its factors.
        drawn: The same as a part of the formula.
        reads: The numbers of arrays in it.
    """

    term: Term
    drawn: Expr
    reads: tuple[Factor, ...]

    @classmethod
    def of(cls, drawn: Expr, *factors: Factor) -> Summand:
        """A summand whose factors are listed as they are, whatever they are drawn as."""
        return cls(Term(factors), drawn, tuple(read(drawn)))


def product(*factors: Factor) -> Summand:
    """A summand that is drawn as its factors."""
    return Summand.of(tree.product(*factors), *factors)


def made_of(drawn: Expr, value: float) -> Summand:
    """A summand that is no product, listed as one number."""
    return Summand(Term((Factor(named(drawn), value),)), drawn, tuple(read(drawn)))


def read(expr: Expr) -> Iterator[Factor]:
    """The numbers of arrays in a formula."""
    if isinstance(expr, Factor) and expr.key:
        yield expr
    for part in expr.parts:
        yield from read(part)


def constants(expr: Expr) -> Iterator[Factor]:
    """The named numbers in a formula that stand in no array: a rate, a share that is kept."""
    if isinstance(expr, Quantity) and not read_of(expr) and _has_letter(expr.symbol):
        yield Factor(expr.symbol, expr.value)
    for part in expr.parts:
        yield from constants(part)


def read_of(expr: Expr) -> bool:
    """Whether it is a number of an array."""
    return isinstance(expr, Factor) and bool(expr.key)


def _has_letter(expr: Expr) -> bool:
    return isinstance(expr, Symbol) or any(map(_has_letter, expr.parts))


@dataclass(frozen=True, eq=False)
class Products:
    """Summands, not yet put into words.

    Attributes:
        values: float64, of any shape.
        piece: Puts the one at a flat index into words.
    """

    values: NDArray[np.float64]
    piece: Callable[[int], Summand]


def single(piece: Summand) -> Products:
    """One summand more, such as a bias."""
    return Products(np.array([piece.term.value]), lambda _: piece)


def share(count: int, symbol: Expr = Symbol("n")) -> Quotient:  # noqa: B008 - frozen
    """One part of ``count``."""
    return Quotient(parts=(ONE, Quantity(symbol, count)))


@dataclass(frozen=True)
class Summed:
    """A sum, put into words.

    Attributes:
        value: Of all summands, float64.
        pieces: Those listed, the largest first.
        seen: Those drawn: in their natural order, where none are left out.
        count: How many summands there are.
        outer: What it is multiplied by.
    """

    value: float
    pieces: tuple[Summand, ...]
    seen: tuple[Summand, ...]
    count: int
    outer: Factor | None

    @property
    def terms(self) -> tuple[Term, ...]:
        """The summands listed, each with what the whole is multiplied by."""
        if self.outer is None:
            return tuple(piece.term for piece in self.pieces)
        return tuple(Term((*piece.term.factors, self.outer)) for piece in self.pieces)

    @property
    def left_out(self) -> tuple[int, float]:
        """How many are not listed, and what they come to."""
        missing = self.count - len(self.pieces)
        return missing, self.value - sum(term.value for term in self.terms) if missing else 0.0

    @property
    def reads(self) -> list[Factor]:
        """The numbers in the summands listed."""
        return [factor for piece in self.pieces for factor in piece.reads]

    @property
    def drawn(self) -> Expr:
        """The summands drawn, and what the rest comes to."""
        shown = [piece.drawn for piece in self.seen]
        missing = self.count - len(shown)
        if missing:
            factor = self.outer.value if self.outer else 1.0
            whole = self.value / factor if factor else 0.0
            known = sum(piece.term.value for piece in self.seen)
            shown.append(Rest(whole - known, missing))
        return shown[0] if len(shown) == 1 else tree.Sum(parts=tuple(shown)) if shown else ZERO


def summed(*groups: Products, outer: Expr | None = None) -> Summed:
    """Adds summands up and picks the largest."""
    found = [(group, i) for group in groups for i in _largest(group.values)]
    sizes = [abs(float(group.values.flat[i])) for group, i in found]
    # A NaN explains the sum that it spoils.
    ranks = np.argsort([-np.inf if np.isnan(s) else -s for s in sizes], kind="stable")[:LISTED]
    pieces = {int(rank): found[rank][0].piece(found[rank][1]) for rank in ranks}
    count = sum(group.values.size for group in groups)
    natural = sorted(pieces) if count <= DRAWN else list(pieces)[:A_ROW]
    total = sum(float(group.values.sum()) for group in groups)
    before = Factor(outer, worth(outer)) if outer is not None else None
    return Summed(
        total * (before.value if before else 1.0),
        tuple(pieces.values()),
        tuple(pieces[rank] for rank in natural),
        count,
        before,
    )


def _largest(values: NDArray[np.float64]) -> list[int]:
    """Flat indices of the summands worth listing, in their natural order."""
    if values.size <= LISTED:
        return list(range(values.size))
    sizes = np.abs(values).ravel()
    sizes[np.isnan(sizes)] = np.inf
    found = []
    # A dozen passes are quicker than a partition, which many equal zeros slow down tenfold.
    for _ in range(LISTED):
        found.append(int(sizes.argmax()))
        sizes[found[-1]] = -1.0
    return sorted(found)


def once(factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """Each number once, in the order of its first use."""
    return tuple({(factor.key, factor.index): factor for factor in factors}.values())


def sum_formula(
    spot: OneNumber,
    total: Summed,
    *,
    rule: Expr,
    code: str,
    result: Factor | None = None,
    extra: tuple[Factor, ...] = (),
    chain: tuple[Factor, Factor] | None = None,
) -> Formula:
    """The formula of a number that is a sum; ``rule`` and ``code`` as :class:`Formula` has them.

    ``result`` is the number where it stands in no array, ``extra`` what is read beside the
    summands, ``chain`` the gradient from above and the local one, where they are all of it.
    """
    outer = total.outer
    made = Product(parts=(outer.symbol, total.drawn)) if outer else total.drawn
    return _formula(
        result or spot.result(),
        made,
        total.value,
        rule=rule,
        factors=once([*total.reads, *extra]),
        terms=total.terms,
        left_out=total.left_out,
        upstream=chain[0] if chain else None,
        local=chain[1] if chain else None,
        code=code,
    )


def plain_formula(
    spot: OneNumber,
    made: Expr,
    *,
    rule: Expr,
    code: str,
    value: float | None = None,
    reads: Sequence[Factor] = (),
    **parts: Any,
) -> Formula:
    """The formula of a number that is no sum.

    Args:
        spot: The number.
        made: What it is made of.
        rule: As :class:`Formula` has it.
        code: Likewise.
        value: What it comes to, where it is spelt out in a way that may overflow.
        reads: What is read beside what is drawn.
        **parts: Of the formula.
    """
    value = worth(made) if value is None else value
    factors = once([*read(made), *reads])
    return _formula(spot.result(), made, value, rule=rule, factors=factors, code=code, **parts)


def _formula(result: Factor, made: Expr, value: float, **parts: Any) -> Formula:
    numbers, end = valued(made), Numeral(value)
    # A number that is only passed on is not said twice.
    told = (numbers,) if numbers == end else (numbers, end)
    return Formula(
        symbols=result.symbol.is_(named(made)),
        numbers=result.symbol.is_(*told),
        result=result,
        value=value,
        constants=tuple(dict.fromkeys(constants(made))),
        **parts,
    )
