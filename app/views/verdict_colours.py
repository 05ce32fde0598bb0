"""How a trial of a learning rate looks: by colour, and by a sign for whom colours look alike."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from app import theme
from app.views.plot_style import between
from core.scenery import RateGrid, Verdict

_FALL = 2.0
"""Decades: a loss that fell by so much has the strongest colour."""
_FAINTEST = 0.18
"""How strong the colour of a trial is that has only just learned."""
_REACH = 4.0


def strength(grid: RateGrid, row: int, column: int) -> float:
    """How far the loss fell, 0 to 1, by factors: a hundredth of the first is 1.

    A loss that has come to zero or below has fallen all the way.
    """
    start, end = grid.start, float(grid.losses[row, column])
    if not (math.isfinite(end) and start > 0):
        return 0.0
    return 1.0 if end <= 0 else min(1.0, max(0.0, math.log10(start / end) / _FALL))


def fill(verdict: Verdict, share: float = 0.5) -> QColor:
    """A cell's colour; blue and orange are the sign's alone, red and green look alike to many."""
    tokens = theme.current()
    if verdict is Verdict.LEARNS:
        strong = _FAINTEST + (1 - _FAINTEST) * share
        return between((tokens.surface, tokens.test), strong * (0.85 if tokens.dark else 1.0))
    if verdict is Verdict.EXPLODES:
        return between((tokens.surface, tokens.error), 0.14)
    return QColor(tokens.sunken if verdict is Verdict.CRAWLS else tokens.surface)


def ink(verdict: Verdict, share: float = 0.5) -> QColor:
    """A text's colour on a cell, readable on whatever the cell's colour is."""
    tokens = theme.current()
    if verdict is Verdict.CRAWLS:
        return QColor(tokens.text_dim)
    back = _luminance(fill(verdict, share))
    inks = map(QColor, (tokens.text, tokens.surface, tokens.sunken))
    return max(inks, key=lambda colour: _contrast(_luminance(colour), back))


def paint_sign(painter: QPainter, middle: QPointF, verdict: Verdict) -> None:
    """A flat line for who crawls, a cross for who explodes, a falling line for who learns."""
    tokens = theme.current()
    colours = {Verdict.CRAWLS: tokens.text_dim, Verdict.EXPLODES: tokens.error}
    colour = QColor(colours[verdict]) if verdict in colours else ink(verdict)
    painter.setPen(QPen(colour, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for start, end in _STROKES[verdict]:
        painter.drawLine(middle + start, middle + end)


def paint_cell(painter: QPainter, area: QRectF, verdict: Verdict, share: float) -> None:
    """The colour of a cell; who explodes is hatched too."""
    tokens = theme.current()
    painter.fillRect(area, fill(verdict, share))
    if verdict is Verdict.EXPLODES:
        hatch = QColor(tokens.error)
        hatch.setAlpha(60)
        painter.save()
        painter.setBrushOrigin(area.topLeft())
        painter.fillRect(area, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
        painter.restore()


_STROKES: dict[Verdict, tuple[tuple[QPointF, QPointF], ...]] = {
    Verdict.PENDING: (),
    Verdict.CRAWLS: ((QPointF(-_REACH, 0), QPointF(_REACH, 0)),),
    Verdict.LEARNS: (
        (QPointF(-_REACH, -_REACH * 0.7), QPointF(0, _REACH * 0.4)),
        (QPointF(0, _REACH * 0.4), QPointF(_REACH, _REACH * 0.7)),
    ),
    Verdict.EXPLODES: (
        (QPointF(-3, -3), QPointF(3, 3)),
        (QPointF(-3, 3), QPointF(3, -3)),
    ),
}


def _luminance(colour: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.1)."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
