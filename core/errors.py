"""The one kind of error that a person can act on."""

from __future__ import annotations

from core.sentence import Sentence


class UserError(Exception):
    """Something the person asked for cannot be done, said so that they know what to do next.

    Args:
        message: What cannot be done; a whole sentence, or its template.
        hint: What to do about it.
        one: The template for a single thing.
        **values: What all are filled with; see :class:`Sentence`.
    """

    def __init__(
        self, message: str | Sentence, hint: str = "", /, *, one: str = "", **values: object
    ) -> None:
        if isinstance(message, str):
            message = Sentence(message, hint, one=one, **values)
        super().__init__(message)
        self.sentence = message

    def __str__(self) -> str:
        """The message and the hint in English, filled in."""
        return str(self.sentence)
