"""A question about one number of a recorded step: what is asked, and what would be right."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import floor, inf, isfinite, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.debugger.formulas.explain import explain
from core.debugger.formulas.formula import Factor, Formula, Term, Way
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences.words import name
from core.errors import UserError
from core.expression.calculus import worth
from core.expression.tree import DOTS, Call, Expr, Numeral, Relation, Rest, mapped
from core.messages.record import Entry, Record
from core.messages.scope import is_per_sample
from core.questions.stepping import given_by, is_held, rounded, symbol_of_state
from core.questions.wording import question_about
from core.sentence import Sentence

FIGURES = 4
"""Significant digits that are shown, and asked for unless a question says otherwise."""


@dataclass(frozen=True, eq=False)
class Question:
    """One number that a person works out; :func:`ask` makes one and sees that it can be asked.

    Attributes:
        record: The step.
        entry: The operation that computes the number.
        index: Where in ``entry.shape``.
        sample: Its place in the batch; None for the whole batch, as ``explain`` has it.
        key: Of the array asked about: what the entry writes, or an optimizer's state.
        figures: How many significant digits are asked for.
        beside: The sample whose numbers stand beside a question about the whole batch.
    """

    record: Record
    entry: Entry
    index: tuple[int, ...]
    sample: int | None
    key: str
    figures: int = FIGURES
    beside: int | None = None

    @cached_property
    def formula(self) -> Formula:
        """The true arithmetic, to be shown beside the answer; of a state that of its update."""
        return explain(self.record, self.entry, self.index, self.sample)

    @cached_property
    def spot(self) -> OneNumber:
        """The number as formulas take it."""
        return OneNumber(self.record, self.entry, self.index, self.sample)

    @cached_property
    def number(self) -> Factor:
        """The number asked for, with its name and its true value."""
        if self.key == self.entry.writes:
            return self.formula.result
        value = float(self.record.arrays[self.key][self.index])
        return Factor(symbol_of_state(self.spot, self.key), value, self.key, self.index)

    @property
    def value(self) -> float:
        """What is right, as torch computed it."""
        return self.number.value

    @property
    def operands(self) -> tuple[Factor, ...]:
        """The numbers that it is made of: they stay on the screen while it is hidden."""
        return self.formula.factors

    @property
    def asked(self) -> Sentence:
        """The question in words."""
        return question_about(self.spot, self.key, self.number)

    @cached_property
    def slack(self) -> float:
        """How far off one may come with the operands as they are shown, rounded."""
        parts = [abs(self.formula.value - self.value)] if self.key == self.entry.writes else [0.0]
        if self.entry.kind == "update":
            parts += [] if is_held(self.spot) else [self._of_step()]
        elif self.formula.terms:
            parts += self._of_terms()
        else:
            parts += [self._of_tree(), *map(self._of_way, self._ways)]
        return max(part for part in parts if isfinite(part))

    @property
    def _ways(self) -> tuple[Way, ...]:
        """The two factors of the chain rule, where the number is their product."""
        opened = self.formula.opened
        return (*self.formula.ways, *([opened.way] if opened else []))

    def _of_way(self, way: Way) -> float:
        above, local = (shown(one.value, self.figures) for one in (way.upstream, way.local))
        return abs(above * local - way.value)

    def _of_terms(self) -> list[float]:
        rest = self.formula.left_out[1]
        offs = [_as_shown(term, self.figures) - term.value for term in self.formula.terms]
        offs.append(shown(rest, self.figures) - rest)
        finite = np.array([off for off in offs if isfinite(off)])
        return [abs(float(finite.sum())), float(np.sqrt(np.square(finite).sum()))]

    def _of_tree(self) -> float:
        made = self.formula.numbers
        if not isinstance(made, Relation) or not _is_arithmetic(made.parts[1]):
            return abs(shown(self.value, self.figures) - self.value)
        return abs(float(worth(mapped(made.parts[1], self._rounded)) - worth(made.parts[1])))

    def _rounded(self, part: Expr) -> Expr | None:
        if isinstance(part, Numeral | Rest):
            return replace(part, value=shown(float(part.value), self.figures))
        return None

    def _of_step(self) -> float:
        def cut(value: float) -> float:
            return shown(value, self.figures)

        return abs(given_by(self.spot, self.key, rounded(self.spot, cut)) - self.value)

    @cached_property
    def scale(self) -> float:
        """The size of what the number is made of: more than its own where parts cancel out."""
        terms = sum(abs(term.value) for term in self.formula.terms)
        whole = max(abs(self.value), terms)
        return whole if isfinite(whole) else abs(self.value)

    @property
    def tolerance(self) -> float:
        """How far from the true value an answer may be: a unit of the last place asked, and what
        the rounding of the operands shown brings."""
        return unit_of(self.value, self.figures) + self.slack

    def tolerance_at(self, value: float) -> float:
        """The same about a number that a wrong rule gives."""
        rounding = self.slack / self.scale if self.scale else 0.0
        return unit_of(value, self.figures) + rounding * max(self.scale, abs(value))

    def retold(self, changed: Mapping[str, NDArray[Any]]) -> float:
        """What the engine's own rule gives here with other numbers in the place of some.

        Only of operations that are linear in what they read of each sample: over the batch they
        are worked out once, on what the samples have put together.

        Args:
            changed: By keys of the record, in the shape of what they stand for.
        """
        known, sample = dict(self.record.arrays), self.sample
        if self.entry.per_sample and sample is None:
            sample, known = 0, known | self._together
            changed = {key: _put_together(key, array) for key, array in changed.items()}
        record = replace(self.record, arrays=ChainMap(dict(changed), known))
        return explain(record, self.entry, self.index, sample).value

    @cached_property
    def _together(self) -> dict[str, NDArray[Any]]:
        """What the entry reads of the samples, put together."""
        arrays = self.record.arrays
        return {key: _put_together(key, arrays[key]) for key in self.entry.reads}


def ask(
    record: Record,
    entry: Entry,
    index: tuple[int, ...],
    sample: int | None = None,
    *,
    key: str = "",
    figures: int = FIGURES,
    beside: int | None = None,
) -> Question:
    """A question about one number.

    Args:
        record: The step.
        entry: One of its operations.
        index: The number's place in ``entry.shape``.
        sample: Its place in the batch; None for the whole batch.
        key: Of :func:`keys_asked`; what the entry writes where it is empty.
        figures: How many significant digits are asked for.
        beside: The sample whose numbers stand beside a question about the whole batch, if any do.

    Raises:
        UserError: The number is NaN or infinite, so that there is nothing to work out; or the code
            is broken on purpose, and computed another one.
    """
    if record.spec.fault is not None:
        raise UserError(
            "This experiment is broken on purpose: a right answer may not be what it computed.",
            "Find its fault and repair it; then its numbers can be worked out.",
        )
    question = Question(record, entry, index, sample, key or entry.writes, figures, beside)
    if not isfinite(question.value):
        raise UserError(
            "{name} is no finite number here, so there is nothing to work out.",
            "Ask about a number before the run went astray.",
            name=name(question.number),
        )
    return question


def keys_asked(record: Record, entry: Entry) -> tuple[str, ...]:
    """What can be asked of an entry: what it writes; of an update its optimizer's states too."""
    if entry.kind != "update":
        return (entry.writes,)
    starts = (f"s':{entry.parameter}:", f"hat:{entry.parameter}:")
    states = (key for key in record.arrays if key.startswith(starts))
    used = set(record.spec.optimizer.used)
    kept = [key for key in states if key.rpartition(":")[2] in used]
    return (entry.writes, *kept)


