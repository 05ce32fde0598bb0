"""The network canvas: the graph with what stands around it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.canvas.control import Control
from app.canvas.dragging import DropGhost, Gap, gap_in_row
from app.canvas.model.edits import added
from app.canvas.palette import Palette
from app.canvas.toolbar import Toolbar
from app.canvas.view import GraphView
from app.kit import theme
from app.kit.controls import dim_label, put_line
from app.kit.layouts import in_column, named
from app.kit.more import folds_before_room
from app.kit.text import told
from app.link.bridge import Bridge
from app.link.second import SecondRun, second_run
from core.experiment.layers import Layer, Path
from core.sentence import Sentence

_TOOLS_FROM = 30
"""In units of the grid: a lower dock has no toolbar."""


class NetworkCanvas(QWidget):
    """The network as a graph, to read while it is stepped and to build with the mouse.

    Attributes:
        control: What can be done with it.
        view: The painted part.
        toolbar: What colours stand for.
        palette_strip: The types of layers, while the network can be edited here.
        reason: Why an edit was refused; empty otherwise.
    """

    def __init__(
        self, bridge: Bridge | SecondRun, parent: QWidget | None = None, *, editable: bool = True
    ) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.control = Control(bridge, self)
        self.view = GraphView(self.control, self)
        # What comes next should not wait for the way that led here.
        bridge.dispatched.connect(self.view.arrows.stop)
        self.toolbar = Toolbar(self)
        folds_before_room(self.toolbar)
        self.palette_strip = Palette(self)
        self.reason = named(dim_label("", "error", self), "canvas.reason")
        self.reason.setContentsMargins(theme.space(2), 4, theme.space(2), 4)
        self._ghost = DropGhost(self.control, self.view)
        self._tools = QWidget(self)  # whether the toolbar is wanted at all is another question
        in_column(self.toolbar, into=self._tools)
        column = in_column(self._tools, self.palette_strip, self.reason, into=self, apart=0)
        column.addSpacing(1)
        column.addWidget(self.view, 1)
        self.toolbar.changed.connect(self.control.set_colouring)
        self._has_tools = not isinstance(bridge, SecondRun)  # one toolbar for both
        if isinstance(bridge, SecondRun):
            bridge.coloured.connect(self.control.set_colouring)
        else:
            self.toolbar.changed.connect(second_run(bridge).coloured)
        self.toolbar.zoomed.connect(self.control.zoom)
        self.toolbar.fitted.connect(self.control.fit)
        self.palette_strip.chosen.connect(self._add_before_output)
        self.palette_strip.dragged.connect(self._drag)
        self.palette_strip.dropped.connect(self._drop)
        self.control.refused.connect(self._show_reason)
        self.set_editable(editable)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low dock the graph has the toolbar's room."""
        super().resizeEvent(event)
        self._tools.setVisible(self._has_tools and self.height() >= theme.space(_TOOLS_FROM))

    def minimumSizeHint(self) -> QSize:
        """Without the toolbar, which a low dock leaves out."""
        least = super().minimumSizeHint()
        tools = 0 if self._tools.isHidden() else self._tools.minimumSizeHint().height()
        return QSize(least.width(), least.height() - tools)

    def set_editable(self, editable: bool) -> None:
        """Shows what builds the network, or hides it where the network is only read."""
        self.palette_strip.setVisible(editable)
        if editable != self.control.editable:
            self.control.editable = editable
            self.control.relayout()
        self.view.buttons.refresh()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, and a hairline above the graph."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.surface))
        painter.fillRect(0, self.view.y() - 1, self.width(), 1, QColor(tokens.line))

    def _add_before_output(self, kind: type[Layer]) -> None:
        self._add(kind, (len(self.control.snapshot.spec.layers) - 1,))

    def _add(self, kind: type[Layer], path: Path) -> None:
        self.control.send(added(self.control.snapshot, path, kind))

    def _drag(self, kind: type[Layer], at: QPoint) -> None:
        self._ghost.show_at(self.view.mapFromGlobal(at), kind, self._gap(at))

    def _drop(self, kind: type[Layer], at: QPoint) -> None:
        self._ghost.hide()
        gap = self._gap(at)
        if gap is not None:
            self._add(kind, gap.path)

    def _gap(self, at: QPoint) -> Gap | None:
        """Between which columns a point of the screen lies; never behind the output."""
        place = self.view.mapFromGlobal(at)
        if self.control.state.is_empty or not self.view.rect().contains(place):
            return None
        x, _ = self.control.viewport.to_world(place.x(), place.y())
        layout = self.control.state.layout
        return gap_in_row(layout, (), min(x, layout.columns[-1].box.x))

    def _show_reason(self, why: Sentence | None) -> None:
        put_line(self.reason, "" if why is None else told(why))
