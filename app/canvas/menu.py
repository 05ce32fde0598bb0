"""The menu of a right click, or of the Menu key: what can be done with what lies there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.canvas.hits import Hit
from app.canvas.model.edits import added, duplicated, layer_at, removed, with_activation
from app.canvas.model.state import WHOLE_AT_MOST
from app.kit import icons
from app.kit.text import label_of, sentence, translated
from app.link.layer_places import is_output
from core.catalog.activations import Activation
from core.catalog.base import entries_of
from core.experiment.layers import Layer, Path
from core.messages.commands import Command
from core.messages.record import key_of
from core.sentence import Sentence

if TYPE_CHECKING:
    from app.canvas.model.layout import Column
    from app.canvas.view import GraphView


def open_menu(view: GraphView, found: Hit, position: QPoint) -> QMenu:
    """Opens the menu of what was hit, on the screen; without waiting for an answer."""
    menu = QMenu(view)
    menu.setObjectName("canvas.menu")
    menu.setToolTipsVisible(True)
    path = found.spot.path if found.spot is not None else None
    if found.column is not None:
        path = view.state.layout.columns[found.column].path
    if found.spot is not None:
        _toggles(view, menu, found)
    if found.column is not None:
        _opening(view, menu, view.state.layout.columns[found.column])
    if path and view.editable:
        _editing(view, menu, path)
    menu.addSeparator()
    _row(menu, "fit", view.tr("Fit the network into the window"), "fullscreen").triggered.connect(
        view.fit
    )
    menu.popup(position)
    return menu


def _row(menu: QMenu, identifier: str, text: str, icon: str = "") -> QAction:
    action = menu.addAction(text)
    action.setObjectName(f"canvas.menu.{identifier}")
    if icon:
        icons.put(action, icon)
    return action


def _sends(view: GraphView, action: QAction, command: Command | Sentence | None) -> None:
    """What it sends; disabled, with the reason, where there is nothing to send."""
    if command is None or isinstance(command, Sentence):
        action.setEnabled(False)
        action.setToolTip(sentence(command) if command is not None else "")
        return
    action.triggered.connect(lambda: view.send(command))


def _toggles(view: GraphView, menu: QMenu, found: Hit) -> None:
    spot = found.spot
    facts = view.state.facts(spot) if spot is not None else None
    if spot is None or facts is None:
        return
    _row(menu, "card", view.tr("Show its numbers"), "info").triggered.connect(
        lambda: view.pinning.pin(spot)
    )
    for toggle in facts.toggles:
        action = _row(menu, toggle.id, toggle.label)
        action.setCheckable(True)
        action.setChecked(toggle.on)
        action.triggered.connect(lambda on, one=toggle: view.send(one.command(on)))


def _opening(view: GraphView, menu: QMenu, column: Column) -> None:
    path = column.path
    if path in view.state.opened:
        action = _row(menu, "close", view.tr("Show as one block"))
        action.triggered.connect(lambda: view.toggle_open(path))
    elif column.is_block:
        action = _row(menu, "open", view.tr("Open its strongest units"))
        action.triggered.connect(lambda: view.toggle_open(path))
        if column.stage.units <= WHOLE_AT_MOST:
            action = _row(menu, "open_all", view.tr("Open all its units"))
            action.triggered.connect(lambda: view.toggle_open(path, whole=True))


def _editing(view: GraphView, menu: QMenu, path: Path) -> None:
    spec = view.snapshot.spec
    menu.addSeparator()
    _adding(view, menu.addMenu(view.tr("Add before")), path, "before")
    if not is_output(spec.layers, path):
        after = (*path[:-1], path[-1] + 1)
        _adding(view, menu.addMenu(view.tr("Add after")), after, "after")
    _activations(view, menu, path)
    duplicate = _row(menu, "duplicate", view.tr("Duplicate"), "copy")
    _sends(view, duplicate, duplicated(spec, path))
    _sends(view, _row(menu, "remove", view.tr("Remove"), "trash"), removed(spec, path))


def _adding(view: GraphView, menu: QMenu, path: Path, where: str) -> None:
    data = view.snapshot.data
    menu.setToolTipsVisible(True)
    for kind, entry in entries_of(Layer).items():
        action = _row(menu, f"{where}.{kind}", label_of(entry))
        action.setToolTip(translated(entry.description))
        shape = data.input_shape if data is not None else None
        _sends(view, action, added(view.snapshot.spec, path, entry, shape))


def _activations(view: GraphView, menu: QMenu, path: Path) -> None:
    spec = view.snapshot.spec
    layer = layer_at(spec, path)
    now = layer.activation_of() if layer is not None else None
    if now is None:
        return
    inner = menu.addMenu(view.tr("Activation"))
    inner.setObjectName(f"canvas.menu.activation.{key_of(path)}")
    for kind, entry in entries_of(Activation).items():
        if entry.output_only and not is_output(spec.layers, path):
            continue
        action = _row(inner, f"activation.{kind}", label_of(entry))
        action.setCheckable(True)
        action.setChecked(kind == now.kind)
        _sends(view, action, with_activation(spec, path, entry))
