"""The optimizers' rules in numbers, row for row as the catalog has them in symbols."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.catalog.optimizers import (
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from core.debugger.rules.latex import number, operand, squared


@dataclass(frozen=True)
class Step:
    """What an update of one number is made of.

    Attributes:
        optimizer: With its options.
        symbol: The parameter's name, LaTeX.
        rate: After the schedule.
        theta: The parameter before.
        g: Its gradient, after clipping.
        t: How many steps there are with this one; 0 where the optimizer does not count.
        before: The states before, by torch's names; without those that the first step has not.
    """

    optimizer: Optimizer
    symbol: str
    rate: float
    theta: float
    g: float
    t: float
    before: Mapping[str, float]

    def row(self, drop: str, value: float) -> str:
        """The last row: the parameter less something."""
        start = rf"{self.symbol} & \leftarrow {number(self.theta)}"
        return f"{start} - {drop} = {number(value)}"


@dataclass(frozen=True)
class Moved:
    """An update in numbers.

    Attributes:
        rows: LaTeX, each with its ``&``.
        value: The parameter after it.
        states: The optimizer's states after it, by torch's names.
    """

    rows: tuple[str, ...]
    value: float
    states: Mapping[str, float]


def moved(step: Step) -> Moved:
    """The rule of the step's optimizer."""
    return _RULES[step.optimizer.kind](step)


def code_of(optimizer: Optimizer, parameter: str, gradient: str, rate: float, t: float) -> str:
    """PyTorch for the new parameter, from the states after the step, by torch's names."""
    return _CODES[optimizer.kind](optimizer, parameter, gradient, f"{rate!r}", t)


def _product(*values: float) -> str:
    return r"\cdot ".join(operand(value) for value in values)


def _kept(share: float, old: float, new: str) -> str:
    """A running mean: a share of the old, the rest of it the new."""
    return rf"{_product(share, old)} + (1 - {number(share)})\cdot {new}"


def _descent(step: Step) -> Moved:
    value = step.theta - step.rate * step.g
    return Moved((step.row(_product(step.rate, step.g), value),), value, {})


def _momentum(step: Step) -> Moved:
    assert isinstance(step.optimizer, Momentum)
    mu, tau = step.optimizer.momentum, step.optimizer.dampening
    old = step.before.get("momentum_buffer")
    if old is None:  # the first velocity is the gradient, whatever the dampening
        v, row = step.g, rf"v & \leftarrow {number(step.g)}"
    else:
        v = mu * old + (1 - tau) * step.g
        damped = rf"(1 - {number(tau)})\cdot {operand(step.g)}"
        row = rf"v & \leftarrow {_product(mu, old)} + {damped} = {number(v)}"
    value = step.theta - step.rate * v
    return Moved((row, step.row(_product(step.rate, v), value)), value, {"momentum_buffer": v})


def _nesterov(step: Step) -> Moved:
    assert isinstance(step.optimizer, Nesterov)
    mu, old = step.optimizer.momentum, step.before.get("momentum_buffer")
    if old is None:
        v, row = step.g, rf"v & \leftarrow {number(step.g)}"
    else:
        v = mu * old + step.g
        row = rf"v & \leftarrow {_product(mu, old)} + {operand(step.g)} = {number(v)}"
    value = step.theta - step.rate * (step.g + mu * v)
    ahead = rf"{operand(step.rate)}\cdot\left({number(step.g)} + {_product(mu, v)}\right)"
    return Moved((row, step.row(ahead, value)), value, {"momentum_buffer": v})


def _adagrad(step: Step) -> Moved:
    chosen = step.optimizer
    assert isinstance(chosen, Adagrad)
    old = step.before["sum"]
    r = old + step.g**2
    slowed = 1 + (step.t - 1) * chosen.lr_decay
    value = step.theta - step.rate / slowed * step.g / (math.sqrt(r) + chosen.eps)
    below = rf"1 + ({number(step.t)} - 1)\cdot {number(chosen.lr_decay)}"
    rate = rf"\frac{{{number(step.rate)}}}{{{below}}}"
    return Moved(
        (
            rf"r & \leftarrow {number(old)} + {squared(operand(step.g))} = {number(r)}",
            step.row(rf"{rate}\cdot {_over_root(step.g, r, chosen.eps)}", value),
        ),
        value,
        {"sum": r},
    )


def _over_root(above: float, below: float, eps: float) -> str:
    return rf"\frac{{{number(above)}}}{{\sqrt{{{number(below)}}} + {number(eps)}}}"


