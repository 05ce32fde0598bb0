"""Plus and minus under each column whose units can be counted up and down."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from app.canvas.control import Control
from app.canvas.model.edits import can_resize, layer_at, resized, size_of
from app.canvas.model.layout import Column
from app.canvas.model.words import stage_name, tr
from app.kit import icons
from app.kit.layouts import named
from app.kit.numbers import StepGesture
from core.experiment.layers import Path
from core.messages.record import key_of

SIZE = 24


class ColumnButtons:
    """The buttons of all columns; they follow the picture."""

    def __init__(self, control: Control, graph: QWidget) -> None:
        self._control, self._graph = control, graph
        self._gesture = StepGesture()
        self._made: dict[Path, tuple[QToolButton, QToolButton]] = {}
        control.moved.connect(self.refresh)

    def refresh(self) -> None:
        """Puts each pair under its column, and hides those that have none now."""
        control = self._control
        columns = () if control.state.is_empty else control.state.layout.columns
        spec, shown = control.snapshot.spec, set[Path]()
        for column in columns:
            if control.editable and can_resize(spec, column.path):
                shown.add(column.path)
                self._place(column)
        for path, pair in self._made.items():
            for button in pair:
                button.setVisible(path in shown)

    def _place(self, column: Column) -> None:
        control = self._control
        path = column.path
        if path not in self._made:
            self._made[path] = self._button(path, -1), self._button(path, 1)
        fewer, more = self._made[path]
        box = control.viewport.box(column.box)
        x, y = round(box.centre[0]), round(box.y + box.height) + 24
        fewer.move(x - fewer.width() - 2, y)
        more.move(x + 2, y)
        size = size_of(layer_at(control.snapshot.spec, path))
        fewer.setEnabled(size is not None and size[1] > 1)
        templates = tr("One unit fewer in {layer} (−)"), tr("One unit more in {layer} (+)")
        for button, template in zip((fewer, more), templates, strict=True):
            text = template.format(layer=stage_name(column.stage))
            named(button, button.objectName(), text, text)

    def _button(self, path: Path, by: int) -> QToolButton:
        which, icon = ("more", "plus") if by > 0 else ("fewer", "minus")
        button = named(QToolButton(self._graph), f"canvas.{which}.{key_of(path)}")
        icons.put(button, icon)
        button.setFixedSize(SIZE, SIZE)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAutoRepeat(True)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.clicked.connect(lambda: self._resize(path, by))
        return button

    def _resize(self, path: Path, by: int) -> None:
        spec = self._control.snapshot.spec
        self._control.send(resized(spec, path, by, self._gesture.number()))
