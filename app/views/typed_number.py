"""A number of the network that a person typed."""

from __future__ import annotations

import numpy as np

from app import typed
from core.errors import UserError

_LARGEST = float(np.finfo(np.float32).max)


def read_number(text: str) -> float:
    """The number in a text, to write into a parameter.

    Raises:
        UserError: It is none, or none that a 32-bit tensor can hold; says what to write instead.
    """
    value = typed.read_number(text)
    if abs(value) > _LARGEST:
        raise UserError("It has to be smaller: at most {largest}.", largest=f"{_LARGEST:.4g}")
    return value