def _rmsprop(step: Step) -> Moved:
    chosen = step.optimizer
    assert isinstance(chosen, RMSprop)
    alpha, g = chosen.alpha, step.g
    v = alpha * step.before["square_avg"] + (1 - alpha) * g**2
    drawn = _kept(alpha, step.before["square_avg"], squared(operand(g)))
    rows, states = [rf"v & \leftarrow {drawn} = {number(v)}"], {"square_avg": v}
    below, root = v, number(v)
    if chosen.centered:
        mean = alpha * step.before["grad_avg"] + (1 - alpha) * g
        drawn = _kept(alpha, step.before["grad_avg"], operand(g))
        rows.append(rf"\bar{{g}} & \leftarrow {drawn} = {number(mean)}")
        below, root = v - mean**2, f"{number(v)} - {squared(operand(mean))}"
        states["grad_avg"] = mean
    # Rounding can make the difference negative; torch then gives NaN.
    spread = math.sqrt(below) if below >= 0 else math.nan
    b = step.g / (spread + chosen.eps)
    part = rf"\frac{{{number(g)}}}{{\sqrt{{{root}}} + {number(chosen.eps)}}}"
    if chosen.momentum:
        old = step.before["momentum_buffer"]
        b += chosen.momentum * old
        part = f"{_product(chosen.momentum, old)} + {part}"
        states["momentum_buffer"] = b
    rows.append(rf"b & \leftarrow {part} = {number(b)}")
    value = step.theta - step.rate * b
    return Moved((*rows, step.row(_product(step.rate, b), value)), value, states)


@dataclass(frozen=True)
class _Moments:
    """Adam's means: the rows that lead to them, and both freed of their bias."""

    rows: tuple[str, ...]
    m: float
    v: float
    states: Mapping[str, float]


def _moments(step: Step) -> _Moments:
    chosen = step.optimizer
    assert isinstance(chosen, Adam | AdamW)
    beta1, beta2, before = chosen.beta1, chosen.beta2, step.before
    m = beta1 * before["exp_avg"] + (1 - beta1) * step.g
    v = beta2 * before["exp_avg_sq"] + (1 - beta2) * step.g**2
    states = {"exp_avg": m, "exp_avg_sq": v}
    drawn_m = _kept(beta1, before["exp_avg"], operand(step.g))
    drawn_v = _kept(beta2, before["exp_avg_sq"], squared(operand(step.g)))
    rows = [rf"m & \leftarrow {drawn_m} = {number(m)}", rf"v & \leftarrow {drawn_v} = {number(v)}"]
    if chosen.amsgrad:
        old = before["max_exp_avg_sq"]
        drawn = rf"\max\left({number(old)},\, {number(v)}\right)"
        v = states["max_exp_avg_sq"] = max(old, v)
        rows.append(rf"v_{{\max}} & \leftarrow {drawn} = {number(v)}")
    hats = (m / (1 - beta1**step.t), v / (1 - beta2**step.t))
    for letter, value, beta, hat in zip("mv", (m, v), (beta1, beta2), hats, strict=True):
        part = rf"\frac{{{number(value)}}}{{1 - {number(beta)}^{{{number(step.t)}}}}}"
        rows.append(rf"\hat{{{letter}}} & = {part} = {number(hat)}")
    return _Moments(tuple(rows), *hats, states)


def _adam(step: Step) -> Moved:
    moments = _moments(step)
    eps = step.optimizer.eps if isinstance(step.optimizer, Adam) else 0.0
    value = step.theta - step.rate * moments.m / (math.sqrt(moments.v) + eps)
    drop = rf"{operand(step.rate)}\cdot {_over_root(moments.m, moments.v, eps)}"
    return Moved((*moments.rows, step.row(drop, value)), value, moments.states)


def _adamw(step: Step) -> Moved:
    chosen, moments = step.optimizer, _moments(step)
    assert isinstance(chosen, AdamW)
    pull = chosen.weight_decay * step.theta
    push = moments.m / (math.sqrt(moments.v) + chosen.eps)
    value = step.theta - step.rate * (push + pull)
    decay = _product(chosen.weight_decay, step.theta)
    root = _over_root(moments.m, moments.v, chosen.eps)
    drop = rf"{operand(step.rate)}\cdot\left({root} + {decay}\right)"
    return Moved((*moments.rows, step.row(drop, value)), value, moments.states)


_RULES: dict[str, Callable[[Step], Moved]] = {
    "gd": _descent,
    "sgd": _descent,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
}
"""By the kind of the catalog's entry."""

_Code = Callable[[Any, str, str, str, float], str]

_CODES: dict[str, _Code] = {
    "gd": lambda o, p, g, rate, t: f"{p} - {rate} * {g}",
    "sgd": lambda o, p, g, rate, t: f"{p} - {rate} * {g}",
    "momentum": lambda o, p, g, rate, t: f"{p} - {rate} * momentum_buffer",
    "nesterov": lambda o, p, g, rate, t: f"{p} - {rate} * ({g} + {o.momentum} * momentum_buffer)",
    "adagrad": lambda o, p, g, rate, t: (
        f"{p} - {rate} / (1 + {t - 1:g} * {o.lr_decay}) * {g} / (square_sum.sqrt() + {o.eps})"
    ),
    "rmsprop": lambda o, p, g, rate, t: f"{p} - {rate} * {_rmsprop_code(o, g)}",
    "adam": lambda o, p, g, rate, t: f"{p} - {rate} * m_hat / (v_hat.sqrt() + {o.eps})",
    "adamw": lambda o, p, g, rate, t: (
        f"{p} - {rate} * (m_hat / (v_hat.sqrt() + {o.eps}) + {o.weight_decay} * {p})"
    ),
}


def _rmsprop_code(chosen: RMSprop, gradient: str) -> str:
    if chosen.momentum:
        return "momentum_buffer"
    below = "(square_avg - grad_avg**2)" if chosen.centered else "square_avg"
    return f"{gradient} / ({below}.sqrt() + {chosen.eps})"
