"""A lesson's text, with the numbers that it names as they are now."""

from __future__ import annotations

from string import Formatter

from app.kit.numbers import four_digits
from core.lessons.measures import read
from core.messages.snapshot import Snapshot

_NONE = "?"
"""Stands for a number that is not there yet."""


def filled(text: str, snapshot: Snapshot) -> str:
    """The text with numbers for the names in braces.

    Args:
        text: As its author wrote it: ``The loss is {training loss}.``
        snapshot: Where the numbers are read.
    """
    parts = []
    for before, name, _, _ in Formatter().parse(text):
        parts.append(before)
        if name is not None:
            found = read(name, snapshot)
            parts.append(_NONE if found is None else four_digits(found))
    return "".join(parts)


def reads_numbers(text: str) -> bool:
    """Whether a text names any, so that it changes while one looks at it."""
    return any(name is not None for _, name, _, _ in Formatter().parse(text))
