"""Clipping, penalties, and the optimizer's step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.catalog.optimizers.base import RATE, THETA, G, Optimizer, T
from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.names import name_of, parameter_symbol
from core.debugger.formulas.parameters import LAMBDA_1, LAMBDA_2
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.sums import (
    Products,
    Summand,
    constants,
    plain_formula,
    sum_formula,
    summed,
)
from core.expression import functions, tree
from core.expression.calculus import valued, worth
from core.expression.code import code, name_in_code
from core.expression.functions import absolute, maximum, minimum, sqrt
from core.expression.tree import TILDE, Aside, Big, Expr, Numeral, Quantity, Rows, Symbol, replaced

TINY = 1e-6
"""What torch adds to a norm before it divides by it."""
_TINY = Quantity(Numeral(10) ** -6, TINY)
_LIMIT, _LONGEST = Symbol("c"), Symbol("C")


def _parameters(spot: OneNumber) -> list[str]:
    return list(spot.record.parameters)


def norm(spot: OneNumber) -> Formula:
    """The length of all gradients together, seen as one vector."""
    limit, names = spot.record.spec.training.clip_value, _parameters(spot)
    squares = np.array([_square(spot, name, limit) for name in names])

    def piece(i: int) -> Summand:
        gradient = Symbol("g", parameter_symbol(spot.record, names[i]))
        length = Factor(functions.norm(gradient) ** 2, float(squares[i]))
        return Summand.of(length, length)

    found = summed(Products(squares, piece))
    gradients = ", ".join(_cut_code(spot, name) for name in names)
    rule: Expr = functions.norm(G).is_(sqrt(Big("k", parts=(Symbol("g", "k") ** 2,))))
    if limit:
        rule = Aside(parts=(rule, G.becomes(minimum(maximum(G, -_LIMIT), _LIMIT))))
    return plain_formula(
        spot,
        sqrt(found.drawn),
        rule=rule,
        value=found.value**0.5,
        code=f"norm = torch.nn.utils.get_total_norm([{gradients}])",
        terms=found.terms,
        left_out=found.left_out,
    )


def _square(spot: OneNumber, name: str, limit: float | None) -> float:
    gradient = spot.array(f"d:p:{name}")
    if limit is not None:
        gradient = np.clip(gradient, -limit, limit)
    return float(np.square(gradient, dtype=np.float64).sum())


def _cut_code(spot: OneNumber, name: str) -> str:
    gradient, limit = name_of(spot.record, f"d:p:{name}"), spot.record.spec.training.clip_value
    return gradient if limit is None else f"{gradient}.clamp({-limit}, {limit})"


def clip(spot: OneNumber) -> Formula:
    """A gradient cut to the limit of each number, then to that of all together."""
    gradient = spot.at(f"d:p:{spot.entry.parameter}", spot.index)
    code = _cut_code(spot, spot.entry.parameter)
    if spot.has("norm"):
        code += f" * ({spot.record.spec.training.clip_norm} / (norm + {TINY})).clamp(max=1)"
    return plain_formula(
        spot,
        _clipped(spot, gradient),
        rule=Symbol("g", mark=TILDE).is_(_clipped(spot, G)),
        code=f"{name_of(spot.record, spot.entry.writes)} = {code}",
    )


def _clipped(spot: OneNumber, gradient: Expr) -> Expr:
    """Between the limits of a single number; shortened like all, where together they are long."""
    training = spot.record.spec.training
    if training.clip_value is not None:
        upper = Quantity(_LIMIT, training.clip_value)
        lower = Quantity(-_LIMIT, -training.clip_value)
        gradient = minimum(maximum(gradient, lower), upper)
    if training.clip_norm is not None:
        longest = Quantity(_LONGEST, training.clip_norm)
        gradient *= minimum(1, longest / (spot.at("norm", ()) + _TINY))
    return gradient


def penalty(spot: OneNumber) -> Formula:
    """What large weights cost."""
    training, w = spot.record.spec.training, Symbol("w")
    names = [key.removeprefix("penalty:") for key in spot.record.arrays if "penalty:" in key]
    groups, words, code = [], [], []
    weights = ", ".join(name_of(spot.record, f"p:{name}") for name in names)
    if training.l1:
        groups += [_absolutes(spot, f"p:{name}", training.l1) for name in names]
        words.append(LAMBDA_1 * Big("", parts=(absolute(w),)))
        code.append(f"{training.l1} * sum(W.abs().sum() for W in [{weights}])")
    if training.l2:
        groups += [_squares(spot, f"p:{name}", training.l2) for name in names]
        words.append(LAMBDA_2 / 2 * Big("", parts=(w**2,)))
        code.append(f"{training.l2 / 2} * sum(W.square().sum() for W in [{weights}])")
    return sum_formula(
        spot,
        summed(*groups),
        rule=Symbol("Ω").is_(tree.total(words)),
        code=f"penalty = {' + '.join(code)}",
    )


def _absolutes(spot: OneNumber, key: str, strength: float) -> Products:
    values = spot.array(key)

    def piece(flat: int) -> Summand:
        weight = spot.at(key, _place(flat, values.shape))
        size = Factor(absolute(weight.symbol), abs(weight.value))
        factor = Factor(LAMBDA_1, strength)
        return Summand.of(factor * absolute(weight), factor, size)

    return Products(strength * np.abs(values, dtype=np.float64), piece)


def _squares(spot: OneNumber, key: str, strength: float) -> Products:
    values = spot.array(key)

    def piece(flat: int) -> Summand:
        weight = spot.at(key, _place(flat, values.shape))
        half = Factor(LAMBDA_2 / 2, strength / 2)
        return Summand.of(half * weight**2, half, weight, weight)

    return Products(strength / 2 * np.square(values, dtype=np.float64), piece)


def _place(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape))


@dataclass(frozen=True)
class Step:
    """What an update of one number is made of.

    Attributes:
        optimizer: With its options.
        theta: The parameter before, with its name.
        g: Its gradient, after clipping.
        rate: After the schedule.
        t: How many steps there are with this one; 0 where the optimizer does not count.
        before: The states before, by torch's names; without those that the first step has not.
    """

    optimizer: Optimizer
    theta: Quantity
    g: float
    rate: float
    t: float
    before: Mapping[str, float]


@dataclass(frozen=True)
class Moved:
    """An update in numbers.

    Attributes:
        rows: The optimizer's, in numbers.
        value: The parameter after it.
        states: The optimizer's states after it, by torch's names.
    """

    rows: tuple[Expr, ...]
    value: float
    states: Mapping[str, float]


def moved(step: Step, instead: Mapping[Expr, Expr] | None = None) -> Moved:
    """Runs the optimizer's rows in numbers.

    Args:
        step: What they are given.
        instead: Other parts in the place of some of theirs.
    """
    names = step.optimizer.state_names
    known: dict[Expr, float] = {THETA: step.theta.value, G: step.g, RATE: step.rate, T: step.t}
    known |= {names[name]: value for name, value in step.before.items()}
    lacks = any(name not in step.before for name in step.optimizer.used)
    rows = []
    for row in step.optimizer.rows(first=lacks):
        target, made = row.parts
        made = replaced(made, instead or {})
        given = replaced(made, {symbol: Quantity(symbol, v) for symbol, v in known.items()})
        known[target] = worth(given)
        sides = (valued(given), Numeral(known[target]))
        shown = sides[:1] if sides[0] == sides[1] else sides
        left = step.theta.symbol if target == THETA else target
        rows.append(tree.Relation((*row.signs, "=")[: len(shown)], parts=(left, *shown)))
    states = {name: known[names[name]] for name in step.optimizer.used}
    return Moved(tuple(rows), known[THETA], states)


def update(spot: OneNumber) -> Formula:
    """The optimizer's rule for one number; one held fast stays where it is."""
    name, optimizer = spot.entry.parameter, spot.record.spec.optimizer
    theta = spot.at(f"p:{name}", spot.index)
    frozen = f"frozen:{name}"
    if frozen in spot.record.arrays and spot.array(frozen)[spot.index]:
        return _held(spot, theta)
    gradient, states, t = spot.at(_used(spot), spot.index), _states(spot), _count(spot)
    made = moved(step_of(spot))
    rows = [replaced(row, {THETA: theta.symbol}) for row in optimizer.rows()]
    return Formula(
        rule=optimizer.formula,
        symbols=Rows(parts=(G.is_(gradient.symbol), *rows)),
        numbers=Rows(parts=(G.is_(Numeral(gradient.value)), *made.rows)),
        result=spot.result(),
        value=made.value,
        factors=(theta, gradient, *states, *([t] if t else [])),
        constants=(Factor(RATE, spot.record.rate), *_settings(optimizer)),
        code=_code(spot),
    )


