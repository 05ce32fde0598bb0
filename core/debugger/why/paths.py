"""Why is this gradient what it is? Every path from a number to the loss, and what it carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from math import fsum

import numpy as np

from core.debugger.formulas.explain import explain
from core.debugger.formulas.formula import Factor
from core.debugger.formulas.names import of_any_sample, symbol_of
from core.debugger.sentences.words import name, number
from core.debugger.why.exact import Exact
from core.debugger.why.graph import Ahead, Graph
from core.debugger.why.hops import Floats
from core.debugger.why.routes import GradientPath, Teller
from core.debugger.why.search import Followed, largest
from core.debugger.why.starts import of_rows, parameter_hop, penalty_hop
from core.expression.tree import Big
from core.messages.record import Entry, Phase, Record
from core.sentence import Sentence
from core.training.step import Interrupted

LISTED = 50
"""The most paths listed; what all others come to is one number."""

WORK = 12_000_000
"""Multiplications that looking ahead may take: some 50 ms."""

_NOT_FINITE = Sentence(
    "This step has numbers that are not finite, so its paths cannot be followed.",
    "Step back to before it diverged.",
)
_BROKEN = Sentence(
    "This experiment is broken on purpose: its gradients need not be the sum of their paths.",
    "Find its fault and repair it, then ask again.",
)
_TOO_MANY = Sentence(
    "Batch norm ties all samples together, and there are too many paths to look through.",
    "Ask about a later layer, or choose a smaller batch.",
)


@dataclass(frozen=True)
class GradientPaths:
    """All paths of a gradient.

    Attributes:
        number: The gradient with its name, in float64.
        recorded: What the step itself computed, in float32; None where it had no need of it (the
            gradient of an input).
        paths: The largest, by size.
        count: How many paths carry anything, in the samples looked at.
        rest: What those not listed come to: the gradient less the listed products.
        samples: In which samples of the batch paths were looked for; None for all.
        refused: Why none are listed, if so.
    """

    number: Factor
    recorded: float | None
    paths: tuple[GradientPath, ...] = ()
    count: int = 0
    rest: float = 0.0
    samples: tuple[int, ...] | None = None
    refused: Sentence | None = None

    @property
    def left(self) -> int:
        """How many paths are not listed, in the samples looked at."""
        return self.count - len(self.paths)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """What is to be said of it."""
        said = [self.refused or _counted(self)]
        if self.samples is not None:
            said.append(_searched(self.samples))
        if self.refused is None and (self.left or self.samples is not None):
            said.append(_rest(self))
        if self.precision is not None and self.differs:
            said.append(self.precision)
        return tuple(said)

    @property
    def precision(self) -> Sentence | None:
        """The number in all digits, here and in the step; None where one is not known."""
        if self.recorded is None or self.refused is not None or not self.count:
            return None
        return _precision(self.number.value, self.recorded)

    @property
    def differs(self) -> bool:
        """Whether both differ in the digits that are shown."""
        values = (self.number.value, self.recorded)
        return self.recorded is not None and len({f"{value:.4g}" for value in values}) > 1


def _counted(found: GradientPaths) -> Sentence:
    who = name(found.number)
    if not found.count:
        return Sentence("{name}: no path to the loss carries anything, so it is 0.", name=who)
    return Sentence(
        "{name} is the sum of {n:,} paths to the loss: each is the product of its slopes.",
        one="{name} has one path to the loss: it is the product of the slopes on it.",
        n=found.count,
        name=who,
    )


def _searched(samples: tuple[int, ...]) -> Sentence:
    return Sentence(
        "The batch is large: only the {n} samples that pull most are looked through.",
        one="The batch is large: only the sample that pulls most is looked through.",
        n=len(samples),
    )


def _rest(found: GradientPaths) -> Sentence:
    return Sentence("All other paths together add {rest}.", rest=number(found.rest))


def _precision(exact: float, recorded: float) -> Sentence:
    return Sentence(
        "Worked out here with 16 digits it is {exact}; the step itself, with 7, found {recorded}.",
        exact=f"{exact:.9g}",
        recorded=f"{recorded:.9g}",
    )


def paths_of(
    record: Record,
    entry: Entry,
    index: tuple[int, ...],
    sample: int | None = None,
    *,
    most: int = LISTED,
    exact: Exact | None = None,
    interrupted: Callable[[], bool] = lambda: False,
) -> GradientPaths:
    """The paths of a gradient that an operation of the backward pass computes.

    Args:
        record: The step.
        entry: An operation of its backward pass.
        index: The number's place in ``entry.shape``.
        sample: As :func:`core.debugger.formulas.explain.explain` takes it: of a parameter's
            gradient the share of that sample; of what is computed per sample, with None, the sum.
        most: How many to list, ``LISTED`` at the most.
        exact: The step in float64 for the same sample, where the caller has kept it.
        interrupted: Looked at between two paths.

    Raises:
        Interrupted: It was.
    """
    assert entry.phase is Phase.BACKWARD
    key = entry.writes.removeprefix("d:")
    return paths_from(record, key, index, sample, most=most, exact=exact, interrupted=interrupted)


def paths_from(
    record: Record,
    key: str,
    index: tuple[int, ...],
    sample: int | None = None,
    *,
    most: int = LISTED,
    exact: Exact | None = None,
    interrupted: Callable[[], bool] = lambda: False,
) -> GradientPaths:
    """The same for a number of an array, which may be an input of the network.

    Args:
        record: The step.
        key: ``x``, ``z:0``, ``a:0``, ``in:1`` or ``p:0.weight``: see core.messages.record.
        index: The number's place, without its sample.
        sample: As :func:`paths_of` takes it.
        most: How many to list, ``LISTED`` at the most.
        exact: The step in float64 for the same sample, where the caller has kept it.
        interrupted: As :func:`paths_of` takes it.
    """
    exact = exact or Exact(record, sample)
    return _Question(exact, key, index, sample, interrupted).answer(min(most, LISTED))


class _Question:
    """One number, and where its paths begin."""

    def __init__(
        self,
        exact: Exact,
        key: str,
        index: tuple[int, ...],
        sample: int | None,
        interrupted: Callable[[], bool],
    ) -> None:
        self.exact, self.record = exact, exact.record
        self.interrupted = interrupted
        self.key, self.index, self.sample = key, index, sample
        self.graph = Graph(self.exact)
        every = list(range(len(self.exact.rows)))
        self.rows = every if sample is None else [self.exact.row_of(sample)]
        self.parameter = key.removeprefix("p:") if key.startswith("p:") else ""
        self.given = parameter_hop(self.exact, self.parameter, index) if self.parameter else None
        hops = [self.given] if self.given is not None else self.graph.leading_on(key)
        self.keys = [hop.to for hop in hops]

    def answer(self, most: int) -> GradientPaths:
        gradient, shares = self._gradient()
        number, recorded = self._named(gradient)
        if self.record.spec.fault is not None:
            said = number if recorded is None else replace(number, value=recorded)
            return GradientPaths(said, recorded, refused=_BROKEN)
        if not self.exact.finite:
            return GradientPaths(number, recorded, rest=gradient, refused=_NOT_FINITE)
        rows = self._looked_through(shares)
        if not rows:
            return GradientPaths(number, recorded, rest=gradient, refused=_TOO_MANY)
        self._look_up()
        begins = self._begins(rows)
        paths = tuple(self._paths(begins, most))
        count = int(sum(ahead.ways for _, ahead in begins))
        rest = fsum([gradient, *(-path.product for path in paths)])
        samples = tuple(int(self.exact.rows[row]) for row in sorted(rows))
        some = samples if len(rows) < len(self.rows) else None
        return GradientPaths(number, recorded, paths, count, rest, some)

    def _paths(self, begins: list[tuple[Followed, Ahead]], most: int) -> Iterator[GradientPath]:
        teller = Teller(self.exact, self.key, self.index, marked=self.sample is None)
        for end in islice(largest(self.graph, begins), most):
            self._look_up()
            yield teller.told(end)

    def _look_up(self) -> None:
        if self.interrupted():
            raise Interrupted

    def _gradient(self) -> tuple[float, Floats]:
        """In float64, and what each row has of it."""
        array = self.exact.array(f"d:{self.key}")
        if self.given is None:
            each = array.reshape(len(array), -1)[:, self._flat(array)]
            return fsum(each[self.rows]), each
        came = self.exact.array(f"d:{self.given.to}")
        products = self.given.local * came.ravel()[self.given.places]
        rows = self.given.places // came[0].size
        each = np.bincount(rows, products, minlength=len(came)).astype(np.float64)
        whole = array[self.index] if self.sample is None else each[self.rows[0]]
        return float(whole), each

    def _named(self, gradient: float) -> tuple[Factor, float | None]:
        """The gradient with its name, and as the step has it."""
        record, writes = self.record, self.record.canonical(f"d:{self.key}")
        for entry in record.entries:
            if entry.writes == writes and entry.phase is Phase.BACKWARD:
                told = explain(record, entry, self.index, self.sample).result
                return Factor(told.symbol, gradient, told.key, told.index), told.value
        place = (self.rows[0] if self.sample is None else self.sample, *self.index)
        symbol = symbol_of(record, writes, place)
        if self.sample is None:
            symbol = Big("i", parts=(of_any_sample(record, writes, self.index),))
        return Factor(symbol, gradient, writes, place), None

    def _looked_through(self, shares: Floats) -> list[int]:
        """The rows to look for paths in: all, or those that pull most; none if that is too many."""
        work = max(1, self.graph.work(self.keys))
        start = self.keys if self.parameter else [self.record.canonical(self.key)]
        if self.graph.ties_samples(start):
            return self.rows if work * len(self.exact.rows) <= WORK else []
        most = max(1, WORK // work)
        ranks = np.argsort(-np.abs(shares[self.rows]), kind="stable")[:most]
        chosen = [self.rows[int(rank)] for rank in ranks]
        self.graph.searched = chosen
        return chosen

    def _begins(self, rows: list[int]) -> list[tuple[Followed, Ahead]]:
        if self.given is not None:
            return [(Followed(None, None, 0), self._ahead_of_parameter(rows))]
        array = self.exact.array(self.key)
        size, flat = array[0].size, self._flat(array)
        places = [row * size + flat for row in rows]
        return [
            (Followed(None, None, place), self.graph.ahead(self.key, place)) for place in places
        ]

    def _flat(self, array: Floats) -> int:
        return int(np.ravel_multi_index(self.index, array.shape[1:]))

    def _ahead_of_parameter(self, rows: list[int]) -> Ahead:
        assert self.given is not None
        hops = [of_rows(self.given, self.exact.array(self.given.to)[0].size, rows)]
        penalty = penalty_hop(self.graph, self.parameter, self.index)
        if penalty is not None and self.sample is None:
            hops.append(penalty)
        return self.graph.sorted([(hop, hop.places, hop.local) for hop in hops])
