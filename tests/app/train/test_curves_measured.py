"""What was measured when, and over what: the test curve is no better known than it was measured."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.numbers import four_digits
from app.train.curves.plot import is_alone, joined
from app.train.curves.view import CurvesView
from core.messages.curves import Curve, Curves
from tests.app.measured import at, curve, falling, shown


@pytest.fixture
def view(qtbot, fake_bridge):
    widget = CurvesView(fake_bridge)
    qtbot.addWidget(widget)
    widget.resize(820, 640)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_the_legend_speaks_of_the_step_that_is_looked_at(view, fake_bridge):
    view.tools.smoothing.setValue(0)
    curves = falling(100)
    fake_bridge.present(at(fake_bridge, curves, step=150))
    train = four_digits(float(curves.train_loss.values[14]))
    assert view.loss_legend.text() == f"Loss: training {train}, test 1.500"


def test_points_of_the_test_curve_that_lie_far_apart_are_points_and_no_line(view, fake_bridge):
    test = Curve(np.array([0, 870, 1200], np.int64), np.array([2.3, 0.1, 0.08], np.float32))
    fake_bridge.present(at(fake_bridge, Curves(curve(np.linspace(2, 1, 120)), test_loss=test)))
    steps, values = shown(view.loss, "test")
    assert steps.tolist() == [0, 870, 870, 1200]
    assert np.isnan(values).tolist() == [False, True, False, False]
    points = view.loss._points["test"].getData()[0]
    assert points.tolist() == [0, 870, 1200]


@given(st.sets(st.integers(0, 5000), max_size=60))
def test_a_line_joins_just_those_neighbours_between_which_the_steps_no_more_than_double(steps):
    steps = np.array(sorted(steps), np.int64)
    x, y = joined(Curve(steps, np.ones(len(steps), np.float32)))
    gaps = {int(step) for step in x[np.isnan(y)]}
    expected = {b for a, b in pairwise(steps.tolist()) if b > 2 * a + 1}
    assert gaps == expected
    assert x[~np.isnan(y)].tolist() == steps.tolist()
    alone = [
        (i == 0 or steps[i] in expected) and (i + 1 == len(steps) or steps[i + 1] in expected)
        for i in range(len(steps))
    ]
    assert is_alone(steps).tolist() == alone


def test_rings_are_of_the_whole_test_set_and_the_line_beneath_says_of_which_part_it_is(
    view, fake_bridge
):
    rings = Curve(np.array([250], np.int64), np.array([0.9], np.float32))
    curves = replace(falling(50), whole_loss=rings, test_part=1000, test_count=10_000)
    fake_bridge.present(at(fake_bridge, curves))
    assert [line.tolist() for line in view.loss._rings.getData()] == [[250], [0.8999999761581421]]
    assert "1,000 of the 10,000 test samples" in view.readout.text()
    view.loss.pointed.emit(240.0)
    assert "test measured at step 200" in view.readout.text()
    view.loss.pointed.emit(200.0)
    assert "measured" not in view.readout.text()
    fake_bridge.present(at(fake_bridge, replace(falling(50), test_part=100, test_count=100)))
    view.loss.pointed.emit(None)
    assert "test samples" not in view.readout.text()
