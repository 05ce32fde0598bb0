"""Numbers as formulas show them: four significant digits; fewer where fewer are all there are."""

from __future__ import annotations

import math

from core.expression.hidden import SIGN_OF_HIDDEN, is_hidden


def digits(size: float) -> tuple[str, str]:
    """A number not below zero, and the power of ten behind it, if there is one."""
    if math.isnan(size):
        return SIGN_OF_HIDDEN if is_hidden(size) else "NaN", ""
    if math.isinf(size):
        return "∞", ""
    if size == int(size) and size < 1e5:
        return str(int(size)), ""
    mantissa, _, power = f"{size:.3e}".partition("e")
    exponent = int(power)
    if -3 <= exponent <= 3:
        return _shortest(f"{size:.{3 - exponent}f}", size), ""
    if float(f"{mantissa}e{power}") == size:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa, str(exponent)


def _shortest(text: str, value: float) -> str:
    """Without the zeros at its end, if the number is nothing more."""
    return text.rstrip("0").rstrip(".") if float(text) == value else text
