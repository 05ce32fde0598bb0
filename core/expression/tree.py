"""What a rule is made of: symbols and numbers, and what is done with them, in the order written.

Operators build the tree, so that a rule reads as in the textbook: ``mu * v + (1 - tau) * g``. What
a derivative leaves behind (times 1, plus 0) is left out on the way; nothing is put in another order
and no numbers are worked out, since people check them against what they see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from typing import Any, TypeVar

Form = TypeVar("Form")


@dataclass(unsafe_hash=True, repr=False)
class Expr:
    """A rule or a part of one; like all of them never changed once it is made.

    Not frozen, though: a third of the time of making it would go into that, at each import too.

    Attributes:
        parts: What it is made of, in order; empty for symbols and numbers.
    """

    parts: tuple[Expr, ...] = field(default=(), kw_only=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, vars(self).values()))})"

    def __add__(self, other: Operand) -> Expr:
        other = as_expr(other)
        if ZERO in (self, other):
            return self if other == ZERO else other
        return Sum(parts=(*(self.parts if isinstance(self, Sum) else (self,)), other))

    def __radd__(self, other: Operand) -> Expr:
        return as_expr(other) + self

    def __sub__(self, other: Operand) -> Expr:
        return self + -as_expr(other)

    def __rsub__(self, other: Operand) -> Expr:
        return as_expr(other) - self

    def __neg__(self) -> Expr:
        if self == ZERO:
            return ZERO
        return self.parts[0] if isinstance(self, Negative) else Negative(parts=(self,))

    def __mul__(self, other: Operand) -> Expr:
        other = as_expr(other)
        if ZERO in (self, other):
            return ZERO
        if ONE in (self, other):
            return self if other == ONE else other
        if isinstance(self, Negative):
            return -(self.parts[0] * other)
        if isinstance(other, Negative):
            return -(self * other.parts[0])
        return Product(parts=(*factors(self), *factors(other)))

    def __rmul__(self, other: Operand) -> Expr:
        return as_expr(other) * self

    def __truediv__(self, other: Operand) -> Expr:
        other = as_expr(other)
        if self == ZERO or other == ONE:
            return self
        if isinstance(self, Negative):
            return -(self.parts[0] / other)
        if isinstance(self, Product) and other in self.parts:
            at = self.parts.index(other)
            return product(*self.parts[:at], *self.parts[at + 1 :])
        return Quotient(parts=(self, other))

    def __rtruediv__(self, other: Operand) -> Expr:
        return as_expr(other) / self

    def __pow__(self, other: Operand) -> Expr:
        return self if other == 1 else Power(parts=(self, as_expr(other)))

    def __rpow__(self, other: Operand) -> Expr:
        return as_expr(other) ** self

    def __gt__(self, other: Operand) -> Relation:
        return Relation((">",), parts=(self, as_expr(other)))

    def __lt__(self, other: Operand) -> Relation:
        return Relation(("<",), parts=(self, as_expr(other)))

    def is_(self, *others: Operand, sign: str = "=") -> Relation:
        """``self = other``, and on."""
        return Relation((sign,) * len(others), parts=(self, *map(as_expr, others)))

    def becomes(self, other: Operand) -> Relation:
        """``self <- other``."""
        return self.is_(other, sign="←")


@dataclass(unsafe_hash=True, repr=False)
class Numeral(Expr):
    """A number that stands for itself."""

    value: float


@dataclass(unsafe_hash=True, repr=False)
class Symbol(Expr):
    """A name: ``w`` with ``2,1`` below and ``(1)`` above.

    Attributes:
        letter: As Unicode has it: ``θ``.
        below: What stands below on its right.
        above: What stands above on its right.
        mark: What stands over the letter, as Unicode combines it with one: a hat, a bar, a tilde.
    """

    letter: str
    below: str | Expr = ""
    above: str = ""
    mark: str = ""


HAT, BAR, TILDE = "\u0302", "\u0304", "\u0303"


@dataclass(unsafe_hash=True, repr=False)
class Quantity(Expr):
    """A number that has a name.

    Attributes:
        symbol: Its name; mostly a :class:`Symbol`.
        value: The number.
    """

    symbol: Expr
    value: float


@dataclass(unsafe_hash=True, repr=False)
class Setting(Expr):
    """A field of the catalog's entry that a rule belongs to.

    Attributes:
        symbol: Its name in formulas.
        field: Its name in the entry.
    """

    symbol: Symbol
    field: str


@dataclass(unsafe_hash=True, repr=False)
class Rest(Expr):
    """The summands that are not drawn: dots among names, what they come to among numbers.

    Attributes:
        value: Their sum.
        count: How many they are.
    """

    value: float
    count: int


@dataclass(unsafe_hash=True, repr=False)
class OutputRow(Expr):
    """All outputs of a sample, as a softmax looks at them; its part is the name of any of them.

    Attributes:
        chosen: The one that the target names.
        seen: Those to be drawn, where their numbers are known; the others are dots.
        values: The numbers of all.
    """

    chosen: Expr
    seen: tuple[Expr, ...] = ()
    values: tuple[float, ...] = ()


class Sum(Expr):
    """``a + b - c``: what is subtracted is Negative."""


class Negative(Expr):
    """``-a``."""


class Product(Expr):
    """``a b c``."""


class Quotient(Expr):
    """``a / b``."""


class Power(Expr):
    """``a`` to the power of ``b``."""


class Overlined(Expr):
    """The mean of ``a`` over a batch."""


@dataclass(unsafe_hash=True, repr=False)
class Derivative(Expr):
    """``da / db``, or with partial signs."""

    sign: str = "∂"


class Cases(Expr):
    """``b`` if the relation ``a`` holds, else ``c``."""


@dataclass(unsafe_hash=True, repr=False)
class Relation(Expr):
    """Sides with a sign between each and the next.

    Attributes:
        signs: One fewer than there are sides.
    """

    signs: tuple[str, ...]


class Rows(Expr):
    """Relations below one another."""


class Aside(Expr):
    """Relations beside one another, what follows explaining what stands before it."""


@dataclass(unsafe_hash=True, repr=False)
class Big(Expr):
    """A sum, or the largest, of ``a`` over an index.

    Attributes:
        sign: ``∑`` or ``max``.
        index: ``j``, ``i=1``.
        upto: Where the index ends, if that is said.
    """

    index: str
    upto: str = ""
    sign: str = "∑"


@dataclass(frozen=True, repr=False)
class Function:
    """What a call may call; core.expression.functions has them.

    Attributes:
        name: As printers write it; some know a notation of their own for it.
        number: Its value for floats; that of its body, where there is none.
        code: PyTorch, with a place for each argument; where torch has another call for a tensor
            beside a number, that one first.
        slopes: Its derivatives by each argument.
        body: What it stands for, if that can be spelt out.
        is_spelt: Whether a formula spells it out beside the numbers it is made of.
    """

    name: str
    number: Callable[..., float] | None = field(default=None, compare=False)
    code: str | tuple[str, str] = field(default="", compare=False)
    slopes: tuple[Callable[..., Expr], ...] = field(default=(), compare=False)
    body: Callable[..., Expr] | None = field(default=None, compare=False)
    is_spelt: bool = field(default=True, compare=False)

    def __call__(self, *arguments: Operand) -> Expr:
        """The function of these."""
        return Call(self, parts=tuple(map(as_expr, arguments)))


@dataclass(unsafe_hash=True, repr=False)
class Call(Expr):
    """A function of its parts."""

    function: Function


Operand = Expr | float
ZERO, ONE = Numeral(0), Numeral(1)
DOTS = Symbol("⋯")


def as_expr(value: Operand) -> Expr:
    """A plain number as a part of a rule."""
    return value if isinstance(value, Expr) else Numeral(value)


def product(*factors: Expr) -> Expr:
    """All of these multiplied, in this order and nothing left out; 1 if there are none."""
    return Product(parts=factors) if len(factors) > 1 else factors[0] if factors else ONE


def total(summands: tuple[Expr, ...] | list[Expr]) -> Expr:
    """All of these added; 0 if there are none."""
    return reduce(add, summands, ZERO)


def factors(expr: Expr) -> tuple[Expr, ...]:
    """What a product is made of; of anything else, all of it."""
    return expr.parts if isinstance(expr, Product) else (expr,)


def signed(expr: Sum) -> Iterator[tuple[bool, Expr]]:
    """The summands behind the first: whether each is subtracted, and what."""
    for part in expr.parts[1:]:
        minus = isinstance(part, Negative)
        yield minus, part.parts[0] if minus else part


def mapped(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """The same with each part for which ``change`` has another in that one's place."""
    changed = change(expr)
    if changed is not None:
        return changed
    if not expr.parts:
        return expr
    return replace(expr, parts=tuple(mapped(part, change) for part in expr.parts))


