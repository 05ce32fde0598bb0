"""The strip of layer types: a click adds one before the output, a drag wherever it is dropped."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget

from app.kit.controls import dim
from app.kit.flow import in_flow
from app.kit.layouts import named
from app.kit.more import behind_more
from app.kit.text import label_of, translated
from core.catalog.base import entries_of
from core.experiment.layers import Layer

FIRST_LAYERS = ("dense", "conv2d", "max_pool2d", "flatten")
"""What one begins with; the others come with *More*."""


class PaletteButton(QToolButton):
    """One type of layer. ``dragged`` and ``dropped`` carry where on the screen the mouse is."""

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, entry: type[Layer], parent: QWidget) -> None:
        super().__init__(parent)
        self.entry = entry
        self._start = QPoint()
        self._is_drag = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._start, self._is_drag = event.globalPosition().toPoint(), False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags, once it has gone far enough."""
        at = event.globalPosition().toPoint()
        far = (at - self._start).manhattanLength() >= QApplication.startDragDistance()
        if event.buttons() & Qt.MouseButton.LeftButton and (far or self._is_drag):
            self._is_drag = True
            self.setDown(False)
            self.setCursor(Qt.CursorShape.DragCopyCursor)
            self.dragged.emit(at)
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drops; or clicks, where nothing was dragged."""
        if self._is_drag:
            self._is_drag = False
            self.unsetCursor()
            self.dropped.emit(event.globalPosition().toPoint())
        else:
            super().mouseReleaseEvent(event)


class Palette(QWidget):
    """A button for each type of layer that there is.

    ``chosen`` carries the type; ``dragged`` and ``dropped`` the type and where on the screen.
    """

    chosen = Signal(object)
    dragged = Signal(object, QPoint)
    dropped = Signal(object, QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.palette")
        by_kind = {kind: self._button(kind, entry) for kind, entry in entries_of(Layer).items()}
        behind_more(*(one for kind, one in by_kind.items() if kind not in FIRST_LAYERS))
        label = dim(QLabel(self.tr("Add"), self))
        in_flow(label, *by_kind.values(), into=self, around=(2, 0.5, 1, 0.5), apart=0.25)

    def _button(self, kind: str, entry: type[Layer]) -> PaletteButton:
        advice = self.tr("Click: before the output. Drag: between any two columns.")
        tip = f"{translated(entry.description)}\n{advice}"
        button = named(PaletteButton(entry, self), f"canvas.palette.{kind}", label_of(entry), tip)
        button.setText(label_of(entry))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.clicked.connect(lambda: self.chosen.emit(entry))
        button.dragged.connect(lambda at: self.dragged.emit(entry, at))
        button.dropped.connect(lambda at: self.dropped.emit(entry, at))
        return button
