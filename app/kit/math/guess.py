"""How large a piece of LaTeX will be drawn, told from its letters alone: nothing moves when the
drawing comes.

It is put together as TeX does. All lengths are in units of a letter of the size 20.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from app.kit.math.metrics import (
    BARE,
    LETTERS,
    NARROW,
    SIGNS,
    TALL,
    UPRIGHT,
    WIDE,
    WORDS,
    Extent,
)

_PAD = 1.0
"""Around a drawing."""
_SCRIPTS = (1.0, 0.7, 0.55)
"""The size of a letter on its line, of one raised or lowered, and of one there again."""
_AXIS, _RULE, _GAP = 5.16, 1.36, 3.0
"""Where fractions have their line; how thick it is; what stays free on both of its sides."""
_THIN, _LEAD = 3.33, 1.3
"""Beside a fraction; before a sign with which a piece begins."""
_COMMA, _ITALIC = 10.1, 1.5
"""Behind a comma between two numbers; before what is raised beside a slanted letter."""
_APART = 4.5
"""Between what is raised and what is lowered."""
_SPACES = {",": 3.33, "quad": 25.2, " ": 0.0, "\\": 0.0}


_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[^\s]")


@lru_cache(4096)
def guess(piece: str) -> Extent:
    """The size of a piece's drawing, with what is free around it.

    Args:
        piece: LaTeX as :func:`core.expression.latex.pieces` makes it.
    """
    tokens = _TOKEN.findall(piece)
    box = _Reader(tokens).row(0)
    if tokens and tokens[0].removeprefix("\\") in SIGNS:
        box = box.wider(_LEAD)
    return Extent(box.width + 2 * _PAD, box.ascent + _PAD, box.descent + _PAD)


class _Reader:
    """Reads tokens from left to right and puts boxes together."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next
        self._at += 1
        return token

    def row(self, level: int, end: str = "", *, inline: bool = False) -> Extent:
        """All up to a token, which is taken too.

        Args:
            level: How often it was raised or lowered.
            end: That token; empty for the last.
            inline: Whether it stands in a fraction or a script, where fractions are small.
        """
        made, first = Extent(), True
        while self._next and self._next != end:
            made = made.beside(self._one(level, first=first, inline=inline))
            first = False
        self._take()
        return made

    def _one(self, level: int, *, first: bool, inline: bool) -> Extent:
        """A nucleus with its scripts."""
        token, size = self._take(), _SCRIPTS[min(level, 2)]
        name = token.removeprefix("\\") if token[1:].isalpha() or token[1:] in _SPACES else token
        limits = name in ("sum", "max", "min") and level == 0
        base = self._nucleus(token, name, level, first=first, inline=inline)
        if self._next not in ("^", "_"):
            return base
        above, below = Extent(), Extent()
        while self._next in ("^", "_"):
            raised, made = self._take() == "^", self._argument(level + 1)
            above, below = (made, below) if raised else (above, made)
        return _with_limits(base, above, below) if limits else _scripted(base, above, below, size)

    def _argument(self, level: int) -> Extent:
        """What stands in braces, or one token."""
        if self._next == "{":
            self._take()
            return self.row(level, "}", inline=True)
        return self._one(level, first=True, inline=True)

    def _nucleus(self, token: str, name: str, level: int, *, first: bool, inline: bool) -> Extent:
        size = _SCRIPTS[min(level, 2)]
        if token == "{":
            return self.row(level, "}", inline=inline)
        if name in _BUILT:
            made = _BUILT[name](self, level, inline)
            return made.wider(1.45 * _THIN * size) if name == "frac" and not first else made
        if token == "&" or (name in _SPACES and token.startswith("\\")):
            return Extent(_SPACES.get(name, 0.0) * size)
        return _scaled(*self._letter(token, name, level, first=first))

    def _letter(self, token: str, name: str, level: int, *, first: bool) -> tuple[Extent, float]:
        """A sign, the name of a function or a letter, and its size."""
        size = _SCRIPTS[min(level, 2)]
        if name in SIGNS:
            bare = first and name in BARE and self._at > 1
            sign = replace(SIGNS[name], width=BARE[name]) if bare else SIGNS[name]
            return sign, size if level == 0 else 0.8 * size
        if name in WORDS:
            return Extent(WORDS[name], 13.5, 0.2), size
        if token == "," and level == 0:
            return LETTERS[token].wider(_COMMA), size
        return LETTERS.get(name, Extent(UPRIGHT, *TALL)), size

    def fraction(self, level: int, inline: bool) -> Extent:
        """One above the other."""
        level += inline
        size = _SCRIPTS[min(level, 2)]
        above, below = self._argument_of(level), self._argument_of(level)
        shift, gap = (11.7, _RULE) if inline else (12.8, _GAP)
        up = max(shift * size, _AXIS * size + gap * size + above.descent + _RULE / 2) + above.ascent
        down = (
            max(shift * size, -_AXIS * size + gap * size + below.ascent + _RULE / 2) + below.descent
        )
        return Extent(max(above.width, below.width) + 1.35 * _THIN * size, up, down)

    def _argument_of(self, level: int) -> Extent:
        self._take()
        return self.row(level, "}", inline=True)

    def root(self, level: int, inline: bool) -> Extent:
        """Under a root."""
        self._take()
        size, inner = _SCRIPTS[min(level, 2)], self.row(level, "}", inline=inline)
        return Extent(
            inner.width + 16.0 * size, inner.ascent + 5.3 * size, inner.descent + 4.5 * size
        )

    def fenced(self, level: int, inline: bool) -> Extent:
        """Between brackets as high as what they hold."""
        self._take()
        inner = self.row(level, "\\right", inline=inline)
        self._take()
        half = max(inner.ascent - _AXIS, inner.descent + _AXIS, 9.3) * 1.05
        return Extent(inner.width + 14.8 + 0.24 * half, half + _AXIS, half - _AXIS)

    def accented(self, level: int, _inline: bool) -> Extent:
        """With a mark over it."""
        inner, size = self._argument(level), _SCRIPTS[min(level, 2)]
        return Extent(inner.width + 7.0 * size, inner.ascent + 7.4 * size, inner.descent)

    def overlined(self, level: int, _inline: bool) -> Extent:
        """Under a line."""
        inner, size = self._argument(level), _SCRIPTS[min(level, 2)]
        return replace(inner, ascent=inner.ascent + 4.6 * size)

    def upright(self, level: int, _inline: bool) -> Extent:
        """A word."""
        self._take()
        word = ""
        while self._next and self._next != "}":
            word += self._take()
        self._take()
        wide = sum(NARROW if c in "fijlrt" else WIDE if c in "mwNU" else UPRIGHT for c in word)
        return _scaled(Extent(wide, 13.0, 0.2), _SCRIPTS[min(level, 2)])

    def braced(self, level: int, inline: bool) -> Extent:
        """With a brace below it, and a number below that."""
        self._take()
        inner = self.row(level, "}", inline=inline)
        self._take()
        count = self._argument(level + 1)
        return Extent(
            max(inner.width, count.width),
            inner.ascent,
            inner.descent + 13.2 + count.ascent + count.descent,
        )

    def table(self, level: int, _inline: bool) -> Extent:
        """Rows below one another."""
        kind = ""
        self._take()
        while self._next != "}":
            kind += self._take()
        self._take()
        rows, row = [], Extent()
        while self._next and self._next != "\\end":
            if self._next == "\\\\":
                self._take()
                rows.append(row)
                row = Extent()
            else:
                row = row.beside(self._one(level, first=False, inline=True))
        rows.append(row)
        while self._next and self._take() != "}":
            pass
        high = sum(one.ascent + one.descent for one in rows) + 6.0 * len(rows)
        wide = max(one.width for one in rows) + (30.0 if kind == "cases" else 8.0)
        return Extent(wide, high / 2 + _AXIS, high / 2 - _AXIS)


