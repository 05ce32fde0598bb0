"""A learner has a rate found for XOR, trains with it, and finds the trials to say the same."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from core.catalog.activations import Tanh
from core.data.logic import XorGate
from core.experiment.layers import Dense
from core.messages.edits import add_layer, set_data
from core.messages.race import Verdict
from core.messages.snapshot import RunState
from tests.stories.driving import LEFT, PATIENCE, find, press

pytestmark = pytest.mark.window


@pytest.fixture
def xor(window, qtbot):
    """The logistic regression, turned into 2-3-1 over XOR, in perspective Surface."""
    window.experiments.open_preset("logistic-2-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=PATIENCE)
    window.page.bridge.dispatch(set_data(XorGate()))
    window.page.bridge.dispatch(add_layer((0,), Dense(units=3, activation=Tanh())))
    qtbot.waitUntil(lambda: len(window.snapshot.spec.layers) == 2, timeout=PATIENCE)
    qtbot.mouseClick(window.findChild(QWidget, "perspective-surface"), LEFT)
    return window


def test_a_rate_that_is_found_lowers_the_loss_and_the_trials_do_not_contradict(xor, qtbot):
    window, bridge = xor, xor.page.bridge
    window.page.area.docks["range"].raise_()
    press(window, qtbot, "range.run")
    qtbot.waitUntil(
        lambda: bridge.contest.range_test is not None and bridge.contest.range_test.done,
        timeout=PATIENCE,
    )
    found = bridge.contest.range_test
    assert found.best is not None
    notes = find(window, "range.notes", QLabel)
    qtbot.waitUntil(lambda: f"Trained for 200 steps at {found.best:g}" in notes.text())
    press(window, qtbot, "range.use")
    qtbot.waitUntil(lambda: window.snapshot.spec.optimizer.learning_rate == found.best)

    window.page.area.docks["rates"].raise_()
    press(window, qtbot, "rates.run")
    qtbot.waitUntil(
        lambda: bridge.contest.grid is not None and bridge.contest.grid.done, timeout=PATIENCE
    )
    grid = bridge.contest.grid
    (row,) = (i for i, one in enumerate(grid.optimizers) if one.kind == "gd")
    tried = [
        v for rate, v in zip(grid.rates, grid.verdicts[row], strict=True) if rate <= found.best
    ]
    assert tried
    assert Verdict.EXPLODES not in tried

    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.progress.step >= 200, timeout=PATIENCE)
    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.PAUSED, timeout=PATIENCE)
    losses = window.snapshot.curves.train_loss.values
    assert losses[-1] < losses[0]
