"""Core's English in the language of the window: labels of the catalog, and its sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from core.catalog.base import Choice
    from core.sentence import Sentence

    def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
        """The very text; ``translate(context, text)`` gives it in the window's language later."""

else:
    from PySide6.QtCore import QT_TRANSLATE_NOOP

__all__ = ["QT_TRANSLATE_NOOP"]


def translated(text: str, count: int = -1) -> str:
    """A fixed text of core (a label, a description, a template) in the window's language.

    Args:
        text: It.
        count: How many things it tells of, where it has plural forms.
    """
    return QCoreApplication.translate("core", text, None, count)


def label_of(entry: Choice | type[Choice]) -> str:
    """A catalog entry's name."""
    return translated(entry.label)


def amid(entry: Choice | type[Choice]) -> str:
    """Its name amid a sentence: "gradient descent", but "Adam"."""
    return translated(entry.amid or entry.label)


def sentence(said: Sentence) -> str:
    """What happened, in one sentence."""
    return translated(said.form, said.count).format(**_filled(said))


def _filled(said: Sentence) -> dict[str, object]:
    """The values, those that are sentences themselves in the window's language too."""
    nested = type(said)
    return {
        name: sentence(value) if isinstance(value, nested) else value
        for name, value in said.values.items()
    }


_SMALL = "[¹²³⁰-₟]"
"""What is raised or lowered, and the parentheses among it."""
_WITHIN = re.compile(rf"(?<={_SMALL})(?=\S)|(?<=\S)(?={_SMALL})")


def unbroken(text: str) -> str:
    """The text, with names such as w⁽²⁾₁,₁ in one piece where its lines break."""
    return _WITHIN.sub("\u2060", text)


def advice(said: Sentence) -> str:
    """What to do about it; may be empty."""
    return translated(said.hint).format(**_filled(said)) if said.hint else ""


def told(said: Sentence) -> str:
    """What happened, and what to do about it."""
    return f"{sentence(said)} {advice(said)}".strip()
