"""A teacher shows a step to a room: larger text, the formula in half of the window, the chain."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.kit import theme
from core.messages.snapshot import RunState
from tests.stories.test_debugger import LEFT, canvas_of, press, stepping

pytestmark = pytest.mark.window


@pytest.fixture
def stepped(window, qtbot):
    """Mazur's network, amid the backward pass: the gradient of the first layer's weights."""
    window.experiments.open_preset("mazur-2-2-2")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    window.experiments.show_perspective("step")
    qtbot.waitUntil(lambda: canvas_of(window).isVisible(), timeout=5_000)
    canvas_of(window).view.setFocus()
    entry = None
    while entry is None or (entry.kind, entry.path) != ("weight_gradient", (0,)):
        press(window, qtbot, Qt.Key.Key_F8)
        entry = stepping(window).entry
    return window


def formula_of(window):
    return window.page.area.docks["formula"].widget()


def shown(window):
    return {name for name, dock in window.page.area.docks.items() if not dock.isHidden()}


def test_the_chain_from_the_loss_is_in_sight_and_a_click_goes_along_it(stepped, qtbot):
    window = stepped
    view = formula_of(window)
    qtbot.waitUntil(lambda: len(view.chain.links) >= 4, timeout=5_000)
    links, record = view.chain.links, stepping(window).record
    assert record.entries[links[0].entry].kind == "loss"
    assert record.entries[links[-1].entry] == stepping(window).entry
    place = next(i for i, link in enumerate(links) if i and record.entries[link.entry].path == (1,))
    qtbot.mouseClick(view.findChild(QPushButton, f"formula.chain.{place}"), LEFT)
    wanted = record.entries[links[place].entry]
    qtbot.waitUntil(lambda: stepping(window).entry == wanted, timeout=5_000)
    # The way on stays in sight, so that one can walk back along it.
    qtbot.waitUntil(lambda: view.chain.here == place, timeout=5_000)
    assert view.chain.links == links


def test_one_key_shows_the_window_to_a_room_and_the_same_brings_it_back(stepped, qtbot):
    window = stepped
    before = shown(window)
    qtbot.keyClick(window, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: theme.scale() == 1.5, timeout=5_000)
    view = formula_of(window)
    qtbot.waitUntil(lambda: view.width() >= 0.4 * window.width(), timeout=5_000)
    assert not shown(window) & {"training", "network"}
    qtbot.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: theme.scale() == 1.75, timeout=5_000)
    # What goes on and back stays for a room; what chooses and tunes is no reading for it.
    bar = window.page.step_bar
    assert bar.next_button.isVisible()
    assert not bar.sample.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: theme.scale() == 1.0, timeout=5_000)
    assert bar.sample.isVisible()
    qtbot.waitUntil(lambda: shown(window) == before, timeout=5_000)
    assert window.settings.text_size == 100


def test_a_room_reads_which_key_was_pressed_and_what_it_does(stepped, qtbot):
    window = stepped
    window.actions_["view.keys"].trigger()
    qtbot.keyClick(window, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: theme.scale() == 1.5, timeout=5_000)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Period)
    qtbot.waitUntil(window.pressed_keys.isVisible, timeout=5_000)
    assert "Next" in window.pressed_keys.text
    assert window.pressed_keys.text.startswith(".")
    qtbot.waitUntil(window.pressed_keys.isHidden, timeout=5_000)
    qtbot.keyClick(window, Qt.Key.Key_F12)
    qtbot.waitUntil(lambda: theme.scale() == 1.0, timeout=5_000)
    window.actions_["view.keys"].trigger()
