"""Somebody new sees a few things and a sentence, and finds the rest behind *More*."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.window.perspectives import PERSPECTIVES
from core.messages.snapshot import RunState
from tests.first_sight import controls
from tests.stories.strokes import SEVEN, stroke

pytestmark = pytest.mark.window

LEFT = Qt.MouseButton.LeftButton

MOST = {"build": 30, "train": 16, "step": 26, "surface": 16}
"""Controls in sight at first; there were 44, 39, 40 and 41, when Learn did not stand in the row."""


def press(window, qtbot, name):
    qtbot.mouseClick(window.findChild(object, name), LEFT)


def settle(window, qtbot):
    for _ in range(3):
        with qtbot.waitSignal(window.page.bridge.ticked, timeout=5_000):
            pass


def test_a_first_start_shows_few_things_in_every_perspective_and_more_shows_all(
    first_window, qtbot
):
    window = first_window
    # What a first start offers is gone as soon as somebody has chosen, and for good.
    before = window.page
    press(window, qtbot, "welcome.digits")
    assert window.page is before  # they are open already, and that is said
    assert "You are there" in window.status.currentMessage()
    assert window.welcome.isHidden()
    assert window.settings.is_welcomed
    # In Learn the lesson chooses what is shown.
    for perspective in (one for one in PERSPECTIVES if not one.is_staged):
        press(window, qtbot, f"perspective-{perspective.id}")
        settle(window, qtbot)
        few = len(controls(window))
        assert few <= MOST[perspective.id], [one.objectName() for one in controls(window)]
        assert window.header.guide.text()
        press(window, qtbot, "button-more")
        settle(window, qtbot)
        assert len(controls(window)) > few + 8
        press(window, qtbot, "button-more")
        settle(window, qtbot)
        # A surface that has come meanwhile may offer a choice of what it shows.
        assert len(controls(window)) <= MOST[perspective.id]


def test_a_new_user_follows_the_sentences_from_train_to_a_digit_that_is_read(first_window, qtbot):
    window = first_window
    assert "Press Train" in window.header.guide.text()
    assert window.page.area.docks["timeline"].isHidden()  # and with it the memory it takes
    press(window, qtbot, "button-train")
    qtbot.waitUntil(lambda: window.snapshot.progress.epoch >= 1, timeout=60_000)
    qtbot.waitUntil(lambda: "Draw a digit on the pad" in window.header.guide.text(), timeout=5_000)
    answers = []
    window.page.bridge.predicted.connect(answers.append)
    stroke(window.page.findChild(object, "digits.pad"), SEVEN)
    qtbot.waitUntil(lambda: bool(answers) and answers[-1].step > 1000, timeout=10_000)
    press(window, qtbot, "button-train")
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.PAUSED, timeout=5_000)

    # More: the form is there, and a rate typed into it acts.
    press(window, qtbot, "button-more")
    settle(window, qtbot)
    field = window.page.findChild(object, "training.optimizer.learning_rate")
    assert field.isVisible()
    assert window.page.findChild(object, "timeline.budget").isVisible()


def test_at_a_first_start_no_button_has_the_focus_ring_and_tab_goes_to_the_first(
    first_window, qtbot
):
    window = first_window
    assert not isinstance(window.focusWidget(), QAbstractButton)
    qtbot.keyClick(window, Qt.Key.Key_Tab)
    assert isinstance(window.focusWidget(), QWidget)
    assert window.focusWidget() is not window


def test_a_first_start_offers_a_lesson_in_one_click(first_window, qtbot):
    window = first_window
    press(window, qtbot, "welcome.lesson")
    qtbot.waitUntil(lambda: window.page.findChild(QWidget, "learn.heading") is not None)
    heading = window.page.findChild(QWidget, "learn.heading")
    qtbot.waitUntil(heading.isVisible, timeout=5_000)
    qtbot.waitUntil(lambda: window.snapshot.spec.name == "One neuron", timeout=10_000)
    assert window.welcome.isHidden()


def test_the_offer_goes_once_somebody_has_begun_without_it(first_window, qtbot):
    window = first_window
    assert window.welcome.isVisible()
    press(window, qtbot, "perspective-step")  # looking around is no beginning
    settle(window, qtbot)
    assert window.welcome.isVisible()
    press(window, qtbot, "step.next")
    qtbot.waitUntil(window.welcome.isHidden, timeout=10_000)
    assert window.settings.is_welcomed


def test_a_first_start_offers_a_blank_network(first_window, qtbot):
    window = first_window
    press(window, qtbot, "welcome.blank")
    qtbot.waitUntil(lambda: window.snapshot.spec.name == "Blank network", timeout=10_000)
    assert window.experiments.perspective == "build"
