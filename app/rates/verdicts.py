"""How a trial of a learning rate looks: by colour, and by a sign for whom colours look alike."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.plots.style import between, luminance
from core.messages.race import RateGrid, Verdict

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
    back = luminance(fill(verdict, share))
    inks = map(QColor, (tokens.text, tokens.surface, tokens.sunken))
    return max(inks, key=lambda colour: _contrast(luminance(colour), back))


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


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


_CELL = 18.0
_SHARES = {Verdict.LEARNS: (0.1, 0.55, 1.0)}
"""Who learns has more than one colour."""


class VerdictLegend(QWidget):
    """A patch and a word for each verdict."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rates.legend")
        self.setFixedHeight(theme.space(2.5))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            self.tr(
                "Crawls: the loss changed by less than a twentieth. Learns: it fell further; the "
                "stronger the colour, the further. Explodes: it rose by more than a twentieth, or "
                "ceased to be a number. A frame marks the least loss, a frame in the accent colour "
                "the rate in use."
            )
        )
        self.setAccessibleName(self.toolTip())

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        width = sum(
            self._patches(verdict) * _CELL + metrics.horizontalAdvance(word) + theme.space(2.5)
            for verdict, word in self._words().items()
        )
        return QSize(round(width), theme.space(2.5))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, top, high = 0.0, 3.0, self.height() - 6.0
        for verdict, word in self._words().items():
            for share in _SHARES.get(verdict, (0.5,)):
                paint_cell(painter, QRectF(left, top, _CELL, high), verdict, share)
                left += _CELL
            middle = left - self._patches(verdict) * _CELL / 2
            paint_sign(painter, QPointF(middle, self.height() / 2), verdict)
            painter.setPen(QColor(theme.current().text_dim))
            width = painter.fontMetrics().horizontalAdvance(word)
            area = QRectF(left + theme.space(0.75), 0, width + 2, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, word)
            left = area.right() + theme.space(1.5)
        painter.end()

    def _patches(self, verdict: Verdict) -> int:
        return len(_SHARES.get(verdict, (0.5,)))

    def _words(self) -> dict[Verdict, str]:
        return {
            Verdict.CRAWLS: self.tr("crawls"),
            Verdict.LEARNS: self.tr("learns"),
            Verdict.EXPLODES: self.tr("explodes"),
        }
