"""A plane that is looked at by mouse and keys: which part of it is seen, and what is pointed at."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.plots.axes import plain_axes
from app.kit.plots.line_plot import Plot
from app.surface.shared.contours import Frame
from app.surface.shared.overlay import BY_KEY, pen
from core.messages.surface_commands import LEAST_RANGE, MOST_RANGE, Window

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

_LEAST, _MOST = 2 * LEAST_RANGE, MOST_RANGE / 2
"""Ranges beyond which the wheel leads nowhere: well within those that may be asked for."""


class PlaneBox(pg.ViewBox):  # type: ignore[misc]
    """Moved with the left button; the right one is for the menu."""

    def __init__(self) -> None:
        super().__init__()
        self.setLimits(minXRange=_LEAST, minYRange=_LEAST, maxXRange=_MOST, maxYRange=_MOST)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Leaves the right button alone."""
        if event.button() == Qt.MouseButton.RightButton:
            event.ignore()
        else:
            super().mouseDragEvent(event, axis)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Stops at the largest and smallest range; pyqtgraph would go on sideways there."""
        factor = 1.02 ** (event.delta() * self.state["wheelScaleFactor"])
        if self.has_room(factor):
            super().wheelEvent(event, axis)
        else:
            event.accept()

    def has_room(self, factor: float) -> bool:
        """Whether so many times as much can be shown."""
        sizes = (factor * (high - low) for low, high in self.viewRange())
        return all(_LEAST <= size <= _MOST for size in sizes)


class PlanePlot(Plot):
    """Says what the person does to a plane; what is on it, others draw.

    ``clicked`` carries the place; ``settled`` says that range or size have changed by anybody.
    """

    clicked = Signal(object)
    menu_asked = Signal(object, QPoint)
    settled = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(plain_axes(7.5), box=PlaneBox(), parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._hand: QPointF | None = None
        self._is_by_key = False
        self.scene().sigMouseClicked.connect(self._mouse_clicked)
        box = self.getViewBox()
        box.sigRangeChanged.connect(lambda *_: self._range_changed())
        box.sigResized.connect(lambda _: self.settled.emit())

    @property
    def window_shown(self) -> Window:
        """The part of the plane that is seen."""
        (left, right), (bottom, top) = self.getViewBox().viewRange()
        return Window(float(left), float(right), float(bottom), float(top))

    def show_window(self, window: Window) -> None:
        """Looks at another part of the plane."""
        self.show_range((window.left, window.right), (window.bottom, window.top))

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
        self.zoomed.emit()

    def zoom(self, factor: float) -> None:
        """Shows so many times as much, about the middle."""
        if self.getViewBox().has_room(factor):
            self.getViewBox().scaleBy((factor, factor))
            self.zoomed.emit()

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
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._is_by_key:
            painter = QPainter(self.viewport())
            painter.setPen(pen(theme.current().accent, 1))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
            painter.end()

    def leaveEvent(self, event: QEvent) -> None:
        self._hand = None
        super().leaveEvent(event)

    def _place(self, scene: QPointF) -> Point:
        point = self.getViewBox().mapSceneToView(scene)
        return float(point.x()), float(point.y())

    def _mouse_moved(self, position: QPointF) -> None:
        inside = self.getViewBox().sceneBoundingRect().contains(position)
        self._hand = position if inside else None
        super()._mouse_moved(position)

    def _range_changed(self) -> None:
        """Under a pointer that rests there is another place now."""
        if self._hand is not None:
            self.pointed.emit(self._place(self._hand))
        self.settled.emit()

    def _mouse_clicked(self, event: Any) -> None:
        inside = self.getViewBox().sceneBoundingRect().contains(event.scenePos())
        if inside and event.button() == Qt.MouseButton.LeftButton and not event.double():
            self.clicked.emit(self._place(event.scenePos()))
