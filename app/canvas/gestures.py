"""The mouse on the graph: one small class a gesture."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from app.canvas.control import Control
from app.canvas.dragging import Gap, gap_in_row, paint_drag
from app.canvas.hits import first_of
from app.canvas.model.edits import moved
from app.canvas.model.words import stage_name
from app.link.focus import Spot


class Gesture:
    """What the mouse does between press and release; ``is_drag`` once it has gone far enough."""

    def __init__(self, control: Control, start: QPoint) -> None:
        self._control, self._start = control, start
        self.is_drag = False

    def move(self, event: QMouseEvent) -> None:
        """The mouse has moved."""
        position = event.position().toPoint()
        far = (position - self._start).manhattanLength() >= QApplication.startDragDistance()
        self.is_drag = self.is_drag or far
        if self.is_drag:
            self.drag(position)

    def release(self, event: QMouseEvent) -> None:
        """The button is up again."""
        if self.is_drag:
            self.drop()
        else:
            self.click(add=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def drag(self, position: QPoint) -> None:
        """On the way, once it has gone far enough not to be a click."""

    def drop(self) -> None:
        """At the end of a drag."""

    def click(self, *, add: bool) -> None:
        """Released where it was pressed."""

    def paint(self, painter: QPainter) -> None:
        """What the gesture itself shows, over the graph."""


class Pan(Gesture):
    """Moves the picture; a mere click on the ground picks nothing."""

    def __init__(self, control: Control, start: QPoint) -> None:
        super().__init__(control, start)
        self._before = control.viewport

    def drag(self, position: QPoint) -> None:
        way = position - self._start
        self._control.look(self._before.moved(way.x(), way.y()))

    def click(self, *, add: bool) -> None:
        self._control.select(None)


class Select(Pan):
    """Picks a place without a card, so that the keyboard can go on there; or moves the picture.

    With Shift it is picked beside the one before.
    """

    def __init__(self, control: Control, start: QPoint, spot: Spot) -> None:
        super().__init__(control, start)
        self._spot = spot

    def click(self, *, add: bool) -> None:
        self._control.select(self._spot, add=add)


class Pick(Select):
    """Picks a place and pins its card, but not of a second one; dragged, it moves the picture."""

    def click(self, *, add: bool) -> None:
        super().click(add=add)
        if not add:
            self._control.pin(self._spot)


class MoveColumn(Gesture):
    """Drags a layer by its heading to another place in its row."""

    def __init__(self, control: Control, start: QPoint, column: int) -> None:
        super().__init__(control, start)
        self._column = control.state.layout.columns[column]
        self._gap: Gap | None = None
        self._at = start

    def drag(self, position: QPoint) -> None:
        x, _ = self._control.viewport.to_world(position.x(), position.y())
        self._at = position
        self._gap = gap_in_row(self._control.state.layout, self._column.path[:-1], x)

    def drop(self) -> None:
        path = self._column.path
        if self._gap is None or not path:
            return
        to = self._gap.index - (1 if self._gap.index > path[-1] else 0)
        edit = moved(self._control.snapshot.spec, path, to)
        if edit is not None:
            self._control.select(None)
        self._control.send(edit)

    def click(self, *, add: bool) -> None:
        """Picks the column's first number, for the keyboard to go on from."""
        self._control.select(first_of(self._column))

    def paint(self, painter: QPainter) -> None:
        if self._gap is not None and self.is_drag:
            name = stage_name(self._column.stage)
            paint_drag(painter, self._control, self._gap, name, self._at)


def begin(control: Control, event: QMouseEvent) -> Gesture | None:
    """The gesture that a press begins."""
    position = event.position().toPoint()
    if event.button() == Qt.MouseButton.MiddleButton:
        return Pan(control, position)
    if event.button() != Qt.MouseButton.LeftButton:
        return None
    found = control.hit(position)
    if found.spot is not None:
        return Pick(control, position, found.spot)
    if found.heading and found.column is not None:
        if control.editable and found.column > 0:
            return MoveColumn(control, position, found.column)
        return Select(control, position, first_of(control.state.layout.columns[found.column]))
    return Pan(control, position)


def double_click(control: Control, event: QMouseEvent) -> None:
    """A block opens, an opened one closes by its heading, the ground fits the view."""
    found = control.hit(event.position().toPoint())
    if event.button() != Qt.MouseButton.LeftButton:
        return
    if found.column is None:
        if found.spot is None:
            control.fit()
        return
    column = control.state.layout.columns[found.column]
    if column.is_block or column.path in control.state.opened:
        control.release()
        control.toggle_open(column.path)
