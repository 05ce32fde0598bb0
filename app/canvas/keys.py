"""The keyboard on the graph: everything that the mouse can do."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.canvas.control import Control
from app.canvas.hits import beside, first_of
from app.canvas.model.edits import duplicated, moved, removed, resized
from app.kit.numbers import StepGesture
from app.link.focus import Spot
from core.messages.commands import Edit
from core.sentence import Sentence

OfSpot = Callable[[Control, Spot], bool | None]
"""What a key does with the place picked; False where it does nothing there."""

_gesture = StepGesture()


def press(control: Control, event: QKeyEvent) -> bool:
    """Does what a key says; whether it said anything."""
    if control.state.is_empty:
        return False
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key, shift = Qt.Key(event.key()), Qt.KeyboardModifier.ShiftModifier
    if modifiers == Qt.KeyboardModifier.ControlModifier:
        is_copy = key == Qt.Key.Key_D and control.editable
        return is_copy and _with_selected(control, _duplicate)
    if modifiers == Qt.KeyboardModifier.AltModifier and key in _ARROWS:
        shift_layer = partial(_shift_layer, right=_ARROWS[key][0])
        return control.editable and _with_selected(control, shift_layer)
    if key in _ARROWS and modifiers in (Qt.KeyboardModifier.NoModifier, shift):
        _go(control, *_ARROWS[key], add=modifiers == shift)
        return True
    if key in _ANYWHERE:
        return _ANYWHERE[key](control) is not False
    action = _OF_SELECTED.get(key) or (_EDITING.get(key) if control.editable else None)
    return action is not None and _with_selected(control, action)


def _with_selected(control: Control, action: OfSpot) -> bool:
    return control.selected is not None and action(control, control.selected) is not False


def _go(control: Control, right: int, down: int, *, add: bool) -> None:
    """To the next column or node; from nowhere, to the first."""
    layout, selected = control.state.layout, control.selected
    if selected is None:
        control.select(first_of(layout.columns[0]))
    elif (to := beside(layout, selected, right, down)) is not None:
        control.select(to, add=add)


def _escape(control: Control) -> bool:
    """The card first, then what is picked."""
    if control.pinned is not None:
        control.release()
        return True
    picked = control.selected is not None
    control.select(None)
    return picked


def _next_weight(control: Control, spot: Spot) -> bool:
    """To the next weight into the picked neuron, the first again behind the last."""
    columns, index = control.state.layout.columns, control.state.layout.index_of(spot.path)
    if not index or not columns[index].stage.is_dense:
        return False
    before = columns[index - 1]
    sources = before.units.tolist() or list(range(before.stage.units))
    place = bisect_right(sources, -1 if spot.source is None else spot.source)
    control.select(Spot(spot.path, spot.unit, sources[place % len(sources)]))
    return True


def _open_card(control: Control, spot: Spot) -> None:
    control.pin(spot, with_keyboard=True)


def _toggle_open(control: Control, spot: Spot) -> bool:
    index = control.state.layout.index_of(spot.path)
    column = control.state.layout.columns[index or 0]
    can = column.is_block or column.path in control.state.opened
    if can:
        control.toggle_open(column.path)
    return can


def _resize(control: Control, spot: Spot, by: int) -> None:
    control.send(resized(control.snapshot.spec, spot.path, by, _gesture.number()))


def _remove(control: Control, spot: Spot) -> None:
    _send_unpicked(control, removed(control.snapshot.spec, spot.path))


def _duplicate(control: Control, spot: Spot) -> None:
    control.send(duplicated(control.snapshot.spec, spot.path))


def _shift_layer(control: Control, spot: Spot, right: int) -> bool:
    """Moves the layer itself to the left or to the right."""
    can = bool(spot.path and right)
    if can:
        _send_unpicked(control, moved(control.snapshot.spec, spot.path, spot.path[-1] + right))
    return can


def _send_unpicked(control: Control, edit: Edit | Sentence | None) -> None:
    """Nothing is picked any more where the place picked goes."""
    if isinstance(edit, Edit):
        control.select(None)
    control.send(edit)


_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ANYWHERE: dict[Qt.Key, Callable[[Control], bool | None]] = {
    Qt.Key.Key_Escape: _escape,
    Qt.Key.Key_F: Control.fit,
}
_OF_SELECTED: dict[Qt.Key, OfSpot] = {
    Qt.Key.Key_Return: _open_card,
    Qt.Key.Key_Enter: _open_card,
    Qt.Key.Key_O: _toggle_open,
    Qt.Key.Key_W: _next_weight,
}
_EDITING: dict[Qt.Key, OfSpot] = {
    Qt.Key.Key_Plus: partial(_resize, by=1),
    Qt.Key.Key_Equal: partial(_resize, by=1),
    Qt.Key.Key_Minus: partial(_resize, by=-1),
    Qt.Key.Key_Delete: _remove,
    Qt.Key.Key_Backspace: _remove,
}
