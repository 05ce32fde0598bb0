"""What a rule gives beside what the code computed: in a broken experiment they may differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.debugger.formulas.explain import explain
from core.expression.plain import plain
from core.expression.tree import Numeral
from core.messages.record import Entry, Record
from core.sentence import Sentence

MOST = 24
"""The most numbers of an operation that are compared."""

_SHARED = ("weight_gradient", "bias_gradient")


@dataclass(frozen=True)
class Comparison:
    """One number, by its rule and as computed.

    Attributes:
        rule: What its rule gives for the numbers that it is made of.
        code: What the record holds.
        agrees: Whether they are the same, but for rounding.
        sample: Of which sample of the batch; None for what the batch has once.
        off: How many of the numbers compared do not agree.
        compared: How many of the operation's were.
        is_whole: Whether it is the whole batch's, where a sample's share is looked at.
    """

    rule: float
    code: float
    agrees: bool
    sample: int | None
    off: int
    compared: int
    is_whole: bool = False

    @property
    def sentence(self) -> Sentence:
        """The same in words."""
        if not self.agrees:
            rule, code = _apart(self.rule, self.code)
            form = "The rule gives {rule}; this code computed {code}."
            if self.is_whole:
                form = "For the whole batch the rule gives {rule}; this code computed {code}."
            return Sentence(form, rule=rule, code=code)
        if self.off:
            return Sentence(
                "This number follows its rule; {n} of the {count} compared here do not.",
                one="This number follows its rule; {n} of the {count} compared here does not.",
                n=self.off,
                count=self.compared,
            )
        return Sentence(
            "The rule gives {rule}, and so does this code.", rule=plain(Numeral(self.rule))
        )


def compared(
    record: Record, entry: Entry, index: tuple[int, ...], sample: int | None
) -> Comparison:
    """A number of a step held against its rule, and some others of its operation with it.

    Args:
        record: The step.
        entry: The operation.
        index: The number's place in ``entry.shape``.
        sample: As :func:`explain` takes it. Of the whole batch, values and their gradients are
            compared sample by sample: a mean of wrong numbers is a right mean; a parameter's
            gradient is compared whole.
    """
    chosen = None if entry.kind in _SHARED or not entry.per_sample else sample or 0
    here = explain(record, entry, index, chosen)
    places = list(_places(record, entry, index, chosen))
    others = [explain(record, entry, *place) for place in places]
    off = [one.follows_rule for one in (here, *others)].count(False)
    agrees = here.follows_rule
    if agrees and sample is None and entry.per_sample:
        # Nobody has picked a sample: the first one of them that tells the difference is shown.
        for one, (where, which) in zip(others, places, strict=True):
            if where == index and not one.follows_rule:
                here, agrees, chosen = one, False, which
                break
    is_whole = entry.kind in _SHARED and sample is not None
    values = here.value, here.result.value
    return Comparison(*values, agrees, chosen, off, 1 + len(others), is_whole)


def _places(
    record: Record, entry: Entry, index: tuple[int, ...], sample: int | None
) -> Iterator[tuple[tuple[int, ...], int | None]]:
    """Other numbers of the operation: the same in other samples first, then its neighbours."""
    found = 1
    for which in range(record.samples if sample is not None else 0):
        if which != sample and found < MOST // 2:
            found += 1
            yield index, which
    for number in range(entry.count):
        where = entry.index_of(number)
        if where != index and found < MOST:
            found += 1
            yield where, sample


def _apart(rule: float, code: float) -> tuple[str, str]:
    """Two numbers that differ, with as many digits as tell them apart."""
    shown = plain(Numeral(rule)), plain(Numeral(code))
    return shown if shown[0] != shown[1] else (f"{rule:.7g}", f"{code:.7g}")
