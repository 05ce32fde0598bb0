"""A rule as LaTeX, whole or in the pieces between which a line may break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.expression import tree
from core.expression.digits import digits
from core.expression.tree import (
    BAR,
    HAT,
    PRODUCT,
    SUM,
    TILDE,
    WHOLE,
    Expr,
    Numeral,
    Symbol,
    by_kind,
    level,
    signed,
)

A_ROW = 3
"""The most summands in one row."""

_BREAK, _INNER, _WIDE, _SIDE = "\x1c", "\x1d", "\x1e", "\x1f"
"""Where a line may break: before a summand, before one in brackets, behind a wide space, before a
relation."""
_NO_BREAKS = str.maketrans("", "", _BREAK + _INNER + _WIDE + _SIDE)
_BREAKS = str.maketrans(_INNER + _SIDE, _BREAK * 2)

_LETTERS = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon",
    "η": r"\eta", "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu", "π": r"\pi", "ρ": r"\rho",
    "σ": r"\sigma", "τ": r"\tau", "φ": r"\varphi", "ω": r"\omega", "Φ": r"\Phi", "Ω": r"\Omega",
    "∂": r"\partial", "∇": r"\nabla", "⋯": r"\cdots", "∞": r"\infty", "∑": r"\sum",
    "ℓ": r"\ell", "𝒩": r"\mathcal{N}", "𝒰": r"\mathcal{U}", "NaN": r"\mathrm{NaN}",
    "←": r"\leftarrow", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∼": r"\sim", "∈": r"\in",
    "‖": r"\|", "⌊": r"\lfloor", "⌋": r"\rfloor", "{": r"\{", "}": r"\}",
    "max": r"\max", "min": r"\min", "ln": r"\ln", "sin": r"\sin", "cos": r"\cos", "tanh": r"\tanh",
    "arctan": r"\arctan", "f′": "f'",
}  # fmt: skip
_MARKS = {"": "{}", HAT: r"\hat{{{}}}", BAR: r"\bar{{{}}}", TILDE: r"\tilde{{{}}}"}
CLOSED_BY = {"|": "|", "‖": "‖", "⌊": "⌋", "{": "}"}
"""Functions that are written as brackets around what they are of."""
_OTHERWISE = {">": "≤", "=": "≠", "<": "≥"}


def otherwise(condition: Expr) -> Expr:
    """What holds where a relation does not."""
    assert isinstance(condition, tree.Relation)
    return tree.Relation((_OTHERWISE[condition.signs[0]],), parts=condition.parts)


def latex(expr: Expr) -> str:
    """All of it, without delimiters; a long sum in rows."""
    if isinstance(expr, tree.Rows):
        return _array([_row(part) for part in expr.parts])
    text = _drawn(expr)
    summands = max(side.count(_BREAK) for side in text.split(_SIDE))
    rows = summands >= A_ROW and isinstance(expr, tree.Relation)
    return _array(_in_rows(text)) if rows else text.translate(_NO_BREAKS)


@dataclass(frozen=True)
class Piece:
    """A part of a formula that stands in one line.

    Attributes:
        latex: What it shows.
        begins: Nothing: it goes on. Or what is new with it: ``row``, a relation below the one
            before, or ``aside``, one beside it.
    """

    latex: str
    begins: str = ""


def pieces(expr: Expr) -> tuple[Piece, ...]:
    """Cut before each relation and each sum's sign, and behind each wide space."""
    found = []
    for row in expr.parts if isinstance(expr, tree.Rows) else (expr,):
        for place, relation in enumerate(_drawn(row).split(_WIDE)):
            begins = "aside" if place else "row"
            for part in relation.translate(_BREAKS).split(_BREAK):
                found.append(Piece(part.strip(), begins))
                begins = ""
    return tuple(found)


def _row(relation: Expr) -> str:
    left, _, right = _drawn(relation).partition(_SIDE)
    return f"{left.strip()} & {right}".translate(_NO_BREAKS)


