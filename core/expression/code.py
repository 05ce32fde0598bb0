"""A rule as PyTorch: the line that is shown, and the very same to be run."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Any

from core.expression.calculus import worth
from core.expression.levels import POWER, PRODUCT, SUM, WHOLE, level
from core.expression.tree import (
    BAR,
    HAT,
    TILDE,
    Call,
    Cases,
    Expr,
    Negative,
    Numeral,
    OutputRow,
    Power,
    Product,
    Quantity,
    Quotient,
    Relation,
    Sum,
    Symbol,
    contains,
)

Names = Mapping[Expr, str]

_MARKS = {"": "", HAT: "_hat", BAR: "_bar", TILDE: "_tilde"}


def code(expr: Expr, names: Names) -> str:
    """A Python expression with ``torch`` and ``F`` (torch.nn.functional) in it.

    Args:
        expr: The rule.
        names: What code calls its symbols. A quantity that is not among them is its number.
    """
    return names[expr] if expr in names else _code(expr, names)


def compiled(expr: Expr, *arguments: Symbol) -> Callable[..., Any]:
    """The rule as a function of tensors in the place of these symbols."""
    import torch
    from torch.nn import functional

    names: dict[Expr, str] = {argument: f"_{place}" for place, argument in enumerate(arguments)}
    source = f"lambda {', '.join(names.values())}: {code(expr, names)}"
    made: Callable[..., Any] = eval(source, {"torch": torch, "F": functional})
    return made


def name_in_code(symbol: Symbol) -> str:
    """A symbol as an identifier: ``m_hat``, ``v_max``, ``theta``."""
    letter = symbol.letter
    greek = unicodedata.name(letter[0]).rpartition("GREEK SMALL LETTER ")
    word = greek[2].lower() if greek[1] else letter
    below = f"_{symbol.below}".replace(",", "_") if symbol.below else ""
    return word + _MARKS[symbol.mark] + below


@singledispatch
def _code(expr: Expr, names: Names) -> str:
    raise TypeError(f"no PyTorch for {expr}")


def _within(expr: Expr, least: int, names: Names) -> str:
    text = code(expr, names)
    needs = expr not in names and (level(expr) < least or text.startswith("-"))
    return f"({text})" if needs else text


@_code.register(Numeral)
@_code.register(Quantity)
def _(expr: Any, names: Names) -> str:
    return repr(expr.value)


@_code.register
def _(expr: Symbol, names: Names) -> str:
    raise KeyError(expr)


@_code.register
def _(expr: OutputRow, names: Names) -> str:
    return code(expr.parts[0], names)


@_code.register
def _(expr: Sum, names: Names) -> str:
    text = code(expr.parts[0], names)
    for part in expr.parts[1:]:
        minus = isinstance(part, Negative)
        summand = _within(part.parts[0] if minus else part, PRODUCT, names)
        text += f" - {summand}" if minus else f" + {summand}"
    return text


@_code.register
def _(expr: Negative, names: Names) -> str:
    return f"-{_within(expr.parts[0], PRODUCT, names)}"


@_code.register
def _(expr: Product, names: Names) -> str:
    first, *rest = expr.parts
    return " * ".join([_within(first, PRODUCT, names), *(_factor(part, names) for part in rest)])


def _factor(part: Expr, names: Names) -> str:
    """Behind a sign of a product or a quotient, where another of them needs brackets."""
    return _within(part, POWER, names)


@_code.register
def _(expr: Quotient, names: Names) -> str:
    above, below = expr.parts
    return f"{_within(above, PRODUCT, names)} / {_factor(below, names)}"


@_code.register
def _(expr: Power, names: Names) -> str:
    base, exponent = expr.parts
    return f"{_within(base, WHOLE, names)} ** {_within(exponent, WHOLE, names)}"


@_code.register
def _(expr: Call, names: Names) -> str:
    if not _reads(expr, names):
        return repr(worth(expr))  # torch's functions take tensors alone
    template, parts = expr.function.code, list(expr.parts)
    if isinstance(template, tuple):
        numbers = [one for one in parts if not _reads(one, names)]
        parts.sort(key=lambda one: one in numbers)
        template = template[0 if numbers else 1]
    if not template:
        assert expr.function.body is not None
        return f"({code(expr.function.body(*parts), names)})"
    return template.format(*(code(part, names) for part in parts))


def _reads(expr: Expr, names: Names) -> bool:
    return any(contains(expr, name) for name in names)


@_code.register
def _(expr: Cases, names: Names) -> str:
    return f"torch.where({', '.join(code(part, names) for part in expr.parts)})"


@_code.register
def _(expr: Relation, names: Names) -> str:
    left, right = (_within(part, SUM, names) for part in expr.parts)
    return f"{left} {expr.signs[0]} {right}"
