"""Ctrl+Z right after a number was typed takes that number back, wherever it was typed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.link.focus import Spot
from tests.stories.test_by_hand import open_first_card
from tests.stories.test_debugger import LEFT, at, canvas_of, rate_of

pytestmark = pytest.mark.window

CONTROL = Qt.KeyboardModifier.ControlModifier


def type_over(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_ctrl_z_in_a_field_takes_back_what_was_typed_and_says_what(window, qtbot):
    open_first_card(window, qtbot)
    undo = window.actions_["edit.undo"]

    rate = rate_of(window, qtbot)
    type_over(qtbot, rate, "0.1")
    qtbot.waitUntil(lambda: window.snapshot.spec.optimizer.learning_rate == 0.1, timeout=5_000)
    qtbot.waitUntil(lambda: undo.text() == "Undo: Learning rate η 0.5 to 0.1", timeout=5_000)
    qtbot.keyClick(rate, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: window.snapshot.spec.optimizer.learning_rate == 0.5, timeout=5_000)
    qtbot.waitUntil(lambda: rate.text() == "0.5", timeout=5_000)

    card = window.page.findChild(QWidget, "network.layer.1")
    qtbot.mouseClick(card, LEFT, pos=QPoint(card.width() // 3, 20))
    bias = window.page.findChild(QWidget, "network.layer.1.bias")
    qtbot.waitUntil(bias.isVisible, timeout=5_000)

    spot = Spot((0,), 0, 1)
    before = window.snapshot.values
    qtbot.mouseClick(canvas_of(window).view, LEFT, pos=at(window, spot))
    weight = canvas_of(window).view.card.findChild(QWidget, "canvas.card.weight")
    type_over(qtbot, weight, "0.75")
    qtbot.waitUntil(lambda: bool(window.snapshot.spec.by_hand.start), timeout=5_000)
    qtbot.waitUntil(undo.isEnabled, timeout=5_000)
    qtbot.keyClick(weight, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: not window.snapshot.spec.by_hand.start, timeout=5_000)
    assert window.snapshot.undo is None
    assert before is not None


def test_ctrl_z_amid_typing_takes_back_letters_and_leaves_the_experiment_alone(window, qtbot):
    open_first_card(window, qtbot)
    rate = rate_of(window, qtbot)
    type_over(qtbot, rate, "0.1")
    qtbot.waitUntil(lambda: window.snapshot.spec.optimizer.learning_rate == 0.1, timeout=5_000)
    rate.selectAll()
    qtbot.keyClicks(rate, "7")
    qtbot.keyClick(rate, Qt.Key.Key_Z, CONTROL)
    assert rate.text() != "7"
    assert window.snapshot.spec.optimizer.learning_rate == 0.1


def test_ctrl_z_after_stepping_a_count_takes_it_back(window, qtbot):
    window.experiments.open_preset("xor-2-2-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state.is_idle, timeout=30_000)
    qtbot.keyClick(window, Qt.Key.Key_1, CONTROL)
    card = window.page.findChild(QWidget, "network.layer.1")
    qtbot.mouseClick(card, LEFT, pos=QPoint(card.width() // 3, 20))
    qtbot.waitUntil(lambda: window.page.findChild(QWidget, "network.layer.1.units") is not None)
    units = window.page.findChild(QWidget, "network.layer.1.units")
    type_over(qtbot, units, "5")
    qtbot.waitUntil(lambda: window.snapshot.layers[0].output_shape == (5,), timeout=5_000)
    qtbot.waitUntil(window.actions_["edit.undo"].isEnabled, timeout=5_000)
    qtbot.keyClick(units, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: window.snapshot.layers[0].output_shape == (2,), timeout=5_000)
    qtbot.waitUntil(lambda: units.value() == 2, timeout=5_000)
    # A count that cannot be is refused in words.
    type_over(qtbot, units, "0")
    said = {label.text() for label in window.page.findChildren(QLabel) if label.isVisible()}
    assert "It has to be 1 or more." in said
    assert window.snapshot.layers[0].output_shape == (2,)
