"""A lesson's text, with the numbers that it names as they are now."""

from __future__ import annotations

from re import Match

from app.kit.numbers import four_digits
from core.lessons.measures import read
from core.lessons.texts import BRACED
from core.messages.snapshot import Snapshot

_NONE = "?"
"""Stands for a number that is not there yet."""


def filled(text: str, snapshot: Snapshot) -> str:
    """The text with numbers for the names in braces.

    Args:
        text: As its author wrote it: ``The loss is {training loss}.``
        snapshot: Where the numbers are read.
    """

    def number(found: Match[str]) -> str:
        value = read(found[1], snapshot)
        return _NONE if value is None else four_digits(value)

    return BRACED.sub(number, text)