def _in_rows(text: str) -> list[str]:
    """Rows of as many summands each, where possible."""
    left, *sides = text.split(_SIDE)
    rows = []
    for side in sides:
        summands = side.split(_BREAK)
        each = -(-len(summands) // -(-len(summands) // A_ROW))
        cut = ["".join(summands[i : i + each]).strip() for i in range(0, len(summands), each)]
        rows += [f" & {cut[0]}", *(rf" & \quad {{}} {row}" for row in cut[1:])]
    return [left.strip() + rows[0], *rows[1:]]


def _array(lines: list[str]) -> str:
    """Lines below one another, as ziamath can draw them: left-aligned, no ``aligned``."""
    text = r" \\ ".join(lines).translate(_NO_BREAKS)
    return rf"\begin{{array}}{{ll}} {text} \end{{array}}"


def _letter(text: str) -> str:
    return _LETTERS.get(text, text)


def _kept(expr: Expr) -> str:
    """In one piece."""
    return _drawn(expr).translate(_NO_BREAKS)


def _is_tall(expr: Expr) -> bool:
    """Whether it is higher than a bracket of a letter's size."""
    if isinstance(expr, tree.Quotient | tree.Derivative | tree.Big | tree.Cases | tree.Rest):
        return True
    if isinstance(expr, tree.Quantity):
        return _is_tall(expr.symbol)
    if isinstance(expr, tree.Call) and expr.function.name in _OWN:
        return expr.function.name == "√"
    parts = expr.parts[:1] if isinstance(expr, tree.Power) else expr.parts
    return any(map(_is_tall, parts))


def _bracketed(expr: Expr, left: str = "(", right: str = ")") -> str:
    many = isinstance(expr, tree.Sum) and len(expr.parts) > A_ROW
    if _is_tall(expr) and not many:
        return rf"\left{left}{_kept(expr)}\right{right}"
    drawn = _drawn(expr)
    return f"{left}{drawn if many else drawn.replace(_BREAK, _INNER)}{right}"


def _within(expr: Expr, least: int) -> str:
    return _bracketed(expr) if level(expr) < least else _drawn(expr)


def _drawn(expr: Expr) -> str:
    return by_kind(_FORMS, expr)(expr)


def _number(number: Numeral) -> str:
    text, exponent = digits(abs(number.value))
    text = _letter(text) + (rf"\times10^{{{exponent}}}" if exponent else "")
    # In braces, or the minus would be spaced as one between two numbers.
    return f"{{-{text}}}" if number.value < 0 else text


def _symbol(symbol: Symbol) -> str:
    above = f"^{{{symbol.above}}}" if symbol.above else ""
    text = _MARKS[symbol.mark].format(_letter(symbol.letter)) + above
    below = symbol.below
    if isinstance(below, Expr):
        return f"{text}_{{{_kept(below)}}}"
    word = len(below) > 1 and below.isalpha()
    below = rf"\mathrm{{{below}}}" if word else below.replace(", ", r",\,")
    return f"{text}_{{{below}}}" if below else text


def _sum(expr: tree.Sum) -> str:
    text = _drawn(expr.parts[0])
    for minus, summand in signed(expr):
        bare = isinstance(summand, tree.Sum) and not minus
        drawn = _drawn(summand) if bare else _within(summand, PRODUCT)
        text += f" {_BREAK}{'-' if minus else '+'} {drawn}"
    return text


def _product(expr: tree.Product) -> str:
    text, *others = (_within(part, PRODUCT) for part in expr.parts)
    for (left, right), drawn in zip(pairwise(expr.parts), others, strict=True):
        text += _between(left, right) + drawn
    return text


def _between(left: Expr, right: Expr) -> str:
    """What stands between two factors: a dot beside a number, nothing before a bracket."""
    if isinstance(right.parts[0] if isinstance(right, tree.Power) else right, Numeral):
        return r"\cdot "
    if level(right) <= SUM:
        return "" if _is_tall(right) else r"\,"
    letter = isinstance(right, Symbol | tree.Quantity | tree.Power | tree.Big)
    return r"\cdot " if isinstance(left, Numeral) and not letter else r"\,"


def _power(power: tree.Power) -> str:
    base, exponent = power.parts
    symbol = base.symbol if isinstance(base, tree.Quantity) else base
    raised = symbol.above if isinstance(symbol, Symbol) else has_power_of_ten(symbol)
    below = _bracketed(base) if raised else _within(base, WHOLE)
    return f"{below}^{{{_raised(exponent)}}}"


def has_power_of_ten(expr: Expr) -> bool:
    """Whether it is a number with an exponent of its own, which no other can stand beside."""
    return isinstance(expr, Numeral) and bool(digits(abs(expr.value))[1])


def _raised(expr: Expr) -> str:
    """An exponent: fractions in one line."""
    inner = expr.parts[0] if isinstance(expr, tree.Negative) else expr
    if not isinstance(inner, tree.Quotient):
        return _kept(expr)
    above, below = (_within(part, PRODUCT).translate(_NO_BREAKS) for part in inner.parts)
    return f"{'-' if inner is not expr else ''}{above} / {below}"


def _call(call: tree.Call) -> str:
    name = call.function.name
    if name in _OWN:
        return _OWN[name](call.parts[0])
    inner = r",\, ".join(map(_kept, call.parts))
    closed = name in CLOSED_BY
    left, right = (_letter(name), _letter(CLOSED_BY[name])) if closed else ("(", ")")
    if any(map(_is_tall, call.parts)):
        left, right = rf"\left{left}", rf"\right{right}"
    word = name.isalpha() and len(name) > 1 and name not in _LETTERS
    called = rf"\mathrm{{{name}}}" if word else _letter(name)
    return f"{'' if closed else called}{left}{inner}{right}"


_OWN: dict[str, Callable[[Expr], str]] = {
    "exp": lambda x: f"e^{{{_raised(x)}}}",
    "√": lambda x: rf"\sqrt{{{_kept(x)}}}",
}
"""Functions with a notation of their own."""


def _derivative(expr: tree.Derivative) -> str:
    sign = expr.sign if expr.sign == "d" else r"\partial "
    return "".join([r"\frac", *(f"{{{sign}{_kept(part)}}}" for part in expr.parts)])


def _cases(cases: tree.Cases) -> str:
    condition, yes, no = cases.parts
    told = ((yes, condition), (no, otherwise(condition)))
    rows = r" \\ ".join(rf"{_kept(one)} & \text{{if }} {_kept(when)}" for one, when in told)
    return rf"\begin{{cases}} {rows} \end{{cases}}"


def _big(big: tree.Big) -> str:
    upto = f"^{{{big.upto}}}" if big.upto else ""
    index = f"_{{{big.index}}}" if big.index else ""
    return rf"{_letter(big.sign)}{index}{upto} {_within(big.parts[0], PRODUCT)}"


def _relation(relation: tree.Relation) -> str:
    first, *sides = map(_drawn, relation.parts)
    signs = zip(map(_letter, relation.signs), sides, strict=True)
    return first + "".join(f" {_SIDE}{sign} {side}" for sign, side in signs)


_FORMS: dict[type[Expr], Callable[[Any], str]] = {
    Numeral: _number,
    Symbol: _symbol,
    tree.Quantity: lambda e: _drawn(e.symbol),
    tree.Rest: lambda e: rf"\underbrace{{{_within(Numeral(e.value), WHOLE)}}}_{{{e.count}}}",
    tree.OutputRow: lambda e: _drawn(e.parts[0]),
    tree.Sum: _sum,
    tree.Negative: lambda e: f"-{_within(e.parts[0], PRODUCT)}",
    tree.Product: _product,
    tree.Quotient: lambda e: "".join([r"\frac", *(f"{{{_kept(part)}}}" for part in e.parts)]),
    tree.Power: _power,
    tree.Call: _call,
    tree.Overlined: lambda e: rf"\overline{{{_kept(e.parts[0])}}}",
    tree.Derivative: _derivative,
    tree.Cases: _cases,
    tree.Big: _big,
    tree.Relation: _relation,
    tree.Aside: lambda e: rf",\quad {_WIDE}".join(map(_drawn, e.parts)),
    tree.Rows: lambda e: _array([_row(part) for part in e.parts]),
}
