"""The painted graph: shows what the control holds, and hands mouse and keys on to it."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.canvas import keys
from app.canvas.column_buttons import ColumnButtons
from app.canvas.control import Control
from app.canvas.gestures import Gesture, begin, double_click
from app.canvas.hits import Hit
from app.canvas.menu import open_menu
from app.canvas.paint.painter import GraphPainter
from app.canvas.paint.picture import Paper, Picture
from app.canvas.pinning import Pinning
from app.kit import theme
from app.kit.scaling import as_picture

ARROW_SECONDS = 0.04
"""From one picture of moving arrows to the next."""


class Arrows(QObject):
    """Runs from 0 to 1 once a step; ``moved`` asks for a new picture, some times a second."""

    moved = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run = QVariantAnimation(self)
        self._run.setStartValue(0.0)
        self._run.setEndValue(1.0)
        self._run.valueChanged.connect(self._move)
        self._moved_at = 0.0

    @property
    def way(self) -> float:
        """How far they have come, 0 to 1; 1 where nothing runs."""
        running = self._run.state() == QVariantAnimation.State.Running
        return float(self._run.currentValue()) if running else 1.0

    def start(self) -> None:
        """From the beginning; with reduced motion they are there at once."""
        self._run.stop()
        if theme.animation_ms():
            self._run.setDuration(theme.animation_ms())
            self._run.start()

    def stop(self) -> None:
        """They are there."""
        self._run.stop()

    def _move(self, way: float) -> None:
        """The whole picture is painted each time, so not with every tick."""
        if way >= 1.0 or perf_counter() - self._moved_at > ARROW_SECONDS:
            self._moved_at = perf_counter()
            self.moved.emit()


class GraphView(QWidget):
    """Paints the network.

    Attributes:
        control: What it shows, and what the mouse and the keys act on.
        buttons: Under the columns.
        pinning: Has the card follow the pointer, or a place.
        card: The card itself.
        arrows: That run along the edges.
        gesture: What the mouse does while a button is down.
    """

    def __init__(self, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.graph")
        self.setAccessibleName(self.tr("The network as a graph"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        as_picture(self).setMinimumSize(theme.gap(30), theme.gap(16))
        self.control = control
        self.painter = GraphPainter()
        self.buttons = ColumnButtons(control, self)
        self.pinning = Pinning(control, self)
        self.card = self.pinning.card
        self.arrows = Arrows(self)
        self.gesture: Gesture | None = None
        self._by_key = False
        control.advanced.connect(self._run_arrows)
        control.changed.connect(self.update)
        control.moved.connect(self.update)
        self.arrows.moved.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.fillRect(self.rect(), tokens.surface)
        if self.control.state.is_empty:
            painter.setPen(tokens.text_dim)
            text = self.tr("The network appears here once its data is loaded.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
            return
        view = self.control.viewport
        paper = Paper(painter, view, tokens, self.size(), self.devicePixelRatioF())
        self.painter.paint(paper, self._picture())
        if self.gesture is not None:
            self.gesture.paint(painter)
        if self.hasFocus() and self._by_key:
            painter.setPen(tokens.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self.control.set_size(self.size())

    def changeEvent(self, event: QEvent) -> None:
        """Places the network anew where text has another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "painter"):
            self.control.relayout()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120
        if turns:
            self.control.zoom(1.2**turns, event.position().x(), event.position().y())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.gesture = begin(self.control, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Goes on with the gesture; without one, says what lies under the pointer."""
        if self.gesture is None:
            self._hover_at(event.position().toPoint())
            return
        self.gesture.move(event)
        if self.gesture.is_drag:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.release(event)
            self.unsetCursor()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        double_click(self.control, event)

    def leaveEvent(self, _event: QEvent) -> None:
        if self.control.pinned is None:
            self.control.release()
        self.control.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.press(self.control, event) and not self.card.take(event.text()):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A ring says where the keys go, for those who came by key."""
        by_key = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_key = event.reason() in by_key
        super().focusInEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        found, selected = self.control.hit(event.pos()), self.control.selected
        if event.reason() == QContextMenuEvent.Reason.Keyboard and selected is not None:
            found = Hit(selected, self.control.state.layout.index_of(selected.path))
        open_menu(self.control, self, found, event.globalPos())

    def _picture(self) -> Picture:
        state, focus = self.control.state, self.control.focus
        return Picture(
            state.snapshot, state.layout, state.scene, state.numbers, state.colouring,
            state.sample, focus.selected, focus.hovered, self.arrows.way, focus.lit,
        )  # fmt: skip

    def _run_arrows(self, gone_on: bool) -> None:
        self.arrows.stop()
        if gone_on and self.isVisible():
            self.arrows.start()

    def _hover_at(self, position: QPoint) -> None:
        found = self.control.hit(position)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor
            if found.spot is not None or (found.heading and self.control.editable)
            else Qt.CursorShape.ArrowCursor
        )
        self.control.point(found.spot)
        self.pinning.follow(found.spot, position)
