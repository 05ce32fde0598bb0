"""The loss, sample by sample and of the batch, and where its gradient begins."""

from __future__ import annotations

from math import isfinite

import numpy as np

from core.catalog.activations import A as A_ALONE
from core.catalog.activations import Softmax
from core.catalog.activations import Z as Z_ALONE
from core.catalog.losses import (
    BATCH,
    LABEL,
    LOGITS,
    OUTPUTS,
    PROBABILITIES,
    SAMPLES,
    A,
    Loss,
    Y,
    Z,
)
from core.debugger.formulas.activations import row_of
from core.debugger.formulas.formula import Factor, Formula, OpenedGradient, Way
from core.debugger.formulas.names import name_of
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.sums import (
    Products,
    Summand,
    made_of,
    plain_formula,
    share,
    sum_formula,
    summed,
)
from core.expression.calculus import derivative, named, spelt, valued, worth
from core.expression.code import code, compiled
from core.expression.functions import at
from core.expression.tree import (
    ONE,
    Derivative,
    Expr,
    Numeral,
    Quantity,
    Quotient,
    Symbol,
    product,
    replaced,
)

_PENALTY = Symbol("Ω")


def loss_terms(spot: OneNumber) -> Formula:
    """One sample's own loss."""
    return _of_row(spot) if _loss(spot).reads_rows else _of_outputs(spot)


def _loss(spot: OneNumber) -> Loss:
    return spot.record.spec.loss


def _seen(spot: OneNumber, kind: str) -> str:
    return spot.record.canonical(f"{kind}:{spot.output}")


def read_by(spot: OneNumber) -> str:
    """The key of what the loss is computed from: the logits, or the activations."""
    return _seen(spot, "z" if _loss(spot).fuses else "a")


def _shared(
    spot: OneNumber, rule: Expr, outputs: int, *, of_batch: bool = False
) -> tuple[Expr, Expr]:
    """A rule apart from what it is multiplied by: of a sample's own loss, or of the batch's."""
    averages = of_batch and _loss(spot).averages
    samples = Quantity(SAMPLES, spot.samples) if averages else ONE
    factor, inner = _loss(spot).shared(rule, samples=samples, outputs=Quantity(OUTPUTS, outputs))
    if not isinstance(factor, Quotient):
        return factor, inner
    above, below = factor.parts
    return above / Quantity(named(below), worth(below)), inner


def _written(spot: OneNumber, made: str) -> str:
    return f"{name_of(spot.record, spot.entry.writes)} = {made}"


def _of_outputs(spot: OneNumber) -> Formula:
    """A sum over the outputs."""
    import torch

    loss, key, sample = _loss(spot), read_by(spot), spot.one
    rows = [torch.tensor(spot.array(k)[sample], dtype=torch.float64) for k in (key, "y")]
    outer, rule = _shared(spot, loss.rule(Z, Y), rows[0].numel())
    together = "mean" if loss.per_output else "sum"
    values = compiled(rule, Z, Y)(*rows).numpy()

    def piece(j: int) -> Summand:
        output, target = spot.of(key, j), spot.of("y", j)
        made = replaced(rule, {Z: output, Y: target})
        return made_of(spelt(made), worth(made))

    name = name_of(spot.record, key)
    line = code(loss.rule(Z, Y), {Z: name, Y: "y"})
    return sum_formula(
        spot,
        summed(Products(values, piece), outer=None if outer == ONE else outer),
        rule=loss.formula,
        code=_written(spot, f"({line}).{together}(1)"),
    )


def _of_row(spot: OneNumber) -> Formula:
    """From all outputs together."""
    loss, key, label = _loss(spot), read_by(spot), spot.of("y")
    row = row_of(spot, key, spot.of(key, int(label.value)))
    outer, rule = _shared(spot, loss.rule(row, label), len(row.values))
    name = name_of(spot.record, key)
    line = code(loss.rule(LOGITS, LABEL), {Z: name, LABEL: "y"})
    return plain_formula(
        spot,
        outer * spelt(rule),
        rule=loss.formula,
        value=worth(outer) * worth(rule),
        code=_written(spot, line),
        reads=(label,),
    )


def reads_rows(spot: OneNumber) -> bool:
    """Whether a sample's loss looks at all of its outputs together."""
    return _loss(spot).reads_rows


def slope_at(spot: OneNumber, unit: int) -> float:
    """How a sample's own loss changes with one of the numbers that it is computed from."""
    z, a = spot.of(_seen(spot, "z"), unit), spot.of(_seen(spot, "a"), unit)
    outputs = spot.array(read_by(spot)).shape[1]
    outer, slope = _shared(spot, _loss(spot).slope(Z, A, Y), outputs)
    here = replaced(slope, {Z: z, A: a, Y: _target(spot, unit)[0]})
    return float(worth(outer) * worth(here))


