"""The painted graph: shows the state, and lets gestures, keys and the card act on it."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

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
from app.canvas.card.card import Card
from app.canvas.column_buttons import ColumnButtons
from app.canvas.gestures import Gesture, begin, double_click
from app.canvas.hits import Hit, hit
from app.canvas.menu import open_menu
from app.canvas.model.colouring import Colouring
from app.canvas.model.state import WHOLE_AT_MOST, GraphState
from app.canvas.model.viewport import Viewport, fit
from app.canvas.paint.drawing import Paper
from app.canvas.paint.headings import WORDS
from app.canvas.paint.legend import HEIGHT as LEGEND
from app.canvas.paint.painter import GraphPainter, Picture
from app.canvas.pinning import Pinning
from app.kit import theme
from app.link.focus import Spot
from core.experiment.layers import Path
from core.messages.commands import Command
from core.messages.record import Stepping
from core.messages.snapshot import Snapshot
from core.sentence import Sentence

if TYPE_CHECKING:
    from app.link.bridge import Bridge

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
    """Paints the network. ``refused`` carries why an edit cannot be made, for a line of text."""

    refused = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.graph")
        self.setAccessibleName(self.tr("The network as a graph"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(theme.space(30), theme.space(24))
        self.bridge, self.focus = bridge, bridge.focus
        self.state = GraphState(bridge.snapshot)
        self.state.set_sample(self.focus.sample)
        self.editable = False
        self.viewport = Viewport()
        self.painter = GraphPainter()
        self.gesture: Gesture | None = None
        self.pinning = Pinning(self)
        self.buttons = ColumnButtons(self)
        self._is_fitted = True
        self._by_key = False
        self._hover: Spot | None = None
        self._arrows = Arrows(self)
        self._arrows.moved.connect(self.update)
        bridge.snapshot_changed.connect(self.show_snapshot)
        # What comes next should not wait for the way that led here.
        bridge.dispatched.connect(self._arrows.stop)
        self.focus.changed.connect(self._focus_changed)

    @property
    def snapshot(self) -> Snapshot:
        """The one that is shown."""
        return self.state.snapshot

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the network; at no cost where nothing of it changed."""
        before = self.snapshot.stepping
        columns, shown = self.state.present(snapshot)
        if columns:
            self.pinning.release()
            self.relayout()
        if shown or columns:
            self._run_arrows(before, snapshot.stepping)
            self.pinning.refresh()
            self.update()

    def set_editable(self, editable: bool) -> None:
        """Whether layers can be added, removed, moved and changed here."""
        self.editable = editable
        self.buttons.refresh()

    def set_colouring(self, colouring: Colouring) -> None:
        """What colours stand for."""
        self.state.set_colouring(colouring)
        self.pinning.refresh()
        self.update()

    def send(self, command: Command | Sentence | None) -> None:
        """Sends a command; says a refusal instead, and nothing for nothing."""
        if isinstance(command, Sentence):
            self.refused.emit(command)
        elif command is not None:
            self.refused.emit(None)
            self.bridge.dispatch(command)

    def hit(self, position: QPoint) -> Hit:
        """What lies at a pixel."""
        if self.state.is_empty:
            return Hit()
        return hit(self.state.layout, self.viewport, position.x(), position.y())

    def fit(self) -> None:
        """Shows the whole network, and goes on doing so when the window changes its size."""
        self._is_fitted = True
        self.relayout()

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Larger or smaller around a pixel; around the middle, if none is given."""
        middle = self.rect().center()
        at = (middle.x() if x is None else x, middle.y() if y is None else y)
        self.look(self.viewport.zoomed(factor, *at))

    def look(self, viewport: Viewport) -> None:
        """Looks at another part."""
        self._is_fitted = False
        self._take_view(viewport)

    def relayout(self) -> None:
        """Places everything anew in the room there is."""
        if self.state.is_empty:
            return
        room = (float(self.width()), float(self.height() - WORDS - LEGEND))
        if self._is_fitted:
            self.state.set_room(*room)
            view = fit(self.state.layout.bounds, *room)
            self._take_view(view.moved(0, WORDS))
        else:
            self._take_view(self.viewport)

    def toggle_open(self, path: Path, *, whole: bool = False) -> None:
        """Opens a block into its strongest units, or into all of them; or closes it again."""
        index = self.state.layout.index_of(path)
        column = self.state.layout.columns[index] if index is not None else None
        if column is None:
            return
        if whole and column.stage.units <= WHOLE_AT_MOST:
            self.state.open(path, range(column.stage.units))
        else:
            self.state.open(path, () if path in self.state.opened else self.state.strongest(path))
        self.relayout()

    def select(self, spot: Spot | None, *, add: bool = False) -> None:
        """Picks a place, for all views; the card stays with the place it is pinned to."""
        if spot is None or spot != self.pinning.spot:
            self.pinning.release()
        self.focus.select(spot, add=add)

    def point(self, spot: Spot | None) -> None:
        """Says, to all views, what lies under the pointer."""
        if spot != self._hover:
            self._hover = spot
            self.focus.hover(spot)

    @property
    def card(self) -> Card:
        """The card of the place pointed at, or pinned."""
        return self.pinning.card

    @property
    def way(self) -> float:
        """How far the arrows have come, 0 to 1."""
        return self._arrows.way

    @property
    def selected(self) -> Spot | None:
        """The place picked last."""
        return self.focus.selected[-1] if self.focus.selected else None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, or that there is none yet."""
        painter = QPainter(self)
        tokens = theme.current()
        painter.fillRect(self.rect(), tokens.surface)
        if self.state.is_empty:
            painter.setPen(tokens.text_dim)
            text = self.tr("The network appears here once its data is loaded.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
            return
        paper = Paper(painter, self.viewport, tokens, self.size(), self.devicePixelRatioF())
        self.painter.paint(paper, self._picture())
        if self.gesture is not None:
            self.gesture.paint(painter, tokens)
        if self.hasFocus() and self._by_key:
            painter.setPen(tokens.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keeps the whole in view, unless a person looks at a part."""
        self.relayout()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms to the pointer."""
        turns = event.angleDelta().y() / 120
        if turns:
            self.zoom(1.2**turns, event.position().x(), event.position().y())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins a gesture."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.gesture = begin(self, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Goes on with the gesture; without one, says what lies under the pointer."""
        if self.gesture is not None:
            self.gesture.move(event)
            self.update()
        else:
            self._hover_at(event.position().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends the gesture."""
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.release(event)
            self.unsetCursor()
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens a block, or fits the view."""
        double_click(self, event)

    def leaveEvent(self, _event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        if self.pinning.spot is None:
            self.pinning.release()
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All that the mouse can do."""
        if not keys.press(self, event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A ring says where the keys go, for those who came by key."""
        by_key = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_key = event.reason() in by_key
        super().focusInEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of what lies there."""
        found = self.hit(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.selected is not None:
            found = Hit(self.selected, self.state.layout.index_of(self.selected.path))
        open_menu(self, found, event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours."""
        self.update()
        super().changeEvent(event)

    def _picture(self) -> Picture:
        state = self.state
        return Picture(
            state.snapshot, state.layout, state.scene, state.numbers,
            state.colouring.reach, state.sample, self.focus.selected, self.focus.hovered,
            state.colouring.edges, self.way,
        )  # fmt: skip

    def _take_view(self, viewport: Viewport) -> None:
        self.viewport = viewport
        self.buttons.refresh()
        self.pinning.replace()
        self.update()

    def _run_arrows(self, before: Stepping | None, now: Stepping | None) -> None:
        moved = now is not None and (before is None or before.place != now.place)
        self._arrows.stop()
        if moved and self.isVisible():
            self._arrows.start()

    def _focus_changed(self) -> None:
        self.state.set_sample(self.focus.sample)
        self.pinning.refresh()
        self.update()

    def _hover_at(self, position: QPoint) -> None:
        found = self.hit(position)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor
            if found.spot is not None or (found.heading and self.editable)
            else Qt.CursorShape.ArrowCursor
        )
        self.point(found.spot)
        self.pinning.follow(found.spot, position)
