"""Numbers and names as formulas show them.

Layers, units and samples are counted from 1. A layer's number stands raised in parentheses, a
sample's behind it in brackets: the second unit of layer 1 for the batch's third sample has the
``z^{(1)[3]}_{2}``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from core.experiment.layers import BatchNorm
from core.messages.record import Record, key_of

BY_SAMPLE = frozenset({"x", "y", "z", "a", "in", "mask", "norm", "terms"})
"""The kinds of keys whose first axis is the batch, as that of their gradients is."""

_LETTERS = {
    "x": "x",
    "y": "y",
    "z": "z",
    "a": "a",
    "in": "x",
    "keep": "k",
    "mask": "m",
    "mean": r"\mu",
    "var": r"\sigma",
    "norm": r"\hat{x}",
    "terms": "L",
}
_WHOLE = {"norm": r"\|g\|", "penalty": r"\Omega", "loss": "L", "total": "J"}
"""Keys that are one number for the whole step."""


def number(value: float) -> str:
    """Four significant digits; fewer where fewer are all there are."""
    if math.isnan(value):
        return r"\mathrm{NaN}"
    sign = value < 0
    text = r"\infty" if math.isinf(value) else _digits(abs(value))
    # In braces, or the minus would be spaced as one between two numbers.
    return f"{{-{text}}}" if sign else text


def operand(value: float) -> str:
    """A number as a factor or summand: in parentheses, if it is negative."""
    return f"({number(value)})" if value < 0 else number(value)


def squared(text: str) -> str:
    """LaTeX squared, in parentheses unless it is a plain number or has some already."""
    bare = text.replace(".", "").isdigit() or (text[0] == "(" and text[-1] == ")")
    return f"{text}^2" if bare else rf"\left({text}\right)^2"


def bare(text: str) -> str:
    """LaTeX without the parentheses around it, for a place that has some."""
    return text[1:-1] if text[0] == "(" and text[-1] == ")" else text


def _digits(value: float) -> str:
    if value == int(value) and value < 1e5:
        return str(int(value))
    mantissa, _, power = f"{value:.3e}".partition("e")
    exponent = int(power)
    if -3 <= exponent <= 3:
        return _shortest(f"{value:.{3 - exponent}f}", value)
    if float(f"{mantissa}e{power}") == value:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return rf"{mantissa}\times10^{{{exponent}}}"


def _shortest(text: str, value: float) -> str:
    """Without the zeros at its end, if the number is nothing more."""
    return text.rstrip("0").rstrip(".") if float(text) == value else text


def indexed(letter: str, above: str, below: Iterable[int]) -> str:
    """A letter with a raised mark and the indices below it, these counted from 0 here."""
    raised = f"^{{{above}}}" if above else ""
    lowered = ",".join(str(i + 1) for i in below)
    return f"{letter}{raised}_{{{lowered}}}" if lowered else f"{letter}{raised}"


def layer_number(where: str) -> str:
    """The layer at ``0`` or ``2.1`` as people count: ``1``, ``3.2``."""
    return ".".join(str(int(part) + 1) for part in where.split("."))


def letter_of(record: Record, parameter: str) -> str:
    """What the textbook calls a parameter: w or b; of batch norm gamma or beta."""
    where, _, kind = parameter.rpartition(".")
    layer = next(one for one in record.layers if key_of(one.path) == where)
    normed = isinstance(layer.layer, BatchNorm)
    letters = {"weight": r"\gamma" if normed else "w", "bias": r"\beta" if normed else "b"}
    return letters[kind]


def parameter_symbol(record: Record, parameter: str, index: Iterable[int]) -> str:
    """One number of a parameter: ``w^{(1)}_{2,1}``."""
    above = f"({layer_number(parameter.rpartition('.')[0])})"
    return indexed(letter_of(record, parameter), above, index)


def symbol_of(record: Record, key: str, index: tuple[int, ...], *, marked: bool = False) -> str:
    """The name of one number of an array.

    Args:
        record: The step.
        key: See core.messages.record.
        index: Where in the array.
        marked: Whether to say of which sample it is.
    """
    if key.startswith("d:p:"):
        objective = "J" if "penalty:" + key[4:] in record.arrays else "L"
        return derivative(objective, parameter_symbol(record, key[4:], index))
    if key.startswith("d:"):
        inner = symbol_of(record, key[2:], index, marked=marked)
        # The textbook's delta is the derivative by z.
        return "\\delta" + inner[1:] if key[2] == "z" else derivative("L", inner)
    kind, _, rest = key.partition(":")
    if rest and kind in _OF_PARAMETERS:
        return _OF_PARAMETERS[kind](parameter_symbol(record, rest, index))
    return _value_symbol(kind, rest, index, marked=marked) if index or rest else _WHOLE[kind]


def derivative(of: str, by: str) -> str:
    """The partial derivative."""
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def _value_symbol(kind: str, where: str, index: tuple[int, ...], *, marked: bool) -> str:
    by_sample = kind in BY_SAMPLE
    above = "2" if kind == "var" else ""
    if where:
        above += f"({layer_number(where)})"
    if by_sample and (marked or kind == "terms"):
        above += f"[{index[0] + 1}]"
    return indexed(_LETTERS[kind], above, index[1:] if by_sample else index)


_OF_PARAMETERS: dict[str, Callable[[str], str]] = {
    "p": lambda symbol: symbol,
    "after": lambda symbol: symbol,
    "clipped": lambda symbol: r"\tilde{g}",
    "penalty": lambda symbol: derivative(r"\Omega", symbol),
}
"""Keys that name a parameter: the name of one of their numbers, of the parameter's."""
