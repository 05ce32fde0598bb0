"""The picture of a relief as a widget: turned by mouse and keys, and pointed at."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.link.pacing import FrameSlack, Pieces, PiecewisePainter, painted_at_once, single_shot
from app.surface.map.plane_plot import Point
from app.surface.relief.camera import Camera
from app.surface.relief.painter import RenderMode, paint_surface
from app.surface.relief.paths import ReliefPaths
from app.surface.relief.scene import ReliefScene
from app.surface.relief.sheet import clearest, fill_with_quads, pointed
from app.surface.relief.turning import TurnedBox
from app.surface.shared.paths import PathPoint

PAINTED = RenderMode(fill_with_quads, moving=40, resting=88)
"""Without OpenGL: works wherever a window does."""

HIT_PIXELS = 10.0
"""Pixels within which a point of a path is met."""

_GLANCE, _FEW = 16, 40
"""Quads a side, and points of a path, that tell well enough what is seen from a side."""

_REST_MS = 180


Kept = tuple[object, QImage]
"""How a picture looks, and the picture."""


class ReliefCanvas(TurnedBox):
    """Draws a scene, and says what the pointer does to it.

    ``hovered`` carries a point of the grid or None, and the point of a path that is met or None;
    ``clicked`` the latter.
    """

    hovered = Signal(object, object)
    clicked = Signal(object)

    def __init__(self, slack: FrameSlack, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = PAINTED
        self.scene: ReliefScene | None = None
        self._opacity = 1.0
        self._mark: tuple[Point | None, PathPoint | None] = (None, None)
        self._surface: Kept = None, QImage()
        self._whole: Kept = None, QImage()
        self.is_live = False
        self._piecewise = PiecewisePainter(slack, self)
        self._piecewise.painted.connect(self._take)
        self._rest = single_shot(self, _REST_MS, self.update)

    def show_scene(self, scene: ReliefScene | None) -> None:
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
            self._piecewise.stop()
            self.update()

    def show_mark(self, point: Point | None, met: PathPoint | None) -> None:
        """Marks a place of the plane, or the point of a path."""
        if (point, met) != self._mark:
            self._mark = (point, met)
            self.update()

    def set_opacity(self, opacity: float) -> None:
        """Of the surface; axes and paths stay as they are."""
        if opacity != self._opacity:
            self._opacity = opacity
            self.update()

    def set_mode(self, mode: RenderMode) -> None:
        """Draws the surface in another way from now on."""
        self.mode = mode
        self.update()

    def face(self) -> None:
        """Turns the clearest side of a new surface to a person who has not turned it."""
        if self.scene is not None and not self.is_turned:
            relief = self.scene.stage.mesh(_GLANCE)
            self.camera = clearest(relief, self.scene.points(_FEW), Camera())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """What is pointed at is painted anew; the rest only where something has changed."""
        painter = QPainter(self)
        if self.scene is not None and min(self.width(), self.height()) > 1:
            # Of the picture that is painted on: Copy asks for more pixels than the screen has.
            ratio = painter.deviceTransform().m11()
            painter.drawImage(QPointF(0, 0), self._picture(self.scene, ratio))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ReliefPaths(painter, self.scene, self.projection).paint_pointer(*self._mark)
        self._paint_focus(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.is_live:
            self._paint_beside()

    def _looks(self, scene: ReliefScene, ratio: float) -> tuple[object, ...]:
        """All that decides what the surface looks like, without its paths."""
        quads = self.mode.moving if self._is_quick else self.mode.resting
        return (scene.stage, self.camera, self.size(), ratio, self.mode, quads, self._opacity)

    @property
    def _is_quick(self) -> bool:
        """Whether a picture has to be ready soon, since another will follow."""
        return self.is_live or self._rest.isActive()

    def _picture(self, scene: ReliefScene, ratio: float) -> QImage:
        """Everything but what is pointed at, in pixels of the device."""
        looks = (scene, *self._looks(scene, ratio))
        before, last = self._whole
        if looks == before or (self.is_live and not self._is_held and not last.isNull()):
            return last
        self._whole = looks, painted_at_once(self._pieces(scene, ratio))
        return self._whole[1]

    def _pieces(self, scene: ReliefScene, ratio: float) -> Pieces:
        """The picture in pieces; the surface is kept apart, for paths that grow on it."""
        looks, projection = self._looks(scene, ratio), self.projection
        if looks != self._surface[0]:
            picture, painter = self._canvas(ratio)
            quads, opacity = cast("int", looks[-2]), self._opacity
            how = (scene.stage, projection, self.mode.fill)
            try:
                yield from paint_surface(painter, *how, quads=quads, opacity=opacity)
            finally:
                painter.end()
            self._surface = looks, picture
        picture, painter = self._canvas(ratio)
        try:
            painter.drawImage(QPointF(0, 0), self._surface[1])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            walks = ReliefPaths(painter, scene, projection)
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
        self._piecewise.paint(looks, self._pieces(self.scene, ratio))

    def _take(self, looks: object, picture: QImage) -> None:
        if not self._is_held and picture.size() == self.size() * picture.devicePixelRatio():
            self._whole = looks, picture
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
        if self.is_live or self.mode.moving < self.mode.resting:
            self._rest.start()
        self.update()

    def _hover(self, position: QPointF | None) -> None:
        if position is None:
            self.hovered.emit(None, None)
            return
        if self.scene is None:
            return
        met, relief = self._met(position), self.scene.stage.relief
        point = None if met is None else met.point
        if met is None and (found := pointed(relief, self.projection, *position.toTuple())):
            point = (float(relief.x[found[0]]), float(relief.y[found[1]]))
        self.hovered.emit(point, met)

    def _click(self, position: QPointF) -> None:
        met = self._met(position)
        if met is not None:
            self.clicked.emit(met)

    def _met(self, position: QPointF) -> PathPoint | None:
        if self.scene is None:
            return None
        return self.scene.nearest(self.projection, position.x(), position.y(), HIT_PIXELS)
