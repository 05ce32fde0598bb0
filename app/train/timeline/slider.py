"""A slider over the steps of a run, with a tick for each state that is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QWidget

from app.kit import theme
from app.kit.layouts import named
from app.kit.scaling import as_picture

_RADIUS, _GROOVE = 7, 4
"""Pixels, in text of its own size."""
_NO_STEPS: NDArray[np.int64] = np.zeros(0, np.int64)


class TimelineSlider(QSlider):
    """Goes where it is pressed; keys move it as any slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        named(self, "timeline.slider", self.tr("Step of the run"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        as_picture(self).setMinimumWidth(theme.gap(20))
        self._kept = _NO_STEPS
        self._columns: list[int] = []

    def show_steps(self, first: int, last: int, kept: NDArray[np.int64]) -> None:
        """Offers these steps."""
        if (first, last) == (self.minimum(), self.maximum()) and kept is self._kept:
            return
        self._kept = kept
        self.setRange(first, max(last, first))
        self.setPageStep(max(1, (last - first) // 20))
        self._find_columns()
        self.update()

    @property
    def _radius(self) -> float:
        return theme.points(_RADIUS)

    def x_of(self, step: int) -> float:
        """Where a step is, in pixels."""
        span = max(self.maximum() - self.minimum(), 1)
        room = self.width() - 2 * self._radius - 2
        return self._radius + 1 + (step - self.minimum()) / span * room

    def step_at(self, x: float) -> int:
        """The step at a place."""
        room = max(self.width() - 2 * self._radius - 2, 1)
        share = min(max((x - self._radius - 1) / room, 0.0), 1.0)
        return round(self.minimum() + share * (self.maximum() - self.minimum()))

    def sizeHint(self) -> QSize:
        return QSize(theme.space(40), theme.space(3.5))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.gap(20), theme.space(3.5))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._move(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._move(event)
            self.setSliderDown(False)

    def resizeEvent(self, _event: QEvent) -> None:
        self._find_columns()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, middle = theme.current(), self.height() / 2
        x = self.x_of(self.sliderPosition())
        left, right = self.x_of(self.minimum()), self.x_of(self.maximum())
        self._draw_groove(painter, QRectF(left, 0, right - left, 0), tokens.line)
        self._draw_groove(painter, QRectF(left, 0, x - left, 0), self._colour())
        painter.setPen(QPen(QColor(tokens.text_dim), 1))
        below = round(middle + self._radius + 1)
        for column in self._columns:
            painter.drawLine(column, below, column, below + 3)
        painter.setPen(QPen(QColor(tokens.surface), 2))
        painter.setBrush(QColor(self._colour()))
        painter.drawEllipse(QPointF(x, middle), self._radius, self._radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.text), 1))
            painter.drawEllipse(QPointF(x, middle), self._radius, self._radius)
        painter.end()

    def _move(self, event: QMouseEvent) -> None:
        self.setSliderPosition(self.step_at(event.position().x()))
        self.update()

    def _colour(self) -> str:
        tokens = theme.current()
        return tokens.accent if self.isEnabled() else tokens.disabled

    def _draw_groove(self, painter: QPainter, along: QRectF, colour: str) -> None:
        high = theme.points(_GROOVE)
        groove = QRectF(along.left(), (self.height() - high) / 2, along.width(), high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(groove, high / 2, high / 2)

    def _find_columns(self) -> None:
        """At most one tick a pixel, however many states are kept."""
        span = max(self.maximum() - self.minimum(), 1)
        room = self.width() - 2 * self._radius - 2
        places = self._radius + 1 + (self._kept - self.minimum()) / span * room
        self._columns = [int(x) for x in np.unique(np.round(places).astype(int))]
