"""The menu of a right click, or of the Menu key: what can be done with what lies there."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.canvas.control import Control
from app.canvas.hits import Hit
from app.canvas.model.asked_number import asked_number
from app.canvas.model.edits import added, duplicated, layer_at, removed, with_activation
from app.canvas.model.layout import Column
from app.canvas.model.state import WHOLE_AT_MOST
from app.canvas.model.words import tr
from app.kit import icons
from app.kit.layouts import named
from app.kit.text import label_of, sentence, translated
from app.link.focus import Spot
from app.link.layer_places import is_output
from app.link.work_out_row import add_row
from core.catalog.activations import Activation
from core.catalog.base import entries_of
from core.experiment.layers import Layer, Path
from core.messages.commands import Command
from core.messages.record import key_of
from core.sentence import Sentence


def open_menu(control: Control, graph: QWidget, found: Hit, position: QPoint) -> QMenu:
    """Opens the menu of what was hit, on the screen; without waiting for an answer."""
    menu = named(QMenu(graph), "canvas.menu")
    menu.setToolTipsVisible(True)
    path = found.spot.path if found.spot is not None else None
    if found.spot is not None:
        _toggles(control, menu, found.spot)
    if found.column is not None:
        column = control.state.layout.columns[found.column]
        path = column.path
        _opening(control, menu, column)
    if path and control.editable:
        _editing(control, menu, path)
    menu.addSeparator()
    fit = _row(menu, "fit", tr("Fit the network into the window"), "fullscreen")
    fit.triggered.connect(control.fit)
    menu.popup(position)
    return menu


def _row(
    menu: QMenu, identifier: str, text: str, icon: str = "", *, on: bool | None = None
) -> QAction:
    action = menu.addAction(text)
    action.setObjectName(f"canvas.menu.{identifier}")
    if icon:
        icons.put(action, icon)
    action.setCheckable(on is not None)
    action.setChecked(bool(on))
    return action


def _sends(control: Control, action: QAction, command: Command | Sentence | None) -> None:
    """What it sends; disabled, with the reason, where there is nothing to send."""
    if command is None or isinstance(command, Sentence):
        action.setEnabled(False)
        action.setToolTip(sentence(command) if command is not None else "")
    else:
        action.triggered.connect(lambda: control.send(command))


def _toggles(control: Control, menu: QMenu, spot: Spot) -> None:
    facts = control.state.facts(spot)
    if facts is None:
        return
    _row(menu, "card", tr("Show its numbers"), "info").triggered.connect(lambda: control.pin(spot))
    if not control.can_ask:
        return
    number = asked_number(control.state, spot)
    if number is not None:
        why = _row(menu, "why", tr("Why this number?"))
        why.triggered.connect(lambda: control.wonder(number))
    if spot.path:
        add_row(menu, control.questioner, control.questioner.shown_at(spot))
    for toggle in facts.toggles:
        action = _row(menu, toggle.id, toggle.label, on=toggle.on)
        action.triggered.connect(lambda on, one=toggle: control.send(one.command(on)))


def _opening(control: Control, menu: QMenu, column: Column) -> None:
    path = column.path
    if path in control.state.opened:
        action = _row(menu, "close", tr("Show as one block"))
        action.triggered.connect(lambda: control.toggle_open(path))
    elif column.is_block:
        action = _row(menu, "open", tr("Open its strongest units"))
        action.triggered.connect(lambda: control.toggle_open(path))
        if column.stage.units <= WHOLE_AT_MOST:
            action = _row(menu, "open_all", tr("Open all its units"))
            action.triggered.connect(lambda: control.toggle_open(path, whole=True))


def _editing(control: Control, menu: QMenu, path: Path) -> None:
    spec = control.snapshot.spec
    menu.addSeparator()
    _adding(control, menu.addMenu(tr("Add before")), path, "before")
    if not is_output(spec.layers, path):
        after = (*path[:-1], path[-1] + 1)
        _adding(control, menu.addMenu(tr("Add after")), after, "after")
    _activations(control, menu, path)
    duplicate = _row(menu, "duplicate", tr("Duplicate"), "copy")
    _sends(control, duplicate, duplicated(spec, path))
    _sends(control, _row(menu, "remove", tr("Remove"), "trash"), removed(spec, path))


def _adding(control: Control, menu: QMenu, path: Path, where: str) -> None:
    menu.setToolTipsVisible(True)
    for kind, entry in entries_of(Layer).items():
        action = _row(menu, f"{where}.{kind}", label_of(entry))
        action.setToolTip(translated(entry.description))
        _sends(control, action, added(control.snapshot, path, entry))


def _activations(control: Control, menu: QMenu, path: Path) -> None:
    spec = control.snapshot.spec
    layer = layer_at(spec, path)
    now = layer.activation_of() if layer is not None else None
    if now is None:
        return
    inner = named(menu.addMenu(tr("Activation")), f"canvas.menu.activation.{key_of(path)}")
    for kind, entry in entries_of(Activation).items():
        if entry.output_only and not is_output(spec.layers, path):
            continue
        action = _row(inner, f"activation.{kind}", label_of(entry), on=kind == now.kind)
        _sends(control, action, with_activation(spec, path, entry))