def _settings(optimizer: Optimizer) -> tuple[Factor, ...]:
    """The options that stand in its rows, each once."""
    return tuple(dict.fromkeys(one for row in optimizer.rows() for one in constants(row)))


def step_of(spot: OneNumber) -> Step:
    """What the update of a number is made of."""
    theta = spot.at(f"p:{spot.entry.parameter}", spot.index)
    gradient, t = spot.at(_used(spot), spot.index), _count(spot)
    before = {factor.key.rpartition(":")[2]: factor.value for factor in _states(spot)}
    counted = t.value if t else 0.0
    return Step(
        spot.record.spec.optimizer, theta, gradient.value, spot.record.rate, counted, before
    )


def _used(spot: OneNumber) -> str:
    clipped = f"clipped:{spot.entry.parameter}"
    return clipped if clipped in spot.record.arrays else f"d:p:{spot.entry.parameter}"


def _held(spot: OneNumber, theta: Factor) -> Formula:
    return Formula(
        rule=THETA.becomes(THETA),
        symbols=theta.symbol.becomes(theta.symbol),
        numbers=theta.symbol.is_(Numeral(theta.value)),
        result=spot.result(),
        value=theta.value,
        factors=(theta,),
        code=_code(spot),
    )


def _states(spot: OneNumber) -> list[Factor]:
    """The optimizer's states before the step, with their textbook names."""
    found = []
    for state, letter in spot.record.spec.optimizer.state_names.items():
        key = f"s:{spot.entry.parameter}:{state}"
        if key in spot.record.arrays:
            value = float(spot.record.arrays[key][spot.index])
            found.append(Factor(letter, value, key, spot.index))
    return found


