"""The picture of a relief as a widget: turned by mouse and keys, and pointed at."""

from __future__ import annotations

import math
from typing import cast

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.link.pacing import Piecemeal, Pieces, Slack, at_once
from app.surface.map.plot import Point
from app.surface.relief.camera import Camera, Projection
from app.surface.relief.painter import Manner, paint_surface
from app.surface.relief.paths import Walks
from app.surface.relief.scene import Scene
from app.surface.relief.sheet import clearest, fill_with_quads, pointed
from app.surface.shared.overlay import BY_KEY, pen
from app.surface.shared.paths import Met

PAINTED = Manner(fill_with_quads, moving=40, resting=88)
"""Without OpenGL: works wherever a window does."""

REACH = 10.0
"""Pixels within which a point of a path is met."""

_GLANCE, _FEW = 16, 40
"""Quads a side, and points of a path, that tell well enough what is seen from a side."""

_REST_MS = 180
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


class _Kept:
    """The last picture, and how it looks."""

    def __init__(self) -> None:
        self._looks: object = None
        self.picture = QImage()

    def has(self, looks: object) -> bool:
        """Whether it looks so."""
        return looks == self._looks

    def keep(self, looks: object, picture: QImage) -> None:
        """Puts another in its place."""
        self._looks, self.picture = looks, picture


