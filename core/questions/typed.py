"""What a person typed as an answer: a number, a fraction, or a few of them put together.

``0,5`` and ``0.5``, ``3/4``, ``-0.54·0.03``, ``0.2*0.1 + 0.3*0.4``, ``1.2·10⁻³``, ``2^-3``. Read by
a parser of its own; nothing that is typed is ever run as code.
"""

from __future__ import annotations

import math
import re

from core.errors import UserError
from core.sentence import Sentence

LONGEST, DEEPEST = 200, 20
"""Letters of an answer, and brackets, signs or powers within one another."""

_RAISED = re.compile(r"[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_WRITTEN = str.maketrans("−–·×⋅∙÷⁄∕٫", "--****///,")
_TOKEN = re.compile(r"\s*(?:((?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)|(\*\*|[-+*/^()]))")
_SINGLE = re.compile(r"=?\s*[-+]?\s*(\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_EXAMPLE = "A number such as 0.25, a fraction such as 3/4, or 0.2 · 0.1 + 0.5 is understood."


def read_typed(text: str) -> float:
    """The number that a typed answer comes to; always finite.

    Raises:
        UserError: It is empty, too long, not understood, or comes to no number.
    """
    if len(text) > LONGEST:
        raise UserError("This is longer than {most} letters.", _EXAMPLE, most=LONGEST)
    written = _RAISED.sub(lambda found: "^" + found[0].translate(_LOWERED), text)
    tokens = _tokens(written.translate(_WRITTEN).strip().removeprefix("="))
    value = _Parser(tokens).whole()
    if not math.isfinite(value):
        raise UserError(_too_large())
    return value


def figures_typed(text: str) -> int:
    """How many significant digits were typed of a single number; of a calculation none."""
    found = _SINGLE.fullmatch(text.translate(_WRITTEN).strip())
    if found is None:
        return 0
    mantissa = found[1].replace(",", "").replace(".", "")
    return max(len(mantissa.lstrip("0")), 1)


def _tokens(text: str) -> list[str]:
    if not text.strip():
        raise UserError("There is no answer yet.", _EXAMPLE)
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise UserError(_not_understood(text[place:].strip()[:1]))
        found.append((match[1] or match[2]).replace(",", ".").replace("**", "^"))
        place = match.end()
    return found


def _not_understood(what: str) -> Sentence:
    return Sentence("“{what}” is not understood here.", _EXAMPLE, what=what)


def _too_large() -> Sentence:
    return Sentence("This comes to more than a number here can be.", "Look at the powers in it.")


class _Parser:
    """Sums of products of powers, from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def whole(self) -> float:
        """All of it."""
        value = self._sum()
        if self._next:
            raise UserError(_not_understood(self._next))
        return value

    @property
    def _next(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _take(self) -> str:
        self._place += 1
        return self._tokens[self._place - 1]

    def _sum(self) -> float:
        value = self._product()
        while self._next in ("+", "-"):
            value += self._product() if self._take() == "+" else -self._product()
        return value

    def _product(self) -> float:
        value = self._signed()
        while self._next in ("*", "/"):
            value = self._times(value) if self._take() == "*" else self._over(value)
        return value

    def _times(self, value: float) -> float:
        return value * self._signed()

    def _over(self, value: float) -> float:
        below = self._signed()
        if below == 0:
            raise UserError("This divides by 0, which has no result.")
        return value / below

    def _signed(self) -> float:
        if self._next not in ("+", "-"):
            return self._power()
        self._deeper()
        value = self._signed() if self._take() == "+" else -self._signed()
        self._depth -= 1
        return value

    def _power(self) -> float:
        base = self._one()
        if self._next != "^":
            return base
        self._deeper()
        self._take()
        exponent = self._signed()
        self._depth -= 1
        try:
            return math.pow(base, exponent)
        except OverflowError:
            raise UserError(_too_large()) from None
        except ValueError:
            raise UserError(
                "{base} to the power {exponent} has no result.", base=base, exponent=exponent
            ) from None

    def _one(self) -> float:
        if self._next == "(":
            return self._bracket()
        if not self._next:
            raise UserError("Something is missing at the end.", _EXAMPLE)
        token = self._take()
        if token in "*/^)":
            raise UserError(_not_understood(token))
        return float(token)

    def _bracket(self) -> float:
        self._deeper()
        self._take()
        value = self._sum()
        if self._next != ")":
            raise UserError("A bracket is open: a “)” is missing.")
        self._take()
        self._depth -= 1
        return value

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UserError(
                "More than {most} brackets, signs or powers stand within one another.", most=DEEPEST
            )
