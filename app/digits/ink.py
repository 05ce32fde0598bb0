"""How ink looks: light on dark in both themes, since that is what the network is given."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QImage, QPainter, QPen, QPixmap

from app.kit.theme import DARK

PAPER = DARK.sunken
INK = "#ffffff"
HINT = DARK.text_dim


@cache
def shades() -> list[int]:
    """The colour of each level of ink, 0 for paper to 255."""
    paper, ink = QColor(PAPER), QColor(INK)
    return [_between(paper, ink, level / 255).rgb() for level in range(256)]


def tinted(grey: QImage) -> QImage:
    """A grey image in the colours of paper and ink; the image given is used up."""
    grey.reinterpretAsFormat(QImage.Format.Format_Indexed8)
    grey.setColorTable(shades())
    return grey


def ring_cursor(diameter: float, *, dashed: bool) -> QCursor:
    """A pointer as large as the mark that the pen would leave; dashed for the eraser."""
    ring = max(6.0, diameter)
    side = round(ring) + 6
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    for colour, width in ((PAPER, 3.0), (INK, 1.2)):
        painter.setPen(QPen(QColor(colour), width, style))
        painter.drawEllipse(QPointF(side / 2, side / 2), ring / 2, ring / 2)
    painter.end()
    return QCursor(picture, side // 2, side // 2)


def _between(start: QColor, end: QColor, share: float) -> QColor:
    return QColor(
        round(start.red() + share * (end.red() - start.red())),
        round(start.green() + share * (end.green() - start.green())),
        round(start.blue() + share * (end.blue() - start.blue())),
    )
