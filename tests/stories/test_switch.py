"""A learner changes the optimizer amid a run: it comes with its own rate, and the curve says so."""

from __future__ import annotations

from itertools import cycle

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from core.catalog.optimizers import Adam
from core.messages.snapshot import RunState
from tests.stories.driving import LEFT, PATIENCE, find, train

pytestmark = pytest.mark.window


@pytest.fixture
def trained(window, qtbot):
    """XOR after some steps of gradient descent at its rate of 5, in perspective Train."""
    window.experiments.open_preset("xor-2-2-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=PATIENCE)
    qtbot.mouseClick(window.findChild(QWidget, "perspective-train"), LEFT)
    train(window, qtbot, 100)
    return window


def choose_adam(window, qtbot):
    combo = find(window, "training.optimizer.kind", QComboBox)
    qtbot.waitUntil(combo.isVisible, timeout=PATIENCE)
    combo.setFocus()
    combo.showPopup()
    combo.view().setCurrentIndex(combo.model().index(combo.findText("Adam"), 0))
    qtbot.keyClick(combo.view(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(window.snapshot.spec.optimizer, Adam), timeout=PATIENCE)


def test_another_optimizer_comes_with_its_own_rate_one_click_keeps_the_old_and_undo_goes_back(
    trained, qtbot
):
    window = trained
    choose_adam(window, qtbot)
    assert window.snapshot.spec.optimizer == Adam()
    text = find(window, "training.optimizer.switched.text", QLabel)
    qtbot.waitUntil(text.isVisible)
    assert "its learning rate is 0.001, it was 5" in text.text()

    button = find(window, "training.optimizer.switched.rate")
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: window.snapshot.spec.optimizer == Adam(learning_rate=5.0))
    qtbot.waitUntil(lambda: not text.isVisible())
    undo = window.actions_["edit.undo"]
    for optimizer in (Adam(), None):
        qtbot.waitUntil(undo.isEnabled, timeout=PATIENCE)
        undo.trigger()
        if optimizer is not None:
            qtbot.waitUntil(lambda wanted=optimizer: window.snapshot.spec.optimizer == wanted)
    qtbot.waitUntil(lambda: window.snapshot.spec.optimizer.kind == "gd", timeout=PATIENCE)
    assert window.snapshot.spec.optimizer.learning_rate == 5.0
    qtbot.waitUntil(lambda: not text.isVisible())


def test_a_change_amid_a_run_is_marked_on_the_curve_and_read_by_pointing_at_it(trained, qtbot):
    window = trained
    before = window.snapshot.progress.step
    choose_adam(window, qtbot)
    train(window, qtbot, 100)
    (mark,) = window.snapshot.curves.changes
    assert mark.step == before
    plot, readout = find(window, "curves.loss"), find(window, "curves.readout", QLabel)
    box = plot.getViewBox()

    beside = cycle((0, 2))

    def point_at(height):
        """The picture may still grow while the pointer is on its way; and of two movements close
        together pyqtgraph takes the first alone."""
        pixel = plot.mapFromScene(box.mapViewToScene(QPointF(mark.step, height)))
        QTest.mouseMove(plot.viewport(), pixel + QPoint(next(beside), 0))

    def reads_the_mark():
        point_at(sum(box.viewRange()[1]) / 2)
        return said in readout.text()

    def shows_its_tooltip():
        point_at(box.viewRange()[1][1] - 6 * box.viewPixelSize()[1])  # on the arrow
        return said in box.toolTip()

    said = "Optimizer: Gradient descent → Adam; Learning rate η: 5 → 0.001"
    qtbot.waitUntil(reads_the_mark, timeout=PATIENCE)
    qtbot.waitUntil(shows_its_tooltip, timeout=PATIENCE)
