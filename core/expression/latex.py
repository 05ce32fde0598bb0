"""A rule as LaTeX, whole or in the pieces between which a line may break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from itertools import pairwise

from core.expression.digits import digits
from core.expression.levels import PRODUCT, SUM, WHOLE, level
from core.expression.tree import (
    BAR,
    HAT,
    TILDE,
    Aside,
    Big,
    Call,
    Cases,
    Derivative,
    Expr,
    Negative,
    Numeral,
    OutputRow,
    Overlined,
    Power,
    Product,
    Quantity,
    Quotient,
    Relation,
    Rest,
    Rows,
    Sum,
    Symbol,
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
OTHERWISE = {">": "≤", "=": "≠", "<": "≥"}
"""What holds where another relation does not."""


def latex(expr: Expr) -> str:
    """All of it, without delimiters; a long sum in rows."""
    if isinstance(expr, Rows):
        return _array([_row(part) for part in expr.parts])
    text = _drawn(expr)
    summands = max(side.count(_BREAK) for side in text.split(_SIDE))
    rows = summands >= A_ROW and isinstance(expr, Relation)
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
    for row in expr.parts if isinstance(expr, Rows) else (expr,):
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
    if isinstance(expr, Quotient | Derivative | Big | Cases | Rest):
        return True
    if isinstance(expr, Quantity):
        return _is_tall(expr.symbol)
    if isinstance(expr, Call) and expr.function.name in _OWN:
        return expr.function.name == "√"
    parts = expr.parts[:1] if isinstance(expr, Power) else expr.parts
    return any(map(_is_tall, parts))


def _bracketed(expr: Expr, left: str = "(", right: str = ")") -> str:
    many = isinstance(expr, Sum) and len(expr.parts) > A_ROW
    if _is_tall(expr) and not many:
        return rf"\left{left}{_kept(expr)}\right{right}"
    drawn = _drawn(expr)
    return f"{left}{drawn if many else drawn.replace(_BREAK, _INNER)}{right}"


def _within(expr: Expr, least: int) -> str:
    return _bracketed(expr) if level(expr) < least else _drawn(expr)


@singledispatch
def _drawn(expr: Expr) -> str:
    raise TypeError(f"no LaTeX for {expr}")


@_drawn.register
def _(expr: Numeral) -> str:
    text, exponent = digits(abs(expr.value))
    text = _letter(text) + (rf"\times10^{{{exponent}}}" if exponent else "")
    # In braces, or the minus would be spaced as one between two numbers.
    return f"{{-{text}}}" if expr.value < 0 else text


@_drawn.register
def _(expr: Symbol) -> str:
    text = _MARKS[expr.mark].format(_letter(expr.letter))
    if expr.above:
        text += f"^{{{expr.above}}}"
    if isinstance(expr.below, Expr):
        return f"{text}_{{{_kept(expr.below)}}}"
    below = expr.below.replace(", ", r",\,")
    word = len(below) > 1 and below.isalpha()
    below = rf"\mathrm{{{below}}}" if word else below
    return f"{text}_{{{below}}}" if below else text


@_drawn.register
def _(expr: Quantity) -> str:
    return _drawn(expr.symbol)


@_drawn.register
def _(expr: Rest) -> str:
    return rf"\underbrace{{{_within(Numeral(expr.value), WHOLE)}}}_{{{expr.count}}}"


@_drawn.register
def _(expr: OutputRow) -> str:
    return _drawn(expr.parts[0])


@_drawn.register
def _(expr: Sum) -> str:
    text = _drawn(expr.parts[0])
    for part in expr.parts[1:]:
        minus = isinstance(part, Negative)
        summand = part.parts[0] if minus else part
        bare = isinstance(summand, Sum) and not minus
        drawn = _drawn(part) if bare else _within(summand, PRODUCT)
        text += f" {_BREAK}{'-' if minus else '+'} {drawn}"
    return text


@_drawn.register
def _(expr: Negative) -> str:
    return f"-{_within(expr.parts[0], PRODUCT)}"


@_drawn.register
def _(expr: Product) -> str:
    texts = [_within(part, PRODUCT) for part in expr.parts]
    text = texts[0]
    for (left, right), drawn in zip(pairwise(expr.parts), texts[1:], strict=True):
        text += _between(left, right) + drawn
    return text


def _between(left: Expr, right: Expr) -> str:
    """What stands between two factors: a dot beside a number, nothing before a bracket."""
    if _leads_with_number(right):
        return r"\cdot "
    if level(right) <= SUM:
        return "" if _is_tall(right) else r"\,"
    letter = isinstance(right, Symbol | Quantity | Power | Big)
    return r"\cdot " if isinstance(left, Numeral) and not letter else r"\,"


def _leads_with_number(expr: Expr) -> bool:
    if isinstance(expr, Power):
        return _leads_with_number(expr.parts[0])
    return isinstance(expr, Numeral)


@_drawn.register
def _(expr: Quotient) -> str:
    above, below = map(_kept, expr.parts)
    return rf"\frac{{{above}}}{{{below}}}"


@_drawn.register
def _(expr: Power) -> str:
    base, exponent = expr.parts
    symbol = base.symbol if isinstance(base, Quantity) else base
    raised = isinstance(symbol, Symbol) and symbol.above
    below = _bracketed(base) if raised else _within(base, WHOLE)
    return f"{below}^{{{_raised(exponent)}}}"


def _raised(expr: Expr) -> str:
    """An exponent: fractions in one line."""
    inner = expr.parts[0] if isinstance(expr, Negative) else expr
    if not isinstance(inner, Quotient):
        return _kept(expr)
    above, below = (_within(part, PRODUCT).translate(_NO_BREAKS) for part in inner.parts)
    return f"{'-' if inner is not expr else ''}{above} / {below}"


@_drawn.register
def _(expr: Call) -> str:
    name = expr.function.name
    if name in _OWN:
        return _OWN[name](*expr.parts)
    inner = r",\, ".join(map(_drawn, expr.parts))
    left = name if name in CLOSED_BY else "("
    right = _letter(CLOSED_BY.get(name, ")"))
    word = r"\mathrm" if name.isalpha() and len(name) > 1 and name not in _LETTERS else ""
    called = "" if name in CLOSED_BY else rf"{word}{{{name}}}" if word else _letter(name)
    left = _letter(left)
    if any(map(_is_tall, expr.parts)):
        return rf"{called}\left{left}{inner.translate(_NO_BREAKS)}\right{right}"
    return f"{called}{left}{inner.translate(_NO_BREAKS)}{right}"


_OWN: dict[str, Callable[..., str]] = {
    "exp": lambda x: f"e^{{{_raised(x)}}}",
    "√": lambda x: rf"\sqrt{{{_kept(x)}}}",
}
"""Functions with a notation of their own."""


@_drawn.register
def _(expr: Overlined) -> str:
    return rf"\overline{{{_kept(expr.parts[0])}}}"


@_drawn.register
def _(expr: Derivative) -> str:
    of, by = map(_kept, expr.parts)
    sign = expr.sign if expr.sign == "d" else r"\partial "
    return rf"\frac{{{sign}{of}}}{{{sign}{by}}}"


@_drawn.register
def _(expr: Cases) -> str:
    condition, yes, no = expr.parts
    assert isinstance(condition, Relation)
    other = Relation((OTHERWISE[condition.signs[0]],), parts=condition.parts)
    cases = ((yes, condition), (no, other))
    rows = r" \\ ".join(rf"{_kept(one)} & \text{{if }} {_kept(when)}" for one, when in cases)
    return rf"\begin{{cases}} {rows} \end{{cases}}"


@_drawn.register
def _(expr: Big) -> str:
    upto = f"^{{{expr.upto}}}" if expr.upto else ""
    index = f"_{{{expr.index}}}" if expr.index else ""
    return rf"{_letter(expr.sign)}{index}{upto} {_within(expr.parts[0], PRODUCT)}"


@_drawn.register
def _(expr: Relation) -> str:
    sides = [_drawn(part) for part in expr.parts]
    text = sides[0]
    for sign, side in zip(expr.signs, sides[1:], strict=True):
        text += f" {_SIDE}{_letter(sign)} {side}"
    return text


@_drawn.register
def _(expr: Aside) -> str:
    return rf",\quad {_WIDE}".join(map(_drawn, expr.parts))


@_drawn.register
def _(expr: Rows) -> str:
    return _array([_row(part) for part in expr.parts])