_BUILT: dict[str, Callable[[_Reader, int, bool], Extent]] = {
    "frac": _Reader.fraction,
    "sqrt": _Reader.root,
    "left": _Reader.fenced,
    "hat": _Reader.accented,
    "tilde": _Reader.accented,
    "bar": _Reader.accented,
    "overline": _Reader.overlined,
    "mathrm": _Reader.upright,
    "mathcal": _Reader.upright,
    "text": _Reader.upright,
    "underbrace": _Reader.braced,
    "begin": _Reader.table,
    "sum": lambda reader, level, inline: _scaled(
        Extent(26.0, 19.2, 8.9) if level == 0 else Extent(18.7, 15.6, 5.0), _SCRIPTS[min(level, 2)]
    ),
}
"""Commands that are more than a letter."""


def _scaled(box: Extent, size: float) -> Extent:
    return Extent(box.width * size, box.ascent * size, box.descent * size)


def _scripted(base: Extent, above: Extent, below: Extent, size: float) -> Extent:
    """A raised part and a lowered one, one over the other."""
    up, down = base.ascent, base.descent
    raised, lowered = max(7.2 * size, base.ascent - 4.6 * size), 4.2 * size
    if above.width and below.width:
        missing = (_APART * size - (raised - above.descent) - (lowered - below.ascent)) / 2
        raised, lowered = raised + max(missing, 0.0), lowered + max(missing, 0.0)
    if above.width:
        up = max(up, raised + above.ascent)
    if below.width:
        down = max(down, lowered + below.descent)
    room = 0.0 if below.width else _ITALIC * size
    return Extent(base.width + max(above.width, below.width) + room, up, down)


def _with_limits(base: Extent, above: Extent, below: Extent) -> Extent:
    """Above and below a sum, not beside it."""
    up = base.ascent + (2.7 + above.ascent + above.descent if above.width else 0.0)
    down = base.descent + (2.7 + below.ascent + below.descent if below.width else 0.0)
    return Extent(max(base.width, above.width, below.width), up, down)
