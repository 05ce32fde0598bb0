"""The range of a plane that is shown moves only where a path outgrows it, and then once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.landscape.surface.decisions import moved
from core.messages.surface_commands import Window

numbers = st.floats(-50, 50)
sizes = st.floats(0.5, 40)
windows = st.builds(
    lambda x, y, wide, high: Window(x, x + wide, y, y + high), numbers, numbers, sizes, sizes
)
paths = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6).map(np.array)


def around(points):
    """As a plane proposes it: with a tenth of its width beside the path."""
    (left, bottom), (right, top) = points.min(0), points.max(0)
    x, y = 1 + (right - left) / 8, 1 + (top - bottom) / 8
    return Window(left - x, right + x, bottom - y, top + y)


def holds(window, points):
    x, y = points.T
    across = (window.left <= x) & (x <= window.right)
    return bool((across & (window.bottom <= y) & (y <= window.top)).all())


@given(windows, paths)
def test_what_a_path_outgrew_holds_it_again_and_then_stays(last, points):
    proposed = around(points)
    window = moved(last, proposed, points)
    assert holds(window, points)
    for _ in range(4):  # room on one side may bring the path near to another
        window = moved(window, proposed, points)
    assert moved(window, proposed, points) == window


@given(windows, paths)
def test_sides_that_nobody_comes_near_to_stay(last, points):
    proposed = around(points)
    window = moved(last, proposed, points)
    if window != proposed:  # else it had become far too large
        assert window.left <= last.left
        assert window.right >= last.right
        near = points[:, 0].max() > last.right - 0.04 * last.width
        assert (window.right != last.right) <= near


def test_who_flew_off_and_what_is_no_number_do_not_move_it():
    last, proposed = Window(-2, 2, -2, 2), Window(-2, 2, -2, 2)
    points = np.array([[0.0, 0.0], [np.nan, 1.0]])
    assert moved(last, proposed, points) == last
    flown = np.array([[0.0, 0.0], [1e9, 0.0]])
    window = moved(last, proposed, flown)
    assert window.right < 4
    assert moved(window, proposed, flown) == window


def test_a_range_far_too_large_gives_way():
    last, proposed = Window(-100, 100, -100, 100), Window(-1, 1, -1, 1)
    assert moved(last, proposed, np.zeros((1, 2))) == proposed
