"""A path from a number to the loss, told: the numbers on its way and the slopes between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.debugger.formulas.formula import Factor
from core.debugger.formulas.names import symbol_of
from core.debugger.why.exact import Exact
from core.debugger.why.place import NumberAt, place_of
from core.debugger.why.search import Followed
from core.expression.plain import plain
from core.expression.tree import Derivative
from core.messages.scope import is_per_sample


@dataclass(frozen=True)
class PathFactor:
    """One step of a path: from a number to one that it moves.

    Attributes:
        reached: The number moved, with its name; its value is the record's, in float32.
        at: Where a click goes: to the operation that computes it.
        local: The local derivative with its name, worked out in float64.
        is_number: The number of the record that this derivative is: a weight, or what a weight is
            multiplied by; None where it is none (a slope).
    """

    reached: Factor
    at: NumberAt | None
    local: Factor
    is_number: Factor | None = None


@dataclass(frozen=True)
class GradientPath:
    """A path from a number to the loss, or from a weight to its penalty.

    Attributes:
        begin: The number it begins at; of a gradient of all samples, in one of them.
        factors: From there on.
        product: Of the local derivatives.
    """

    begin: Factor
    factors: tuple[PathFactor, ...]
    product: float

    @property
    def route(self) -> str:
        """The numbers on its way, in letters: ``w → z → a → L``."""
        passed = (self.begin, *(factor.reached for factor in self.factors))
        return " → ".join(plain(one.symbol) for one in passed)


class Teller:
    """Puts the paths of one gradient into numbers with names.

    Args:
        exact: The step.
        key: Of the array that they begin in.
        index: Where a parameter stands in it; of a sample's number without the sample.
        marked: Whether to say of which sample a number is.
    """

    def __init__(self, exact: Exact, key: str, index: tuple[int, ...], *, marked: bool) -> None:
        self._exact, self._key, self._index, self._marked = exact, key, index, marked

    def told(self, end: Followed) -> GradientPath:
        """A path, from its last number."""
        steps = end.steps()
        numbers = [self._begin(steps[0]), *(self._reached(one) for one in steps[1:])]
        factors = tuple(
            self._factor(*trails, *names)
            for trails, names in zip(pairwise(steps), pairwise(numbers), strict=True)
        )
        return GradientPath(numbers[0], factors, end.product)

    def _begin(self, first: Followed) -> Factor:
        if self._key.startswith("p:"):
            return self._number(self._key, self._index)
        key = self._exact.record.canonical(self._key)
        return self._number(key, self._place(key, first.place))

    def _reached(self, trail: Followed) -> Factor:
        assert trail.hop is not None
        key = trail.hop.to
        return self._number(key, self._place(key, trail.place) if is_per_sample(key) else ())

    def _place(self, key: str, place: int) -> tuple[int, ...]:
        """In the record, where all samples are."""
        row, *index = np.unravel_index(place, self._exact.array(key).shape)
        return (int(self._exact.rows[row]), *(int(i) for i in index))

    def _number(self, key: str, index: tuple[int, ...]) -> Factor:
        record = self._exact.record
        symbol = symbol_of(record, key, index, marked=self._marked)
        return Factor(symbol, float(record.arrays[key][index]), key, index)

    def _factor(
        self, before: Followed, trail: Followed, left: Factor, reached: Factor
    ) -> PathFactor:
        assert trail.hop is not None
        same = trail.hop.same(before.place % trail.hop.size, trail.place)
        number = self._record_number(*same) if same is not None else None
        local = Factor(Derivative(parts=(reached.symbol, left.symbol)), trail.local)
        at = place_of(self._exact.record, reached.key, reached.index)
        return PathFactor(reached, at, local, number)

    def _record_number(self, key: str, index: tuple[int, ...]) -> Factor:
        if is_per_sample(key):
            index = (int(self._exact.rows[index[0]]), *index[1:])
        return self._number(key, index)
