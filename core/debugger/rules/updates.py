"""Clipping, and the optimizer's step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.debugger.rules import optimizers
from core.debugger.rules.code import name_of
from core.debugger.rules.formula import Factor, Formula, Term
from core.debugger.rules.latex import layer_number, letter_of, number, operand, squared
from core.debugger.rules.optimizers import Step
from core.debugger.rules.spot import Spot
from core.debugger.rules.sums import (
    Piece,
    Products,
    array,
    plain_formula,
    sum_formula,
    summed,
)

TINY = 1e-6
"""What torch adds to a norm before it divides by it."""


def _parameters(spot: Spot) -> list[str]:
    return [key.removeprefix("p:") for key in spot.record.arrays if key.startswith("p:")]


def norm(spot: Spot) -> Formula:
    """The length of all gradients together, seen as one vector."""
    limit, names = spot.record.spec.training.clip_value, _parameters(spot)
    squares = np.array([_square(spot, name, limit) for name in names])

    def piece(i: int) -> Piece:
        symbol = rf"\|{_gradient(spot, names[i])}\|^2"
        length = Factor(symbol, float(squares[i]))
        return Piece(Term((length,)), symbol, number(length.value), ())

    total = summed(Products(squares, piece))
    value = total.value**0.5
    gradients = ", ".join(_cut_code(spot, name) for name in names)
    cut = r",\quad g \leftarrow \min\left(\max\left(g, {-c}\right), c\right)" if limit else ""
    return plain_formula(
        spot,
        rule=r"\|g\| = \sqrt{\sum_{k} g_{k}^2}" + cut,
        symbols=rf"\sqrt{{{' + '.join(total.symbols())}}}",
        numbers=rf"\sqrt{{{' + '.join(total.numbers())}}}",
        value=value,
        factors=[],
        code=f"norm = torch.nn.utils.get_total_norm([{gradients}])",
        terms=total.terms,
        left_out=total.left_out,
    )


def _square(spot: Spot, name: str, limit: float | None) -> float:
    gradient = spot.array(f"d:p:{name}")
    if limit is not None:
        gradient = np.clip(gradient, -limit, limit)
    return float(np.square(gradient, dtype=np.float64).sum())


def _gradient(spot: Spot, name: str) -> str:
    """A whole parameter's gradient: the g with the parameter below it."""
    letter = letter_of(spot.record, name)
    return rf"g_{{{letter}^{{({layer_number(name.rpartition('.')[0])})}}}}"


def _cut_code(spot: Spot, name: str) -> str:
    gradient, limit = name_of(spot.record, f"d:p:{name}"), spot.record.spec.training.clip_value
    return gradient if limit is None else f"{gradient}.clamp({-limit}, {limit})"


def clip(spot: Spot) -> Formula:
    """A gradient cut to the limit of each number, then to that of all together."""
    gradient = spot.at(f"d:p:{spot.entry.parameter}", spot.index)
    code = _cut_code(spot, spot.entry.parameter)
    cut = _scaled(spot, _cut(spot, gradient))
    if spot.has("norm"):
        code += f" * ({spot.record.spec.training.clip_norm} / (norm + {TINY})).clamp(max=1)"
    return plain_formula(
        spot,
        rule=rf"\tilde{{g}} = {cut.rule}",
        symbols=cut.symbols,
        numbers=cut.numbers,
        value=cut.value,
        factors=[gradient, spot.at("norm", ())] if spot.has("norm") else [gradient],
        code=f"{name_of(spot.record, spot.entry.writes)} = {code}",
    )


@dataclass(frozen=True)
class _Cut:
    """A gradient on its way through clipping."""

    rule: str
    symbols: str
    numbers: str
    value: float


def _cut(spot: Spot, gradient: Factor) -> _Cut:
    """Between the limits of a single number, where there are any."""
    limit, value = spot.record.spec.training.clip_value, gradient.value
    if limit is None:
        return _Cut("g", gradient.symbol, operand(value), value)
    rule, symbols = (
        rf"\min\left(\max\left({g},\, {{-c}}\right),\, c\right)" for g in ("g", gradient.symbol)
    )
    inner = rf"\max\left({number(value)},\, {number(-limit)}\right)"
    numbers = rf"\min\left({inner},\, {number(limit)}\right)"
    return _Cut(rule, symbols, numbers, float(np.clip(value, -limit, limit)))


def _scaled(spot: Spot, cut: _Cut) -> _Cut:
    """Shortened like all the others, where together they are too long."""
    longest = spot.record.spec.training.clip_norm
    if longest is None:
        return cut
    norm = spot.at("norm", ())
    scale = rf"\cdot\min\left(1,\, \frac{{C}}{{{norm.symbol} + 10^{{-6}}}}\right)"
    below = f"{number(norm.value)} + 10^{{-6}}"
    numbers = rf"\cdot\min\left(1,\, \frac{{{number(longest)}}}{{{below}}}\right)"
    return _Cut(
        cut.rule + scale,
        cut.symbols + scale,
        cut.numbers + numbers,
        cut.value * min(1.0, longest / (norm.value + TINY)),
    )


