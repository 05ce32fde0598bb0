"""The mouse on the graph: one small class a gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication

from app.canvas.dragging import Gap, gap_in_row, paint_gap
from app.canvas.hits import Hit, first_of
from app.canvas.model.edits import moved
from app.canvas.model.words import stage_name
from app.kit.theme import Theme
from app.link.focus import Spot

if TYPE_CHECKING:
    from app.canvas.view import GraphView


class Gesture:
    """What the mouse does between press and release."""

    def __init__(self, view: GraphView, start: QPoint) -> None:
        self._view = view
        self._start = start
        self._is_drag = False

    def move(self, event: QMouseEvent) -> None:
        """The mouse has moved."""
        position = event.position().toPoint()
        far = (position - self._start).manhattanLength() >= QApplication.startDragDistance()
        self._is_drag = self._is_drag or far
        if self._is_drag:
            self.drag(position)

    def release(self, event: QMouseEvent) -> None:
        """The button is up again."""
        if self._is_drag:
            self.drop(event.position().toPoint())
        else:
            add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.click(event.position().toPoint(), add=add)

    def drag(self, position: QPoint) -> None:
        """On the way, once it has gone far enough not to be a click."""

    def drop(self, position: QPoint) -> None:
        """At the end of a drag."""

    def click(self, position: QPoint, *, add: bool) -> None:
        """Released where it was pressed."""

    def paint(self, painter: QPainter, tokens: Theme) -> None:
        """What the gesture itself shows, over the graph."""


class Pan(Gesture):
    """Moves the picture; a mere click on the ground picks nothing."""

    def __init__(self, view: GraphView, start: QPoint) -> None:
        super().__init__(view, start)
        self._before = view.viewport

    def drag(self, position: QPoint) -> None:
        """The picture follows."""
        self._view.setCursor(Qt.CursorShape.ClosedHandCursor)
        way = position - self._start
        self._view.look(self._before.moved(way.x(), way.y()))

    def click(self, position: QPoint, *, add: bool) -> None:
        """Lets go of what was picked."""
        self._view.select(None)


class Pick(Pan):
    """Picks a place and pins its card; dragged, it moves the picture."""

    def __init__(self, view: GraphView, start: QPoint, spot: Spot) -> None:
        super().__init__(view, start)
        self._spot = spot

    def click(self, position: QPoint, *, add: bool) -> None:
        """With Shift beside the place picked before, and without a card."""
        self._view.select(self._spot, add=add)
        if not add:
            self._view.pinning.pin(self._spot)


class MoveColumn(Gesture):
    """Drags a layer by its heading to another place in its row."""

    def __init__(self, view: GraphView, start: QPoint, column: int) -> None:
        super().__init__(view, start)
        self._column = column
        self._gap: Gap | None = None
        self._at = start

    def drag(self, position: QPoint) -> None:
        """Shows where it would land."""
        self._view.setCursor(Qt.CursorShape.ClosedHandCursor)
        column = self._view.state.layout.columns[self._column]
        x, _ = self._view.viewport.to_world(position.x(), position.y())
        self._at = position
        self._gap = gap_in_row(self._view.state.layout, column.path[:-1], x)

    def drop(self, position: QPoint) -> None:
        """Moves it there."""
        path = self._view.state.layout.columns[self._column].path
        if self._gap is None or not path:
            return
        to = self._gap.index - (1 if self._gap.index > path[-1] else 0)
        edit = moved(self._view.snapshot.spec, path, to)
        if edit is not None:
            self._view.select(None)
        self._view.send(edit)

    def click(self, position: QPoint, *, add: bool) -> None:
        """Picks the column's first number, for the keyboard to go on from."""
        self._view.select(first_of(self._view.state.layout.columns[self._column]))

    def paint(self, painter: QPainter, tokens: Theme) -> None:
        """The gap, and the heading under the pointer."""
        if self._gap is None or not self._is_drag:
            return
        paint_gap(painter, self._view.viewport, self._view.state.layout, self._gap, tokens)
        painter.setPen(QPen(QColor(tokens.accent), 1.5))
        painter.setBrush(QColor(tokens.surface))
        name = stage_name(self._view.state.layout.columns[self._column].stage)
        area = painter.fontMetrics().boundingRect(name).adjusted(-10, -6, 10, 6)
        area.moveCenter(self._at)
        painter.drawRoundedRect(area, 6, 6)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, name)


def begin(view: GraphView, event: QMouseEvent) -> Gesture | None:
    """The gesture that a press begins."""
    position = event.position().toPoint()
    if event.button() == Qt.MouseButton.MiddleButton:
        return Pan(view, position)
    if event.button() != Qt.MouseButton.LeftButton:
        return None
    found: Hit = view.hit(position)
    if found.spot is not None:
        return Pick(view, position, found.spot)
    if found.heading and found.column is not None:
        movable = view.editable and found.column > 0
        spot = first_of(view.state.layout.columns[found.column])
        return MoveColumn(view, position, found.column) if movable else Select(view, position, spot)
    return Pan(view, position)


class Select(Pan):
    """Picks a place without a card."""

    def __init__(self, view: GraphView, start: QPoint, spot: Spot) -> None:
        super().__init__(view, start)
        self._spot = spot

    def click(self, position: QPoint, *, add: bool) -> None:
        """So that the keyboard can go on from there."""
        self._view.select(self._spot, add=add)


def double_click(view: GraphView, event: QMouseEvent) -> None:
    """A block opens, an opened one closes by its heading, the ground fits the view."""
    found = view.hit(event.position().toPoint())
    if event.button() != Qt.MouseButton.LeftButton:
        return
    if found.column is None and found.spot is None:
        view.fit()
        return
    if found.column is None:
        return
    column = view.state.layout.columns[found.column]
    if column.is_block or column.path in view.state.opened:
        view.pinning.release()
        view.toggle_open(column.path)
