import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.plots.style import smoothed


def by_definition(values, weight):
    """Each point: the weighted mean of all finite values so far, weights falling by ``weight``."""
    result = []
    for end in range(1, len(values) + 1):
        seen = values[:end]
        weights = [weight ** (end - 1 - i) for i in range(end)]
        result.append(sum(w * x for w, x in zip(weights, seen, strict=True)) / sum(weights))
    return result


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40),
    st.floats(0, 0.99),
)
def test_each_point_is_the_weighted_mean_of_all_values_so_far(values, weight):
    np.testing.assert_allclose(
        smoothed(np.array(values), weight), by_definition(values, weight), rtol=1e-9, atol=1e-9
    )


def test_weight_zero_leaves_the_values_as_they_are():
    values = np.array([3.0, 1.0, 2.0])
    np.testing.assert_array_equal(smoothed(values, 0.0), values)


def test_a_constant_curve_stays_constant_from_its_first_point():
    np.testing.assert_allclose(smoothed(np.full(50, 2.5, np.float32), 0.99), 2.5)


def test_values_that_are_not_finite_show_and_do_not_spread():
    result = smoothed(np.array([1.0, math.nan, 1.0, math.inf, 1.0]), 0.9)
    assert math.isnan(result[1])
    assert math.isinf(result[3])
    np.testing.assert_allclose(result[[0, 2, 4]], 1.0)


def test_no_values_give_none():
    assert len(smoothed(np.zeros(0), 0.5)) == 0


@pytest.mark.parametrize("weight", [-0.1, 1.0, 2.0])
def test_a_weight_outside_zero_to_one_is_refused(weight):
    with pytest.raises(ValueError, match="weight"):
        smoothed(np.ones(3), weight)


def test_the_values_given_are_left_alone():
    values = np.array([1.0, 5.0])
    smoothed(values, 0.5)
    np.testing.assert_array_equal(values, [1.0, 5.0])
