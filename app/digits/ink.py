"""The pen, and how its ink looks: light on dark in both themes, as the network is given it."""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QImage, QPainter, QPen, QPixmap, qRgb

from app.kit.theme import DARK

PAPER = DARK.sunken
INK = "#ffffff"
HINT = DARK.text_dim

WIDTHS = range(8, 49)
"""The pen's widths, in pixels of the paper; MNIST's own digits come to about 22."""


@cache
def shades() -> list[int]:
    """The colour of each level of ink, 0 for paper to 255."""
    paper, ink = (np.array([c.red(), c.green(), c.blue()]) for c in map(QColor, (PAPER, INK)))
    return [qRgb(*np.rint(paper + level / 255 * (ink - paper)).astype(int)) for level in range(256)]


def tinted(grey: QImage) -> QImage:
    """A grey image in the colours of paper and ink; the image given is used up."""
    grey.reinterpretAsFormat(QImage.Format.Format_Indexed8)
    grey.setColorTable(shades())
    return grey


class PenTool(QObject):
    """What is in the hand: the pen, or the eraser; ``changed`` says that it is another.

    Attributes:
        width: Of its mark, in pixels of the paper.
        erasing: Whether it is the eraser.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.width = 22
        self.erasing = False

    def choose(self, *, erasing: bool) -> None:
        """Takes up the pen or the eraser."""
        self.erasing = erasing
        self.changed.emit()

    def set_width(self, width: int) -> None:
        """Makes pen and eraser as wide as told, as far as ``WIDTHS`` goes."""
        self.width = min(max(width, WIDTHS[0]), WIDTHS[-1])
        self.changed.emit()

    def cursor(self, scale: float) -> QCursor:
        """A ring as large as its mark, where a pixel of paper is so large; dashed to erase."""
        ring = max(6.0, self.width * scale)
        side = round(ring) + 6
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = Qt.PenStyle.DashLine if self.erasing else Qt.PenStyle.SolidLine
        for colour, width in ((PAPER, 3.0), (INK, 1.2)):
            painter.setPen(QPen(QColor(colour), width, style))
            painter.drawEllipse(QPointF(side / 2, side / 2), ring / 2, ring / 2)
        painter.end()
        return QCursor(picture, side // 2, side // 2)
