"""Where a layer that is dragged would land."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.canvas.control import Control
from app.canvas.model.layout import Layout
from app.kit import theme
from app.kit.text import label_of
from core.experiment.layers import Layer, Path


@dataclass(frozen=True)
class Gap:
    """Between two columns: the index a layer would get there, and where it is on the picture."""

    row: Path
    index: int
    x: float

    @property
    def path(self) -> Path:
        """The place of a layer put there."""
        return (*self.row, self.index)


def gap_in_row(layout: Layout, row: Path, x: float) -> Gap:
    """The gap of one row that lies nearest to a point, at a zoom of one.

    A row is the network's own, ``()``, or that of the residual group at its path.
    """
    columns = [column for column in layout.columns if column.path and column.path[:-1] == row]
    index = sum(column.box.centre[0] < x for column in columns)
    if index < len(columns):
        place = layout.columns.index(columns[index])
        # A group begins where the first of its layers stands.
        place -= columns[index].stage.group
        left = layout.columns[place - 1].box
        edge = (left.x + left.width + layout.columns[place].box.x) / 2
    else:
        last = columns[-1].box
        edge = last.x + last.width + 24
    return Gap(row, index, edge)


def paint_drag(painter: QPainter, control: Control, gap: Gap | None, name: str, at: QPoint) -> None:
    """A line through the gap, from top to bottom, and the layer's name under the pointer."""
    tokens, view = theme.current(), control.viewport
    if gap is not None:
        bounds = view.box(control.state.layout.bounds)
        x = gap.x * view.scale + view.x
        painter.setPen(QPen(QColor(tokens.accent), 3.0))
        painter.drawLine(QPointF(x, bounds.y + 8), QPointF(x, bounds.y + bounds.height - 8))
    painter.setPen(QPen(QColor(tokens.accent), 1.5))
    painter.setBrush(QColor(tokens.surface))
    area = painter.fontMetrics().boundingRect(name).adjusted(-10, -6, 10, 6)
    area.moveCenter(at)
    painter.drawRoundedRect(area, 6, 6)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, name)


class DropGhost(QWidget):
    """Lies over the graph during the drag, clear but for the gap and the layer's name."""

    def __init__(self, control: Control, graph: QWidget) -> None:
        super().__init__(graph)
        self._control, self._graph = control, graph
        self._drag: tuple[Gap | None, str, QPoint] = None, "", QPoint()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, at: QPoint, kind: type[Layer], gap: Gap | None) -> None:
        """Follows the mouse."""
        self._drag = gap, label_of(kind), at
        self.setGeometry(self._graph.rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_drag(painter, self._control, *self._drag)
