"""The functions that rules are written with: for each its value, its PyTorch and its slope."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.expression.tree import (
    DOTS,
    ONE,
    ZERO,
    Big,
    Cases,
    Expr,
    Function,
    Operand,
    OutputRow,
    Quantity,
    Relation,
    Symbol,
    as_expr,
    total,
)

_Number = Callable[[float], float]


def _guarded(function: _Number, beyond: float = math.inf) -> _Number:
    """With the answers of IEEE 754 where Python raises: ``beyond`` for what is too large or 0."""

    def value(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return beyond
        except ValueError:
            return beyond if x == 0 else math.nan

    return value


def _sigmoid(x: float) -> float:
    """Without overflow."""
    small = math.exp(-abs(x))
    return 1 / (1 + small) if x >= 0 else small / (1 + small)


def _softplus(x: float) -> float:
    """Without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def where(condition: Relation, yes: Operand, no: Operand) -> Expr:
    """``yes`` if the condition holds, else ``no``."""
    return Cases(parts=(condition, as_expr(yes), as_expr(no)))


exp: Function = Function("exp", _guarded(math.exp), "torch.exp({})", (lambda x: ONE * exp(x),))
ln = Function("ln", _guarded(math.log, -math.inf), "torch.log({})", (lambda x: 1 / x,))
sqrt: Function = Function(
    "√", _guarded(math.sqrt), "torch.sqrt({})", (lambda x: 1 / (2 * sqrt(x)),)
)
sin = Function("sin", _guarded(math.sin), "torch.sin({})", (lambda x: ONE * cos(x),))
cos: Function = Function("cos", _guarded(math.cos), "torch.cos({})", (lambda x: -sin(x),))
tanh: Function = Function(
    "tanh",
    math.tanh,
    "torch.tanh({})",
    (lambda x: 1 - tanh(x) ** 2,),
    lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)),
    is_spelt=False,
)
arctan = Function("arctan", math.atan, "torch.arctan({})", (lambda x: 1 / (1 + x**2),))
erf = Function("erf", math.erf, "torch.erf({})", (lambda x: 2 / sqrt(PI) * exp(-(x**2)),))
absolute = Function("|", abs, "torch.abs({})", (lambda x: ONE * sign(x),))
sign: Function = Function(
    "sign", lambda x: float((x > 0) - (x < 0)), "torch.sign({})", (lambda _: ZERO,)
)
floor = Function("⌊", math.floor, "torch.floor({})", (lambda _: ZERO,))
maximum = Function(
    "max",
    lambda a, b: max(a, b) if a == a and b == b else math.nan,  # noqa: PLR0124
    ("torch.clamp({}, min={})", "torch.maximum({}, {})"),
    (lambda a, b: where(a > b, ONE, ZERO), lambda a, b: where(b > a, ONE, ZERO)),
)
minimum = Function(
    "min",
    lambda a, b: min(a, b) if a == a and b == b else math.nan,  # noqa: PLR0124
    ("torch.clamp({}, max={})", "torch.minimum({}, {})"),
    (lambda a, b: where(a < b, ONE, ZERO), lambda a, b: where(b < a, ONE, ZERO)),
)
PI: Quantity = Quantity(Symbol("π"), math.pi)

sigmoid: Function = Function(
    "σ",
    _sigmoid,
    "torch.sigmoid({})",
    (lambda x: sigmoid(x) * (1 - sigmoid(x)),),
    lambda x: 1 / (1 + exp(-x)),
)
softplus = Function("softplus", _softplus, "F.softplus({})", (sigmoid,), lambda x: ln(1 + exp(x)))
normal = Function(
    "Φ",
    lambda x: 0.5 * math.erfc(-x / math.sqrt(2)),
    "torch.special.ndtr({})",
    (lambda x: exp(-(x**2) / 2) / sqrt(2 * PI),),
    lambda x: (1 + erf(x / sqrt(2))) / 2,
    is_spelt=False,
)


def over(row: OutputRow, each: Callable[[Expr], Expr]) -> Expr:
    """The sum over a row: of those seen where their numbers are known."""
    if not row.seen:
        any_of_them = row.parts[0]
        index = any_of_them.below if isinstance(any_of_them, Symbol) else ""
        return Big(str(index), parts=(each(any_of_them),))
    summands = [each(one) for one in row.seen]
    return total([*summands, *([DOTS] if len(row.values) > len(row.seen) else [])])


def _shifted(values: tuple[float, ...]) -> tuple[float, float]:
    """The largest, and the sum of the powers of all, each divided by the largest's."""
    largest = max(values)
    return largest, sum(math.exp(value - largest) for value in values)


def _log_sum(values: tuple[float, ...]) -> float:
    largest, powers = _shifted(values)
    return largest + math.log(powers)


def _softmax(own: float, values: tuple[float, ...]) -> float:
    largest, powers = _shifted(values)
    return math.exp(own - largest) / powers


log_sum_exp = Function(
    "logsumexp", _log_sum, "torch.logsumexp({}, 1)", body=lambda row: ln(over(row, exp))
)
softmax = Function(
    "softmax",
    _softmax,
    "torch.softmax({1}, 1)",
    body=lambda own, row: exp(own) / over(row, exp),
)
at = Function(
    "at", code="{}.gather(1, {}.unsqueeze(1)).squeeze(1)", body=lambda row, _target: row.chosen
)
norm = Function("‖")
