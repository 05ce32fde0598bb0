"""The one kind of error that a person can act on."""

from __future__ import annotations


class UserError(Exception):
    """Something the person asked for cannot be done, said so that they know what to do next.

    The message is a template with named fields, so that the window can translate the template
    and fill it afterwards; core itself only ever speaks English.

    Args:
        message: One sentence, with ``{names}`` for the values.
        hint: What to do about it, in the same form; empty where the message says it all.
        **values: The values of the names in both.
    """

    def __init__(self, message: str, hint: str = "", /, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.values = values

    def __str__(self) -> str:
        """The message and the hint in English, filled in."""
        text = self.message.format(**self.values)
        return f"{text} {self.hint.format(**self.values)}".strip()
