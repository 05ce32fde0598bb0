"""A rule in one line of letters: for tables, for screen readers, and until its picture is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, singledispatch
from itertools import pairwise

from core.expression.digits import digits
from core.expression.latex import CLOSED_BY, OTHERWISE
from core.expression.levels import POWER, PRODUCT, WHOLE, level
from core.expression.tree import (
    BAR,
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

_SUBSCRIPTS = str.maketrans("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_SUPERSCRIPTS = str.maketrans("0123456789+−=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")
_FREE = set(" ,.′ᵀ")
_WIDE = "\u2003"


@dataclass(frozen=True)
class Letters:
    """Letters that stand on one line: 0, or below (-1) or above (1) of it."""

    text: str
    level: int = 0


_Row = tuple[Letters, ...]


@lru_cache(1024)
def runs(expr: Expr) -> _Row:
    """A name as letters with their subscripts and superscripts."""
    joined: list[Letters] = []
    for run in _runs(expr):
        if joined and joined[-1].level == run.level:
            joined[-1] = Letters(joined[-1].text + run.text, run.level)
        elif run.text:
            joined.append(run)
    return tuple(joined)


@lru_cache(1024)
def plain(expr: Expr) -> str:
    """In one line: ``w₂,₁ · a₁``."""
    return "".join(map(_in_line, runs(expr)))


def _in_line(run: Letters) -> str:
    if run.level == 0:
        return run.text
    table = _SUBSCRIPTS if run.level < 0 else _SUPERSCRIPTS
    if all(ord(letter) in table or letter in _FREE for letter in run.text):
        return run.text.translate(table)
    sign = "_" if run.level < 0 else "^"
    return f"{sign}{run.text}" if len(run.text) == 1 else f"{sign}({run.text})"


def _on_line(*parts: str | _Row) -> _Row:
    """Texts and runs behind one another."""
    return tuple(
        run
        for part in parts
        for run in ((Letters(part),) if isinstance(part, str) else part)
        if run.text
    )


def _joined(parts: tuple[Expr, ...], between: str) -> _Row:
    found = _runs(parts[0])
    for part in parts[1:]:
        found = _on_line(found, between, _runs(part))
    return found


def _within(expr: Expr, least: int) -> _Row:
    return _on_line("(", _runs(expr), ")") if level(expr) < least else _runs(expr)


@singledispatch
def _runs(expr: Expr) -> _Row:
    raise TypeError(f"no letters for {expr}")


@_runs.register
def _(expr: Numeral) -> _Row:
    text, exponent = digits(abs(expr.value))
    sign = "−" if expr.value < 0 else ""
    power = (Letters(" × 10"), Letters(exponent.replace("-", "−"), 1)) if exponent else ()
    return _on_line(sign + text, power)


@_runs.register
def _(expr: Symbol) -> _Row:
    below = plain(expr.below) if isinstance(expr.below, Expr) else expr.below.replace("-", "−")
    return _on_line(expr.letter + expr.mark, (Letters(expr.above, 1), Letters(below, -1)))


@_runs.register
def _(expr: Quantity) -> _Row:
    return _runs(expr.symbol)


@_runs.register
def _(expr: Rest) -> _Row:
    return _within(Numeral(expr.value), WHOLE)


@_runs.register
def _(expr: OutputRow) -> _Row:
    return _runs(expr.parts[0])


@_runs.register
def _(expr: Sum) -> _Row:
    found = _runs(expr.parts[0])
    for part in expr.parts[1:]:
        minus = isinstance(part, Negative)
        summand = part.parts[0] if minus else part
        bare = isinstance(summand, Sum) and not minus
        found = _on_line(
            found, " − " if minus else " + ", _runs(part) if bare else _within(summand, PRODUCT)
        )
    return found


@_runs.register
def _(expr: Negative) -> _Row:
    return _on_line("−", _within(expr.parts[0], PRODUCT))


@_runs.register
def _(expr: Product) -> _Row:
    found = _within(expr.parts[0], PRODUCT)
    for left, right in pairwise(expr.parts):
        dot = isinstance(left, Numeral) or isinstance(right, Numeral | Quotient)
        found = _on_line(found, " · " if dot else " ", _within(right, PRODUCT))
    return found


@_runs.register
def _(expr: Quotient) -> _Row:
    above, below = expr.parts
    return _on_line(_within(above, POWER), "/", _within(below, POWER))


@_runs.register
def _(expr: Power) -> _Row:
    base, exponent = expr.parts
    return _on_line(_within(base, WHOLE), (Letters(plain(exponent), 1),))


@_runs.register
def _(expr: Call) -> _Row:
    name, inner = expr.function.name, _joined(expr.parts, ", ")
    if name == "exp":
        return _on_line("e", (Letters(plain(expr.parts[0]), 1),))
    if name == "√":
        return _on_line("√", _within(expr.parts[0], WHOLE))
    if name in CLOSED_BY:
        return _on_line(name, inner, CLOSED_BY[name])
    return _on_line(name, "(", inner, ")")


@_runs.register
def _(expr: Overlined) -> _Row:
    inner = _runs(expr.parts[0])
    return (Letters(inner[0].text + BAR, inner[0].level), *inner[1:])


@_runs.register
def _(expr: Derivative) -> _Row:
    of, by = expr.parts
    return _on_line(expr.sign, _within(of, WHOLE), f"/{expr.sign}", _within(by, WHOLE))


@_runs.register
def _(expr: Cases) -> _Row:
    condition, yes, no = expr.parts
    assert isinstance(condition, Relation)
    other = Relation((OTHERWISE[condition.signs[0]],), parts=condition.parts)
    return _on_line(_runs(yes), " if ", _runs(condition), "; ", _runs(no), " if ", _runs(other))


@_runs.register
def _(expr: Big) -> _Row:
    ends = (Letters(expr.index, -1), Letters(expr.upto, 1))
    return _on_line(expr.sign, ends, " ", _within(expr.parts[0], PRODUCT))


@_runs.register
def _(expr: Relation) -> _Row:
    found = _runs(expr.parts[0])
    for sign, side in zip(expr.signs, expr.parts[1:], strict=True):
        found = _on_line(found, f" {sign} ", _runs(side))
    return found


@_runs.register
def _(expr: Aside) -> _Row:
    return _joined(expr.parts, "," + _WIDE)


@_runs.register
def _(expr: Rows) -> _Row:
    return _joined(expr.parts, "; ")
