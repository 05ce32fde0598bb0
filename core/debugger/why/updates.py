"""Why is this weight what it is? Its first value, and every update that was added to it since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import fsum
from time import perf_counter

import numpy as np

from core.debugger.formulas.explain import explain
from core.debugger.formulas.parameters import shares
from core.debugger.formulas.spot import OneNumber
from core.debugger.tape import record_step
from core.debugger.why.place import NumberAt
from core.debugger.why.weight_history import (
    Piece,
    Pull,
    SetByHand,
    Updates,
    WeightHistory,
    WeightUpdate,
)
from core.messages.record import Record
from core.training.past import Past, coming_back
from core.training.state import live_tensors
from core.training.trainer import Trainer

LISTED = 12
"""Updates that are told one by one, with the samples that pulled."""

KEPT = 256
"""Kept states that are looked at, evenly spread."""

REPLAYED = 256
"""Steps that are taken anew at the most, to tell apart what lies between two kept states."""

SECONDS = 0.5
"""After which no further step is taken anew."""

PULLING = 3
"""Samples named with each update."""


def history_of(
    trainer: Trainer,
    past: Past,
    parameter: str,
    index: tuple[int, ...],
    interrupted: Callable[[], bool] = lambda: False,
) -> WeightHistory:
    """The updates that made a weight what it is now, back to its start.

    Args:
        trainer: Stands where the weight is asked about; it is left as it was.
        past: Its own.
        parameter: ``0.weight``.
        index: Which of its numbers.
        interrupted: Looked at before each step taken anew; True lets the rest be told together.

    Raises:
        UserError: A step is too large to be recorded.
    """
    with coming_back(trainer):
        return _Looking(trainer, past, parameter, index, interrupted).told()


@dataclass(frozen=True)
class _Span:
    """From behind one step to behind another."""

    first: int
    last: int
    added: float
    by_hand: bool = False

    @property
    def steps(self) -> int:
        return self.last - self.first


class _Looking:
    def __init__(
        self,
        trainer: Trainer,
        past: Past,
        parameter: str,
        index: tuple[int, ...],
        interrupted: Callable[[], bool],
    ) -> None:
        self._trainer, self._past = trainer, past
        self._parameter, self._index = parameter, index
        self._live = trainer.network.named()[parameter]
        places = [id(tensor) for tensor in live_tensors(trainer.network)]
        self._place = places.index(id(self._live))
        self._interrupted = interrupted
        self._until = perf_counter() + SECONDS
        self._left = REPLAYED
        self._made: int | None = None  # which operation updates it, once a step was recorded

    def told(self) -> WeightHistory:
        marks = self._marks()
        spans = [_Span(a, b, after - before) for (a, before), (b, after) in pairwise(marks)]
        spans = self._taken_apart(spans)
        singles = [span for span in spans if span.steps == 1]
        largest = sorted(singles, key=lambda span: -abs(span.added))[:LISTED]
        pieces: list[Piece] = []
        # The newest first, so that those are told in full if time runs out.
        for told, group in groupby(spans[::-1], lambda span: span in largest or span.by_hand):
            row = list(group)
            together = [] if told else [self._together(row[::-1])]
            pieces += together or [self._piece(span) for span in row]
        (first, start), (step, value) = marks[0], marks[-1]
        return WeightHistory(start, first, value, step, tuple(pieces))

    def _value(self) -> float:
        return float(self._live.detach()[self._index])

    def _marks(self) -> list[tuple[int, float]]:
        """The steps at which the weight is known, and what it was there, rising."""
        here = (self._trainer.step, self._value())
        kept = (packed.unpacked() for packed in self._past.timeline.thinned(KEPT))
        before = [state for state in kept if state.step < here[0]]
        return [*((one.step, float(one.tensors[self._place][self._index])) for one in before), here]

    def _taken_apart(self, spans: list[_Span]) -> list[_Span]:
        """Spans of several steps in single ones, those with the largest change first."""
        found: dict[int, list[_Span]] = {}
        asked = [span for span in spans if span.steps > 1 or self._is_unsure(span)]
        for span in sorted(asked, key=lambda span: -abs(span.added)):
            if self._affords(span.steps) and self._can_repeat(span.first + 1, span.last):
                found[span.first] = self._replayed(span)
        return [one for span in spans for one in found.get(span.first, [span])]

    def _is_unsure(self, span: _Span) -> bool:
        """Whether a person changed something at the end of one of its steps."""
        starts = (stretch.start for stretch in self._past.stretches.all)
        return any(span.first < start <= span.last for start in starts)

    def _affords(self, steps: int) -> bool:
        late = perf_counter() > self._until or self._interrupted()
        return steps <= self._left and not late

    def _can_repeat(self, first: int, last: int) -> bool:
        return self._past.stretches.are_alike(first, last)

    def _replayed(self, span: _Span) -> list[_Span]:
        """Each step of a span; what is left at its end somebody has changed by hand."""
        self._go_to(span.first)
        begin, values = self._value(), []
        for _ in range(span.steps):
            self._trainer.run_on(1)
            values.append(self._value())
        self._left -= span.steps
        rows = pairwise([begin, *values])
        singles = [
            _Span(span.first + i, span.first + i + 1, b - a) for i, (a, b) in enumerate(rows)
        ]
        changed = fsum([begin, span.added, -values[-1]])
        if changed:
            singles.append(_Span(span.last, span.last, changed, by_hand=True))
        return singles

    def _go_to(self, step: int) -> None:
        """To a step, from the newest state kept before it."""
        state = self._past.timeline.at_or_before(step)
        assert state is not None
        self._trainer.restore(state)
        self._trainer.run_on(step - state.step)

    def _piece(self, span: _Span) -> Piece:
        if span.by_hand:
            return SetByHand(span.last, span.added)
        kept = self._past.timeline.at_or_before(span.first)
        repeats = kept is not None and self._can_repeat(kept.step + 1, span.last)
        unsure = self._is_unsure(span)
        if not repeats or kept is None:
            return WeightUpdate(span.last, span.added, unsure=unsure)
        if not self._affords(span.steps):
            return WeightUpdate(span.last, span.added, self._at(span), unsure=unsure)
        self._go_to(span.first)
        return self._told(record_step(self._trainer).record, span)

    def _at(self, span: _Span) -> NumberAt | None:
        return None if self._made is None else NumberAt(span.last, self._made, self._index)

    def _told(self, record: Record, span: _Span) -> WeightUpdate:
        """An update with what led to it."""
        key = f"d:p:{self._parameter}"
        writes = [entry.writes for entry in record.entries]
        made, found = writes.index(f"after:{self._parameter}"), writes.index(key)
        self._made = made
        rule = explain(record, record.entries[made], self._index).value
        after = float(record.arrays[f"after:{self._parameter}"][self._index])
        each = shares(OneNumber(record, record.entries[found], self._index, None))
        strongest = np.argsort(-np.abs(each), kind="stable")[:PULLING]
        return WeightUpdate(
            span.last,
            span.added,
            NumberAt(record.step, made, self._index),
            float(record.arrays[key][self._index]),
            after - rule,
            tuple(self._pull(record, found, int(i), float(each[i])) for i in strongest),
        )

    def _pull(self, record: Record, entry: int, sample: int, share: float) -> Pull:
        at = NumberAt(record.step, entry, self._index, sample)
        return Pull(sample, int(record.rows[sample]), share, at)

    def _together(self, spans: list[_Span]) -> Updates:
        first, last, added = spans[0].first, spans[-1].last, fsum(span.added for span in spans)
        apart = all(span.steps == 1 for span in spans)
        unsure = not apart and any(self._is_unsure(span) for span in spans)
        return Updates(first + 1, last, added, apart, unsure)
