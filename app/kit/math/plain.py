"""LaTeX in plain letters: for tables, for screen readers, and until its picture is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from app.kit.math.latex import rows

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.DOTALL)

_LETTERS = {
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\delta": "δ", r"\epsilon": "ε",
    r"\varepsilon": "ε", r"\eta": "η", r"\theta": "θ", r"\lambda": "λ", r"\mu": "μ", r"\pi": "π",
    r"\rho": "ρ", r"\sigma": "σ", r"\tau": "τ", r"\phi": "φ", r"\varphi": "φ", r"\omega": "ω",
    r"\Delta": "Δ", r"\Phi": "Φ", r"\partial": "∂", r"\nabla": "∇", r"\sum": "∑", r"\prod": "∏",
    r"\cdot": " · ", r"\times": " × ", r"\odot": " ⊙ ", r"\pm": "±", r"\le": "≤", r"\leq": "≤",
    r"\ge": "≥", r"\geq": "≥", r"\ne": "≠", r"\neq": "≠", r"\approx": "≈", r"\infty": "∞",
    r"\leftarrow": "←", r"\rightarrow": "→", r"\to": "→", r"\Rightarrow": "⇒", r"\in": "∈",
    r"\ldots": "…", r"\cdots": "⋯", r"\dots": "…", r"\lVert": "‖", r"\rVert": "‖", r"\|": "‖",
    r"\Vert": "‖", r"\lvert": "|", r"\rvert": "|", r"\prime": "′", r"\ell": "ℓ", r"\star": "★",
    r"\lfloor": "⌊", r"\rfloor": "⌋", r"\,": " ", r"\;": " ", r"\:": " ", r"\ ": " ",
    r"\!": "", r"\quad": "\u2003", r"\qquad": "\u2003\u2003",
    r"\\": "; ", "&": " ", "~": " ",
    r"\{": "{", r"\}": "}", r"\%": "%", r"\_": "_", r"\left": "", r"\right": "",
    r"\limits": "", r"\displaystyle": "", r"\textstyle": "", "-": "−", "'": "′",
}  # fmt: skip
_MARKS = {r"\hat": "\u0302", r"\bar": "\u0304", r"\tilde": "\u0303", r"\widehat": "\u0302"}
_CLOSE = set("∂∇∑∏")
"""What stands right before the next letter."""
_WRAPPED = {r"\text", r"\mathrm", r"\operatorname", r"\mathbf", r"\mathit", r"\boldsymbol"}
_SUBSCRIPTS = str.maketrans("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_SUPERSCRIPTS = str.maketrans("0123456789+−=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")


@dataclass(frozen=True)
class Run:
    """Letters that stand on one line: 0, or below (-1) or above (1) of it."""

    text: str
    level: int = 0


@lru_cache(1024)
def runs(tex: str) -> tuple[Run, ...]:
    """A short formula (``w_{2,1}``) as letters with their subscripts and superscripts."""
    return tuple(_Reader(tex).read())


@lru_cache(1024)
def plain(tex: str) -> str:
    """A formula in one line of Unicode: ``w₂,₁ · a₁``."""
    text = "; ".join("".join(_in_line(run) for run in runs(row)) for row in rows(tex))
    return re.sub(r" {2,}", " ", text).strip()


def _in_line(run: Run) -> str:
    if run.level == 0:
        return run.text
    table = _SUBSCRIPTS if run.level < 0 else _SUPERSCRIPTS
    moved = run.text.translate(table)
    free = set(" ,.′ᵀ")
    if all(ord(letter) in table or letter in free for letter in run.text):
        return moved
    sign = "_" if run.level < 0 else "^"
    return f"{sign}{run.text}" if len(run.text) == 1 else f"{sign}({run.text})"


class _Reader:
    """Reads the LaTeX that formulas are written in; what it does not know it reads as letters."""

    def __init__(self, tex: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(tex)
        self._place = 0
        self._commands: dict[str, Callable[[], list[Run]]] = {
            r"\frac": self._fraction,
            r"\tfrac": self._fraction,
            r"\dfrac": self._fraction,
            r"\sqrt": self._root,
            r"\underbrace": self._braced,
            r"\begin": self._dropped,
            r"\end": self._dropped,
            "^": lambda: self._moved(1),
            "_": lambda: self._moved(-1),
        }

    def read(self) -> list[Run]:
        """Everything up to the end, or up to the brace that closes."""
        found: list[Run] = []
        while self._place < len(self._tokens):
            if self._tokens[self._place] == "}":
                self._place += 1
                break
            found += self._one()
        return _joined(found)

    def _one(self) -> list[Run]:
        token = self._tokens[self._place]
        self._place += 1
        if token == "{":
            return self.read()
        if token in self._commands:
            return self._commands[token]()
        if token in _WRAPPED:
            return self._argument()
        if token in _MARKS:
            inner = self._argument()
            return [Run(inner[0].text + _MARKS[token], inner[0].level), *inner[1:]] if inner else []
        known = _LETTERS.get(token)
        if known in _CLOSE:
            self._skip_space()
        return [Run(known if known is not None else token.removeprefix("\\"))]

    def _argument(self) -> list[Run]:
        self._skip_space()
        return self._one() if self._place < len(self._tokens) else []

    def _skip_space(self) -> None:
        """Of the source, which means nothing behind a command."""
        while self._place < len(self._tokens) and self._tokens[self._place] == " ":
            self._place += 1

    def _fraction(self) -> list[Run]:
        above, below = self._argument(), self._argument()
        return [*_bracketed(above), Run("/"), *_bracketed(below)]

    def _root(self) -> list[Run]:
        return [Run("√"), *_bracketed(self._argument())]

    def _braced(self) -> list[Run]:
        """What stands below the brace has no place in a line."""
        inner = self._argument()
        if self._tokens[self._place : self._place + 1] == ["_"]:
            self._place += 1
            self._argument()
        return inner

    def _dropped(self) -> list[Run]:
        self._argument()
        return []

    def _moved(self, level: int) -> list[Run]:
        return [Run("".join(run.text for run in self._argument()), level)]


def _bracketed(inner: list[Run]) -> list[Run]:
    simple = len("".join(run.text for run in inner if run.level == 0).strip()) <= 2
    return inner if simple else [Run("("), *inner, Run(")")]


def _joined(found: list[Run]) -> list[Run]:
    """Neighbours on the same line are one run."""
    joined: list[Run] = []
    for run in found:
        if joined and joined[-1].level == run.level:
            joined[-1] = Run(joined[-1].text + run.text, run.level)
        elif run.text:
            joined.append(run)
    return joined
