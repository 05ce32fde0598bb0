"""Every number of a recorded step explained: its rule in symbols, and the same rule in numbers.

The rules stand beside it, one function a kind of entry.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.debugger.formulas import activations, forward, inputs, losses, parameters, updates
from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.sums import Products, Summand, product, share, sum_formula, summed
from core.expression.tree import Big, Overlined, Symbol
from core.messages.record import Entry, Record

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

    Where the number is a mean over the batch, its ``result`` has -1 in the place of the sample;
    where it is one sample's share of a gradient, its place is that of the whole gradient.

    Args:
        record: The step.
        entry: One of its operations.
        index: The number's place in ``entry.shape``.
        sample: Its place in the batch; None for the whole batch: of what is computed per sample
            the mean. What is computed for the batch alone, such as the loss, takes no notice;
            of a parameter's gradient the sample's share is explained.
    """
    spot = OneNumber(record, entry, index, sample)
    rule = RULES[entry.kind]
    if entry.per_sample and sample is None:
        return _mean(spot, rule(OneNumber(record, entry, index, 0)).code)
    return rule(spot)


def _mean(spot: OneNumber, code: str) -> Formula:
    """The mean of one number over the batch, sample by sample."""
    key, index = spot.entry.writes, spot.index
    places: tuple[int | slice, ...] = (slice(None), *index)
    values = spot.array(key)[places].astype(np.float64)

    def piece(i: int) -> Summand:
        one = spot.at(key, (i, *index), marked=True)
        return product(one)

    total = summed(Products(values, piece), outer=share(spot.samples))
    barred = Overlined(parts=(spot.at(key, (0, *index)).symbol,))
    return sum_formula(
        spot,
        total,
        rule=_MEAN,
        code=code,
        result=Factor(barred, total.value, key, (-1, *index)),
    )
