"""A box that a person turns: by mouse and keys, with a camera that looks at it."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.scaling import as_picture
from app.surface.relief.camera import Camera, Projection
from app.surface.shared.overlay import BY_KEY, pen

_CLICK = 4.0
_RADIANS_A_PIXEL = 0.008
_TURN = math.radians(6)
_ZOOM = 1.15
_TURNS = {
    Qt.Key.Key_Left: (-_TURN, 0.0),
    Qt.Key.Key_Right: (_TURN, 0.0),
    Qt.Key.Key_Up: (0.0, _TURN),
    Qt.Key.Key_Down: (0.0, -_TURN),
}
_ZOOMS = {
    Qt.Key.Key_Plus: _ZOOM,
    Qt.Key.Key_Equal: _ZOOM,
    Qt.Key.Key_Minus: 1 / _ZOOM,
    Qt.Key.Key_Underscore: 1 / _ZOOM,
}


class TurnedBox(QWidget):
    """Something in a box that can be turned and pointed at; what it is, others draw.

    Attributes:
        camera: From where it is seen.
        is_turned: Whether a person has turned it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera = Camera()
        self.is_turned = False
        self._last: QPointF | None = None
        self._dragged = 0.0
        self._is_by_key = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        as_picture(self).setMinimumSize(theme.gap(20), theme.gap(11))

    @property
    def projection(self) -> Projection:
        """How it is seen now."""
        return Projection(self.camera, self.width(), self.height())

    def reset(self) -> None:
        """Shows the whole box as at first."""
        self.is_turned = False
        self.face()
        self._move()

    def turn(self, azimuth: float, elevation: float) -> None:
        """Turns the camera by radians around and up."""
        self.camera = self.camera.turned(azimuth, elevation)
        self.is_turned = True
        self._move()

    def zoom(self, factor: float) -> None:
        """Goes nearer, or further away."""
        self.camera = self.camera.zoomed(factor)
        self._move()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(60), theme.space(48))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._last, self._dragged = event.position(), 0.0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turns what is held; otherwise says what lies under the pointer."""
        position = event.position()
        if self._last is None:
            self._hover(position)
            return
        way = position - self._last
        self._dragged += abs(way.x()) + abs(way.y())
        if self._dragged > _CLICK:
            self._last = position
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.turn(-way.x() * _RADIANS_A_PIXEL, way.y() * _RADIANS_A_PIXEL)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lets go; what was not moved was a click."""
        if event.button() != Qt.MouseButton.LeftButton or self._last is None:
            return
        was_click, self._last = self._dragged <= _CLICK, None
        self.unsetCursor()
        if was_click:
            self._click(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(_ZOOM ** (event.angleDelta().y() / 120))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _TURNS:
            self.turn(*_TURNS[key])
        elif key in _ZOOMS:
            self.zoom(_ZOOMS[key])
        elif key == Qt.Key.Key_Home:
            self.reset()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame is for those who came by key: others see where they clicked."""
        self._is_by_key = event.reason() in BY_KEY
        super().focusInEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def _paint_focus(self, painter: QPainter) -> None:
        """The frame of who has the keys."""
        if self.hasFocus() and self._is_by_key:
            painter.setPen(pen(theme.current().accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def face(self) -> None:
        """Turns the camera to where it looks from at first."""
        raise NotImplementedError

    def _move(self) -> None:
        """Another camera, another picture."""
        raise NotImplementedError

    def _hover(self, position: QPointF | None) -> None:
        """The pointer rests at a pixel; None when it has left."""
        raise NotImplementedError

    def _click(self, position: QPointF) -> None:
        """A pixel was clicked."""
        raise NotImplementedError