def loss_gradient(spot: OneNumber) -> Formula:
    """How the batch's loss changes with one output, or with its logit."""
    loss, unit = _loss(spot), spot.index[0]
    z, a = spot.of(_seen(spot, "z"), unit), spot.of(_seen(spot, "a"), unit)
    target, read = _target(spot, unit)
    outer, slope = _shared(spot, loss.slope(Z, A, Y), spot.entry.shape[0], of_batch=True)
    here = replaced(slope, {Z: z, A: a, Y: target})
    return plain_formula(
        spot,
        product(outer, here),
        rule=loss.gradient_formula,
        code=_gradient_code(spot, loss.slope(Z, A, Y)),
        reads=(read,),
        opened=_opened(spot, target) if loss.fuses else None,
    )


def _opened(spot: OneNumber, target: Factor) -> OpenedGradient | None:
    """How the loss changes with the output, and the output with its logit.

    Behind a softmax only the right class has a part in the loss, though each logit moves it.
    """
    loss, unit = _loss(spot), spot.index[0]
    textbook = loss.with_values(loss.textbook or loss.stated)
    z, a = spot.of(_seen(spot, "z"), unit), spot.of(_seen(spot, "a"), unit)
    seen, slope = a, _slope(spot, a)
    if loss.reads_rows:
        right = int(spot.of("y").value)
        seen = spot.of(_seen(spot, "a"), right)
        textbook = replaced(textbook, {at(PROBABILITIES, LABEL): A})
        slope = seen.value * (float(right == unit) - a.value)
    outer, inner = _shared(spot, textbook, spot.entry.shape[0], of_batch=True)
    by_output = worth(outer) * worth(replaced(derivative(inner, A), {A: seen, Y: target}))
    if not (isfinite(by_output) and isfinite(by_output * slope)):
        return None
    way = Way(
        Factor(Derivative(parts=(BATCH, seen.symbol)), by_output),
        Factor(Derivative(parts=(seen.symbol, z.symbol)), slope),
    )
    made, result = product(way.upstream, way.local), spot.result().symbol
    numbers = result.is_(valued(made), Numeral(way.value))
    return OpenedGradient(result.is_(named(made)), numbers, way)


def _slope(spot: OneNumber, a: Factor) -> float:
    """Of the output's own activation."""
    chosen = spot.layer.layer.activation_of()
    if chosen is None or isinstance(chosen, Softmax):
        return 1.0
    z = spot.of(_seen(spot, "z"), spot.index[0])
    return float(worth(replaced(chosen.slope(Z_ALONE, A_ALONE), {Z_ALONE: z, A_ALONE: a})))


def _gradient_code(spot: OneNumber, slope: Expr) -> str:
    names = {kind: name_of(spot.record, _seen(spot, kind)) for kind in ("z", "a")}
    target = f"F.one_hot(y, {names['z']}.shape[1])" if _loss(spot).reads_rows else "y"
    made = code(slope, {Z: names["z"], A: names["a"], Y: target})
    read = name_of(spot.record, read_by(spot))
    loss = _loss(spot)
    counts = {
        (True, True): f" / {read}.numel()",
        (True, False): f" / len({read})",
        (False, True): f" / {read}.shape[1]",
        (False, False): "",
    }
    return _written(spot, f"({made}){counts[loss.averages, loss.per_output]}")


def _target(spot: OneNumber, unit: int) -> tuple[Factor, Factor]:
    """What an output should be, and the number of the record that says so."""
    if spot.array("y").ndim > 1:
        target = spot.of("y", unit)
        return target, target
    label = spot.of("y")
    return Factor(Symbol("y", str(unit + 1)), float(int(label.value) == unit)), label


def loss(spot: OneNumber) -> Formula:
    """The batch's: the mean of its samples' own, or their sum."""
    values = spot.array("terms").astype(np.float64)

    def piece(i: int) -> Summand:
        term = spot.at("terms", (i,))
        return Summand.of(term, term)

    chosen = _loss(spot)
    outer = share(spot.samples) if chosen.averages else None
    return sum_formula(
        spot,
        summed(Products(values, piece), outer=outer),
        rule=chosen.together,
        code=f"loss = terms.{chosen.over_batch}()",
    )


def objective(spot: OneNumber) -> Formula:
    """What is differentiated: the loss and the penalty."""
    return plain_formula(
        spot,
        spot.at("loss", ()) + spot.at("penalty", ()),
        rule=Symbol("J").is_(BATCH + _PENALTY),
        code="total = loss + penalty",
    )
