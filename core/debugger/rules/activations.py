"""What an activation makes of z, and the gradient that it lets through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.catalog.activations import Activation, Identity, Softmax
from core.debugger.rules.code import name_of
from core.debugger.rules.formula import Factor, Formula
from core.debugger.rules.functions import FUNCTIONS, Function
from core.debugger.rules.latex import number, operand
from core.debugger.rules.spot import Spot
from core.debugger.rules.sums import (
    DRAWN,
    Piece,
    Products,
    plain_formula,
    product,
    sum_formula,
    summed,
)


@dataclass(frozen=True)
class _Bent:
    """A number's activation: the function, its constant, its z and a, and whether it works."""

    function: Function
    constant: float
    z: Factor
    a: Factor
    keep: Factor | None

    @property
    def drawn_constant(self) -> str:
        return number(self.constant)

    @property
    def kept(self) -> float:
        return 1.0 if self.keep is None else self.keep.value

    @property
    def activation(self) -> float:
        """What it gives, or would, were it not knocked out."""
        return self.a.value if self.kept else self.function.value(self.z.value, self.constant)


def _bent(spot: Spot) -> _Bent:
    chosen = _chosen(spot)
    function = FUNCTIONS[chosen.kind]
    constant = float(getattr(chosen, function.constant)) if function.constant else 0.0
    z, a = spot.of(f"z:{spot.where}", *spot.index), spot.of(f"a:{spot.where}", *spot.index)
    return _Bent(function, constant, z, a, _keep(spot))


def _chosen(spot: Spot) -> Activation:
    return spot.layer.layer.activation_of() or Identity()


def _keep(spot: Spot) -> Factor | None:
    key = f"keep:{spot.where}"
    return spot.at(key, spot.index) if spot.has(key) else None


def _name(spot: Spot, key: str) -> str:
    return name_of(spot.record, spot.record.canonical(f"{key}:{spot.where}"))


def _code_keep(spot: Spot) -> str:
    return f" * {_name(spot, 'keep')}" if spot.has(f"keep:{spot.where}") else ""


def activation(spot: Spot) -> Formula:
    """The function at z; nothing, for a neuron knocked out."""
    if isinstance(_chosen(spot), Softmax):
        return _softmax(spot)
    bent = _bent(spot)
    function, z, keep = bent.function, bent.z, bent.keep
    made = function.code.format(z=_name(spot, "z"), c=bent.constant)
    symbols = function.drawn(z.symbol, function.letter, z.value)
    numbers = function.drawn(operand(z.value), bent.drawn_constant, z.value)
    if keep is not None:
        symbols = rf"{keep.symbol}\cdot {symbols}"
        numbers = rf"{number(keep.value)}\cdot {numbers}"
    return plain_formula(
        spot,
        rule=_chosen(spot).formula,
        symbols=symbols,
        numbers=numbers,
        value=function.value(z.value, bent.constant) * bent.kept,
        factors=[z] if keep is None else [z, keep],
        code=f"{name_of(spot.record, spot.entry.writes)} = {made}{_code_keep(spot)}",
    )


def _softmax(spot: Spot) -> Formula:
    key, unit = f"z:{spot.where}", spot.index[0]
    row = spot.array(key)[spot.one].astype(np.float64)
    powers = np.exp(row - row.max())
    seen = powers_of(spot, key)
    own = spot.of(key, unit)
    numbers = rf"\frac{{e^{{{number(own.value)}}}}}{{{drawn_powers(seen, row.size, numbers=True)}}}"
    return plain_formula(
        spot,
        rule=_chosen(spot).formula,
        symbols=rf"\frac{{e^{{{own.symbol}}}}}{{{drawn_powers(seen, row.size)}}}",
        numbers=numbers,
        value=float(powers[unit] / powers.sum()),
        factors=[own, *seen],
        code=f"{name_of(spot.record, spot.entry.writes)} = torch.softmax({_name(spot, 'z')}, 1)",
    )


