"""Every number of a recorded step explained: its rule in symbols, and the same rule in numbers.

The rules stand beside it, one function a kind of entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.debugger.formulas import activations, forward, inputs, losses, parameters, updates
from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.names import derivative, letter_at, mean_of, name_of, of_any_sample
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.sums import Products, Summand, product, share, sum_formula, summed
from core.debugger.formulas.veiled import asks_for, veiled
from core.expression.tree import (
    Aside,
    Big,
    Expr,
    Numeral,
    Overlined,
    Relation,
    Rows,
    Symbol,
)
from core.messages.record import Entry, Record
from core.messages.scope import adds_up

_MEAN = Overlined(parts=(Symbol("x"),)).is_(
    1 / Symbol("n") * Big("i=1", "n", parts=(Symbol("x", above="[i]"),))
)
RULES: dict[str, Callable[[OneNumber], Formula]] = {
    **forward.TRANSFORMS,
    "activation": activations.activation,
    "loss_terms": losses.loss_terms,
    "loss": losses.loss,
    "penalty": updates.penalty,
    "objective": losses.objective,
    "loss_gradient": losses.loss_gradient,
    "activation_gradient": activations.activation_gradient,
    "weight_gradient": parameters.weight_gradient,
    "bias_gradient": parameters.bias_gradient,
    "input_gradient": inputs.input_gradient,
    "skip_gradient": inputs.skip_gradient,
    "norm": updates.norm,
    "clip": updates.clip,
    "update": updates.update,
}
"""By the kind of an entry."""


def explain(
    record: Record, entry: Entry, index: tuple[int, ...], sample: int | None = None
) -> Formula:
    """One number of a recorded step, in symbols and in numbers.

    Where the number is taken over the batch, its ``result`` has -1 in the place of the sample;
    where it is one sample's share of a gradient, its place is that of the whole gradient.

    Args:
        record: The step.
        entry: One of its operations.
        index: The number's place in ``entry.shape``.
        sample: Its place in the batch; None for the whole batch: of values computed per sample
            the mean, of gradients the sum (see core.messages.scope). What is computed for the
            batch alone, such as the loss, takes no notice; of a parameter's gradient the sample's
            share is explained.

    In a broken experiment the rule is that of sound code, and its value may not be the recorded
    one (see core.debugger.formulas.comparing); there is no line of code then.
    """
    spot = OneNumber(record, entry, index, sample)
    rule = RULES[entry.kind]
    if entry.per_sample and sample is None:
        formula = _of_batch(spot, rule(OneNumber(record, entry, index, 0)).code)
    else:
        formula = rule(spot)
    if record.spec.fault is not None:
        return _in_broken_code(formula)
    formula = replace(formula, picked=_picked(spot))
    if asks_for(record, entry, index, sample):
        return veiled(formula, record, entry)
    return formula


def _in_broken_code(formula: Formula) -> Formula:
    """Ends in what the code computed, where that is not what the rule gives.

    Without its line of code: one of them is wrong, the sound one would be a lie, the other tells.
    """
    if formula.follows_rule:
        return replace(formula, code="")
    computed = Numeral(formula.result.value)
    return replace(formula, code="", numbers=_and_yet(formula.numbers, computed))


def _and_yet(numbers: Expr, computed: Numeral) -> Expr:
    """Numbers that end in the rule's value, and behind it another one."""
    if isinstance(numbers, Rows):
        return Rows(parts=(*numbers.parts[:-1], _and_yet(numbers.parts[-1], computed)))
    assert isinstance(numbers, Relation)
    return Relation((*numbers.signs, "≠"), parts=(*numbers.parts, computed))


def _picked(spot: OneNumber) -> str:
    """Where the number stands in what the line of PyTorch computes."""
    entry, name, index = spot.entry, name_of(spot.record, spot.entry.writes), spot.index
    if not entry.per_sample:
        return f"{name}[{', '.join(map(str, index))}]" if index else name
    first = ":" if spot.sample is None else str(spot.sample)
    place = f"{name}[{', '.join((first, *map(str, index)))}]"
    if spot.sample is not None:
        return place
    return f"{place}.sum()" if adds_up(spot.record, entry.writes) else f"{place}.mean()"


def _of_batch(spot: OneNumber, code: str) -> Formula:
    """One number over the batch, sample by sample: the mean of values, the sum of gradients."""
    key, index = spot.entry.writes, spot.index
    adds = adds_up(spot.record, key)
    values = spot.in_all_samples()

    def piece(i: int) -> Summand:
        one = spot.at(key, (i, *index), marked=True)
        return product(one)

    total = summed(Products(values, piece), outer=None if adds else share(spot.samples))
    any_of = of_any_sample(spot.record, key, index)
    sums = adds and key != "terms"
    named = Big("i", parts=(any_of,)) if sums else mean_of(spot.record, key, index)
    made = spot.record.spec.loss.together if key == "terms" else _MEAN
    return sum_formula(
        spot,
        total,
        rule=_added(spot) if sums else made,
        code=code,
        result=Factor(named, total.value, key, (-1, *index)),
    )


def _added(spot: OneNumber) -> Expr:
    """What gradients are added up for the batch, and where the 1/n in them comes from."""
    key = spot.entry.writes
    one: Expr = Symbol("δ", above="[i]")
    if not key.startswith("d:z:"):
        one = derivative("L", letter_at(spot.record, key.removeprefix("d:"), above="[i]"))
    return Aside(parts=(Big("i=1", "n", parts=(one,)), spot.record.spec.loss.together))
