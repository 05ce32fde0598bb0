"""How parameters move over a run: measured right, kept small."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.debugger.statistics import BINS, Statistics

floats = st.floats(-1e4, 1e4, width=32, allow_subnormal=False)
rising = st.lists(st.integers(1, 60), min_size=1, max_size=60).map(np.cumsum)


def measure(statistics, step, weight, gradient=None, update=None, *, name="0.weight"):
    """One parameter; its gradient and update are its own values where none are given."""
    gradient = weight if gradient is None else gradient
    update = weight if update is None else update
    rows = [[torch.tensor(row, dtype=torch.float32)] for row in (weight, gradient, update)]
    statistics.measure(int(step), [name], *rows)
    return statistics


def only(statistics):
    (history,) = statistics.view()
    return history


def test_norm_and_ratio_are_those_of_the_textbook():
    history = only(measure(Statistics(), 1, [[3.0, 0.0], [0.0, 4.0]], [6.0, 8.0], [0.03, 0.04]))
    assert history.name == "0.weight"
    assert history.gradient_norm[0] == pytest.approx(10.0)
    assert history.ratio[0] == pytest.approx(0.05 / 5.0)


def test_a_ratio_to_zero_weights_is_not_a_number():
    history = only(measure(Statistics(), 1, [0.0, 0.0], [1.0, 1.0], [0.1, 0.1]))
    assert math.isnan(history.ratio[0])


@settings(deadline=None)
@given(st.lists(floats, min_size=1, max_size=200))
def test_a_histogram_counts_every_value_between_the_least_and_the_largest(values):
    history = only(measure(Statistics(), 1, values, [0.0]))
    values = np.float32(values)
    assert history.weights[0].sum() == len(values)
    assert history.weight_edges[0].tolist() == [values.min(), values.max()]
    if values.max() > values.min():
        assert history.weights[0][0] >= 1
        assert history.weights[0][-1] >= 1


@settings(deadline=None)
@given(st.lists(st.integers(0, BINS - 1), min_size=1, max_size=100))
def test_each_value_falls_into_its_bin(bins):
    """Values in the middle of bins of width 1/4, so that no rounding can decide."""
    middles = [(place + 0.5) / 4 for place in bins]
    values = [0.0, *middles, BINS / 4]
    expected, _ = np.histogram(values, BINS, (0, BINS / 4))
    history = only(measure(Statistics(), 1, [0.0], values))
    assert history.gradients[0].tolist() == expected.tolist()


def test_equal_values_stand_in_the_middle():
    history = only(measure(Statistics(), 1, [2.5, 2.5, 2.5]))
    assert history.weight_edges[0].tolist() == [2.5, 2.5]
    assert history.weights[0][BINS // 2] == history.weights[0].sum() == 3


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_are_left_out_of_the_histogram(bad):
    history = only(measure(Statistics(), 1, [1.0, bad, 2.0], [bad, bad]))
    assert history.weight_edges[0].tolist() == [1.0, 2.0]
    assert history.weights[0].sum() == 2
    assert history.gradient_edges[0].tolist() == [0.0, 0.0]
    assert history.gradients[0].sum() == 0
    assert not math.isfinite(history.gradient_norm[0])


def test_values_as_large_as_floats_can_be_are_binned():
    history = only(measure(Statistics(), 1, [-3e38, 0.0, 3e38]))
    assert (history.weights[0][0], history.weights[0][BINS // 2], history.weights[0][-1]) == (
        1,
        1,
        1,
    )


@settings(deadline=None, max_examples=50)
@given(rising, st.sampled_from([2, 4, 16]))
def test_it_stays_small_and_always_holds_the_newest(steps, capacity):
    statistics = Statistics(capacity)
    for step in steps:
        measure(statistics, step, [float(step)])
        history = only(statistics)
        assert 1 <= len(history.steps) <= capacity
        assert history.steps[-1] == step
        assert bool((np.diff(history.steps) > 0).all())
        assert set(history.steps) <= set(steps)
        assert history.gradient_norm.tolist() == history.steps.tolist()
        assert history.weight_edges[:, 0].tolist() == history.steps.tolist()
        for array in (history.ratio, history.weights, history.gradients, history.gradient_edges):
            assert len(array) == len(history.steps)


def test_a_long_run_keeps_at_least_half_of_its_room_evenly():
    statistics = Statistics(16)
    for step in range(1, 1001):
        measure(statistics, step, [1.0])
    steps = only(statistics).steps
    assert 8 <= len(steps) <= 16
    assert len(set(np.diff(steps[:-1]))) == 1


def test_going_back_forgets_what_came_after():
    statistics = Statistics()
    for step in (1, 5, 9):
        measure(statistics, step, [float(step)])
    statistics.truncate(5)
    assert only(statistics).steps.tolist() == [1, 5]
    measure(statistics, 3, [7.0])
    assert only(statistics).steps.tolist() == [1, 3]
    assert only(statistics).gradient_norm.tolist() == [1.0, 7.0]
    statistics.truncate(0)
    assert statistics.view() == ()


def test_nothing_new_gives_the_very_same_view():
    statistics = measure(Statistics(), 1, [1.0])
    view = statistics.view()
    assert statistics.view() is view
    statistics.truncate(1)
    assert statistics.view() is view
    measure(statistics, 2, [1.0])
    assert statistics.view() is not view


def test_a_view_is_read_only_and_does_not_move():
    statistics = measure(Statistics(4), 1, [1.0])
    history = only(statistics)
    for array in (history.steps, history.ratio, history.weights, history.weight_edges):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
    for step in range(2, 30):
        measure(statistics, step, [9.0])
    assert history.steps.tolist() == [1]
    assert history.gradient_norm.tolist() == [1.0]


def test_another_network_begins_anew():
    statistics = measure(Statistics(), 1, [1.0])
    measure(statistics, 2, [1.0], name="1.weight")
    assert only(statistics).name == "1.weight"
    assert only(statistics).steps.tolist() == [2]


def test_each_parameter_has_a_history_of_its_own():
    statistics = Statistics()
    rows = [torch.ones(2, 3), torch.zeros(2)]
    for step in (1, 2):
        statistics.measure(step, ["0.weight", "0.bias"], rows, rows, rows)
    weight, bias = statistics.view()
    assert (weight.name, bias.name) == ("0.weight", "0.bias")
    assert weight.gradient_norm.tolist() == pytest.approx([math.sqrt(6)] * 2)
    assert weight.weights.sum(1).tolist() == [6, 6]
    assert bias.weights.sum(1).tolist() == [2, 2]


def test_a_network_with_nothing_to_learn_has_no_history():
    statistics = Statistics()
    statistics.measure(1, [], [], [], [])
    assert statistics.view() == ()