class ReliefCanvas(QWidget):
    """Draws a scene, and says what the pointer does to it.

    ``hovered`` carries a point of the grid or None, and the point of a path that is met or None;
    ``clicked`` the latter.
    """

    hovered = Signal(object, object)
    clicked = Signal(object)

    def __init__(self, slack: Slack, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera = Camera()
        self.manner = PAINTED
        self.scene: Scene | None = None
        self._opacity = 1.0
        self._mark: tuple[Point | None, Met | None] = (None, None)
        self._surface, self._whole = _Kept(), _Kept()
        self._last: QPointF | None = None
        self._dragged = 0.0
        self._is_turned = False
        self._is_by_key = False
        self.is_live = False
        self._piecemeal = Piecemeal(slack, self)
        self._piecemeal.painted.connect(self._take)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.update)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(theme.space(20), theme.space(16))

    @property
    def projection(self) -> Projection:
        """How the scene is seen now."""
        return Projection(self.camera, self.width(), self.height())

    def show_scene(self, scene: Scene | None) -> None:
        """Draws another scene; a new surface coarser at first where a fine one takes its time."""
        has_moved = scene is None or self.scene is None or scene.stage is not self.scene.stage
        self.scene = scene
        if self.is_live and scene is not None and not self._is_held:
            self._paint_beside()
            return
        if has_moved:
            self._move()
        self.update()

    def set_live(self, live: bool) -> None:
        """While scenes follow one another by themselves they are painted in pieces."""
        if live != self.is_live:
            self.is_live = live
            self._piecemeal.stop()
            self.update()

    def show_mark(self, point: Point | None, met: Met | None) -> None:
        """Marks a place of the plane, or the point of a path."""
        if (point, met) != self._mark:
            self._mark = (point, met)
            self.update()

    def set_opacity(self, opacity: float) -> None:
        """Of the surface; axes and paths stay as they are."""
        if opacity != self._opacity:
            self._opacity = opacity
            self.update()

    def set_manner(self, manner: Manner) -> None:
        """Draws the surface in another way from now on."""
        self.manner = manner
        self.update()

    def reset(self) -> None:
        """Shows the whole box from its clearest side."""
        self._is_turned = False
        self.face()
        self._move()

    def face(self) -> None:
        """Turns the clearest side of a new surface to a person who has not turned it."""
        if self.scene is not None and not self._is_turned:
            relief = self.scene.stage.mesh(_GLANCE)
            self.camera = clearest(relief, self.scene.points(_FEW), Camera())

    def turn(self, azimuth: float, elevation: float) -> None:
        """Turns the camera by radians around and up."""
        self.camera = self.camera.turned(azimuth, elevation)
        self._is_turned = True
        self._move()

    def zoom(self, factor: float) -> None:
        """Goes nearer, or further away."""
        self.camera = self.camera.zoomed(factor)
        self._move()

    def sizeHint(self) -> QSize:
        """Room for a picture."""
        return QSize(theme.space(60), theme.space(48))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """What is pointed at is painted anew; the rest only where something has changed."""
        painter = QPainter(self)
        if self.scene is not None and min(self.width(), self.height()) > 1:
            # Of the picture that is painted on: Copy asks for more pixels than the screen has.
            ratio = painter.deviceTransform().m11()
            painter.drawImage(QPointF(0, 0), self._picture(self.scene, ratio))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            Walks(painter, self.scene, self.projection).paint_pointer(*self._mark)
        if self.hasFocus() and self._is_by_key:
            painter.setPen(pen(theme.current().accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size is another picture."""
        super().resizeEvent(event)
        if self.is_live:
            self._paint_beside()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of the box."""
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
        met = self._met(event.position())
        if was_click and met is not None:
            self.clicked.emit(met)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the first sight."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nearer and further."""
        self.zoom(_ZOOM ** (event.angleDelta().y() / 120))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows turn, plus and minus zoom, Home resets."""
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
        """No pointer, no place."""
        self.hovered.emit(None, None)
        super().leaveEvent(event)

    def _looks(self, scene: Scene, ratio: float) -> tuple[object, ...]:
        """All that decides what the surface looks like, without its paths."""
        quads = self.manner.moving if self._is_quick else self.manner.resting
        return (scene.stage, self.camera, self.size(), ratio, self.manner, quads, self._opacity)

    @property
    def _is_quick(self) -> bool:
        """Whether a picture has to be ready soon, since another will follow."""
        return self.is_live or self._rest.isActive()

    def _picture(self, scene: Scene, ratio: float) -> QImage:
        """Everything but what is pointed at, in pixels of the device."""
        looks = (scene, *self._looks(scene, ratio))
        last = self._whole.picture
        if self._whole.has(looks) or (self.is_live and not self._is_held and not last.isNull()):
            return last
        self._whole.keep(looks, at_once(self._pieces(scene, ratio)))
        return self._whole.picture

    def _pieces(self, scene: Scene, ratio: float) -> Pieces:
        """The picture in pieces; the surface is kept apart, for paths that grow on it."""
        looks, projection = self._looks(scene, ratio), self.projection
        if not self._surface.has(looks):
            picture, painter = self._canvas(ratio)
            quads, opacity = cast("int", looks[-2]), self._opacity
            fill, stage = self.manner.fill, scene.stage
            try:
                yield from paint_surface(
                    painter, stage, projection, fill, quads=quads, opacity=opacity
                )
            finally:
                painter.end()
            self._surface.keep(looks, picture)
        picture, painter = self._canvas(ratio)
        try:
            painter.drawImage(QPointF(0, 0), self._surface.picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            walks = Walks(painter, scene, projection)
            yield
            walks.paint_paths()
            yield
            walks.paint_marks()
        finally:
            painter.end()
        return picture

    def _paint_beside(self) -> None:
        """Paints the scene while the window goes on; until then the last picture stays."""
        if self.scene is None or not self.isVisible():
            return
        ratio = self.devicePixelRatioF()
        looks = (self.scene, *self._looks(self.scene, ratio))
        self._piecemeal.ask(looks, self._pieces(self.scene, ratio))

    def _take(self, looks: object, picture: QImage) -> None:
        if not self._is_held and picture.size() == self.size() * picture.devicePixelRatio():
            self._whole.keep(looks, picture)
            self.update()

    def _canvas(self, ratio: float) -> tuple[QImage, QPainter]:
        picture = QImage(self.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(self.font())
        return picture, painter

    @property
    def _is_held(self) -> bool:
        """Whether a person is turning it just now, who must not wait."""
        return self._rest.isActive() and self.is_live

    def _move(self) -> None:
        """Something moves: until it rests, what is painted must be ready soon."""
        if self.is_live or self.manner.moving < self.manner.resting:
            self._rest.start()
        self.update()

    def _hover(self, position: QPointF) -> None:
        if self.scene is None:
            return
        met = self._met(position)
        if met is not None:
            self.hovered.emit(met.point, met)
            return
        relief = self.scene.stage.relief
        found = pointed(relief, self.projection, position.x(), position.y())
        point = None
        if found is not None:
            point = (float(relief.x[found[0]]), float(relief.y[found[1]]))
        self.hovered.emit(point, None)

    def _met(self, position: QPointF) -> Met | None:
        if self.scene is None:
            return None
        return self.scene.nearest(self.projection, position.x(), position.y(), REACH)
