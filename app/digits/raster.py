"""The drawing: its marks, and the paper's pixels, kept up to date stroke by stroke."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.digits.strokes import (
    SIDE,
    DrawnMarks,
    Mark,
    PastedPicture,
    Point,
    SampleDigit,
    Stroke,
)

_MARGIN = 0.1
"""The share of the paper left free on each side of a pasted picture."""


class PadPaper:
    """A grey image of the drawing, 0 for paper to 255 for ink, ``SIDE`` pixels square."""

    def __init__(self) -> None:
        self.image = QImage(SIDE, SIDE, QImage.Format.Format_Grayscale8)
        self.image.fill(0)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """A copy of the ink, (SIDE, SIDE)."""
        return self._view().copy()

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink at all."""
        return not self._view().any()

    def redraw(self, marks: tuple[Mark, ...]) -> None:
        """Draws everything anew: after an undo, not while the pen moves."""
        self.image.fill(0)
        for mark in marks:
            if isinstance(mark, Stroke):
                self._draw_stroke(mark)
            elif isinstance(mark, PastedPicture):
                self._draw_fitted(image_of(mark.ink))
            elif isinstance(mark, SampleDigit):
                painter = QPainter(self.image)
                painter.drawImage(self.image.rect(), image_of(as_bytes(mark.pixels)))
                painter.end()

    def draw_segment(self, start: Point, end: Point, width: float, *, erases: bool) -> QRect:
        """Draws a piece of a stroke, at first a dot; gives the pixels that may have changed."""
        painter = QPainter(self.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ends = QPointF(*start), QPointF(*end)
        if start == end:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_colour(erases))
            painter.drawEllipse(ends[0], width / 2, width / 2)
        else:
            solid, round_ends = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap
            painter.setPen(QPen(_colour(erases), width, solid, round_ends))
            painter.drawLine(*ends)
        painter.end()
        reach = width / 2 + 2
        changed = QRectF(*ends).normalized().adjusted(-reach, -reach, reach, reach)
        return changed.toAlignedRect().intersected(self.image.rect())

    def _draw_stroke(self, stroke: Stroke) -> None:
        """Piece by piece, so that it comes out pixel for pixel as it was first drawn."""
        first = stroke.points[0]
        self.draw_segment(first, first, stroke.width, erases=stroke.erases)
        for start, end in pairwise(stroke.points):
            self.draw_segment(start, end, stroke.width, erases=stroke.erases)

    def _draw_fitted(self, picture: QImage) -> None:
        room, aspect = round(SIDE * (1 - 2 * _MARGIN)), Qt.AspectRatioMode.KeepAspectRatio
        smooth = Qt.TransformationMode.SmoothTransformation
        fitted = picture.scaled(room, room, aspect, smooth)
        painter = QPainter(self.image)
        painter.drawImage((SIDE - fitted.width()) // 2, (SIDE - fitted.height()) // 2, fitted)
        painter.end()

    def _view(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.image.constBits(), np.uint8).reshape(SIDE, SIDE)


class PadDrawing(QObject):
    """What is on the pad: marks and paper together.

    ``changed`` comes once for each event that changed the ink, with the part of the paper that may
    look otherwise now.
    """

    changed = Signal(QRect)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.marks = DrawnMarks()
        self.paper = PadPaper()
        self._pen: Point | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether the pen is on the paper."""
        return self._pen is not None

    def pen_down(self, point: Point, width: float, *, erases: bool) -> None:
        """Begins a stroke."""
        was_empty = self.paper.is_empty
        self._pen = point
        self.marks.begin(point, width, erases=erases)
        part = self.paper.draw_segment(point, point, width, erases=erases)
        self.changed.emit(self.paper.image.rect() if was_empty else part)

    def pen_moved(self, point: Point) -> None:
        """Draws the stroke on, if there is one."""
        stroke, start = self.marks.present_stroke, self._pen
        if start is None or stroke is None:
            return
        self._pen = point
        self.marks.extend(point)
        part = self.paper.draw_segment(start, point, stroke.width, erases=stroke.erases)
        self.changed.emit(part)

    def pen_up(self) -> None:
        """Ends the stroke."""
        self._pen = None

    def place(self, mark: PastedPicture | SampleDigit) -> None:
        """Puts a picture or a test digit on the paper."""
        self.marks.place(mark)
        self._redraw()

    def clear(self) -> None:
        """Empties the paper."""
        self.marks.clear()
        self._redraw()

    def undo(self) -> None:
        """Takes the newest stroke, picture or clearing back."""
        if not self.is_under_way and self.marks.undo():
            self._redraw()

    def redo(self) -> None:
        """Brings back what was taken back last."""
        if not self.is_under_way and self.marks.redo():
            self._redraw()

    def _redraw(self) -> None:
        self.paper.redraw(self.marks.visible)
        self._pen = None
        self.changed.emit(self.paper.image.rect())


def as_bytes(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Pixels as 0 to 255, whether they come as bytes or as floats from 0 to 1."""
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels, dtype=np.uint8)
    return np.rint(np.clip(np.nan_to_num(pixels.astype(np.float32)), 0, 1) * 255).astype(np.uint8)


def image_of(ink: NDArray[np.uint8]) -> QImage:
    """Ink as a grey image with its own memory."""
    height, width = ink.shape
    content = np.ascontiguousarray(ink).tobytes()
    return QImage(content, width, height, width, QImage.Format.Format_Grayscale8).copy()


def _colour(erases: bool) -> QColor:
    return QColor(Qt.GlobalColor.black if erases else Qt.GlobalColor.white)
