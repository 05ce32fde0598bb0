"""What lies where on a plane, and which part of it is worth seeing."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.landscape.losses.arena import Flat
from core.landscape.plane.laid import LaidPlane
from core.messages.surface_commands import Window
from core.sentence import Sentence

SQUARE = Window(-1, 1, -1, 1)
seeds = st.integers(0, 2**32 - 1)
coordinates = st.floats(-3, 3, width=32)


def plane_of(base, d1, d2, neighbourhood=SQUARE, stretch=10.0):
    return LaidPlane(Flat(base, d1, d2), ("x", "y"), Sentence(""), neighbourhood, (0, 0), stretch)


@settings(deadline=None)
@given(seeds, st.integers(3, 60), st.floats(-4, 4), st.floats(-4, 4), st.floats(-0.999, 0.999))
def test_a_projection_is_the_nearest_point_of_the_plane(seed, size, first, second, skew):
    """Against numpy's least squares, for directions of any length and nearly any angle."""
    generator = torch.Generator().manual_seed(seed)
    base, d1, d2, *states = torch.randn(8, size, generator=generator)
    d1 = d1 * 10**first
    d2 = 10**second * (skew * d1 / d1.norm() + math.sqrt(1 - skew**2) * d2 / d2.norm())
    laid = plane_of(base, d1, d2)
    assume(laid.sine > 1e-3)
    points, distance = laid.project(states)
    axes = np.stack((d1.numpy(), d2.numpy()), 1).astype(np.float64)
    for state, point, far in zip(states, points, distance, strict=True):
        away = state.numpy().astype(np.float64) - base.numpy()
        expected = np.linalg.lstsq(axes, away, rcond=None)[0]
        np.testing.assert_allclose(point * laid.norms, expected * laid.norms, atol=1e-7, rtol=1e-7)
        rounding = 1e-7 * np.linalg.norm(away)
        assert far == pytest.approx(np.linalg.norm(away - axes @ expected), abs=rounding)
    d1, d2 = d1.double().numpy(), d2.double().numpy()
    assert laid.norms == pytest.approx((np.linalg.norm(d1), np.linalg.norm(d2)))
    cosine = d1 @ d2 / np.linalg.norm(d1) / np.linalg.norm(d2)
    assert laid.cosine == pytest.approx(cosine, abs=1e-9)


def test_many_large_states_are_projected_in_parts():
    size = 3_000_000
    base, d1, d2 = torch.zeros(size), torch.zeros(size), torch.zeros(size)
    d1[0], d2[-1] = 2, 1
    state = torch.zeros(size)
    state[0], state[-1], state[7] = 1, 3, 4
    points, distance = plane_of(base, d1, d2).project([state] * 3)
    assert points.tolist() == [[0.5, 3]] * 3
    assert distance.tolist() == [4] * 3


def test_nothing_projects_to_nothing():
    points, distance = plane_of(*torch.eye(3)).project([])
    assert points.shape == (0, 2)
    assert distance.shape == (0,)


# Windows

anything = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(anything, anything)), st.sampled_from([1.0, 10.0, math.inf]))
def test_a_window_is_never_empty(points, stretch):
    laid = plane_of(*torch.eye(3), stretch=stretch)
    points = np.array(points, np.float64).reshape(-1, 2)
    # Feet are of float32 numbers, divided by directions that are no less than rounding.
    points[np.abs(points) > 1e45] = np.inf
    window = laid.window(points)
    assert np.isfinite([window.left, window.right, window.bottom, window.top]).all()
    assert window.width >= 2
    assert window.height >= 2
    assert window.width <= 2 * stretch * (1 + 1e-9)


@given(st.lists(st.tuples(coordinates, coordinates), min_size=1))
def test_a_window_holds_the_path_with_a_margin(points):
    points = np.array(points)
    window = plane_of(*torch.eye(3)).window(points)
    for values, low, high in (
        (points[:, 0], window.left, window.right),
        (points[:, 1], window.bottom, window.top),
    ):
        margin = 0.05 * (high - low)
        assert low + margin <= values.min()
        assert values.max() <= high - margin


def test_who_flew_off_does_not_make_a_dot_of_the_others():
    points = np.array([[0, 0], [1e9, math.nan], [1e9, -1e9]])
    window = plane_of(*torch.eye(3), stretch=10).window(points)
    assert (window.right, window.bottom) == (10, -10)
    assert -2 < window.left <= -1
    assert 1 <= window.top < 2


def test_windows_of_a_growing_path_only_move_when_they_must():
    laid = plane_of(*torch.eye(3))
    path = np.array([[k / 10, 0] for k in range(30)])
    widths = [laid.window(path[:k]).width for k in range(1, 30)]
    assert all(before <= after for before, after in pairwise(widths))
    assert widths[0] == widths[8] == 2
