"""A slider for numbers that spread over powers of ten, with a field for the exact one."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QPointF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QStyle, QStyleOptionSlider, QWidget

from app.kit import theme
from app.kit.controls import turns
from app.kit.forms.fields import FormField
from app.kit.forms.number_field import NumberEditor
from app.kit.handles import Slider
from app.kit.numbers import StepGesture, fresh_gesture

STEPS_A_DECADE = 20

RATE_RANGE = (1e-5, 10.0)
"""Where learning rates live; others can be typed."""

ARROW, MARK = 5, 8
"""Pixels, in text of its own size: half the height of an arrow head, and of a mark."""

ROUNDING = 1e-6
"""Of a slider's step: a mark at the very end is not beyond it."""


def is_off(value: float, low: float, high: float) -> bool:
    """Whether a slider from one number to another has no place for a mark at a value."""
    return not low <= value <= high


class LogSlider(Slider):
    """Twenty steps a power of ten; each a number of two digits, such as 0.0013.

    ``moved`` carries the number and the gesture's number: one for a whole drag, one for a run of
    key presses or wheel clicks.
    """

    moved = Signal(float, object)

    def __init__(
        self, low: float, high: float, zero: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._low = math.log10(low)
        self._zero = zero
        steps = round((math.log10(high) - self._low) * STEPS_A_DECADE)
        self.setRange(-1 if zero else 0, steps)
        self.setPageStep(STEPS_A_DECADE)
        self._keys = StepGesture()
        self._drag: int | None = None
        self._mark: float | None = None
        self.valueChanged.connect(self._changed)
        self.sliderReleased.connect(self._released)

    @property
    def dragging(self) -> bool:
        """Whether the mouse holds the handle."""
        return self._drag is not None

    def set_mark(self, value: float | None) -> None:
        """A tick at a number that matters; off the slider an arrow at its end; None for none."""
        mark = None
        if value and value > 0:
            mark = (math.log10(value) - self._low) * STEPS_A_DECADE
        if mark != self._mark:
            self._mark = mark
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._mark is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, middle = QColor(theme.current().warning), self.height() / 2
        if is_off(self._mark, -ROUNDING, self.maximum() + ROUNDING):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(self._arrow(middle))
            return
        x, half = self._left_of(self._mark), theme.points(MARK)
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(x, middle - half), QPointF(x, middle + half))

    def _arrow(self, middle: float) -> QPolygonF:
        """A head that points off the end beyond which the mark lies."""
        assert self._mark is not None
        outwards = 1 if self._mark > 0 else -1
        tip = self.width() - 1.0 if outwards > 0 else 1.0
        half = theme.points(ARROW)
        back = tip - outwards * half * 1.5
        ends = ((tip, middle), (back, middle - half), (back, middle + half))
        return QPolygonF([QPointF(*end) for end in ends])

    def _left_of(self, position: float) -> float:
        """Where a position lies, in pixels from the left."""
        left, room = self._track()
        return left + (position - self.minimum()) / max(self.maximum() - self.minimum(), 1) * room

    def _track(self) -> tuple[float, int]:
        """Where the handle's middle stands at the lowest position, and how far it can go."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style, part = self.style(), QStyle.ComplexControl.CC_Slider
        groove = style.subControlRect(part, option, QStyle.SubControl.SC_SliderGroove, self)
        handle = style.subControlRect(part, option, QStyle.SubControl.SC_SliderHandle, self)
        return groove.x() + handle.width() / 2, groove.width() - handle.width()

    def number_at(self, position: int) -> float:
        """The number that a position stands for; 0 left of the lowest, where 0 is allowed."""
        if self._zero and position < 0:
            return 0.0
        return float(f"{10 ** (self._low + position / STEPS_A_DECADE):.1e}")

    def show_number(self, value: float) -> None:
        """Puts the handle where a number stands, or at the end that is nearest to it."""
        position = self.minimum()
        if value > 0:
            nearest = round((math.log10(value) - self._low) * STEPS_A_DECADE)
            position = max(0, min(self.maximum(), nearest))
        with QSignalBlocker(self):
            self.setValue(position)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if turns(self, event):
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The handle comes to the mouse, so that a drag can begin anywhere."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = fresh_gesture()
            self.setValue(self._position_of(event))
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._released()

    def _position_of(self, event: QMouseEvent) -> int:
        left, room = self._track()
        along = round(event.position().x()) - int(left)
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), along, room)

    def _changed(self, position: int) -> None:
        gesture = self._drag if self._drag is not None else self._keys.number()
        self.moved.emit(self.number_at(position), gesture)

    def _released(self) -> None:
        self._drag = None


class LogEditor(NumberEditor):
    """A slider and a number that say the same."""

    def __init__(self, field: FormField, parent: QWidget | None = None) -> None:
        zero = field.low == 0 and not field.low_open
        self._slider = LogSlider(*field.span, zero)  # first, since an editor draws itself at once
        super().__init__(field, parent)
        self._parts["slider"] = self._slider
        if field.slider is not None:  # one that matters most gets the room to aim in
            self._slider.setParent(parent)
            self.below = self._slider
        else:
            self._row.insertWidget(0, self._slider, 1)
            self._row.setStretchFactor(self._number, 0)
            self._number.setFixedWidth(theme.space(9))
        self._slider.moved.connect(self._slid)

    @property
    def busy(self) -> bool:
        return super().busy or self.dragging

    @property
    def dragging(self) -> bool:
        return self._slider.dragging

    def setToolTip(self, tip: str) -> None:
        super().setToolTip(tip)
        self._slider.setToolTip(tip)

    def set_mark(self, value: float | None, tip: str) -> None:
        """Marks a number on the slider, and says in its tooltip what is there."""
        self._slider.set_mark(value)
        self._slider.setToolTip(tip if value else self.toolTip())

    def _slid(self, value: float, gesture: object) -> None:
        self._number.show_number(value)
        self.committed.emit(value, gesture)

    def _draw(self, value: Any) -> None:
        super()._draw(value)
        if value is not None:
            self._slider.show_number(float(value))
