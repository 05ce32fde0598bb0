"""What is said of the gradients of weights and biases."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from core.debugger.formulas import parameters
from core.debugger.formulas.explain import explain
from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.names import symbol_of
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences.backward import About, agreement, votes
from core.debugger.sentences.claim import Saying
from core.debugger.sentences.corners import corner, leads_to_one
from core.debugger.sentences.words import ALONE, LOSS, WITH_PENALTY, Forms, costs, name, number
from core.experiment.layers import BatchNorm, Conv2d, Dense
from core.expression.plain import plain
from core.sentence import Sentence


def gradient(spot: OneNumber, formula: Formula) -> Saying:
    """Of how the loss changes with a parameter: for all samples, or for one alone."""
    nudged = spot.at(f"p:{spot.entry.parameter}", spot.index)
    if spot.sample is not None:
        forms = ALONE if spot.samples > 1 else LOSS
        return _told(spot, formula, nudged, forms, _of_share(spot, formula, nudged))
    each = parameters.shares(spot)
    about, left = _of_all(spot, each, nudged), agreement(each)
    penalty = f"penalty:{spot.entry.parameter}"
    if penalty not in spot.record.arrays:
        return _told(spot, formula, nudged, LOSS, about, left=left)
    if nudged.value == 0 and spot.record.spec.training.l1:
        return Saying((*about, corner(name(nudged))))
    added = Sentence(
        "The penalty on weights far from 0 adds {value}.",
        value=number(spot.at(penalty, spot.index).value),
    )
    return _told(spot, formula, nudged, WITH_PENALTY, (*about, added))


def _of_all(spot: OneNumber, each: NDArray[np.float64], nudged: Factor) -> About:
    """What its samples want; of a single one, why."""
    if len(each) == 1:
        alone = replace(spot, sample=0)
        return _of_share(alone, explain(spot.record, spot.entry, spot.index, 0), nudged)
    if _has_no_part(spot):
        source = symbol_of(spot.record, spot.source, (0, spot.index[1]))
        template = "{source} is 0 in all {count} samples, so {name} had no part in any sum."
        said = Sentence(template, source=plain(source), count=len(each), name=name(nudged))
        return (said,)
    return votes(each, nudged)


def _has_no_part(spot: OneNumber) -> bool:
    """Whether all that a weight is multiplied by is 0, so that it moves nothing."""
    if spot.entry.kind != "weight_gradient" or not isinstance(spot.layer.layer, Dense):
        return False
    samples = slice(None) if spot.sample is None else spot.sample
    return not spot.array(spot.source)[samples, spot.index[1]].any()


def _told(
    spot: OneNumber,
    formula: Formula,
    nudged: Factor,
    forms: Forms,
    about: About,
    *,
    left: float = 1.0,
) -> Saying:
    if not _has_no_part(spot) and leads_to_one(spot, f"z:{spot.where}"):
        return Saying((*about, corner(name(nudged))))
    loss = spot.at("total" if forms is WITH_PENALTY else "loss", ())
    l1 = spot.record.spec.training.l1 and nudged.value < 0
    return costs(
        forms,
        nudged,
        loss,
        formula.result.value,
        *about,
        apart=-nudged.value if l1 else inf,
        left=left,
        alone=spot.sample,
    )


def _of_share(spot: OneNumber, formula: Formula, nudged: Factor) -> About:
    if spot.entry.kind == "bias_gradient":
        return _of_bias(spot, formula, nudged)
    if isinstance(spot.layer.layer, Conv2d):
        return _of_kernel(formula, nudged)
    return _of_weight(spot, formula, nudged)


def _of_weight(spot: OneNumber, formula: Formula, nudged: Factor) -> About:
    """How it pulled the sum, and where the loss wants the sum."""
    if isinstance(spot.layer.layer, BatchNorm) and spot.array(spot.delta).ndim == 4:
        return _of_kernel(formula, nudged)
    upstream, source = formula.terms[0].factors
    pull = nudged.value * source.value
    values = {
        "name": name(nudged),
        "z": name(spot.of(f"z:{spot.where}", spot.index[0])),
        "source": name(spot.at(source.key, source.index)),
        "pull": number(abs(pull)),
    }
    if source.value == 0:
        template = "{source} is 0, so this weight had no part in {z}."
        return (Sentence(template, **values),)
    wanted = 0 if upstream.value == 0 else 1 if upstream.value < 0 else -1
    pulled = 0 if pull == 0 else 1 if pull > 0 else -1
    return (Sentence(_PULLS[pulled, wanted], **values),)


_PULLS = {
    (1, 1): "This weight pulls {z} up by {pull}, and the loss wants {z} higher still.",
    (1, -1): "This weight pulls {z} up by {pull}, and the loss wants {z} lower.",
    (1, 0): "This weight pulls {z} up by {pull}, but the loss does not ask for more or less.",
    (-1, 1): "This weight pulls {z} down by {pull}, and the loss wants {z} higher.",
    (-1, -1): "This weight pulls {z} down by {pull}, and the loss wants {z} lower still.",
    (-1, 0): "This weight pulls {z} down by {pull}, but the loss does not ask for more or less.",
    (0, 1): "This weight is 0 and does not move {z} yet; the loss wants {z} higher.",
    (0, -1): "This weight is 0 and does not move {z} yet; the loss wants {z} lower.",
    (0, 0): "This weight is 0, and the loss does not ask for more or less of {z}.",
}
"""By where the weight pulls the sum, and where the loss would be smaller: up 1, down -1."""


def _of_bias(spot: OneNumber, formula: Formula, nudged: Factor) -> About:
    count = len(formula.terms) + formula.left_out[0]
    if count != 1:
        template = "{name} is added at {count} places of the image; all that comes back adds up."
        return (Sentence(template, name=name(nudged), count=count),)
    z = name(spot.of(f"z:{spot.where}", spot.index[0]))
    return (
        Sentence(
            "{name} is added to {z} as it is, so both have the same gradient.",
            name=name(nudged),
            z=z,
        ),
    )


def _of_kernel(formula: Formula, nudged: Factor) -> About:
    count = len(formula.terms) + formula.left_out[0]
    template = "{name} is used at {count} places of the image; all that comes back adds up."
    one = "{name} is used at one place of the image."
    return (Sentence(template, one=one, name=name(nudged), count=count, n=count),)
