"""Plus and minus under each column whose units can be counted up and down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from app.canvas.model.edits import SIZES, can_resize, layer_at, resized
from app.canvas.model.words import stage_name
from app.kit import icons
from app.kit.numbers import StepGesture
from core.experiment.layers import Path
from core.messages.record import key_of

if TYPE_CHECKING:
    from app.canvas.model.layout import Column
    from app.canvas.view import GraphView

SIZE = 24


class ColumnButtons:
    """The buttons of all columns; they follow the picture."""

    def __init__(self, view: GraphView) -> None:
        self._view = view
        self._gesture = StepGesture()
        self._made: dict[Path, tuple[QToolButton, QToolButton]] = {}

    def refresh(self) -> None:
        """Puts each pair under its column, and hides those that have none now."""
        view = self._view
        columns = () if view.state.is_empty else view.state.layout.columns
        spec = view.snapshot.spec
        shown: set[Path] = set()
        for column in columns:
            if view.editable and can_resize(spec, column.path):
                shown.add(column.path)
                self._place(column)
        for path, pair in self._made.items():
            for button in pair:
                button.setVisible(path in shown)

    def _place(self, column: Column) -> None:
        view = self._view
        fewer, more = self._made.get(column.path) or self._make(column.path)
        box = view.viewport.box(column.box)
        x, y = round(box.centre[0]), round(box.y + box.height) + 24
        fewer.move(x - SIZE - 2, y)
        more.move(x + 2, y)
        layer = layer_at(view.snapshot.spec, column.path)
        if layer is not None:
            fewer.setEnabled(getattr(layer, SIZES[layer.kind]) > 1)
        tips = (
            (fewer, view.tr("One unit fewer in {layer} (−)")),
            (more, view.tr("One unit more in {layer} (+)")),
        )
        for button, tip in tips:
            text = tip.format(layer=stage_name(column.stage))
            button.setToolTip(text)
            button.setAccessibleName(text)

    def _make(self, path: Path) -> tuple[QToolButton, QToolButton]:
        fewer, more = self._button(path, -1), self._button(path, 1)
        self._made[path] = (fewer, more)
        return fewer, more

    def _button(self, path: Path, by: int) -> QToolButton:
        button = QToolButton(self._view)
        button.setObjectName(f"canvas.{'more' if by > 0 else 'fewer'}.{key_of(path)}")
        icons.put(button, "plus" if by > 0 else "minus")
        button.setFixedSize(SIZE, SIZE)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAutoRepeat(True)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.clicked.connect(lambda: self._resize(path, by))
        return button

    def _resize(self, path: Path, by: int) -> None:
        spec = self._view.snapshot.spec
        self._view.send(resized(spec, path, by, self._gesture.number()))
