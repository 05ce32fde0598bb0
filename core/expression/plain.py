"""A rule in one line of letters: for tables, for screen readers, and until its picture is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any
from unicodedata import normalize

from core.expression import tree
from core.expression.digits import digits
from core.expression.latex import CLOSED_BY, has_power_of_ten, otherwise
from core.expression.tree import (
    BAR,
    POWER,
    PRODUCT,
    WHOLE,
    Expr,
    Numeral,
    Symbol,
    by_kind,
    level,
    signed,
)

_SUBSCRIPTS = str.maketrans("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_SUPERSCRIPTS = str.maketrans("0123456789+−=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")
_FREE = set(" ,.′ᵀ")
_MOVED = "\x1f"
"""Around what stands above or below the line; which of them, its first letter says."""


@dataclass(frozen=True)
class Letters:
    """Letters that stand on one line: 0, or below (-1) or above (1) of it."""

    text: str
    level: int = 0


@lru_cache(1024)
def runs(expr: Expr) -> tuple[Letters, ...]:
    """A name as letters with their subscripts and superscripts."""
    on_line, moved = _text(expr).split(_MOVED)[::2], _text(expr).split(_MOVED)[1::2]
    found = [Letters(on_line[0])]
    for shifted, after in zip(moved, on_line[1:], strict=True):
        found += [Letters(shifted[1:], 1 if shifted[0] == "^" else -1), Letters(after)]
    return tuple(one for one in found if one.text)


@lru_cache(1024)
def plain(expr: Expr) -> str:
    """In one line: ``w₂,₁ · a₁``."""
    return "".join(map(_in_line, runs(expr)))


def _in_line(run: Letters) -> str:
    if run.level == 0:
        return run.text
    table = _SUBSCRIPTS if run.level < 0 else _SUPERSCRIPTS
    raised, bracket, sample = run.text.partition("[")
    if run.level > 0 and bracket:  # no letter stands for a raised bracket: a sample's stays below
        return "".join(map(_in_line, [Letters(raised, 1)] * bool(raised))) + bracket + sample
    if all(ord(letter) in table or letter in _FREE for letter in run.text):
        return run.text.translate(table)
    sign = "_" if run.level < 0 else "^"
    return f"{sign}{run.text}" if len(run.text) == 1 else f"{sign}({run.text})"


def _text(expr: Expr) -> str:
    return by_kind(_FORMS, expr)(expr)


def _within(expr: Expr, least: int) -> str:
    return f"({_text(expr)})" if level(expr) < least else _text(expr)


def _above(text: str) -> str:
    return f"{_MOVED}^{text}{_MOVED}" if text else ""


def _below(text: str) -> str:
    return f"{_MOVED}_{text}{_MOVED}" if text else ""


def _number(number: Numeral) -> str:
    text, exponent = digits(abs(number.value))
    power = f" × 10{_above(exponent.replace('-', '−'))}" if exponent else ""
    return ("−" if number.value < 0 else "") + text + power


def _symbol(symbol: Symbol) -> str:
    below = symbol.below
    lowered = plain(below) if isinstance(below, Expr) else below.replace("-", "−")
    letter = normalize("NFC", symbol.letter + symbol.mark)
    return letter + _above(symbol.above) + _below(lowered)


def _sum(expr: tree.Sum) -> str:
    text = _text(expr.parts[0])
    for minus, summand in signed(expr):
        text += (" − " if minus else " + ") + _within(summand, PRODUCT)
    return text


def _product(expr: tree.Product) -> str:
    text = _within(expr.parts[0], PRODUCT)
    for left, right in pairwise(expr.parts):
        dotted = isinstance(left, Numeral) or isinstance(right, Numeral | tree.Quotient)
        text += (" · " if dotted else " ") + _within(right, PRODUCT)
    return text


def _power(power: tree.Power) -> str:
    base, exponent = power.parts
    below = f"({_text(base)})" if has_power_of_ten(base) else _within(base, WHOLE)
    return below + _above(plain(exponent))


def _call(call: tree.Call) -> str:
    name, inner = call.function.name, ", ".join(map(_text, call.parts))
    if name in _OWN:
        return _OWN[name](call.parts[0])
    if name in CLOSED_BY:
        return name + inner + CLOSED_BY[name]
    return f"{name}({inner})"


_OWN: dict[str, Callable[[Expr], str]] = {
    "exp": lambda x: "e" + _above(plain(x)),
    "√": lambda x: "√" + _within(x, WHOLE),
}
"""Functions with a notation of their own."""


def _overlined(expr: tree.Overlined) -> str:
    text = _text(expr.parts[0])
    return text[0] + BAR + text[1:]


def _cases(cases: tree.Cases) -> str:
    condition, yes, no = cases.parts
    told = ((yes, condition), (no, otherwise(condition)))
    return "; ".join(f"{_text(one)} if {_text(when)}" for one, when in told)


def _relation(relation: tree.Relation) -> str:
    first, *sides = map(_text, relation.parts)
    signs = zip(relation.signs, sides, strict=True)
    return first + "".join(f" {sign} {side}" for sign, side in signs)


_FORMS: dict[type[Expr], Callable[[Any], str]] = {
    Numeral: _number,
    Symbol: _symbol,
    tree.Quantity: lambda e: _text(e.symbol),
    tree.Rest: lambda e: _within(Numeral(e.value), WHOLE),
    tree.OutputRow: lambda e: _text(e.parts[0]),
    tree.Sum: _sum,
    tree.Negative: lambda e: "−" + _within(e.parts[0], PRODUCT),
    tree.Product: _product,
    tree.Quotient: lambda e: "/".join(_within(part, POWER) for part in e.parts),
    tree.Power: _power,
    tree.Call: _call,
    tree.Overlined: _overlined,
    tree.Derivative: lambda e: "/".join(e.sign + _within(part, WHOLE) for part in e.parts),
    tree.Cases: _cases,
    tree.Big: lambda e: f"{e.sign}{_below(e.index)}{_above(e.upto)} {_within(e.parts[0], PRODUCT)}",
    tree.Relation: _relation,
    tree.Aside: lambda e: ",\u2003".join(map(_text, e.parts)),
    tree.Rows: lambda e: "; ".join(map(_text, e.parts)),
}
