"""Where the card is, and what it speaks of: the place under the pointer, or the one pinned."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtWidgets import QWidget

from app.canvas.card.card import Card
from app.canvas.control import Control
from app.canvas.model.layout import Box, line_of
from app.canvas.paint.drawing import rect
from app.link.focus import Spot


class Pinning:
    """The card over one painted graph; ``card`` is hidden while it speaks of nothing."""

    def __init__(self, control: Control, graph: QWidget) -> None:
        self._control, self._graph = control, graph
        self._pointed: Spot | None = None
        self.card = Card(graph)
        self.card.wanted.connect(control.send)
        self.card.picked.connect(self._go)
        self.card.weights.grid.pointed.connect(control.point)
        self.card.closed.connect(self._closed)
        control.card_pinned.connect(self._pin)
        control.card_released.connect(self._release)
        control.changed.connect(self._refresh)
        control.moved.connect(self._replace)

    def follow(self, spot: Spot | None, pointer: QPoint) -> None:
        """Speaks of what is under the pointer, unless it is pinned."""
        if self._control.pinned is not None:
            return
        self._pointed = spot
        if spot is None:
            self.card.put_away()
        else:
            self._show(spot, QRect(pointer, pointer))

    def _pin(self, with_keyboard: bool) -> None:
        self._replace()
        if with_keyboard:
            self.card.start()

    def _release(self) -> None:
        self._pointed = None
        self.card.put_away()

    def _refresh(self) -> None:
        """Shows the numbers of now, without moving."""
        spot = self._control.pinned or self._pointed
        if spot is not None and not self.card.isHidden():
            self._show(spot, None)

    def _replace(self) -> None:
        """The picture has moved: so does a pinned card."""
        spot = self._control.pinned
        if spot is not None:
            box = box_of(self._control, spot)
            self._show(spot, None if box is None else box.toRect())

    def _go(self, spot: Spot, add: bool) -> None:
        """A weight in the card's picture is picked: the card stays where it is, and tells of it.

        Of a second one, picked beside the first, it does not.
        """
        if add:
            self._control.focus.select(spot, add=True)
            return
        self._control.pinned = spot
        self._control.select(spot)
        self._show(spot, None)
        self.card.stay_inside()

    def _closed(self) -> None:
        if self._control.pinned is not None:
            self._control.pinned = None
            self._graph.setFocus()

    def _show(self, spot: Spot, around: QRect | None) -> None:
        facts = self._control.state.facts(spot)
        if facts is None:
            self._control.release()
            return
        self.card.show_facts(facts, pinned=spot == self._control.pinned)
        if around is not None:
            self.card.place(around)


def box_of(control: Control, spot: Spot) -> QRectF | None:
    """Where a place is drawn, in pixels; None if it is not."""
    layout = control.state.layout
    index, line = layout.index_of(spot.path), line_of(layout, spot)
    if index is None:
        return None
    column = layout.columns[index]
    box, grid = column.box_of(spot.unit), column.grid
    if line is not None:
        x1, y1, x2, y2 = line
        box = Box((x1 + x2) / 2, (y1 + y2) / 2, 1.0, 1.0)
    elif box is not None and grid is not None:
        pixel = spot.pixel if spot.source is None else None
        left, top = grid.corner(spot.unit, *(pixel or (0, 0)))
        box = Box(column.box.x + left, column.box.y + top, grid.cell, grid.cell)
    return None if box is None else rect(control.viewport.box(box))
