"""Sums of products: of a thousand summands the largest are listed, the rest is one number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.debugger.rules.formula import Factor, Formula, Term
from core.debugger.rules.latex import number, operand
from core.debugger.rules.spot import Spot

LISTED = 12
"""The most summands listed as terms."""

DRAWN = 6
"""The most summands drawn in a formula; of more only a row, since drawing mathematics is slow."""

A_ROW = 3
"""The most summands drawn in one row."""


@dataclass(frozen=True)
class Piece:
    """A summand as it is listed and drawn.

    Attributes:
        term: Its factors.
        symbols: LaTeX, in names.
        numbers: LaTeX, in numbers.
        reads: The numbers of arrays in it.
    """

    term: Term
    symbols: str
    numbers: str
    reads: tuple[Factor, ...]


def product(*factors: Factor) -> Piece:
    """A summand that is drawn as its factors."""
    return Piece(
        Term(factors),
        r"\,".join(factor.symbol for factor in factors),
        r"\cdot".join(operand(factor.value) for factor in factors),
        tuple(factor for factor in factors if factor.key),
    )


@dataclass(frozen=True, eq=False)
class Products:
    """Summands, not yet put into words.

    Attributes:
        values: float64, of any shape.
        piece: Puts the one at a flat index into words.
    """

    values: NDArray[np.float64]
    piece: Callable[[int], Piece]


def single(piece: Piece) -> Products:
    """One summand more, such as a bias."""
    return Products(np.array([piece.term.value]), lambda _: piece)


@dataclass(frozen=True)
class Outer:
    """What a whole sum is multiplied by.

    Attributes:
        factor: Name and value.
        numbers: LaTeX of its value, such as a fraction.
    """

    factor: Factor
    numbers: str


def share(count: int, symbol: str = "n", above: int = 1) -> Outer:
    """One part of ``count``; or ``above`` parts."""
    name, numbers = rf"\frac{{{above}}}{{{symbol}}}", rf"\frac{{{above}}}{{{count}}}"
    return Outer(Factor(name, above / count), numbers)


@dataclass(frozen=True)
class Sum:
    """A sum, put into words.

    Attributes:
        value: Of all summands, float64.
        pieces: Those listed, the largest first.
        drawn: Those drawn: in their natural order, where none are left out.
        count: How many summands there are.
        outer: What it is multiplied by.
    """

    value: float
    pieces: tuple[Piece, ...]
    drawn: tuple[Piece, ...]
    count: int
    outer: Outer | None

    @property
    def factor(self) -> float:
        """The value of what it is multiplied by."""
        return self.outer.factor.value if self.outer else 1.0

    @property
    def terms(self) -> tuple[Term, ...]:
        """The summands listed, each with what the whole is multiplied by."""
        if self.outer is None:
            return tuple(piece.term for piece in self.pieces)
        return tuple(Term((*piece.term.factors, self.outer.factor)) for piece in self.pieces)

    @property
    def left_out(self) -> tuple[int, float]:
        """How many are not listed, and what they come to."""
        missing = self.count - len(self.pieces)
        return missing, self.value - sum(term.value for term in self.terms) if missing else 0.0

    @property
    def reads(self) -> tuple[Factor, ...]:
        """The numbers in the summands listed, each once."""
        return once([factor for piece in self.pieces for factor in piece.reads])

    def symbols(self) -> list[str]:
        """The summands drawn, in names; dots for the rest."""
        rest = [r"\cdots"] if self.count > len(self.drawn) else []
        return [piece.symbols for piece in self.drawn] + rest

    def numbers(self) -> list[str]:
        """The summands drawn, in numbers; what the rest comes to, over how many they are."""
        missing = self.count - len(self.drawn)
        if not missing:
            return [piece.numbers for piece in self.drawn]
        shown = sum(piece.term.value for piece in self.drawn)
        rest = operand(self.value / self.factor - shown if self.factor else 0.0)
        return [
            *(piece.numbers for piece in self.drawn),
            rf"\underbrace{{{rest}}}_{{{missing}}}",
        ]


def summed(*groups: Products, outer: Outer | None = None) -> Sum:
    """Adds summands up and picks the largest."""
    found = [(group, i) for group in groups for i in _largest(group.values)]
    sizes = [abs(float(group.values.flat[i])) for group, i in found]
    # A NaN explains the sum that it spoils.
    ranks = np.argsort([-np.inf if np.isnan(s) else -s for s in sizes], kind="stable")[:LISTED]
    pieces = {int(rank): found[rank][0].piece(found[rank][1]) for rank in ranks}
    count = sum(group.values.size for group in groups)
    natural = sorted(pieces) if count <= DRAWN else list(pieces)[:A_ROW]
    total = sum(float(group.values.sum()) for group in groups)
    return Sum(
        total * (outer.factor.value if outer else 1.0),
        tuple(pieces.values()),
        tuple(pieces[rank] for rank in natural),
        count,
        outer,
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


def equation(left: str, pieces: Sequence[str], outer: str = "", value: str = "") -> str:
    """``left = outer (a + b + c) = value``, in rows where it is long."""
    pieces = pieces or ["0"]
    if len(pieces) <= A_ROW:
        body = " + ".join(pieces)
        body = rf"{outer}\left({body}\right)" if outer else body
        return f"{left} = {body}" + (f" = {value}" if value else "")
    each = -(-len(pieces) // -(-len(pieces) // A_ROW))  # rows of equal length, where possible
    rows = [" + ".join(pieces[i : i + each]) for i in range(0, len(pieces), each)]
    if outer:
        rows[0], rows[-1] = rf"{outer}\,({rows[0]}", rf"{rows[-1]})"
    lines = [rf"{left} & = {rows[0]}", *(rf" & \quad {{}} + {row}" for row in rows[1:])]
    return array([*lines, *([f" & = {value}"] if value else [])])


def array(lines: Sequence[str]) -> str:
    """Lines below one another, as ziamath can draw them."""
    return r"\begin{array}{ll} " + r" \\ ".join(lines) + r" \end{array}"


def sum_formula(
    spot: Spot,
    total: Sum,
    *,
    rule: str,
    code: str,
    result: Factor | None = None,
    extra: tuple[Factor, ...] = (),
    chain: tuple[Factor, Factor] | None = None,
) -> Formula:
    """The formula of a number that is a sum; ``rule`` and ``code`` as :class:`Formula` has them.

    ``result`` is the number where it stands in no array, ``extra`` what is read beside the
    summands, ``chain`` the gradient from above and the local one, where they are all of it.
    """
    result = result or spot.result()
    outer = total.outer
    return Formula(
        rule=rule,
        symbols=equation(result.symbol, total.symbols(), outer.factor.symbol if outer else ""),
        numbers=equation(
            result.symbol, total.numbers(), outer.numbers if outer else "", number(total.value)
        ),
        result=result,
        value=total.value,
        factors=once([*total.reads, *extra]),
        terms=total.terms,
        left_out=total.left_out,
        upstream=chain[0] if chain else None,
        local=chain[1] if chain else None,
        code=code,
    )


def plain_formula(
    spot: Spot,
    *,
    rule: str,
    symbols: str,
    numbers: str,
    value: float,
    factors: Sequence[Factor],
    code: str,
    **parts: Any,
) -> Formula:
    """The formula of a number that is no sum; ``symbols`` and ``numbers`` are right-hand sides."""
    result = spot.result()
    # A number that is only passed on is not said twice.
    end = "" if numbers == number(value) else f" = {number(value)}"
    return Formula(
        rule=rule,
        symbols=f"{result.symbol} = {symbols}",
        numbers=f"{result.symbol} = {numbers}{end}",
        result=result,
        value=value,
        factors=once(factors),
        code=code,
        **parts,
    )