def _count(spot: OneNumber) -> Factor | None:
    key = f"t:{spot.entry.parameter}"
    found = spot.record.arrays.get(key)
    return Factor(T, float(found), key) if found is not None else None


def _code(spot: OneNumber) -> str:
    record, name = spot.record, spot.entry.parameter
    parameter = name_of(record, f"p:{name}")
    made = _line(spot, parameter, name_of(record, _used(spot)))
    frozen = f"frozen:{name}"
    if frozen in record.arrays:
        made = f"torch.where({name_of(record, frozen)}, {parameter}, {made})"
    return f"{parameter} = {made}"


def _line(spot: OneNumber, parameter: str, gradient: str) -> str:
    """The new parameter from the states after the step, or before where it looks at those."""
    record, optimizer, t = spot.record, spot.record.spec.optimizer, _count(spot)
    states = {optimizer.state_names[name]: name for name in optimizer.used}
    hats = [row.parts[0] for row in optimizer.hats().values()]
    rate, counted = Quantity(RATE, record.rate), Quantity(T, t.value if t else 0.0)
    names: dict[Expr, str] = {THETA: parameter, G: gradient}
    stands: dict[Expr, Expr] = {RATE: rate, T: counted}
    for symbol, name in states.items():
        before = Symbol(letter=f"{name} before")
        names |= {before: name_of(record, f"s:0:{name}"), symbol: name_of(record, f"s':0:{name}")}
        stands[symbol] = before
    for row in optimizer.rows():
        target, made = row.parts
        kept = target in hats or (target in states and row.signs[0] == "←")
        stands[target] = target if kept else replaced(made, stands)
        if target in hats and isinstance(target, Symbol):
            names[target] = name_in_code(target)
    return code(stands[THETA], names)
