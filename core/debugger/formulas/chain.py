"""The chain from the loss to a number: every gradient on the way, and what it was multiplied by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.debugger.formulas.explain import explain
from core.debugger.formulas.formula import Factor, Formula
from core.expression.tree import Expr, Symbol, mapped
from core.messages.record import Entry, Phase, Record


@dataclass(frozen=True)
class Link:
    """One number of the chain.

    Attributes:
        entry: Which entry computes it, counted from 0.
        index: Where in that entry's shape it stands.
        sample: Of which sample of the batch it is; None for the whole batch.
        number: Its name and value.
        local: What the link before was multiplied by to make this one, or the largest part of it;
            None where it was not multiplied.
        ways: How many summands it has; 1 where it is the product alone.
        says_sample: Whether its name says of which sample it is, since the chain ends in a number
            of the whole batch. Links of two chains may be the same but for it.
    """

    entry: int
    index: tuple[int, ...]
    sample: int | None
    number: Factor
    local: Factor | None = None
    ways: int = 1
    says_sample: bool = field(default=False, compare=False)

    @property
    def name(self) -> Expr:
        """The number's name in this chain."""
        if self.sample is None or not self.says_sample:
            return self.number.symbol
        mark = f"[{self.sample + 1}]"

        def of_sample(part: Expr) -> Expr | None:
            if isinstance(part, Symbol) and part.below and not part.above.endswith(mark):
                return replace(part, above=part.above + mark)
            return None

        return mapped(self.number.symbol, of_sample)


def chain(
    record: Record,
    entry: Entry,
    index: tuple[int, ...],
    sample: int | None,
    formula: Formula | None = None,
) -> tuple[Link, ...]:
    """From the loss to a number; empty for one that is no gradient, nor made of one.

    Where a number is a sum, over units, pixels or samples, the chain goes by its largest summand:
    that way weighs most.

    Args:
        record: The step.
        entry: The operation.
        index: The number's place in ``entry.shape``.
        sample: As :func:`explain` takes it.
        formula: What it gave for the number, where the caller has it.
    """
    places = {one.writes: i for i, one in enumerate(record.entries)}
    links: list[Link] = []
    found: tuple[str, tuple[int, ...], int | None] | None = (entry.writes, index, sample)
    while found is not None and found[0] in places:
        place = places[found[0]]
        formula = formula or explain(record, record.entries[place], *found[1:])
        link = _link(record, place, found[1], found[2], formula)
        if record.entries[place].phase not in (Phase.BACKWARD, Phase.UPDATE) or len(links) > place:
            break
        links.append(link)
        links += _inside(link, formula)
        found = _above(record, record.entries[place], formula, found[1])
        formula = None
    if not links or record.entries[links[-1].entry].kind != "loss_gradient":
        return ()
    loss = record.entries[places["loss"]]
    whole = explain(record, loss, (), None).result
    chained = (Link(places["loss"], (), None, whole), *reversed(links))
    ends_in_batch = links[0].sample is None and record.samples > 1
    return tuple(replace(link, says_sample=ends_in_batch) for link in chained)


def _link(
    record: Record, place: int, index: tuple[int, ...], sample: int | None, formula: Formula
) -> Link:
    entry, ways = record.entries[place], formula.ways
    own = Link(place, index, sample if _of_samples(entry) else None, formula.result)
    if entry.kind == "loss_gradient" and formula.opened is not None:
        return replace(own, local=formula.opened.way.local)
    several = max(len(formula.terms) + formula.left_out[0], 1)
    return replace(own, local=ways[0].local if ways else None, ways=several)


def _of_samples(entry: Entry) -> bool:
    return entry.per_sample or entry.kind in ("weight_gradient", "bias_gradient")


def _inside(link: Link, formula: Formula) -> tuple[Link, ...]:
    """The gradient of the output, where the loss is computed together with its activation."""
    if formula.opened is None:
        return ()
    return (replace(link, number=formula.opened.way.upstream, local=None),)


def _above(
    record: Record, entry: Entry, formula: Formula, index: tuple[int, ...]
) -> tuple[str, tuple[int, ...], int | None] | None:
    """What the number was made of that is nearer to the loss: key, index and sample."""
    if entry.kind == "loss_gradient" and formula.result.index[:1] != (-1,):
        return None
    if entry.kind == "norm":
        return None
    if entry.phase is Phase.UPDATE:
        clipped = f"clipped:{entry.parameter}"
        cut = entry.kind == "update" and clipped in record.arrays
        return clipped if cut else f"d:p:{entry.parameter}", index, None
    ways = formula.ways
    upstream = ways[0].upstream if ways else formula.terms[0].factors[0] if formula.terms else None
    if upstream is None or not upstream.key.startswith("d:"):
        return None
    return upstream.key, upstream.index[1:], upstream.index[0]
