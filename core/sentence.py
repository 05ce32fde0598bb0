"""What the core says to a person: a sentence that is filled in only where it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, init=False)
class Sentence:
    """News, a note, a label or a refusal, in a form that the window can translate.

    The template has named fields, so that the window translates the template and fills it
    afterwards; core itself only ever speaks English.

    Args:
        template: One sentence, with ``{names}`` for the values.
        hint: What to do about it, in the same form; empty where the template says it all.
        one: The template for a single thing, where the value ``n`` counts things: English has
            but two forms, and Qt chooses among a language's own by ``n``.
        **values: The values of the names in all of them.
    """

    template: str
    hint: str
    one: str
    values: dict[str, object] = field(hash=False)

    def __init__(
        self, template: str, hint: str = "", /, *, one: str = "", **values: object
    ) -> None:
        vars(self).update(template=template, hint=hint, one=one, values=values)

    @property
    def form(self) -> str:
        """The template that suits what is counted."""
        return self.one if self.one and self.values["n"] == 1 else self.template

    @property
    def count(self) -> int:
        """How many things it tells of, to choose a plural form by; -1, as in Qt, for none."""
        n = self.values["n"] if self.one else -1
        assert isinstance(n, int)
        return n

    def __str__(self) -> str:
        """Sentence and hint in English, filled in."""
        return f"{self.form} {self.hint}".format(**self.values).strip()
