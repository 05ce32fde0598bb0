"""What an entry says of one number: the rule in symbols, and the same rule in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan, prod

from core.expression.hidden import HIDDEN
from core.expression.tree import ONE, Expr, Quantity, product

ROUNDING, SUMMED = 1e-4, 1e-6
"""How far a number may lie from its rule: of its own size, and of the largest one it is made of."""


@dataclass(unsafe_hash=True, repr=False)
class Factor(Quantity):
    """One number that is shown, as torch computed it.

    Attributes:
        key: The array of the record it comes from; empty for a constant (a learning rate).
        index: Where in that array; its first number is the sample, where the array has samples.
    """

    key: str = ""
    index: tuple[int, ...] = ()


@dataclass(frozen=True)
class Term:
    """One summand of a sum: the product of its factors.

    Attributes:
        factors: What is multiplied.
        is_hidden: Whether a person is working out the sum that it belongs to.
    """

    factors: tuple[Factor, ...]
    is_hidden: bool = False

    @property
    def value(self) -> float:
        """The product, of the numbers shown; where a person is working it out, no number."""
        if self.is_hidden:
            return HIDDEN
        product = 1.0
        for factor in self.factors:
            product *= factor.value
        return product


@dataclass(frozen=True)
class Way:
    """One product of the chain rule: what comes back, and what it is multiplied by."""

    upstream: Factor
    local: Factor

    @classmethod
    def of(cls, term: Term) -> Way:
        """From a summand that begins with what comes back."""
        upstream, *rest = term.factors
        if len(rest) == 1:
            return cls(upstream, rest[0])
        made = product(*(factor.symbol for factor in rest)) if rest else ONE
        return cls(upstream, Factor(made, prod(factor.value for factor in rest)))

    @property
    def value(self) -> float:
        """The product, of the numbers shown."""
        return self.upstream.value * self.local.value


@dataclass(frozen=True)
class OpenedGradient:
    """The two factors of a gradient that is computed in one go, as the chain rule has them.

    Attributes:
        symbols: The number = the two factors.
        numbers: The same with numbers.
        way: The factors; neither stands in an array, they are worked out in float64.
    """

    symbols: Expr
    numbers: Expr
    way: Way


@dataclass(frozen=True)
class Formula:
    """One number of a recorded step, explained.

    Attributes:
        rule: The general rule, without this number's indices.
        symbols: Of this number: its symbol = what it is made of, with indices.
        numbers: The same with numbers, ending in ``= value``.
        result: The number explained.
        value: What the numeric form comes to, computed in float64 from the numbers shown.
        factors: All numbers it reads, each once; the ones to light up.
        constants: The named numbers of no array that it is made of: a rate, how many samples.
        terms: The summands of a sum, the largest in absolute value first; empty if it is no sum.
        left_out: How many further summands are not listed, and what they come to.
        upstream: For a product of the chain rule: the gradient that comes back.
        local: And the local derivative it is multiplied by.
        opened: Of a loss that is computed together with its activation: the chain between them;
            None as well where a saturated output leaves no finite factors.
        code: The line of PyTorch that computes all of the entry; of a sample's share, all of that.
        picked: Where in what the line computes this number stands: ``dz2[1, 0]``.
    """

    rule: Expr
    symbols: Expr
    numbers: Expr
    result: Factor
    value: float
    factors: tuple[Factor, ...]
    constants: tuple[Factor, ...] = ()
    terms: tuple[Term, ...] = ()
    left_out: tuple[int, float] = (0, 0.0)
    upstream: Factor | None = None
    local: Factor | None = None
    opened: OpenedGradient | None = None
    code: str = ""
    picked: str = ""

    @property
    def follows_rule(self) -> bool:
        """Whether the recorded number is what the rule gives, but for rounding.

        It always is, but in an experiment that is broken on purpose.
        """
        rule, code = self.value, self.result.value
        if not (isfinite(rule) and isfinite(code)):
            return rule == code or (isnan(rule) and isnan(code))
        parts = [term.value for term in self.terms] or [factor.value for factor in self.factors]
        largest = max((abs(part) for part in parts if isfinite(part)), default=0.0)
        return abs(rule - code) <= ROUNDING * max(abs(rule), abs(code)) + SUMMED * largest

    @property
    def line(self) -> str:
        """The line that ends in this number."""
        return "; ".join(filter(None, (self.code, self.picked)))

    @property
    def ways(self) -> tuple[Way, ...]:
        """The products of the chain rule that it is made of, the largest first.

        None of a sum over the batch: there numbers of the same kind are put together.
        """
        if self.upstream is not None and self.local is not None:
            return (Way(self.upstream, self.local),)
        if self.result.index[:1] == (-1,):
            return ()
        return tuple(Way.of(term) for term in self.terms if term.factors[0].key.startswith("d:"))
