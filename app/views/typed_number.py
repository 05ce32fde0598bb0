"""A number of the network that a person typed."""

from __future__ import annotations

import math
import re

import numpy as np

from core.errors import UserError

_LARGEST = float(np.finfo(np.float32).max)


def read_number(text: str) -> float:
    """The number in a text, to write into a parameter.

    Raises:
        UserError: It is none, or none that a 32-bit tensor can hold; says what to write instead.
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
    if abs(value) > _LARGEST:
        raise UserError("It has to be smaller: at most {largest}.", largest=f"{_LARGEST:.4g}")
    return value
