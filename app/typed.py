"""What a person typed, as a number."""

from __future__ import annotations

import math
import re

from core.errors import UserError


def read_number(text: str) -> float:
    """The number that a person typed.

    Raises:
        UserError: It is none; says what to write instead.
    """
    typed = text.strip().replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"[-+]?\d+,\d+", typed):
        raise UserError(
            "“{text}” has a comma.", "Write the decimals after a point.", text=text.strip()
        )
    try:
        value = float(typed.replace("_", "x"))
    except ValueError:
        raise UserError(
            "“{text}” is no number.", "Write it as 0.001 or as 1e-3.", text=text.strip()
        ) from None
    if not math.isfinite(value):
        raise UserError("It has to be a finite number.")
    return value