def penalty(spot: Spot) -> Formula:
    """What large weights cost."""
    training = spot.record.spec.training
    names = [key.removeprefix("penalty:") for key in spot.record.arrays if "penalty:" in key]
    groups, words, code = [], [], []
    weights = ", ".join(name_of(spot.record, f"p:{name}") for name in names)
    if training.l1:
        groups += [_absolutes(spot, f"p:{name}", training.l1) for name in names]
        words.append(r"\lambda_1 \sum \left|w\right|")
        code.append(f"{training.l1} * sum(W.abs().sum() for W in [{weights}])")
    if training.l2:
        groups += [_squares(spot, f"p:{name}", training.l2) for name in names]
        words.append(r"\frac{\lambda_2}{2} \sum w^2")
        code.append(f"{training.l2 / 2} * sum(W.square().sum() for W in [{weights}])")
    return sum_formula(
        spot,
        summed(*groups),
        rule=rf"\Omega = {' + '.join(words)}",
        code=f"penalty = {' + '.join(code)}",
    )


def _absolutes(spot: Spot, key: str, strength: float) -> Products:
    values = spot.array(key)

    def piece(flat: int) -> Piece:
        weight = spot.at(key, _place(flat, values.shape))
        size = Factor(rf"\left|{weight.symbol}\right|", abs(weight.value))
        factors = (Factor(r"\lambda_1", strength), size)
        numbers = rf"{number(strength)}\cdot\left|{number(weight.value)}\right|"
        return Piece(Term(factors), rf"\lambda_1 {size.symbol}", numbers, (weight,))

    return Products(strength * np.abs(values, dtype=np.float64), piece)


def _squares(spot: Spot, key: str, strength: float) -> Products:
    values = spot.array(key)

    def piece(flat: int) -> Piece:
        weight = spot.at(key, _place(flat, values.shape))
        half = Factor(r"\frac{\lambda_2}{2}", strength / 2)
        symbols = rf"{half.symbol} {squared(weight.symbol)}"
        numbers = rf"{number(half.value)}\cdot {squared(operand(weight.value))}"
        return Piece(Term((half, weight, weight)), symbols, numbers, (weight,))

    return Products(strength / 2 * np.square(values, dtype=np.float64), piece)


def _place(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape))


def update(spot: Spot) -> Formula:
    """The optimizer's rule for one number; one held fast stays where it is."""
    name = spot.entry.parameter
    theta = spot.at(f"p:{name}", spot.index)
    frozen = f"frozen:{name}"
    if frozen in spot.record.arrays and spot.array(frozen)[spot.index]:
        return _held(spot, theta)
    gradient = spot.at(_used(spot), spot.index)
    states, t = _states(spot), _count(spot)
    step = Step(
        spot.record.spec.optimizer,
        theta.symbol,
        spot.record.rate,
        theta.value,
        gradient.value,
        t.value if t else 0.0,
        {factor.key.rpartition(":")[2]: factor.value for factor in states},
    )
    made = optimizers.moved(step)
    rows = [f"g & = {number(gradient.value)}", *made.rows]
    return Formula(
        rule=spot.record.spec.optimizer.rule(),
        symbols=_symbols(spot, theta, gradient),
        numbers=array(rows),
        result=spot.result(),
        value=made.value,
        factors=(theta, gradient, *states, *([t] if t else [])),
        code=_code(spot),
    )


def _used(spot: Spot) -> str:
    clipped = f"clipped:{spot.entry.parameter}"
    return clipped if clipped in spot.record.arrays else f"d:p:{spot.entry.parameter}"


def _held(spot: Spot, theta: Factor) -> Formula:
    return Formula(
        rule=r"\theta \leftarrow \theta",
        symbols=rf"{theta.symbol} \leftarrow {theta.symbol}",
        numbers=rf"{theta.symbol} = {number(theta.value)}",
        result=spot.result(),
        value=theta.value,
        factors=(theta,),
        code=_code(spot),
    )


def _states(spot: Spot) -> list[Factor]:
    """The optimizer's states before the step, with their textbook names."""
    found = []
    for state, letter in spot.record.spec.optimizer.state_names.items():
        key = f"s:{spot.entry.parameter}:{state}"
        if key in spot.record.arrays:
            value = float(spot.record.arrays[key][spot.index])
            found.append(Factor(letter, value, key, spot.index))
    return found


def _count(spot: Spot) -> Factor | None:
    key = f"t:{spot.entry.parameter}"
    found = spot.record.arrays.get(key)
    return Factor("t", float(found), key) if found is not None else None


def _symbols(spot: Spot, theta: Factor, gradient: Factor) -> str:
    """The catalog's rule, of this parameter and with this gradient."""
    rule = spot.record.spec.optimizer.rule()
    body = rule.removeprefix(r"\begin{array}{ll} ").removesuffix(r" \end{array}")
    if body == rule:  # a rule of one row has no column yet
        body = body.replace(r" \leftarrow", r" & \leftarrow").replace(r"\nabla_{\theta} L", "g")
    return array([f"g & = {gradient.symbol}", body.replace(r"\theta", theta.symbol)])


def _code(spot: Spot) -> str:
    record, name = spot.record, spot.entry.parameter
    parameter, gradient = name_of(record, f"p:{name}"), name_of(record, _used(spot))
    t = _count(spot)
    made = optimizers.code_of(
        record.spec.optimizer, parameter, gradient, record.rate, t.value if t else 0.0
    )
    frozen = f"frozen:{name}"
    if frozen in record.arrays:
        made = f"torch.where({name_of(record, frozen)}, {parameter}, {made})"
    return f"{parameter} = {made}"
