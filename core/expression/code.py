"""A rule as PyTorch: the line that is shown, and the very same to be run."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from core.expression import tree
from core.expression.calculus import worth
from core.expression.tree import (
    BAR,
    HAT,
    POWER,
    PRODUCT,
    SUM,
    TILDE,
    WHOLE,
    Expr,
    Numeral,
    Symbol,
    by_kind,
    contains,
    level,
    signed,
)

Names = Mapping[Expr, str]

_MARKS = {"": "", HAT: "_hat", BAR: "_bar", TILDE: "_tilde"}


def code(expr: Expr, names: Names) -> str:
    """A Python expression with ``torch`` and ``F`` (torch.nn.functional) in it.

    Args:
        expr: The rule.
        names: What code calls its symbols. A quantity that is not among them is its number.
    """
    return names[expr] if expr in names else by_kind(_FORMS, expr)(expr, names)


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
    greek = unicodedata.name(symbol.letter[0]).rpartition("GREEK SMALL LETTER ")
    word = greek[2].lower() if greek[1] else symbol.letter
    below = f"_{symbol.below}".replace(",", "_") if symbol.below else ""
    return word + _MARKS[symbol.mark] + below


def _within(expr: Expr, least: int, names: Names) -> str:
    text = code(expr, names)
    needs = expr not in names and (level(expr) < least or text.startswith("-"))
    return f"({text})" if needs else text


def _sum(expr: tree.Sum, names: Names) -> str:
    text = code(expr.parts[0], names)
    for minus, summand in signed(expr):
        text += (" - " if minus else " + ") + _within(summand, PRODUCT, names)
    return text


def _joined(expr: Expr, names: Names, sign: str, least: int, behind: int) -> str:
    """Parts with a sign between; those behind it need brackets sooner than the first."""
    first, *rest = expr.parts
    return sign.join([_within(first, least, names), *(_within(p, behind, names) for p in rest)])


def _call(expr: tree.Call, names: Names) -> str:
    if not _reads(expr, names):
        return repr(worth(expr))  # torch's functions take tensors alone
    template, parts = expr.function.code, list(expr.parts)
    if isinstance(template, tuple):
        numbers = [one for one in parts if not _reads(one, names)]
        parts.sort(key=lambda one: one in numbers)
        template = template[0 if numbers else 1]
    return template.format(*(code(part, names) for part in parts))


def _reads(expr: Expr, names: Names) -> bool:
    return any(contains(expr, name) for name in names)


_FORMS: dict[type[Expr], Callable[[Any, Names], str]] = {
    Numeral: lambda e, names: repr(e.value),
    tree.Quantity: lambda e, names: repr(e.value),
    tree.OutputRow: lambda e, names: code(e.parts[0], names),
    tree.Sum: _sum,
    tree.Negative: lambda e, names: f"-{_within(e.parts[0], PRODUCT, names)}",
    tree.Product: lambda e, names: _joined(e, names, " * ", PRODUCT, POWER),
    tree.Quotient: lambda e, names: _joined(e, names, " / ", PRODUCT, POWER),
    tree.Power: lambda e, names: _joined(e, names, " ** ", WHOLE, WHOLE),
    tree.Call: _call,
    tree.Cases: lambda e, names: f"torch.where({', '.join(code(part, names) for part in e.parts)})",
    tree.Relation: lambda e, names: _joined(e, names, f" {e.signs[0]} ", SUM, SUM),
}
