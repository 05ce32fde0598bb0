"""What an activation makes of z, and the gradient that it lets through."""

from __future__ import annotations

import numpy as np

from core.catalog.activations import A, Activation, Identity, Softmax, Z
from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.names import letter_at, name_of
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.sums import DRAWN, Products, Summand, plain_formula, sum_formula, summed
from core.expression import tree
from core.expression.calculus import opened, spelt, worth
from core.expression.code import code
from core.expression.functions import softmax
from core.expression.tree import ONE, ZERO, Aside, Big, Expr, Function, OutputRow, Symbol, factors

_KEEP, _ABOVE = Symbol("k"), tree.Derivative(parts=(Symbol("L"), A))
_SLOPE = Function("f′")


def _chosen(spot: OneNumber) -> Activation:
    return spot.layer.layer.activation_of() or Identity()


def _keep(spot: OneNumber) -> tuple[Factor, ...]:
    """Whether the neuron works, if any is knocked out."""
    key = f"keep:{spot.where}"
    return (spot.at(key, spot.index),) if spot.has(key) else ()


def _told(spot: OneNumber, rule: Expr) -> Expr:
    """The catalog's rule by the letters that the numbers have here: what the network gives is ŷ,
    and an activation alone takes the layer's before."""
    keys = {letter: spot.record.canonical(f"{letter}:{spot.where}") for letter in ("a", "z")}
    return tree.relettered(rule, {at: letter_at(spot.record, key) for at, key in keys.items()})


def _written(spot: OneNumber, rule: Expr) -> str:
    """The line of PyTorch, from a rule in z, a, dL/da and k."""
    keys = {Z: "z", A: "a", _ABOVE: "d:a", _KEEP: "keep"}
    names = {
        symbol: name_of(spot.record, spot.record.canonical(f"{key}:{spot.where}"))
        for symbol, key in keys.items()
        if tree.contains(rule, symbol)
    }
    return f"{name_of(spot.record, spot.entry.writes)} = {code(rule, names)}"


def activation(spot: OneNumber) -> Formula:
    """The function at z; nothing, for a neuron knocked out."""
    chosen, keep = _chosen(spot), _keep(spot)
    if isinstance(chosen, Softmax):
        return _softmax(spot)
    z = spot.of(f"z:{spot.where}", *spot.index)
    made, rule = chosen.rule(z), chosen.rule(Z)
    return plain_formula(
        spot,
        tree.product(*keep, spelt(made)),
        rule=_told(spot, chosen.formula),
        value=worth(tree.product(*keep, made)),
        code=_written(spot, tree.product(rule, _KEEP) if keep else rule),
        reads=(z,),
    )


def row_of(spot: OneNumber, key: str, chosen: Factor) -> OutputRow:
    """A sample's outputs; to be drawn are all in their order, or the largest."""
    values = spot.array(key)[spot.one].astype(np.float64)
    seen = np.arange(values.size)
    if values.size > DRAWN:
        seen = np.argsort(-values, kind="stable")[:DRAWN]
    shown = tuple(spot.of(key, int(i)) for i in seen)
    return OutputRow(chosen, shown, tuple(values.tolist()), parts=(Z,))


def _softmax(spot: OneNumber) -> Formula:
    key = f"z:{spot.where}"
    own = spot.of(key, spot.index[0])
    made = softmax(own, row_of(spot, key, own))
    return plain_formula(
        spot,
        spelt(made),
        rule=_told(spot, _chosen(spot).formula),
        value=worth(made),
        code=_written(spot, softmax(Z, OutputRow(Z, parts=(Z,)))),
    )


def activation_gradient(spot: OneNumber) -> Formula:
    """What comes back times the slope at z."""
    chosen, keep = _chosen(spot), _keep(spot)
    if isinstance(chosen, Softmax):
        return _softmax_gradient(spot)
    upstream = spot.of(f"d:a:{spot.where}", *spot.index)
    z, a = (spot.of(f"{key}:{spot.where}", *spot.index) for key in ("z", "a"))
    slope = chosen.slope(Z, A)
    # Of a neuron knocked out, the slope is that of what it would give.
    given: Expr = (
        tree.Quantity(a.symbol, worth(chosen.rule(z))) if keep and not keep[0].value else a
    )
    here = tree.replaced(opened(slope), {Z: z, A: given})
    local = worth(tree.product(here, *keep))
    marks = (_KEEP,) if keep else ()
    chained = Symbol("δ").is_(_ABOVE * _SLOPE(Z))
    return plain_formula(
        spot,
        tree.product(upstream, *factors(here), *keep),
        rule=_told(spot, Aside(parts=(chained, chosen.derivative))),
        value=upstream.value * local,
        code=_written(spot, tree.product(_ABOVE, *factors(slope), *marks)),
        reads=(z, a) if tree.contains(slope, A) else (z,),
        upstream=upstream,
        local=Factor(_SLOPE(z.symbol), local),
    )


def _softmax_gradient(spot: OneNumber) -> Formula:
    """Each output moves with each z: a sum over the outputs."""
    unit, key = spot.index[0], f"a:{spot.where}"
    row = spot.array(key)[spot.one].astype(np.float64)
    own = spot.of(key, unit)
    slopes = np.where(np.arange(row.size) == unit, 1.0, 0.0) - own.value
    values = spot.array(f"d:a:{spot.where}")[spot.one] * slopes * row

    def piece(j: int) -> Summand:
        above, other = spot.of(f"d:a:{spot.where}", j), spot.of(key, j)
        slope = tree.Sum(parts=(ONE if j == unit else ZERO, -own))
        made = tree.product(above, other, slope)
        return Summand.of(made, above, other, Factor(slope, float(slopes[j])))

    da, a = (name_of(spot.record, spot.record.canonical(f"{k}:{spot.where}")) for k in ("d:a", "a"))
    a_j, a_k = Symbol("a", "j"), Symbol("a", "k")
    above, same = tree.Derivative(parts=(Symbol("L"), a_k)), Symbol("δ", "j,k")
    return sum_formula(
        spot,
        summed(Products(values, piece)),
        rule=_told(spot, Symbol("δ", "j").is_(Big("k", parts=(above * a_k * (same - a_j),)))),
        code=f"{name_of(spot.record, spot.entry.writes)} = "
        f"{a} * ({da} - ({da} * {a}).sum(1, keepdim=True))",
    )
