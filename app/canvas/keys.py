"""The keyboard on the graph: everything that the mouse can do."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.canvas.hits import beside, first_of
from app.canvas.model.edits import duplicated, moved, removed, resized
from app.kit.numbers import StepGesture
from app.link.focus import Spot
from core.messages.commands import Edit

if TYPE_CHECKING:
    from app.canvas.view import GraphView

_gesture = StepGesture()


def press(view: GraphView, event: QKeyEvent) -> bool:
    """Does what a key says; whether it said anything."""
    if view.state.is_empty:
        return False
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    shift = Qt.KeyboardModifier.ShiftModifier
    key = Qt.Key(event.key())
    if modifiers == Qt.KeyboardModifier.ControlModifier:
        return key == Qt.Key.Key_D and view.editable and _duplicate(view)
    if modifiers == Qt.KeyboardModifier.AltModifier and key in _ARROWS:
        return view.editable and _shift_layer(view, _ARROWS[key][0])
    if key in _ARROWS and modifiers in (Qt.KeyboardModifier.NoModifier, shift):
        return _go(view, *_ARROWS[key], add=modifiers == shift)
    action = _PLAIN.get(key) or (_EDITING.get(key) if view.editable else None)
    return action is not None and action(view)


def _go(view: GraphView, right: int, down: int, *, add: bool) -> bool:
    """To the next column or node; from nowhere, to the first."""
    layout, selected = view.state.layout, view.selected
    if selected is None:
        view.select(first_of(layout.columns[0]))
        return True
    to = beside(layout, selected, right, down)
    if to is not None:
        view.select(to, add=add)
    return True


def _next_weight(view: GraphView) -> bool:
    """To the next weight into the picked neuron, the first again behind the last."""
    spot = view.selected
    index = None if spot is None else view.state.layout.index_of(spot.path)
    if spot is None or not index:
        return False
    before, here = view.state.layout.columns[index - 1 : index + 1]
    if not here.stage.is_dense:
        return False
    sources = before.units.tolist() or list(range(before.stage.units))
    place = bisect_right(sources, -1 if spot.source is None else spot.source)
    view.select(Spot(spot.path, spot.unit, sources[place % len(sources)]))
    return True


def _open_card(view: GraphView) -> bool:
    if view.selected is not None:
        view.pinning.pin(view.selected)
        view.card.start()
    return view.selected is not None


def _escape(view: GraphView) -> bool:
    """The card first, then what is picked."""
    if view.pinning.spot is not None:
        view.pinning.release()
        return True
    picked = view.selected is not None
    view.select(None)
    return picked


def _fit(view: GraphView) -> bool:
    view.fit()
    return True


def _resize(by: int) -> Callable[[GraphView], bool]:
    def act(view: GraphView) -> bool:
        if view.selected is None:
            return False
        view.send(resized(view.snapshot.spec, view.selected.path, by, _gesture.number()))
        return True

    return act


def _remove(view: GraphView) -> bool:
    if view.selected is None:
        return False
    edit = removed(view.snapshot.spec, view.selected.path)
    if isinstance(edit, Edit):
        view.select(None)
    view.send(edit)
    return True


def _duplicate(view: GraphView) -> bool:
    if view.selected is None:
        return False
    view.send(duplicated(view.snapshot.spec, view.selected.path))
    return True


def _shift_layer(view: GraphView, right: int) -> bool:
    """Moves the layer itself to the left or to the right."""
    if view.selected is None or not view.selected.path or not right:
        return False
    path = view.selected.path
    edit = moved(view.snapshot.spec, path, path[-1] + right)
    if edit is not None:
        view.select(None)
    view.send(edit)
    return True


def _toggle_open(view: GraphView) -> bool:
    if view.selected is None:
        return False
    index = view.state.layout.index_of(view.selected.path)
    column = view.state.layout.columns[index or 0]
    if column.is_block or column.path in view.state.opened:
        view.toggle_open(column.path)
        return True
    return False


_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_PLAIN: dict[Qt.Key, Callable[[GraphView], bool]] = {
    Qt.Key.Key_Return: _open_card,
    Qt.Key.Key_Enter: _open_card,
    Qt.Key.Key_Escape: _escape,
    Qt.Key.Key_F: _fit,
    Qt.Key.Key_O: _toggle_open,
    Qt.Key.Key_W: _next_weight,
}
_EDITING: dict[Qt.Key, Callable[[GraphView], bool]] = {
    Qt.Key.Key_Plus: _resize(1),
    Qt.Key.Key_Equal: _resize(1),
    Qt.Key.Key_Minus: _resize(-1),
    Qt.Key.Key_Delete: _remove,
    Qt.Key.Key_Backspace: _remove,
}