def shown(value: float, figures: int = FIGURES) -> float:
    """A number as it is shown: in so many digits, a small whole one in all of them."""
    if not isfinite(value) or (value == int(value) and abs(value) < 1e5):
        return value
    return float(f"{value:.{figures}g}")


def unit_of(value: float, figures: int = FIGURES) -> float:
    """What one more in the last place shown is worth; of 0, which is shown whole, nothing."""
    if not value:
        return 0.0
    if not isfinite(value):
        return inf
    return float(10.0 ** (floor(log10(abs(value))) - figures + 1))


def _put_together(key: str, array: NDArray[Any]) -> NDArray[Any]:
    """What the samples have, as if it were one's: gradients added up, the mean of all else."""
    if not is_per_sample(key):
        return array
    gather = array.sum if key.startswith("d:") else array.mean
    return np.asarray(gather(axis=0, dtype=np.float64, keepdims=True))


def _is_arithmetic(expr: Expr) -> bool:
    """Whether it can be worked out as it is drawn: not the choice of a largest, nor dots."""
    is_named_only = isinstance(expr, Call) and not (expr.function.number or expr.function.body)
    return expr != DOTS and not is_named_only and all(map(_is_arithmetic, expr.parts))


def _as_shown(term: Term, figures: int) -> float:
    made = 1.0
    for factor in term.factors:
        made *= shown(factor.value, figures)
    return made
