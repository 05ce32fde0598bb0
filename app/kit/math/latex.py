"""Pieces of LaTeX as pictures: drawn one by one, and kept."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from app.kit.math.guess import guess
from app.kit.math.metrics import Extent

SIZE = 20.0
"""Of a letter, in the units of a drawing: those who show it scale it."""

_KEPT, _SIZES_KEPT = 384, 2048
_DIGITS = re.compile(r"\d")
_LEADS = ("+", "-", "=", r"\leftarrow", r"\ne", r"\sim", r"\in")
"""What a piece may begin with that goes on with the one before it."""


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


def known(piece: str) -> Drawing | None:
    """The drawing of a piece, if it was drawn before; at no cost."""
    with _kept_lock:
        drawing = _kept.get(piece)
        if drawing is not None:
            _kept.move_to_end(piece)
        return drawing


def size_of(piece: str) -> Extent | Drawing:
    """How large a piece's drawing is, or will be: as one that differs in its digits alone, or as
    its letters tell."""
    drawing = known(piece)
    if drawing is not None:
        return drawing
    shape = _DIGITS.sub("0", piece)
    with _kept_lock:
        alike = _sizes.get(shape)
    return alike or guess(shape)


def draw(piece: str) -> Drawing:
    """The drawing of a piece; takes some milliseconds, the first time 150 more.

    LaTeX that cannot be drawn is drawn as the letters it is written in.
    """
    drawing = known(piece)
    if drawing is None:
        with _drawing_lock:
            drawing = _drawn(piece)
        with _kept_lock:
            _kept[piece] = drawing
            _sizes[_DIGITS.sub("0", piece)] = Extent(drawing.width, drawing.ascent, drawing.descent)
            for kept, most in ((_kept, _KEPT), (_sizes, _SIZES_KEPT)):
                while len(kept) > most:
                    kept.popitem(last=False)
    return drawing


_kept: OrderedDict[str, Drawing] = OrderedDict()
_sizes: OrderedDict[str, Extent] = OrderedDict()
"""Of drawings, by what they show, with all digits alike."""
_kept_lock = Lock()
_drawing_lock = Lock()
"""ziamath keeps fonts and settings for all of a process, and says nothing of threads."""


def _drawn(piece: str) -> Drawing:
    # It reads its font, which the first paint does not wait for.
    from ziamath.config import config
    from ziamath.zmath import Latex, Text

    config.svg2 = False  # QtSvg shows no glyphs of <symbol>
    try:
        # With nothing before it, a sign would stand as close as one of a number.
        source = f"{{}} {piece}" if piece.startswith(_LEADS) else piece
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
