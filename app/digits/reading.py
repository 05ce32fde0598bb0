"""What is read of a drawing: its strokes, redrawn with a pen that suits their size."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil, hypot

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.digits.raster import PadDrawing
from app.digits.strokes import SIDE, Point, Stroke

PEN = 0.125
"""The width of MNIST's strokes in parts of their digit's box: 2.5 of its 20 pixels.

Half of its training images lie between 1.9 and 2.9, and from 0.10 to 0.16 networks read alike.
"""

BOX = 200
"""Pixels of the longer side of what is redrawn: ten for each of MNIST's twenty."""

_DOT = 8.0
"""Whatever is smaller, in pixels of the paper, is no digit's line: it is read as it shows."""


def as_read(drawing: PadDrawing) -> NDArray[np.uint8]:
    """The ink that a network is to read, (SIDE, SIDE), 0 to 255.

    The network enlarges a small digit to the size of all, and its pen with it: to a blob. So
    strokes are redrawn as wide as MNIST's are for their size, wherever the eraser left their
    middle. Pictures have no strokes to redraw: with one on it, the paper counts as it shows.
    """
    marks = drawing.marks.visible
    strokes = [mark for mark in marks if isinstance(mark, Stroke)]
    shown = drawing.paper.pixels
    if len(strokes) < len(marks):
        return shown
    lines = [stroke.points for stroke in strokes if not stroke.erases]
    if len(lines) < len(strokes):
        lines = [part for line in lines for part in _left_of(line, shown)]
    points = np.array([point for line in lines for point in line]).reshape(-1, 2)
    if not len(points) or np.ptp(points, axis=0).max() < _DOT:
        return shown
    return _redrawn(lines, points)


def _left_of(line: list[Point], shown: NDArray[np.uint8]) -> Iterator[list[Point]]:
    """The parts of a line whose middle still has ink, where something was erased."""
    part: list[Point] = []
    for x, y in _fine(line):
        column, row = int(x), int(y)
        # What was drawn beyond the paper's edge has left no ink there.
        inside = 0 <= column < SIDE and 0 <= row < SIDE
        if inside and shown[row, column] > 127:
            part.append((x, y))
        elif part:
            yield part
            part = []
    if part:
        yield part


def _fine(line: list[Point]) -> Iterator[Point]:
    """The points of a line no more than a pixel apart."""
    yield line[0]
    for (x, y), (to_x, to_y) in pairwise(line):
        count = max(1, ceil(hypot(to_x - x, to_y - y)))
        for step in range(1, count + 1):
            yield x + (to_x - x) * step / count, y + (to_y - y) * step / count


def _redrawn(lines: list[list[Point]], points: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Lines enlarged or reduced to fill the box, its middle in the middle of a new paper."""
    low, high = points.min(axis=0), points.max(axis=0)
    pen = PEN * BOX
    scale = (BOX - pen) / float((high - low).max())
    moved = SIDE / 2 - scale * (low + high) / 2
    image = QImage(SIDE, SIDE, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    style, cap, join = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(QColor(Qt.GlobalColor.white), pen, style, cap, join))
    for line in lines:
        at = [QPointF(x * scale + moved[0], y * scale + moved[1]) for x, y in line]
        if len(at) == 1:
            painter.drawPoint(at[0])
        else:
            painter.drawPolyline(QPolygonF(at))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(SIDE, SIDE).copy()
