"""In which way a number is asked for: from its sign to the number itself."""

from __future__ import annotations

from enum import StrEnum


class AskLevel(StrEnum):
    """The ways, the easiest first."""

    SIGN = "sign"
    COMPARE = "compare"
    SIZE = "size"
    NUMBER = "number"
    CHAIN = "chain"