def replaced(expr: Expr, by: Mapping[Expr, Expr]) -> Expr:
    """The same with other things in the place of some symbols."""
    return mapped(expr, by.get)


def relettered(expr: Expr, letters: Mapping[str, Symbol]) -> Expr:
    """The same with other letters and marks; what stands above and below them stays."""

    def change(part: Expr) -> Expr | None:
        if not isinstance(part, Symbol) or part.letter not in letters:
            return None
        found = letters[part.letter]
        return replace(part, letter=found.letter, mark=found.mark)

    return mapped(expr, change)


def contains(expr: Expr, part: Expr) -> bool:
    """Whether a symbol occurs in it."""
    return expr == part or any(contains(one, part) for one in expr.parts)


def by_kind(table: Mapping[type[Expr], Form], expr: Expr) -> Form:
    """What a table has for an expression of its kind, or of the kind that it is a special one of.

    Raises:
        TypeError: It has nothing.
    """
    for kind in type(expr).__mro__:
        if kind in table:
            return table[kind]
    raise TypeError(f"nothing known for {expr}")


RELATION, SUM, PRODUCT, POWER, WHOLE = range(5)
"""How firmly the parts of a rule hold together, which says where a printer needs brackets."""

_LEVELS: dict[type[Expr], Callable[[Any], int]] = {
    Expr: lambda e: WHOLE,
    Numeral: lambda e: SUM if e.value < 0 else WHOLE,
    Quantity: lambda e: level(e.symbol),
    **dict.fromkeys((Relation, Aside), lambda e: RELATION),
    **dict.fromkeys((Sum, Negative), lambda e: SUM),
    **dict.fromkeys((Product, Big, Quotient), lambda e: PRODUCT),
    Power: lambda e: POWER,
}


def level(expr: Expr) -> int:
    """From RELATION, which anything tears apart, to WHOLE."""
    return by_kind(_LEVELS, expr)(expr)
