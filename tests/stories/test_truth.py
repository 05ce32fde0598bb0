"""What is shown is of where one stands, and says when it was measured."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.kit.numbers import four_digits, percent
from core.messages.snapshot import RunState
from core.training.grid import PART

pytestmark = pytest.mark.window


def text_of(window, name):
    """Of the header, or of the page in front."""
    found = window.page.findChild(object, name) or window.header.findChild(object, name)
    return found.text()


def opened(window, qtbot, preset):
    window.experiments.open_preset(preset)
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)


def test_the_test_figures_of_a_convolutional_network_keep_up_with_its_training(window, qtbot):
    """Seen were 870 steps of "Test accuracy 9.54%" while the training accuracy was 97 %."""
    opened(window, qtbot, "cnn-mnist")
    train = window.findChild(object, "button-train")
    qtbot.mouseClick(train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.snapshot.progress.step >= 150, timeout=60_000)
    # Amid the first epoch: measured after 1, 2, 4, ... 128 steps, over the fixed part.
    curves = window.snapshot.curves
    measured = curves.test_accuracy.steps.tolist()
    assert [step for step in measured if step <= 128] == [0, 1, 2, 4, 8, 16, 32, 64, 128]
    assert curves.test_part == PART
    assert curves.test_accuracy_at(150).value > 0.8
    qtbot.waitUntil(
        lambda: text_of(window, "readout-tests") == "step 128, 1,000 of 10,000", timeout=10_000
    )
    assert window.snapshot.state is RunState.RUNNING

    qtbot.mouseClick(train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.PAUSED, timeout=5_000)
    step = window.snapshot.progress.step

    def measured_whole():
        found = window.snapshot.curves.test_accuracy_at(step)
        return (found.step, found.over) == (step, 10_000)

    qtbot.waitUntil(measured_whole, timeout=20_000)
    qtbot.waitUntil(lambda: text_of(window, "readout-tests") == "", timeout=5_000)
    shown = text_of(window, "readout-test-accuracy-number")
    assert shown == percent(window.snapshot.curves.test_accuracy_at(step).value)
    # And no line of the picture joins what lies far apart.
    plot = window.page.findChild(object, "curves.accuracy")
    qtbot.waitUntil(lambda: len(plot._rings.getData()[0]) >= 1, timeout=5_000)
    drawn = plot.lines[-1]
    assert not np.isnan(drawn.y).any()
    assert np.all(drawn.x[1:] <= 2 * drawn.x[:-1] + 1)


def test_headline_timeline_and_debugger_speak_of_the_step_one_stands_at(window, qtbot):
    """Seen at step 4 of 7 were the losses of step 7, and "Step 5" beside "Step 4 of 7"."""
    opened(window, qtbot, "three-2-8-3")
    for step in range(1, 8):
        qtbot.waitUntil(window.actions_["run.step"].isEnabled, timeout=5_000)
        window.actions_["run.step"].trigger()
        qtbot.waitUntil(lambda step=step: window.snapshot.progress.step == step, timeout=5_000)
        qtbot.waitUntil(lambda: window.snapshot.state is RunState.PAUSED, timeout=5_000)
    curves = window.snapshot.curves
    qtbot.waitUntil(lambda: window.snapshot.curves.test_loss_at(7).step == 7, timeout=5_000)
    qtbot.waitUntil(lambda: headline(window) == expected(window, 7), timeout=5_000)
    newest = headline(window)

    # Back to step 4, by the slider and the mouse.
    slider = window.page.findChild(object, "timeline.slider")
    place = QPoint(round(slider.x_of(4)), slider.height() // 2)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 4, timeout=5_000)
    qtbot.waitUntil(lambda: headline(window) == expected(window, 4), timeout=5_000)
    assert headline(window) != newest
    assert float(headline(window)[0]) == pytest.approx(curves.train_loss.values[3], rel=1e-3)
    assert text_of(window, "timeline.label") == "After step 4 of 7"

    # Into the step that follows: both name the same one.
    window.findChild(object, "action.perspective.step").trigger()
    window.actions_["step.next"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.stepping is not None, timeout=5_000)
    qtbot.waitUntil(lambda: text_of(window, "timeline.label") == "In step 5 of 7", timeout=5_000)
    assert "step 5" in text_of(window, "step.where")
    assert headline(window) == expected(window, 4)
    window.actions_["step.leave"].trigger()
    qtbot.waitUntil(lambda: text_of(window, "timeline.label") == "After step 4 of 7", timeout=5_000)

    way_back = window.page.findChild(object, "timeline.newest")
    qtbot.waitUntil(way_back.isVisible, timeout=5_000)
    qtbot.mouseClick(way_back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 7, timeout=5_000)
    qtbot.waitUntil(lambda: headline(window) == newest, timeout=5_000)


def headline(window):
    names = ("train-loss", "test-loss", "test-accuracy")
    return tuple(text_of(window, f"readout-{name}-number") for name in names)


def expected(window, step):
    """The same, from the curves."""
    curves = window.snapshot.curves
    losses = curves.train_loss_at(step).value, curves.test_loss_at(step).value
    accuracy = curves.test_accuracy_at(step)
    assert accuracy.step == step
    return (*map(four_digits, losses), percent(accuracy.value))
