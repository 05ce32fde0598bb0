"""A learner builds a 2-3-1 network by mouse and takes one step of Adam apart, number by number."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from torch import nn

from app.canvas.model.layout import centre_of, line_of
from app.kit.forms.number_field import NumberField
from app.link.focus import Spot
from core.catalog.optimizers import Adam
from core.expression.latex import latex
from core.messages.record import Grain, Phase
from core.messages.snapshot import RunState

pytestmark = pytest.mark.window

LEFT = Qt.MouseButton.LeftButton


def canvas_of(window):
    return window.page.area.docks["graph"].widget()


def at(window, spot):
    """The pixel where a place of the network is drawn."""
    view = canvas_of(window).view
    centre = centre_of(view.control.state.layout, spot)
    if centre is None:
        x1, y1, x2, y2 = line_of(view.control.state.layout, spot)
        # Near one end, where no other edge crosses.
        centre = np.array([x1 + 0.15 * (x2 - x1), y1 + 0.15 * (y2 - y1)])
    return QPoint(*np.rint(view.control.viewport.to_screen(centre)).astype(int).tolist())


def stepping(window):
    return window.snapshot.stepping


def press(window, qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    """Presses a key and waits for what comes of it to be on the screen."""
    before = window.snapshot.version
    qtbot.keyClick(window, key, modifier)
    qtbot.waitUntil(lambda: window.snapshot.version > before, timeout=5_000)
    qtbot.waitUntil(lambda: canvas_of(window).control.snapshot is window.snapshot, timeout=5_000)


def one_step_of_pytorch(arrays):
    """The same step by a network written by hand in plain PyTorch: gradients and new weights."""
    network = nn.Sequential(nn.Linear(2, 3), nn.Sigmoid(), nn.Linear(3, 1), nn.Sigmoid())
    names = ["0.weight", "0.bias", "1.weight", "1.bias"]
    with torch.no_grad():
        for parameter, name in zip(network.parameters(), names, strict=True):
            parameter.copy_(torch.tensor(arrays[f"p:{name}"]))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    x, y = torch.tensor(arrays["x"]), torch.tensor(arrays["y"])
    loss = ((network(x) - y) ** 2).sum() / (2 * len(x))
    loss.backward()
    gradients = {n: p.grad.clone() for n, p in zip(names, network.parameters(), strict=True)}
    optimizer.step()
    after = {n: p.detach().clone() for n, p in zip(names, network.parameters(), strict=True)}
    return loss.item(), gradients, after


def assert_is_pytorchs(arrays, *, first_step):
    loss, gradients, after = one_step_of_pytorch(arrays)
    assert float(arrays["loss"]) == pytest.approx(loss, rel=1e-5)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(arrays[f"d:p:{name}"], gradient, rtol=1e-4, atol=1e-7)
        if first_step:
            np.testing.assert_allclose(arrays[f"after:{name}"], after[name], rtol=1e-4, atol=1e-6)


def rate_of(window, qtbot):
    """The field of the learning rate; that of the optimizer chosen before may still be there."""

    def shown():
        found = window.page.findChildren(QWidget, "training.optimizer.learning_rate")
        return [one for one in found if one.isVisible() and hasattr(one, "selectAll")] or [
            inner for one in found if one.isVisible() for inner in one.findChildren(NumberField)
        ]

    qtbot.waitUntil(lambda: len(shown()) == 1, timeout=5_000)
    return shown()[0]


@pytest.fixture
def debugger(window, qtbot):
    """A 2-3-1 network on XOR with Adam, built in Build and shown in Step."""
    window.experiments.open_preset("xor-2-2-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    more = window.page.findChild(object, "canvas.more.0")
    qtbot.mouseClick(more, LEFT)
    qtbot.waitUntil(lambda: window.snapshot.layers[0].output_shape == (3,), timeout=5_000)
    kinds = window.page.findChild(object, "training.optimizer.kind")
    kinds.setCurrentIndex(kinds.findData("adam"))
    kinds.activated.emit(kinds.currentIndex())
    qtbot.waitUntil(lambda: isinstance(window.snapshot.spec.optimizer, Adam), timeout=5_000)
    editor = rate_of(window, qtbot)
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "0.05")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.snapshot.spec.optimizer.learning_rate == 0.05, timeout=5_000)
    qtbot.mouseClick(window.findChild(object, "perspective-step"), LEFT)
    qtbot.waitUntil(lambda: canvas_of(window).isVisible(), timeout=5_000)
    canvas_of(window).view.setFocus()
    return window


def test_a_step_of_adam_is_taken_apart_number_by_number_and_taken_back(debugger, qtbot):
    window = debugger

    # Into the forward pass, neuron by neuron: only what is computed stands on the graph.
    for number in (1, 2, 3):
        press(window, qtbot, Qt.Key.Key_Period)
        entry = stepping(window).entry
        assert (entry.phase, entry.kind, entry.path) == (Phase.FORWARD, "linear", (0,))
        assert stepping(window).place.number == number
        known = stepping(window).known("z:0")
        assert known == (None if number == 3 else number)
    formula = window.page.area.docks["formula"].widget()
    qtbot.waitUntil(lambda: formula.card.formula is not None, timeout=5_000)
    arrays = stepping(window).record.arrays
    shown = formula.card.formula
    assert shown.value == pytest.approx(shown.result.value, rel=1e-4, abs=1e-6)
    assert shown.result.value in arrays["z:0"][0]

    # Over the rest of the forward pass and the loss, then through every chain-rule product.
    kinds = []
    while stepping(window).entry.phase is not Phase.UPDATE:
        press(window, qtbot, Qt.Key.Key_F8)
        kinds.append(stepping(window).entry.kind)
    assert kinds == [
        "activation", "linear", "activation", "loss_terms", "loss",
        "loss_gradient", "activation_gradient", "weight_gradient", "bias_gradient",
        "input_gradient", "activation_gradient", "weight_gradient", "bias_gradient", "update",
    ]  # fmt: skip
    assert_is_pytorchs(arrays, first_step=True)

    # Adam's update of one weight: back into it, and its rule in numbers.
    press(window, qtbot, Qt.Key.Key_Comma)
    press(window, qtbot, Qt.Key.Key_Comma)
    press(window, qtbot, Qt.Key.Key_Period)
    assert stepping(window).entry.kind == "update"
    assert stepping(window).place.number == 5
    qtbot.waitUntil(lambda: formula.card.formula.result.key == "after:0.weight", timeout=5_000)
    rule = formula.card.formula
    assert rule.value == pytest.approx(float(arrays["after:0.weight"][2, 0]), rel=1e-5)
    assert r"\hat{m}" in latex(rule.rule)

    # Three steps back, and a weight changed by hand on its card.
    place = stepping(window).place
    for _ in range(3):
        press(window, qtbot, Qt.Key.Key_Comma)
    assert stepping(window).place.number == place.number - 3
    assert window.snapshot.progress.step == 0
    spot = Spot((0,), 1, 0)
    qtbot.mouseClick(canvas_of(window).view, LEFT, pos=at(window, spot))
    weight = canvas_of(window).view.card.findChild(object, "canvas.card.weight")
    assert weight is not None
    weight.setFocus()
    weight.selectAll()
    qtbot.keyClicks(weight, "1.5")
    qtbot.keyClick(weight, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: float(stepping(window).record.arrays["p:0.weight"][1, 0]) == 1.5, timeout=5_000
    )
    assert stepping(window).place.number == place.number - 3
    qtbot.keyClick(canvas_of(window).view, Qt.Key.Key_Escape)

    # And on: every number is that of the changed network.
    changed = stepping(window).record.arrays
    assert_is_pytorchs(changed, first_step=True)
    press(window, qtbot, Qt.Key.Key_Period)
    grains = window.page.findChild(object, "step.grain")
    grains.setCurrentIndex(list(Grain).index(Grain.ITERATION))
    grains.activated.emit(grains.currentIndex())
    canvas_of(window).view.setFocus()
    press(window, qtbot, Qt.Key.Key_Period)
    assert window.snapshot.progress.step == 1
    press(window, qtbot, Qt.Key.Key_Period)
    assert window.snapshot.progress.step == 2
    assert_is_pytorchs(stepping(window).record.arrays, first_step=False)

    # Undo brings the old weight back.
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 0, timeout=5_000)


def test_the_gradients_are_checked_and_the_badge_says_so(debugger, qtbot):
    window = debugger
    press(window, qtbot, Qt.Key.Key_F8)
    qtbot.mouseClick(window.page.findChild(object, "check.button"), LEFT)
    qtbot.waitUntil(lambda: window.snapshot.check is not None, timeout=20_000)
    check = window.snapshot.check
    assert check.refused is None
    assert check.checked + check.kinks == 2 * 3 + 3 + 3 + 1
    assert check.largest < 1e-3
    qtbot.waitUntil(
        lambda: "13" in window.page.findChild(object, "check.text").text(), timeout=5_000
    )


def test_training_is_visited_in_its_past_and_continued_from_there(debugger, qtbot):
    window = debugger
    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.progress.step > 300, timeout=30_000)
    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.PAUSED, timeout=5_000)
    newest = window.snapshot.progress.step
    slider = window.page.findChild(object, "timeline.slider")
    qtbot.waitUntil(lambda: slider.value() == newest, timeout=5_000)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 0, timeout=5_000)
    assert window.snapshot.timeline.last == newest
    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: len(window.snapshot.timeline.branches) == 1, timeout=5_000)
    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.PAUSED, timeout=5_000)
    assert window.snapshot.timeline.branches[0].curves.train_loss.steps[-1] == newest