def powers_of(spot: Spot, key: str) -> list[Factor]:
    """The logits to be drawn of a sum of powers: all in their order, or the largest."""
    row = spot.array(key)[spot.one]
    drawn = np.arange(row.size)
    if row.size > DRAWN:
        drawn = np.argsort(-row, kind="stable")[:DRAWN]
    return [spot.of(key, int(i)) for i in drawn]


def drawn_powers(seen: list[Factor], count: int, *, numbers: bool = False) -> str:
    """LaTeX of the sum of e to the power of each."""
    shown = [number(factor.value) if numbers else factor.symbol for factor in seen]
    dots = [r"\cdots"] if count > len(seen) else []
    return " + ".join([*(rf"e^{{{power}}}" for power in shown), *dots])


def activation_gradient(spot: Spot) -> Formula:
    """What comes from above times the slope at z."""
    if isinstance(_chosen(spot), Softmax):
        return _softmax_gradient(spot)
    bent = _bent(spot)
    upstream = spot.of(f"d:a:{spot.where}", *spot.index)
    local = _local(bent)
    seen, at = (bent.a, bent.activation) if bent.function.reads_a else (bent.z, bent.z.value)
    drawn = bent.function.slope_drawn
    symbols = drawn(bent.z.symbol, bent.a.symbol, bent.function.letter, bent.z.value)
    numbers = drawn(operand(bent.z.value), operand(at), bent.drawn_constant, bent.z.value)
    kept = rf"\cdot {number(bent.kept)}" if bent.keep else ""
    marked = rf"\cdot {bent.keep.symbol}" if bent.keep else ""
    factors = [upstream, bent.z, seen]
    return plain_formula(
        spot,
        rule=r"\delta = \frac{\partial L}{\partial a}\, f'(z),\quad " + _chosen(spot).derivative,
        symbols=rf"{upstream.symbol}\cdot {symbols}{marked}",
        numbers=rf"{operand(upstream.value)}\cdot {numbers}{kept}",
        value=upstream.value * local.value,
        factors=[*factors, bent.keep] if bent.keep else factors,
        code=f"{name_of(spot.record, spot.entry.writes)} = {_gradient_code(spot, bent)}",
        upstream=upstream,
        local=local,
    )


def _local(bent: _Bent) -> Factor:
    slope = bent.function.slope(bent.z.value, bent.activation, bent.constant)
    return Factor(rf"f'\left({bent.z.symbol}\right)", slope * bent.kept)


def _gradient_code(spot: Spot, bent: _Bent) -> str:
    slope = bent.function.slope_code.format(z=_name(spot, "z"), a=_name(spot, "a"), c=bent.constant)
    return f"{_name(spot, 'd:a')} * {slope}{_code_keep(spot)}"


def _softmax_gradient(spot: Spot) -> Formula:
    """Each output moves with each z: a sum over the outputs."""
    unit, key = spot.index[0], f"a:{spot.where}"
    row = spot.array(key)[spot.one].astype(np.float64)
    own = spot.of(key, unit)
    slopes = np.where(np.arange(row.size) == unit, 1.0, 0.0) - own.value
    values = spot.array(f"d:a:{spot.where}")[spot.one] * slopes * row

    def piece(j: int) -> Piece:
        bracket = rf"\left({int(j == unit)} - {own.symbol}\right)"
        above = spot.of(f"d:a:{spot.where}", j)
        made = product(above, spot.of(key, j), Factor(bracket, float(slopes[j])))
        return Piece(made.term, made.symbols, made.numbers, (*made.reads, own))

    da, a = _name(spot, "d:a"), _name(spot, "a")
    return sum_formula(
        spot,
        summed(Products(values, piece)),
        rule=r"\delta_{i} = \sum_{j} \frac{\partial L}{\partial a_{j}}\, a_{j}\, "
        r"\left(\delta_{ij} - a_{i}\right)",
        code=f"{name_of(spot.record, spot.entry.writes)} = "
        f"{a} * ({da} - ({da} * {a}).sum(1, keepdim=True))",
    )
