"""Widgets one behind another, in as many lines as they need."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QSpacerItem, QWidget

from app.kit import theme


@dataclass
class _Line:
    """What stands in one line, and how wide all of it is."""

    items: list[QLayoutItem] = field(default_factory=list)
    width: int = 0

    @property
    def height(self) -> int:
        return max((item.sizeHint().height() for item in self.items), default=0)


class FlowLayout(QLayout):
    """Fills a line, then begins the next, as words do; hidden things take no room.

    What grows in width, and a spring (an empty item that grows), shares what a line has left.

    Args:
        parent: The widget that it fills.
        gap: From one thing to the next, in units of the grid.
    """

    def __init__(self, parent: QWidget | None = None, gap: float = 0.5) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._high = 0
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        high = self._place(area, move=True)
        owner = self.parentWidget()
        if high != self._high and owner is not None:
            self._high = high
            owner.updateGeometry()  # who stands above and below learns of another line

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """As wide as the widest thing, and as high as its lines were when it was last laid out."""
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        return size.grownBy(self.contentsMargins()).expandedTo(QSize(0, self._high))

    def _lines(self, room: int) -> list[_Line]:
        """Which things share a line of so many pixels."""
        lines, gap = [_Line()], theme.gap(self._gap)
        for item in self._items:
            if item.isEmpty() and not _is_spring(item):
                continue
            width = item.sizeHint().width()
            line = lines[-1]
            if line.items and line.width + gap + width > room and not _is_spring(item):
                line = _Line()
                lines.append(line)
            line.width += width + (gap if line.items else 0)
            line.items.append(item)
        return lines

    def _place(self, area: QRect, *, move: bool) -> int:
        """Puts every widget into its line; gives the height of all lines and the margins."""
        around, gap = self.contentsMargins(), theme.gap(self._gap)
        inside = area.marginsRemoved(around)
        top = inside.top()
        for number, line in enumerate(self._lines(inside.width())):
            top += gap if number else 0
            if move:
                self._fill(line, QRect(inside.left(), top, inside.width(), line.height))
            top += line.height
        return top - area.top() + around.bottom()

    def _fill(self, line: _Line, area: QRect) -> None:
        """Gives everything in a line its place, in the middle of the line's height."""
        growing = [item for item in line.items if _grows(item)]
        rest, left = max(0, area.width() - line.width), area.left()
        for item in line.items:
            size = item.sizeHint()
            if item in growing:
                share = rest // len(growing)
                rest -= share
                growing.remove(item)
                most = max(item.maximumSize().width(), size.width())
                size.setWidth(min(size.width() + share, most))
            width = min(size.width(), area.width())
            middle = area.top() + (area.height() - size.height()) // 2
            item.setGeometry(QRect(QPoint(left, middle), QSize(width, size.height())))
            left += width + theme.gap(self._gap)


def _is_spring(item: QLayoutItem) -> bool:
    return isinstance(item, QSpacerItem)


def _grows(item: QLayoutItem) -> bool:
    return bool(item.expandingDirections() & Qt.Orientation.Horizontal)


def in_flow(
    *items: QWidget | QLayout | None,
    into: QWidget | None = None,
    around: tuple[float, float, float, float] = (0, 0, 0, 0),
    apart: float = 0.5,
) -> FlowLayout:
    """Things beside one another, in further lines where one has no room for all.

    Args:
        items: From left to right; a layout stays together in one line; None for what a line has
            left, so that what follows stands at its right end.
        into: The widget that they fill, if they are not a part of another layout.
        around: The margins: left, top, right, bottom.
        apart: From one to the next, and from line to line. Both in units of the grid.
    """
    flow = FlowLayout(into, apart)
    flow.setContentsMargins(*map(theme.gap, around))
    for item in items:
        if item is None:
            policy = QSizePolicy.Policy
            flow.addItem(QSpacerItem(0, 0, policy.Expanding, policy.Minimum))
        elif isinstance(item, QWidget):
            flow.addWidget(item)
        else:
            hold_together(flow, item)
    return flow


def hold_together(flow: FlowLayout, row: QLayout) -> None:
    """Adds things that never part: a field and what it is called."""
    flow.addChildLayout(row)
    flow.addItem(row)
