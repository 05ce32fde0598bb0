"""A reader of Mazur's article builds his network by mouse, and finds his numbers in the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from app.link.focus import Spot
from core.messages.snapshot import RunState
from core.presets import PRESETS
from tests.stories.test_debugger import LEFT, at, canvas_of

pytestmark = pytest.mark.window

WEIGHTS = {
    Spot((0,), 0, 0): 0.15,
    Spot((0,), 0, 1): 0.20,
    Spot((0,), 1, 0): 0.25,
    Spot((0,), 1, 1): 0.30,
    Spot((1,), 0, 0): 0.40,
    Spot((1,), 0, 1): 0.45,
    Spot((1,), 1, 0): 0.50,
    Spot((1,), 1, 1): 0.55,
}
BIASES = {Spot((0,), 0): 0.35, Spot((0,), 1): 0.35, Spot((1,), 0): 0.60, Spot((1,), 1): 0.60}


def open_first_card(window, qtbot):
    """Ctrl+N, and Enter on the first card: the blank network."""
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    gallery = window.findChild(QDialog, "gallery")
    qtbot.keyClick(gallery.findChild(QWidget, "gallery-list"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.snapshot.spec.name == "Blank network", timeout=5_000)
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    # The gallery had the keyboard; offscreen nobody gives it back.
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5_000)
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.experiments.perspective == "build", timeout=5_000)


def shape_layer(window, qtbot, number, units):
    """Opens a layer's card, types its units and chooses the sigmoid."""
    shown = lambda: window.page.findChild(QWidget, f"network.layer.{number}")  # noqa: E731
    qtbot.waitUntil(lambda: shown() is not None and shown().isVisible(), timeout=5_000)
    card = shown()
    qtbot.mouseClick(card, LEFT, pos=QPoint(card.width() // 3, 20))
    name = f"network.layer.{number}"
    qtbot.waitUntil(lambda: window.page.findChild(QWidget, f"{name}.units") is not None)
    box = window.page.findChild(QWidget, f"{name}.units")
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, str(units))
    qtbot.keyClick(box, Qt.Key.Key_Return)
    kinds = window.page.findChild(QComboBox, f"{name}.activation")
    kinds.setCurrentIndex(kinds.findData("sigmoid"))
    kinds.activated.emit(kinds.currentIndex())
    place = number - 1

    def is_shaped():
        layer = window.snapshot.spec.layers[place]
        return (layer.units, layer.activation.kind) == (units, "sigmoid")

    qtbot.waitUntil(is_shaped, timeout=5_000)
    qtbot.mouseClick(card, LEFT, pos=QPoint(card.width() // 3, 20))


def type_number(window, qtbot, spot, field, value):
    """Clicks a place of the graph and types a number on its card."""
    view = canvas_of(window).view
    qtbot.waitUntil(lambda: canvas_of(window).control.snapshot is window.snapshot, timeout=5_000)
    qtbot.mouseClick(view, LEFT, pos=at(window, spot))
    line = view.card.findChild(QWidget, f"canvas.card.{field}")
    letters = str(value)
    qtbot.keyClicks(view, letters[0])  # which has the keyboard after a click
    qtbot.waitUntil(line.hasFocus, timeout=5_000)
    qtbot.keyClicks(line, letters[1:])
    qtbot.keyClick(line, Qt.Key.Key_Return)
    name = f"{spot.path[0]}.{field}"
    place = (spot.unit,) if field == "bias" else (spot.unit, spot.source)

    def is_kept():
        numbers = window.snapshot.spec.by_hand.start.get(name)
        return numbers is not None and numbers.cells.get(place) == value

    qtbot.waitUntil(is_kept, timeout=5_000)
    qtbot.waitUntil(lambda: line.text() == letters, timeout=5_000)
    qtbot.keyClick(view, Qt.Key.Key_Escape)


def test_mazurs_network_is_built_by_mouse_and_gives_his_numbers(window, qtbot):
    open_first_card(window, qtbot)
    qtbot.mouseClick(window.page.findChild(QWidget, "canvas.palette.dense"), LEFT)
    qtbot.waitUntil(lambda: len(window.snapshot.layers) == 2, timeout=5_000)
    shape_layer(window, qtbot, 1, 2)
    shape_layer(window, qtbot, 2, 2)
    for spot, value in WEIGHTS.items():
        type_number(window, qtbot, spot, "weight", value)
    for spot, value in BIASES.items():
        type_number(window, qtbot, spot, "bias", value)
    start = window.snapshot.spec.by_hand.start
    expected = PRESETS["mazur-2-2-2"].spec.by_hand.start
    assert {name: some.cells for name, some in start.items()} == {
        name: some.cells for name, some in expected.items()
    }
    window.actions_["run.step"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 1, timeout=5_000)
    loss = window.snapshot.curves.train_loss.values
    assert float(loss[0]) == pytest.approx(0.298371109, abs=5e-8)
    # Begun again, it begins with what was typed.
    window.actions_["run.reset"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 0, timeout=5_000)
    assert window.snapshot.spec.by_hand.start == start
