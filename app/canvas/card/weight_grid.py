"""The painted weights of a card: a cell each, to point at, to pick, and to walk through by key."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.canvas.model.blocks import MapGrid, card_grid
from app.canvas.model.weights import Cell, WeightPicture
from app.canvas.paint.drawing import heat_image, outline, readable_on, short, signed
from app.canvas.paint.marks import draw_lock
from app.kit import theme
from app.kit.numbers import round_number

SIDE, SIDE_IN_PASSING = 252.0, 168.0
"""Pixels that the picture takes at most: on a pinned card, and on one that follows the pointer."""
LARGEST_CELL = 60.0
"""Pixels of a cell at most: a number in four digits, with its sign, fits into it."""
READABLE = 5
"""Rows and columns up to which a kernel's numbers are all written down."""
LEAST_WITH_NUMBER = 50.0
LEAST_WITH_LOCK = 16.0
POINTS = 7.0
RIM = 3
"""Pixels around the cells, for the frame of one at the edge."""

_WAYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_EDITS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)


class WeightGrid(QWidget):
    """Cells in the colours of their numbers.

    ``picked`` carries the place of a cell, and whether it is a second one beside the one picked
    before; ``pointed`` the place under the pointer, or None; ``typed`` what a person begins to
    write, which is nothing where only editing was asked for; ``turned`` how many kernels on.
    """

    picked = Signal(object, bool)
    pointed = Signal(object)
    typed = Signal(str)
    turned = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.card.weights.grid")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.weights: WeightPicture | None = None
        self._grid = card_grid((1,), 1.0, 1.0, 1.0)
        self._picture: QImage | None = None
        self._hovered: Cell | None = None

    def show_weights(self, weights: WeightPicture, *, pinned: bool) -> None:
        """Shows numbers; smaller on a card that only passes by."""
        self.weights, self._picture = weights, None
        side = SIDE if pinned else SIDE_IN_PASSING
        if pinned and weights.shape[0] == 1 and max(weights.shape) <= READABLE:
            side = READABLE * LARGEST_CELL
        self._grid = card_grid(weights.shape, side, side, LARGEST_CELL)
        if self._hovered is not None and any(np.array(self._hovered) >= weights.values.shape):
            self._hovered = None
        self.setFixedSize(
            *(round(side) + 2 * RIM for side in (self._grid.width, self._grid.height))
        )
        self.setAccessibleName(weights.title)
        current = weights.current
        self.setAccessibleDescription("" if current is None else weights.tell(current))
        self.update()

    def rect_of(self, cell: Cell) -> QRectF:
        """Where a cell is drawn."""
        x, y = self._grid.corner(*cell)
        return QRectF(RIM + x, RIM + y, self._grid.cell, self._grid.cell)

    def cell_at(self, point: QPointF) -> Cell | None:
        """The cell at a pixel; None between two maps."""
        return self._grid.number_at(point.x() - RIM, point.y() - RIM)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The cells, their numbers where these fit, and what is marked."""
        if self.weights is None:
            return
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(RIM, RIM, self._grid.width, self._grid.height)
        painter.fillRect(room, QColor(tokens.sunken))
        painter.drawImage(room, self._image(self.weights, tokens))
        if self._grid.cell >= LEAST_WITH_NUMBER:
            self._write(painter, self.weights, tokens)
        for cell in np.argwhere(self.weights.held).tolist():
            self._mark_held(painter, tokens, self.rect_of((cell[0], cell[1], cell[2])))
        if self._hovered is not None:
            self._frame(painter, self._hovered, tokens.text_dim, 1.0)
        if self.weights.current is not None:
            self._frame(painter, self.weights.current, tokens.accent, 2.0)
        if self.hasFocus():
            outline(painter, tokens.accent, 1.0)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Picks a number; with Shift beside the one picked before."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.LeftButton:
            add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._pick(self.cell_at(event.position()), add=add)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if self.weights is not None and cell is not None and cell == self.weights.current:
            self.typed.emit("")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.cell_at(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Page Up and Page Down turn to another kernel, what is typed edits."""
        key = Qt.Key(event.key())
        if key in _WAYS:
            self._walk(*_WAYS[key])
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in _EDITS or event.text()[:1] in tuple("0123456789.-+"):
            self.typed.emit("" if key in _EDITS else event.text())
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """The tooltip is of the cell under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(QPointF(event.pos()))
            text = "" if cell is None or self.weights is None else self.weights.tell(cell)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours."""
        self._picture = None
        super().changeEvent(event)

    def _image(self, weights: WeightPicture, tokens: theme.Theme) -> QImage:
        if self._picture is None:
            spread = self._grid.spread(weights.values)
            self._picture = heat_image(spread, weights.limit or 0.0, tokens)
        return self._picture

    def _write(self, painter: QPainter, weights: WeightPicture, tokens: theme.Theme) -> None:
        painter.setFont(theme.number_font(POINTS))
        metrics = QFontMetricsF(painter.font())
        for cell in np.argwhere(np.isfinite(weights.values)).tolist():
            value = float(weights.values[tuple(cell)])
            area = self.rect_of((cell[0], cell[1], cell[2]))
            painter.setPen(readable_on(signed(tokens, value, weights.limit or 0.0)))
            text = _fitting(value, metrics, area.width() - 2)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _mark_held(self, painter: QPainter, tokens: theme.Theme, area: QRectF) -> None:
        """A lock; a frame, where there is no room for one."""
        if area.width() >= LEAST_WITH_LOCK:
            size = 0.8 if area.width() >= LEAST_WITH_NUMBER else 0.6
            draw_lock(painter, tokens, area.topRight() + QPointF(-8 * size, 10 * size), size)
            return
        outline(painter, tokens.text, 1.0)
        painter.drawRect(area)

    def _frame(self, painter: QPainter, cell: Cell, colour: str, width: float) -> None:
        for one, wide in ((theme.current().surface, width + 2.0), (colour, width)):
            outline(painter, one, wide)
            painter.drawRect(self.rect_of(cell))

    def _pick(self, cell: Cell | None, *, add: bool = False) -> None:
        if self.weights is not None and cell is not None and cell != self.weights.current:
            self.picked.emit(self.weights.place(cell), add)

    def _point(self, cell: Cell | None) -> None:
        if cell != self._hovered and self.weights is not None:
            self._hovered = cell
            self.pointed.emit(None if cell is None else self.weights.place(cell))
            self.update()

    def _walk(self, down: int, right: int) -> None:
        """To the next cell that way, over the gaps between maps; from none to the first."""
        if self.weights is None:
            return
        current = self.weights.current
        self._pick((0, 0, 0) if current is None else step(self._grid, current, down, right))


def step(grid: MapGrid, cell: Cell, down: int, right: int) -> Cell | None:
    """The cell next to another, be it of another map; None at the edge of them all."""
    x, y = grid.corner(*cell)
    x, y = x + grid.cell / 2, y + grid.cell / 2
    for _ in range(grid.between + 1):
        x, y = x + right * grid.cell, y + down * grid.cell
        found = grid.number_at(x, y)
        if found is not None:
            return found
    return None


def _fitting(value: float, metrics: QFontMetricsF, room: float) -> str:
    """In four digits, or in two where four are too long."""
    text = short(value)
    return text if metrics.horizontalAdvance(text) <= room else round_number(value, 2)
