"""The loss surface as a map: colours, contours, arrows, paths and names, and the mouse on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmapCache,
)
from PySide6.QtWidgets import QGraphicsItem, QWidget

from app.kit import theme
from app.kit.plots.axes import ValueAxis
from app.kit.plots.style import restyle, set_up
from app.kit.text import translated
from app.surface.map.drawing import SurfaceBox
from app.surface.map.layers import ArrowItem, ContourItem, HeatItem, field
from app.surface.map.legend import SurfaceLegend
from app.surface.map.marks import MarkItem, PointerItem
from app.surface.map.note import Veil
from app.surface.shared.colours import quantity_name
from app.surface.shared.contours import Frame
from app.surface.shared.overlay import BY_KEY, pen
from app.surface.shared.paths import PathsItem, descent_of
from core.messages.surface_commands import Window

if TYPE_CHECKING:
    from app.surface.map.drawing import Drawing
    from core.messages.surface_views import PathView, PlaneView

Point = tuple[float, float]

_KEY_PAN = 0.1
_KEY_ZOOM = 0.8
_WAYS = {
    Qt.Key.Key_Left: (-_KEY_PAN, 0.0),
    Qt.Key.Key_Right: (_KEY_PAN, 0.0),
    Qt.Key.Key_Up: (0.0, _KEY_PAN),
    Qt.Key.Key_Down: (0.0, -_KEY_PAN),
}
_ZOOMS = {
    Qt.Key.Key_Plus: _KEY_ZOOM,
    Qt.Key.Key_Equal: _KEY_ZOOM,
    Qt.Key.Key_Minus: 1 / _KEY_ZOOM,
    Qt.Key.Key_Underscore: 1 / _KEY_ZOOM,
}
NO_FIELD = (np.zeros((0, 2)), np.zeros((0, 2)))
_CACHE_KB = 64 * 1024


class SurfacePlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws what it is told, and says what the person does to it.

    ``pointed`` carries the place under the pointer or None; ``clicked`` the place; ``moved`` says
    that the person changed the range; ``settled`` that range or size have changed by anybody.
    """

    pointed = Signal(object)
    clicked = Signal(object)
    menu_asked = Signal(object, QPoint)
    moved = Signal()
    settled = Signal()
    fit_asked = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.bottom, self.left = ValueAxis("bottom"), ValueAxis()
        axes = {"bottom": self.bottom, "left": self.left}
        super().__init__(parent, axisItems=axes, viewBox=SurfaceBox())
        set_up(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.left.setWidth(theme.space(7.5))
        # Half a line above, or the uppermost number would be cut.
        self.getPlotItem().layout.setContentsMargins(0, theme.space(1), 0, 0)
        self._names = ("", "")
        self._hand: QPointF | None = None
        self._is_by_key = False
        self._add_items()
        self._connect()
        self.restyle()

    def _add_items(self) -> None:
        self.heat, self.contours, self.arrows = HeatItem(), ContourItem(), ArrowItem()
        self.paths, self.marks, self.pointer = PathsItem(), MarkItem(), PointerItem()
        self.veil, self.legend = Veil(), SurfaceLegend()
        for item in (
            self.heat,
            self.arrows,
            self.contours,
            self.veil,
            self.pointer,
            self.paths,
            self.marks,
        ):
            self.addItem(item, ignoreBounds=True)
        self.getPlotItem().layout.addItem(self.legend, 2, 3)
        self._keep(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    @contextmanager
    def drawn_anew(self) -> Iterator[None]:
        """Has everything painted at the size it is wanted in, for a picture larger than this."""
        self._keep(QGraphicsItem.CacheMode.NoCache)
        try:
            yield
        finally:
            self._keep(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def _keep(self, mode: QGraphicsItem.CacheMode) -> None:
        """Kept as painted, a picture costs next to nothing while a pointer moves over it."""
        # Qt's own limit of 10 MB is less than the layers of one large picture.
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE_KB))
        for item in (self.heat, self.arrows, self.contours, self.paths, self.marks):
            item.setCacheMode(mode)

    def _connect(self) -> None:
        self.scene().sigMouseMoved.connect(self._mouse_moved)
        self.scene().sigMouseClicked.connect(self._mouse_clicked)
        box = self.getViewBox()
        box.sigRangeChangedManually.connect(lambda _: self.moved.emit())
        box.sigRangeChanged.connect(lambda *_: self._range_changed())
        box.sigResized.connect(lambda _: self.settled.emit())

    def show_drawing(self, drawing: Drawing, *, arrows: bool) -> None:
        """Paints a surface, and names its axes."""
        surface = drawing.surface
        self.heat.show_heights(surface.x, surface.y, drawing.fine, drawing.limits)
        self.contours.show_contours(drawing.levels, drawing.texts, drawing.lines)
        # Downhill of a share classified right leads nowhere: it is flat but for its steps.
        slopes = drawing.drawn if arrows and drawing.quantity != "accuracy" else None
        self.arrows.show_field(*(field(surface, slopes) if slopes is not None else NO_FIELD))
        ticks = [
            (level.share, text) for level, text in zip(drawing.levels, drawing.texts, strict=True)
        ]
        self.legend.show_scale(quantity_name(drawing.quantity), ticks)
        self.name_axes(*(translated(title) for title in surface.plane.titles))

    def show_paths(self, paths: tuple[PathView, ...], plane: PlaneView) -> None:
        """Paints paths, and the plane's names off them."""
        self.paths.show_paths(paths, plane)
        shown = [path for path in paths if len(path.points)]
        self.marks.show_marks(
            plane.marks,
            [path.points[: path.at % len(path.points) + 1] for path in shown],
            [descent_of(path, plane) for path in shown],
        )

    def place_labels(self) -> None:
        """Finds room for the contours' values in the range shown, clear of paths and names."""
        frame = self.frame
        marks = [np.array([[x, y]]) for _, x, y in self.marks.marks] + self.marks.rooms(frame)
        self.contours.place(frame, [*(path.points for path in self.paths.paths), *marks])

    def name_axes(self, bottom: str, left: str) -> None:
        """Says along what the plane is looked at."""
        if (bottom, left) != self._names:
            self._names = (bottom, left)
            self._label_axes()

    @property
    def window_shown(self) -> Window:
        """The part of the plane that is seen."""
        (left, right), (bottom, top) = self.getViewBox().viewRange()
        return Window(float(left), float(right), float(bottom), float(top))

    def show_window(self, window: Window) -> None:
        """Looks at another part of the plane."""
        wanted = [[window.left, window.right], [window.bottom, window.top]]
        box = self.getViewBox()
        if box.viewRange() != wanted:
            box.setRange(xRange=wanted[0], yRange=wanted[1], padding=0, disableAutoRange=True)

    @property
    def frame(self) -> Frame:
        """How the plane's units become pixels at present."""
        shown, size = self.window_shown, self.getViewBox().size()
        width, height = max(1.0, size.width()), max(1.0, size.height())
        scale = (width / shown.width, height / shown.height)
        return Frame(shown.left, shown.bottom, scale, (width, height))

    def pixel_of(self, point: Point) -> QPoint:
        """Where a place of the plane lies in this widget."""
        at = self.getViewBox().mapViewToScene(QPointF(*point))
        return QPoint(self.mapFromScene(at))

    def pan(self, right: float, up: float) -> None:
        """Moves what is seen by shares of its size."""
        shown = self.window_shown
        self.getViewBox().translateBy(x=right * shown.width, y=up * shown.height)
        self.moved.emit()

    def zoom(self, factor: float) -> None:
        """Shows so many times as much, about the middle."""
        if self.getViewBox().has_room(factor):
            self.getViewBox().scaleBy((factor, factor))
            self.moved.emit()

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        restyle(self, (self.bottom, self.left))
        self._label_axes()
        self.legend.update()
        self.scene().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, plus and minus, Home; the rest is not for a picture."""
        key = Qt.Key(event.key())
        if key in _WAYS:
            self.pan(*_WAYS[key])
        elif key in _ZOOMS:
            self.zoom(_ZOOMS[key])
        elif key == Qt.Key.Key_Home:
            self.fit_asked.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
            event.ignore()
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fits the range again."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit_asked.emit()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the right button where it was pressed, by a key in the middle of the picture."""
        box = self.getViewBox()
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        scene = box.sceneBoundingRect().center() if by_key else self.mapToScene(event.pos())
        if box.sceneBoundingRect().contains(scene):
            at = self.viewport().mapToGlobal(self.mapFromScene(scene))
            self.menu_asked.emit(self._place(scene), at)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame is for those who came by key: others see where they clicked."""
        self._is_by_key = event.reason() in BY_KEY
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame goes."""
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, and the frame of who has the keys."""
        super().paintEvent(event)
        if self.hasFocus() and self._is_by_key:
            painter = QPainter(self.viewport())
            painter.setPen(pen(theme.current().accent, 1))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
            painter.end()

    def leaveEvent(self, event: QEvent) -> None:
        """No pointer, no reading."""
        self._hand = None
        self.pointed.emit(None)
        super().leaveEvent(event)

    def _label_axes(self) -> None:
        style: dict[str, Any] = {"color": theme.current().text_dim}
        for axis, name in zip((self.bottom, self.left), self._names, strict=True):
            axis.setLabel(name, **style)
            axis.resizeEvent()  # or a shorter name stands where the longer one began

    def _place(self, scene: QPointF) -> Point:
        point = self.getViewBox().mapSceneToView(scene)
        return float(point.x()), float(point.y())

    def _mouse_moved(self, position: QPointF) -> None:
        inside = self.getViewBox().sceneBoundingRect().contains(position)
        self._hand = position if inside else None
        self.pointed.emit(self._place(position) if inside else None)

    def _range_changed(self) -> None:
        """Under a pointer that rests there is another place now."""
        if self._hand is not None:
            self.pointed.emit(self._place(self._hand))
        self.settled.emit()

    def _mouse_clicked(self, event: Any) -> None:
        inside = self.getViewBox().sceneBoundingRect().contains(event.scenePos())
        if inside and event.button() == Qt.MouseButton.LeftButton and not event.double():
            self.clicked.emit(self._place(event.scenePos()))
