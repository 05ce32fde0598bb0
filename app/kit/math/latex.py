"""LaTeX as a picture: cut where a line may break, drawn piece by piece, and kept."""

from __future__ import annotations

import re
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

SIZE = 20.0
"""Of a letter, in the units of a drawing: those who show it scale it."""

_KEPT = 384
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.DOTALL)
_OPENS = {"{", r"\left", r"\begin"}
_CLOSES = {"}", r"\right", r"\end"}
_RELATIONS = {"=", r"\leftarrow", r"\approx", r"\Rightarrow", r"\le", r"\ge"}
_SIGNS = {"+", "-"}
_ARRAY = re.compile(r"\\begin\{array\}\{\w+\}(.*)\\end\{array\}", re.DOTALL)
_LOW = re.compile(r"\\left\(((?:(?!\\left|\\right|\\frac|\\sum|\\sqrt|\\begin).)*)\\right\)")
_WIDE = (r"\quad", r"\qquad")
_SPACES = {" ", r"\,", r"\;", r"\:", r"\!", r"\quad", r"\qquad", r"\ "}


@dataclass(frozen=True)
class Drawing:
    """A piece of a formula as SVG, drawn in ``currentColor``.

    Attributes:
        svg: The picture.
        width: In the units of SIZE.
        ascent: What stands above the base line.
        descent: What hangs below it.
    """

    svg: str
    width: float
    ascent: float
    descent: float


def rows(tex: str) -> tuple[str, ...]:
    """The equations of a formula, each without rows of its own.

    A row of an array with nothing on its left goes on with the equation before it: where that
    breaks is for the room to say that there is. Brackets around low things may have a break inside.
    """
    found = _ARRAY.fullmatch(tex.strip())
    if not found:
        return (_low(tex),)
    joined: list[str] = []
    for row in found[1].split(r"\\"):
        left, _, right = row.partition("&")
        text = f"{left} {right.replace('&', ' ')}".replace(r"\quad", "").replace("{}", "")
        if joined and not left.strip():
            joined[-1] += " " + text.strip()
        elif text.strip():
            joined.append(text.strip())
    return tuple(_low(row) for row in joined)


def _low(tex: str) -> str:
    """Brackets around what is no higher than they are, plain: the innermost first."""
    lower = _LOW.sub(r"(\1)", tex)
    return tex if lower == tex else _low(lower)


def pieces(row: str) -> tuple[str, ...]:
    """An equation cut before each relation and each sum's sign, and behind each wide space."""
    found: list[str] = [""]
    depth, before = 0, ""
    for token in _TOKEN.findall(row):
        if token in _OPENS:
            depth += 1
        elif token in _CLOSES:
            depth -= 1
        elif depth == 0 and _may_break(token, before):
            found.append("")
        found[-1] += token
        if token not in _SPACES:
            before = token
        elif depth == 0 and token in _WIDE:
            found.append("")
    return tuple(piece.strip() for piece in found if piece.strip())


def _may_break(token: str, before: str) -> bool:
    if token in _RELATIONS:
        return bool(before)
    ends = before not in ("", "^", "_", r"\cdot", r"\times", *_RELATIONS, *_SIGNS)
    return token in _SIGNS and ends


def known(piece: str) -> Drawing | None:
    """The drawing of a piece, if it was drawn before; at no cost."""
    with _kept_lock:
        drawing = _kept.get(piece)
        if drawing is not None:
            _kept.move_to_end(piece)
        return drawing


def draw(piece: str, give_way: Callable[[], object] | None = None) -> Drawing:
    """The drawing of a piece; takes some milliseconds, the first time 150 more.

    LaTeX that cannot be drawn is drawn as the letters it is written in.

    Args:
        piece: LaTeX.
        give_way: Called again and again amid the drawing, where it may wait.
    """
    drawing = known(piece)
    if drawing is None:
        with _drawing_lock, _asking(give_way):
            drawing = _drawn(piece)
        with _kept_lock:
            _kept[piece] = drawing
            while len(_kept) > _KEPT:
                _kept.popitem(last=False)
    return drawing


_kept: OrderedDict[str, Drawing] = OrderedDict()
_kept_lock = Lock()
_drawing_lock = Lock()
"""ziamath keeps fonts and settings for all of a process, and says nothing of threads."""


@contextmanager
def _asking(give_way: Callable[[], object] | None) -> Iterator[None]:
    """Has each call that Python makes ask first: nothing else reaches into a library's work."""
    before = sys.getprofile()
    if give_way is not None:
        sys.setprofile(lambda _frame, _event, _argument: give_way())
    try:
        yield
    finally:
        sys.setprofile(before)


def _drawn(piece: str) -> Drawing:
    # It reads its font, which the first paint does not wait for.
    from ziamath.config import config
    from ziamath.zmath import Latex, Text

    config.svg2 = False  # QtSvg shows no glyphs of <symbol>
    lead = piece.startswith(tuple(_SIGNS | _RELATIONS))
    try:
        # With nothing before it, a sign would stand as close as one of a number.
        source = f"{{}} {piece}" if lead else piece
        svg = Latex(source, size=SIZE, color="currentColor").svg()
    except Exception:  # noqa: BLE001 - whatever ziamath cannot read; the formula is shown anyway
        svg = Text(piece.replace("$", ""), size=SIZE, color="currentColor").svg()
    return _measured(svg)


def _measured(svg: str) -> Drawing:
    """The size of a picture by its own view box, whose line stands at 0."""
    box = re.search(r'viewBox="([^"]+)"', svg)
    _, top, width, height = (float(part) for part in box[1].split()) if box else (0.0,) * 4
    # Lines above and below letters come in black, whatever colour was asked for.
    svg = re.sub(r'"(black|#000|#000000)"', '"currentColor"', svg)
    return Drawing(svg, width, -top, top + height)
