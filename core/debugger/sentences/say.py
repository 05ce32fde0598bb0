"""One plain sentence or two for every number of a recorded step.

The templates stand beside it, one function a kind of entry, as the formulas do. What a sentence
claims is kept as numbers with it (:class:`Claim`), and tests try it out: they nudge the one number
and look at the other.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from core.debugger.formulas.comparing import compared
from core.debugger.formulas.explain import explain
from core.debugger.formulas.formula import Formula
from core.debugger.formulas.spot import OneNumber
from core.debugger.sentences import activations, backward, forward, losses, parameters, updates
from core.debugger.sentences.claim import Saying
from core.debugger.sentences.words import beyond
from core.expression.hidden import is_hidden
from core.messages.record import Entry, Record
from core.messages.scope import adds_up

TEMPLATES: dict[str, Callable[[OneNumber, Formula], Saying]] = {
    **forward.TRANSFORMS,
    "activation": activations.activation,
    "loss_terms": losses.loss_terms,
    "loss": losses.loss,
    "penalty": losses.penalty,
    "objective": losses.objective,
    **dict.fromkeys(backward.VALUES, backward.of_value),
    "weight_gradient": parameters.gradient,
    "bias_gradient": parameters.gradient,
    "norm": updates.norm,
    "clip": updates.clip,
    "update": updates.update,
}
"""By the kind of an entry."""


def say(
    record: Record, entry: Entry, index: tuple[int, ...], sample: int | None, formula: Formula
) -> Saying:
    """What a number of a recorded step means, in words.

    Args:
        record: The step.
        entry: One of its operations.
        index: The number's place in ``entry.shape``.
        sample: Its place in the batch; None for the whole batch.
        formula: What ``explain`` gives for the same number.

    In a broken experiment nothing is said of what would happen: only whether the number follows
    its rule.

    Returns:
        Nothing of a number that a person is working out.
    """
    if record.spec.fault is not None:
        return Saying((compared(record, entry, index, sample).sentence,))
    if sample is None and entry.per_sample and record.samples == 1:
        # The only sample's numbers are the batch's: more is to be told of how they come about.
        sample, formula = 0, explain(record, entry, index, 0)
    spot = OneNumber(record, entry, index, sample)
    if is_hidden(formula.result.value):
        return Saying(())
    if not isfinite(formula.result.value):
        return beyond(formula.result)
    if entry.per_sample and sample is None:
        adds, own = adds_up(record, entry.writes), entry.writes == "terms"
        whole = losses.loss if adds and own else backward.of_all_samples if adds else forward.mean
        return whole(spot, formula)
    return TEMPLATES[entry.kind](spot, formula)
