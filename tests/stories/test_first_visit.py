"""A new user starts Chainrule, trains the digits network, and has it read a seven they draw."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from core.messages.snapshot import RunState
from tests.stories.strokes import SEVEN, stroke

pytestmark = pytest.mark.window


def child(window, name):
    found = window.page.findChild(object, name)
    assert found is not None, name
    return found


def test_a_new_user_trains_the_digits_network_and_has_their_seven_read(window, qtbot):
    assert window.snapshot.spec.name == "Digits, any hand"
    assert window.snapshot.state is RunState.READY

    train = window.findChild(object, "button-train")
    qtbot.mouseClick(train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.snapshot.progress.epoch >= 2, timeout=60_000)
    assert window.snapshot.state is RunState.RUNNING
    assert window.snapshot.curves.test_accuracy.last > 0.85

    # While it still trains, they draw.
    answers = []
    window.page.bridge.predicted.connect(answers.append)
    stroke(child(window, "digits.pad"), SEVEN)
    # Trained weights answer: those of the first moment may say anything.
    qtbot.waitUntil(lambda: bool(answers) and answers[-1].step > 1875, timeout=10_000)
    qtbot.waitUntil(lambda: read_digit(answers) == 7, timeout=10_000)
    assert window.snapshot.state is RunState.RUNNING

    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.PAUSED, timeout=5_000)
    step = window.snapshot.progress.step
    qtbot.waitUntil(lambda: answers[-1].step == step, timeout=5_000)
    assert read_digit(answers) == 7
    assert abs(float(answers[-1].probabilities.sum()) - 1) < 1e-5
    assert answers[-1].input.shape == (28, 28)


def read_digit(answers) -> int | None:
    """What the newest answer takes the drawing for."""
    if not answers or answers[-1].probabilities is None:
        return None
    return int(answers[-1].probabilities.argmax())


def test_wiping_the_pad_leaves_nothing_predicted(window, qtbot):
    pad = child(window, "digits.pad")
    answers = []
    window.page.bridge.predicted.connect(answers.append)
    stroke(pad, SEVEN)
    qtbot.waitUntil(lambda: read_digit(answers) is not None, timeout=10_000)
    qtbot.keyClick(pad, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: answers[-1].probabilities is None, timeout=10_000)


def test_training_is_undisturbed_by_a_change_of_the_rate_and_can_be_reset(window, qtbot):
    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.progress.step > 100, timeout=30_000)
    field = child(window, "training.optimizer.learning_rate")
    step = window.snapshot.progress.step
    editor = field if hasattr(field, "selectAll") else field.findChildren(type(field))[0]
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "0.05")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.snapshot.spec.optimizer.learning_rate == 0.05, timeout=5_000)
    qtbot.waitUntil(lambda: window.snapshot.progress.step > step, timeout=5_000)
    assert window.snapshot.state is RunState.RUNNING
    assert window.snapshot.undo is not None

    window.actions_["run.reset"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 0, timeout=10_000)
    assert window.snapshot.spec.optimizer.learning_rate == 0.05
