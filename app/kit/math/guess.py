"""How large a piece of LaTeX will be drawn, told from its letters alone: nothing moves when the
drawing comes.

It is put together as TeX does, from the metrics of STIX Two Math, the face that ziamath draws
with. All lengths are in units of a letter of the size 20.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

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


@dataclass(frozen=True)
class Extent:
    """A part of a formula: how wide it is, and how far it reaches up and down from its line."""

    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0

    def beside(self, other: Extent) -> Extent:
        """Both, one behind the other."""
        return Extent(
            self.width + other.width,
            max(self.ascent, other.ascent),
            max(self.descent, other.descent),
        )

    def wider(self, by: float) -> Extent:
        """With room beside it."""
        return replace(self, width=self.width + by)


_LOW, _TALL, _DEEP = (9.6, 0.2), (14.1, 0.2), (9.6, 4.4)
_CAPITAL, _DIGIT = (13.2, 0.2), (12.9, 0.25)
_WIDTHS = {
    _LOW: {
        "a": 11.1, "c": 8.3, "e": 8.5, "m": 16.6, "n": 11.3, "o": 9.7, "r": 8.2, "s": 7.7,
        "t": 6.8, "u": 11.3, "v": 10.1, "w": 14.5, "x": 11.2, "z": 9.9, "alpha": 11.7,
        "varepsilon": 7.9, "sigma": 11.4, "tau": 9.3, "pi": 12.7, "omega": 13.2, ":": 4.9,
    },
    _TALL: {
        "b": 10.4, "d": 11.1, "h": 11.4, "i": 5.5, "k": 10.7, "l": 5.6, "delta": 10.4,
        "theta": 10.3, "lambda": 10.5, "partial": 9.6, "ell": 10.6, "/": 7.7, "'": 5.7,
    },
    _DEEP: {"g": 10.1, "p": 12.0, "q": 10.3, "y": 10.2, "mu": 11.8, "eta": 10.2, "rho": 10.9,
            "varphi": 12.1},
    (14.2, 4.4): {"f": 11.5, "j": 8.6, "beta": 11.0, "|": 4.3, "\\|": 7.5},
    (9.5, 4.3): {"gamma": 10.0},
    _CAPITAL: {
        "A": 13.6, "B": 11.9, "C": 13.1, "D": 14.0, "E": 12.3, "F": 11.7, "G": 13.9, "H": 15.1,
        "J": 8.0, "K": 13.1, "L": 11.4, "M": 17.4, "N": 14.3, "T": 12.2, "Omega": 15.5,
        "Phi": 14.4, "nabla": 15.0,
    },
    (14.7, 3.9): {"(": 7.1, ")": 7.1, "[": 7.0, "]": 7.0, "\\{": 6.5, "\\}": 6.5, "lfloor": 7.0,
                  "rfloor": 7.0},
    _DIGIT: dict.fromkeys("0123456789", 9.9),
    (2.3, 0.2): {".": 4.9},
    (2.4, 2.6): {",": 4.8},
    (8.8, 0.0): {"infty": 19.1, "cdots": 19.1},
}  # fmt: skip
_LETTERS = {key: Extent(wide, *high) for high, row in _WIDTHS.items() for key, wide in row.items()}
_SIGNS = {
    "+": Extent(25.7, 11.2, 0.8), "-": Extent(25.7, 5.9, 0.0), "=": Extent(27.9, 7.9, 0.0),
    "leftarrow": Extent(32.5, 9.2, 0.0), "cdot": Extent(14.7, 6.4, 0.0),
    "times": Extent(22.0, 10.8, 0.5),
    "<": Extent(27.5, 10.9, 0.5), ">": Extent(27.5, 10.9, 0.5), "le": Extent(27.5, 12.5, 2.1),
    "ge": Extent(27.5, 12.5, 2.1), "ne": Extent(27.5, 13.6, 3.2), "sim": Extent(27.5, 7.4, 0.0),
    "in": Extent(27.5, 10.9, 0.5),
}  # fmt: skip
_BARE = {"+": 14.4, "-": 14.4}
"""Of a sign before a number, which has no room around it."""
_WORDS = {"max": 40.5, "min": 38.7, "ln": 23.0, "sin": 30.5, "cos": 32.0, "tanh": 44.8,
          "arctan": 64.0}  # fmt: skip
_NARROW, _UPRIGHT, _WIDE = 6.2, 9.7, 16.5
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[^\s]")


@lru_cache(4096)
def guess(piece: str) -> Extent:
    """The size of a piece's drawing, with what is free around it.

    Args:
        piece: LaTeX as :func:`core.expression.latex.pieces` makes it.
    """
    tokens = _TOKEN.findall(piece)
    box = _Reader(tokens).row(0)
    if tokens and tokens[0].removeprefix("\\") in _SIGNS:
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
        if name in _SIGNS:
            bare = first and name in _BARE and self._at > 1
            sign = replace(_SIGNS[name], width=_BARE[name]) if bare else _SIGNS[name]
            return sign, size if level == 0 else 0.8 * size
        if name in _WORDS:
            return Extent(_WORDS[name], 13.5, 0.2), size
        if token == "," and level == 0:
            return _LETTERS[token].wider(_COMMA), size
        return _LETTERS.get(name, Extent(_UPRIGHT, *_TALL)), size

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
        wide = sum(_NARROW if c in "fijlrt" else _WIDE if c in "mwNU" else _UPRIGHT for c in word)
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
