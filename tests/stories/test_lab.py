"""A learner finds two faults by nothing but what the window shows, and repairs them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel

from core.messages.snapshot import RunState
from tests.stories.driving import LEFT, find, press

pytestmark = pytest.mark.window

MOST = 60
"""Operations that a patient learner looks at."""


def text(window, name):
    return find(window, name, QLabel).text()


def place(snapshot):
    stepping = snapshot.stepping
    return None if stepping is None else (stepping.record.step, stepping.place)


def step_over(window, qtbot):
    before = place(window.snapshot)
    shown = window.page.bridge.snapshot_changed
    # Shown, not only computed: a busy machine computes the next before this one was read.
    with qtbot.waitSignal(
        shown, timeout=10_000, check_params_cb=lambda snapshot: place(snapshot) != before
    ):
        qtbot.keyClick(window, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: bool(text(window, "lab.numbers")), timeout=10_000)


def opened(window, qtbot, name):
    qtbot.waitUntil(lambda: window.page.name.startswith(name), timeout=30_000)
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    qtbot.waitUntil(lambda: find(window, "lab.line").isVisible(), timeout=30_000)


def differing(window, qtbot):
    """Steps on until a number is not what its rule gives."""
    for _ in range(MOST):
        step_over(window, qtbot)
        if "this code computed" in text(window, "lab.numbers"):
            return text(window, "lab.numbers")
    pytest.fail("nothing differs")


def answer(window, qtbot, place):
    choice = find(window, "lab.choice", QComboBox)
    choice.setCurrentIndex(place)
    choice.activated.emit(place)
    press(window, qtbot, "lab.check")


def test_two_faults_are_found_repaired_and_a_third_is_opened(window, qtbot):
    window.actions_["file.lab"].trigger()
    opened(window, qtbot, "Find the fault 1")
    assert window.experiments.perspective == "step"
    assert window.header.readout.broken.isVisible()
    assert text(window, "lab.line").startswith("Something here is broken.")

    # The first guess is made too early, and is told so.
    step_over(window, qtbot)
    press(window, qtbot, "lab.mark")
    answer(window, qtbot, 0)
    assert "computed what its rule gives" in text(window, "lab.verdict")

    # Where rule and number differ, the formula says the same, and no line of code is shown.
    said = differing(window, qtbot)
    formula = window.page.area.docks["formula"].widget()
    assert window.snapshot.stepping.entry.kind == "update"
    qtbot.waitUntil(lambda: formula.sentence.text().replace("\u2060", "") == said, timeout=5_000)
    assert not formula.card.pytorch_button.isEnabled()

    # Which of the faults: each that is not it says how it would show.
    press(window, qtbot, "lab.mark")
    choice, wrong = find(window, "lab.choice", QComboBox), 0
    for place in range(choice.count()):
        answer(window, qtbot, place)
        if text(window, "lab.line").startswith("Found:"):
            break
        wrong += 1
        assert text(window, "lab.verdict").startswith("The operation is right")
    assert wrong < choice.count()
    assert text(window, "lab.broken") == "p += rate * p.grad"
    assert text(window, "lab.repaired") == "p -= rate * p.grad"

    # Repaired it learns; undo breaks it again, redo repairs it.
    press(window, qtbot, "lab.repair")
    qtbot.waitUntil(lambda: text(window, "lab.line").startswith("Repaired:"), timeout=10_000)
    assert not window.header.readout.broken.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: text(window, "lab.line").startswith("Found:"), timeout=10_000)
    assert window.header.readout.broken.isVisible()
    press(window, qtbot, "lab.repair")
    qtbot.waitUntil(lambda: window.snapshot.spec.fault is None, timeout=10_000)

    # The next one: δ of the hidden layer is what came back to its output.
    press(window, qtbot, "lab.another")
    opened(window, qtbot, "Find the fault 2")
    differing(window, qtbot)
    stepping = window.snapshot.stepping
    assert stepping.entry.kind == "activation_gradient"
    press(window, qtbot, "lab.mark")
    choice = find(window, "lab.choice", QComboBox)
    slopes = [i for i in range(choice.count()) if "slope" in choice.itemText(i)]
    answer(window, qtbot, slopes[0])
    assert text(window, "lab.line").startswith("Found:")
    press(window, qtbot, "lab.another")
    opened(window, qtbot, "Find the fault 3")
    assert window.tabs.count() == 4


def test_a_broken_experiment_has_no_surface_and_says_why(window, qtbot):
    window.actions_["file.lab"].trigger()
    opened(window, qtbot, "Find the fault 1")
    qtbot.mouseClick(window.findChild(object, "perspective-surface"), LEFT)
    qtbot.waitUntil(
        lambda: any("broken on purpose" in n.message.text for n in window.page.notices.notices),
        timeout=20_000,
    )
    assert text(window, "lab.line") == (
        "This experiment is broken on purpose. Find its fault in Step."
    )
    assert window.page.bridge.survey.surface is None
