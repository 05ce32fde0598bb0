"""Curves that stay small and lose nothing; accuracy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.training.evaluation import Score
from core.training.measuring import Measured
from core.training.metrics import BinnedCurve, PointCurve, Slice, accuracy_of

pieces = st.lists(
    st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=40), min_size=1, max_size=8
)


def filled(rows, capacity):
    curve = BinnedCurve(capacity)
    step = 1
    for row in rows:
        curve.add(step, np.array(row, np.float32))
        step += len(row)
    return curve


def counts(curve):
    """How many steps each point stands for: up to the point before."""
    return np.diff([0, *curve.steps])


@settings(deadline=None)
@given(pieces, st.sampled_from([2, 4, 8, 64]))
def test_a_binned_curve_keeps_the_count_and_the_mean_of_any_sequence(rows, capacity):
    values = np.array([value for row in rows for value in row], np.float64)
    curve = filled(rows, capacity).curve()
    assert len(curve) <= capacity
    assert curve.steps[-1] == len(values)
    assert bool((counts(curve) > 0).all())
    mean = (curve.values.astype(np.float64) * counts(curve)).sum() / len(values)
    assert mean == pytest.approx(values.mean(), rel=1e-5, abs=1e-3)


@settings(deadline=None)
@given(pieces, st.sampled_from([2, 8]))
def test_each_point_is_the_mean_of_the_steps_it_stands_for(rows, capacity):
    values = np.array([value for row in rows for value in row], np.float64)
    curve = filled(rows, capacity).curve()
    starts = [0, *curve.steps[:-1]]
    expected = [values[a:b].mean() for a, b in zip(starts, curve.steps, strict=True)]
    np.testing.assert_allclose(curve.values, expected, rtol=1e-5, atol=1e-3)


@given(pieces)
@settings(deadline=None)
def test_it_does_not_matter_in_what_pieces_values_come(rows):
    once = filled([[value for row in rows for value in row]], 8).curve()
    pieced = filled(rows, 8).curve()
    np.testing.assert_array_equal(once.steps, pieced.steps)
    np.testing.assert_array_equal(once.values, pieced.values)


def test_while_it_is_short_a_binned_curve_is_the_values_themselves():
    curve = filled([[3.0, 1.0], [2.0]], 4).curve()
    assert curve.steps.tolist() == [1, 2, 3]
    assert curve.values.tolist() == [3.0, 1.0, 2.0]
    assert curve.last == 2.0


def test_a_truncated_binned_curve_forgets_what_came_after():
    curve = filled([[1.0, 2.0, 3.0, 4.0]], 8)
    curve.truncate(2)
    assert curve.curve().steps.tolist() == [1, 2]
    curve.add(3, np.array([9.0], np.float32))
    assert curve.curve().values.tolist() == [1.0, 2.0, 9.0]


def test_points_of_one_step_are_replaced_and_truncated_ones_forgotten():
    curve = PointCurve()
    for step, value in ((0, 5.0), (4, 4.0), (4, 3.0), (8, 2.0)):
        curve.add(step, value)
    assert curve.curve().steps.tolist() == [0, 4, 8]
    assert curve.curve().values.tolist() == [5.0, 3.0, 2.0]
    curve.truncate(4)
    assert curve.curve().steps.tolist() == [0, 4]


def test_a_point_of_an_earlier_step_is_put_in_its_place():
    curve = PointCurve()
    for step, value in ((0, 5.0), (8, 2.0), (4, 3.0), (4, 4.0)):
        curve.add(step, value)
    assert curve.curve().steps.tolist() == [0, 4, 8]
    assert curve.curve().values.tolist() == [5.0, 4.0, 2.0]
    assert [curve.has(step) for step in (3, 4, 5, 9)] == [False, True, False, False]


def test_of_very_many_points_the_first_and_the_newest_stay():
    curve = PointCurve(256)
    for step in range(5000):
        curve.add(step, float(step))
        shown = curve.curve()
        assert len(shown) <= 256
        assert shown.last == step
    assert shown.steps[:64].tolist() == list(range(64))
    assert shown.values.tolist() == shown.steps.tolist()
    assert np.all(np.diff(shown.steps) > 0)


def test_an_empty_curve_has_no_last_value():
    for curve in (BinnedCurve().curve(), PointCurve().curve()):
        assert len(curve) == 0
        assert curve.last is None


def test_a_curve_that_was_given_out_is_read_only_and_does_not_move():
    curve = BinnedCurve(4)
    curve.add(1, np.ones(3, np.float32))
    given_out = curve.curve()
    with pytest.raises(ValueError, match="read-only"):
        given_out.values[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        given_out.steps[0] = 5
    curve.add(4, np.full(9, 7, np.float32))
    assert given_out.values.tolist() == [1, 1, 1]


@given(st.integers(0, 1000), st.integers(1, 20), st.integers(2, 5))
def test_the_class_of_the_largest_output_counts(seed, n, classes):
    source = torch.Generator().manual_seed(seed)
    a = torch.rand(n, classes, generator=source)
    labels = torch.randint(0, classes, (n,), generator=source)
    expected = [max(range(classes), key=row.__getitem__) for row in a.tolist()]
    assert accuracy_of(a, labels).tolist() == [
        guess == label for guess, label in zip(expected, labels.tolist(), strict=True)
    ]


def test_one_output_means_the_second_class_above_one_half():
    a = torch.tensor([[0.2], [0.5], [0.51], [0.9]])
    assert accuracy_of(a, torch.tensor([0, 0, 1, 0])).tolist() == [True, True, True, False]


def test_the_means_of_an_epoch_are_over_its_batches_and_begin_anew():
    measured = Measured()
    ones = np.ones(2, np.float32)
    measured.add_slice(Slice(1, ones, 0 * ones, True))
    measured.add_slice(Slice(3, 4 * ones[:1], ones[:1], True))
    assert measured.end_epoch() == (pytest.approx(2.0), pytest.approx(1 / 3))
    measured.add_slice(Slice(4, 5 * ones, None, True))
    assert measured.end_epoch() == (5.0, None)


def test_scores_of_regression_leave_the_accuracy_empty():
    measured = Measured()
    measured.add_score(3, Score(0.5, None, 0))
    curves = measured.curves()
    assert curves.test_loss.last == 0.5
    assert len(curves.test_accuracy) == 0
