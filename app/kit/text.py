"""Core's English in the language of the window: labels of the catalog, and sentences for errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from core.catalog.base import Choice
    from core.errors import UserError

    def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
        """The very text; ``translate(context, text)`` gives it in the window's language later."""

else:
    from PySide6.QtCore import QT_TRANSLATE_NOOP

__all__ = ["QT_TRANSLATE_NOOP"]


def translated(text: str) -> str:
    """A fixed text of core (a label, a description, a template) in the window's language."""
    return QCoreApplication.translate("core", text)


def label_of(entry: Choice | type[Choice]) -> str:
    """A catalog entry's name."""
    return translated(entry.label)


def sentence(error: UserError) -> str:
    """What happened, in one sentence."""
    return translated(error.message).format(**error.values)


def advice(error: UserError) -> str:
    """What to do about it; may be empty."""
    return translated(error.hint).format(**error.values) if error.hint else ""


def told(error: UserError) -> str:
    """What happened, and what to do about it."""
    return f"{sentence(error)} {advice(error)}".strip()
