"""A lesson's text, with the numbers that it names as they are now."""

from __future__ import annotations

from math import isfinite
from re import Match

from app.kit.numbers import MINUS, short_number, whole
from core.lessons.measures import read
from core.lessons.texts import BRACED
from core.messages.snapshot import Snapshot

_NONE = "?"
"""Stands for a number that is not there yet."""


def filled(text: str, snapshot: Snapshot) -> str:
    """The text with numbers for the names in braces, written as in the text around them.

    Args:
        text: As its author wrote it: ``The loss is {training loss}.``
        snapshot: Where the numbers are read.
    """

    def number(found: Match[str]) -> str:
        value = read(found[1], snapshot)
        if value is None:
            return _NONE
        is_count = isfinite(value) and value == int(value) and abs(value) < 1e9
        written = whole(int(value)) if is_count else short_number(value)
        return written.replace("-", MINUS)

    return BRACED.sub(number, text)
