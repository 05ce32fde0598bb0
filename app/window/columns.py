"""Docks in columns: how they are placed, and how wide they stand in any window and any text."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from app.kit import theme
from app.window.docks import Dock
from app.window.perspectives import DockColumn, Perspective

_MOST, _MOST_IN_LOW, _LOW = 0.4, 0.26, 600
"""Of the height: so much has a dock below another at the most, since a low window has no more;
and where it has fewer pixels than that, in text of its own size, since the picture goes first."""

_LOST = 24
"""Pixels of a row of columns that borders may take."""

_NARROWEST = 0.5
"""Of its own width, as a perspective has it."""


@dataclass(frozen=True)
class ColumnWidths:
    """Those of a perspective's columns, and in what they were measured.

    Attributes:
        room: Pixels of the window.
        scale: Of the text.
        pixels: By the number of the column; one that is not shown has none.
    """

    room: int
    scale: float
    pixels: Mapping[int, int]

    def text(self) -> str:
        """To be kept in the settings."""
        pixels = {str(column): width for column, width in self.pixels.items()}
        return json.dumps({"room": self.room, "scale": self.scale, "pixels": pixels})

    @classmethod
    def read(cls, text: str) -> ColumnWidths | None:
        """What :meth:`text` has written; None where that cannot be read."""
        try:
            kept = json.loads(text)
            pixels = {int(column): int(width) for column, width in kept["pixels"].items()}
            return cls(int(kept["room"]), float(kept["scale"]), pixels)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def fits(self, room: int, scale: float) -> bool:
        """Whether they are as they were measured."""
        return (room, scale) == (self.room, self.scale)

    def in_room(
        self, columns: Sequence[DockColumn], shown: Sequence[int], room: int, scale: float
    ) -> list[int]:
        """The same in another room: what a person has made wider or narrower stays so.

        Args:
            columns: Of the perspective.
            shown: The numbers of those that are shown.
            room: Pixels of the window.
            scale: Of the text.

        Returns:
            Pixels of each column that is shown; the one that has no width of its own takes what
            the others leave.
        """
        grown = theme.gaps(scale) / theme.gaps(self.scale)
        widths = []
        for number in shown:
            column = columns[number]
            usual = column.width_in(room, scale)
            own = self.pixels.get(number, 0) - column.width_in(self.room, self.scale)
            known = usual and number in self.pixels
            widths.append(
                max(round(usual + own * grown), round(usual * _NARROWEST)) if known else usual
            )
        rest = max(room - sum(widths), 1) // max(widths.count(0), 1)
        return [width or rest for width in widths]


def measured(
    columns: Sequence[DockColumn], docks: Mapping[str, Dock], room: int, scale: float
) -> ColumnWidths | None:
    """How wide the columns stand; None where a person has put the docks in another order."""
    tops = tops_of(columns, docks)
    places = [dock.geometry() for dock in tops.values()]
    is_row = all(one.right() < other.left() for one, other in pairwise(places))
    is_whole = abs(sum(place.width() for place in places) - room) <= _LOST
    if not is_row or not is_whole:
        return None
    return ColumnWidths(room, scale, {number: dock.width() for number, dock in tops.items()})


def tops_of(columns: Sequence[DockColumn], docks: Mapping[str, Dock]) -> dict[int, Dock]:
    """The uppermost dock that is shown of each column, by the column's number."""
    shown = {
        number: [docks[name] for name in column.docks if _is_laid_out(docks[name])]
        for number, column in enumerate(columns)
    }
    return {number: found[0] for number, found in shown.items() if found}


def _is_laid_out(dock: Dock) -> bool:
    return not dock.isHidden() and not dock.isFloating()


def place(area: QMainWindow, docks: Mapping[str, Dock], perspective: Perspective) -> None:
    """Puts docks where the perspective has them, whatever their sizes."""
    areas, ways = Qt.DockWidgetArea, Qt.Orientation
    tops = [docks[column.docks[0]] for column in perspective.columns]
    area.addDockWidget(areas.LeftDockWidgetArea, tops[0])
    for left, right in pairwise(tops):
        area.splitDockWidget(left, right, ways.Horizontal)
    for column in perspective.columns:
        for above, below in pairwise(column.docks):
            area.splitDockWidget(docks[above], docks[below], ways.Vertical)
        for front, behind in column.tabs.items():
            for name in behind:
                area.tabifyDockWidget(docks[front], docks[name])
    for strip in perspective.strips:
        area.addDockWidget(areas.BottomDockWidgetArea, docks[strip], ways.Vertical)
    for name in docks.keys() - set(perspective.docks):
        # Hidden, but with a place: a remembered layout has to know every dock.
        area.addDockWidget(areas.RightDockWidgetArea, docks[name])


def measure(area: QMainWindow, docks: Mapping[str, Dock], perspective: Perspective) -> None:
    """Gives the docks that are shown the sizes that the perspective has for them."""
    tops = tops_of(perspective.columns, docks)
    wished = [perspective.columns[n].width_in(area.width(), theme.scale()) for n in tops]
    area.resizeDocks(list(tops.values()), _shares(wished, area.width()), Qt.Orientation.Horizontal)
    for column in perspective.columns:
        if len(column.docks) > 1:
            most = _MOST_IN_LOW if area.height() < theme.points(_LOW) else _MOST
            heights = _shares(column.heights, area.height(), most=most)
            area.resizeDocks(
                [docks[name] for name in column.docks], heights, Qt.Orientation.Vertical
            )


def _shares(sizes: Collection[int], whole: int, most: float = 1.0) -> list[int]:
    """Sizes as they are wished, none above its part of the whole; 0 is for what is left."""
    kept = [min(size, round(whole * most)) for size in sizes]
    rest = max(whole - sum(kept), 1) // max(kept.count(0), 1)
    return [size or rest for size in kept]
