"""Plus and minus under each column whose units can be counted up and down."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from app.canvas.control import Control
from app.canvas.model.edits import can_resize, layer_at, resized, size_of
from app.canvas.model.layout import Column
from app.canvas.model.words import stage_name, tr
from app.kit import icons, theme
from app.kit.layouts import named
from app.kit.numbers import StepGesture
from core.experiment.layers import Path
from core.messages.record import key_of

SIZE = 3
"""In units of the grid."""
LEAST = 16
"""Pixels that can still be hit; where columns have no room for that, keys and the form do it."""


class ColumnButtons:
    """The buttons of all columns; they follow the picture."""

    def __init__(self, control: Control, graph: QWidget) -> None:
        self._control, self._graph = control, graph
        self._gesture = StepGesture()
        self._side = theme.space(SIZE)
        self._made: dict[Path, tuple[QToolButton, QToolButton]] = {}
        control.moved.connect(self.refresh)

    def refresh(self) -> None:
        """Puts each pair under its column, and hides those that have none now."""
        control = self._control
        columns = () if control.state.is_empty else control.state.layout.columns
        spec, shown = control.snapshot.spec, set[Path]()
        self._side = self._room_for_one(columns)
        for column in columns:
            has_room = control.editable and self._side >= LEAST
            if has_room and can_resize(spec, column.path):
                shown.add(column.path)
                self._place(column)
        for path, pair in self._made.items():
            for button in pair:
                button.setVisible(path in shown)

    def _room_for_one(self, columns: Sequence[Column]) -> int:
        """Pixels of a button's side: as the text has it, and less where columns are close."""
        middles = [self._control.viewport.box(column.box).centre[0] for column in columns]
        nearest = min((right - left for left, right in pairwise(middles)), default=inf)
        return round(min(theme.space(SIZE), nearest / 2 - 3))

    def _place(self, column: Column) -> None:
        control = self._control
        path = column.path
        if path not in self._made:
            self._made[path] = self._button(path, -1), self._button(path, 1)
        fewer, more = self._made[path]
        for button in (fewer, more):
            button.setFixedSize(self._side, self._side)
        box = control.viewport.box(column.box)
        x, y = round(box.centre[0]), round(box.y + box.height) + self._side
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
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAutoRepeat(True)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.clicked.connect(lambda: self._resize(path, by))
        return button

    def _resize(self, path: Path, by: int) -> None:
        spec = self._control.snapshot.spec
        self._control.send(resized(spec, path, by, self._gesture.number()))
