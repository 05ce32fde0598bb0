"""What is seen of a layer while it is dragged from the palette onto the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app import theme
from app.graph.drops import Gap, paint_gap
from app.text import label_of
from core.layers import Layer

if TYPE_CHECKING:
    from app.graph.view import GraphView


class DropGhost(QWidget):
    """Lies over the graph during the drag, clear but for the gap and the layer's name."""

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self._gap: Gap | None = None
        self._name = ""
        self._at = QPoint()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, at: QPoint, kind: type[Layer], gap: Gap | None) -> None:
        """Follows the mouse."""
        self._at, self._name, self._gap = at, label_of(kind), gap
        self.setGeometry(self._view.rect())
        self.show()
        self.raise_()
        self.update()

    def end(self) -> None:
        """The drag is over."""
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The gap, and the name under the pointer."""
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._gap is not None:
            paint_gap(painter, self._view.viewport, self._view.state.layout, self._gap, tokens)
        painter.setPen(QPen(QColor(tokens.accent), 1.5))
        painter.setBrush(QColor(tokens.surface))
        area = painter.fontMetrics().boundingRect(self._name).adjusted(-10, -6, 10, 6)
        area.moveCenter(self._at)
        painter.drawRoundedRect(area, 6, 6)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._name)
