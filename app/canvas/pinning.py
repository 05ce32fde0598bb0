"""Where the card is, and what it speaks of: the place under the pointer, or the one pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF

from app.canvas.card.card import Card
from app.canvas.model.layout import Box, centre_of, line_of
from app.canvas.paint.drawing import rect
from app.link.focus import Spot

if TYPE_CHECKING:
    from app.canvas.view import GraphView


class Pinning:
    """The card of one view.

    Attributes:
        card: Hidden while it speaks of nothing.
        spot: The place it is pinned to; None while it follows the pointer.
    """

    def __init__(self, view: GraphView) -> None:
        self._view = view
        self._pointed: Spot | None = None
        self.spot: Spot | None = None
        self.card = Card(view)
        self.card.wanted.connect(view.send)
        self.card.picked.connect(self._go)
        self.card.weights.grid.pointed.connect(view.point)
        self.card.closed.connect(self._closed)

    def pin(self, spot: Spot) -> None:
        """Keeps the card at a place, with what can be changed there."""
        self.spot = spot
        self._show(spot, self._box_of(spot))

    def follow(self, spot: Spot | None, pointer: QPoint) -> None:
        """Speaks of what is under the pointer, unless it is pinned."""
        if self.spot is not None:
            return
        self._pointed = spot
        if spot is None:
            self.card.put_away()
        else:
            self._show(spot, QRect(pointer, pointer))

    def refresh(self) -> None:
        """Shows the numbers of now, without moving."""
        spot = self.spot or self._pointed
        if spot is not None and not self.card.isHidden():
            self._show(spot, None)

    def replace(self) -> None:
        """The picture has moved: so does a pinned card."""
        if self.spot is not None:
            self._show(self.spot, self._box_of(self.spot))

    def release(self) -> None:
        """Puts the card away, pinned or not."""
        self.spot = self._pointed = None
        self.card.put_away()

    def _go(self, spot: Spot, add: bool) -> None:
        """A weight in the card's picture is picked: the card stays where it is, and tells of it.

        Of a second one, picked beside the first, it does not.
        """
        if add:
            self._view.focus.select(spot, add=True)
            return
        self.spot = spot
        self._view.select(spot)
        self._show(spot, None)
        self.card.stay_inside()

    def _closed(self) -> None:
        if self.spot is not None:
            self.spot = None
            self._view.setFocus()

    def _show(self, spot: Spot, around: QRect | None) -> None:
        facts = self._view.state.facts(spot)
        if facts is None:
            self.release()
            return
        self.card.show_facts(facts, pinned=spot == self.spot)
        if around is not None:
            self.card.place(around)

    def _box_of(self, spot: Spot) -> QRect | None:
        box = box_of(self._view, spot)
        return None if box is None else box.toRect()


def box_of(view: GraphView, spot: Spot) -> QRectF | None:
    """Where a place is drawn, in pixels; None if it is not."""
    layout, viewport = view.state.layout, view.viewport
    centre, line = centre_of(layout, spot), line_of(layout, spot)
    if spot.source is not None and line is None:
        return box_of(view, Spot(spot.path, spot.unit))
    index = layout.index_of(spot.path)
    grid = layout.columns[index].grid if index is not None else None
    if centre is not None:
        x, y = centre - layout.radius
        return rect(viewport.box(Box(x, y, 2 * layout.radius, 2 * layout.radius)))
    if line is not None:
        x1, y1, x2, y2 = line
        return rect(viewport.box(Box((x1 + x2) / 2, (y1 + y2) / 2, 1.0, 1.0)))
    if index is None or grid is None or spot.unit >= grid.shape[0]:
        return None
    left, top = grid.corner(spot.unit, *(spot.pixel or (0, 0)))
    box = layout.columns[index].box
    return rect(viewport.box(Box(box.x + left, box.y + top, grid.cell, grid.cell)))
