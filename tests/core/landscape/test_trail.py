"""What is kept of a runner's way, however long."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.landscape.race.trail import FIRST, MOST_STATES, LossHistory, Measurement, Trail
from core.landscape.thinning import MOST_FUNCTION_STATES, is_kept


def test_notes_are_bounded_evenly_spread_and_end_with_the_last():
    history = LossHistory(most=64)
    for step in range(1000):
        history.add(Measurement(step, 1000.0 - step, step / 10, (step, -step)))
        steps = history.steps()
        assert len(steps) <= 65
        assert (steps[0], steps[-1]) == (0, step)
        gaps = np.diff(steps[:-1])
        assert len(set(gaps.tolist())) <= 1
    assert history.losses().tolist() == (1000.0 - history.steps()).tolist()
    assert history.points().tolist() == [[step, -step] for step in history.steps()]
    assert history.best == 1.0


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=120),
    st.integers(1, 32),
    st.floats(-1e6, 1e6),
)
def test_means_are_those_of_numpy_and_only_whole_windows_count(losses, window, target):
    history = LossHistory(window=window)
    history.seek(target)
    for step, loss in enumerate(losses):
        history.add(Measurement(step, loss, step / 10))
    expected = [np.mean(losses[max(0, i - window + 1) : i + 1]) for i in range(len(losses))]
    assert history.means() == pytest.approx(expected, rel=1e-9, abs=1e-6)
    assert history.losses().tolist() == losses
    assert history.mean == history.means()[-1]
    whole = history.means()[window - 1 :].tolist()
    if not whole:
        assert math.isnan(history.best)
        assert history.reached is None
        return
    assert history.best == min(whole)
    below = [step for step, mean in enumerate(whole, window - 1) if mean <= target]
    assert (history.reached.step if history.reached else None) == (below[0] if below else None)
    found = history.reached
    history.seek(None)
    history.seek(target)  # looked up afterwards, it is the same one
    assert history.reached == found


def trail_of(steps, size=2, budget=2**20, **most):
    trail = Trail(budget, **most)
    for step in range(steps + 1):
        if trail.wants(step):
            trail.add(step, torch.full((size,), float(step)))
    return trail.up_to(steps, torch.full((size,), float(steps)))


@given(st.integers(0, 3000), st.integers(1, 3000))
@settings(max_examples=30, deadline=None)
def test_a_trail_is_bounded_by_number_and_bytes_and_begins_at_the_start(steps, size):
    budget = 64 * 1024
    kept, states = trail_of(steps, size, budget)
    assert (kept[0], kept[-1]) == (0, steps)
    assert kept == sorted(set(kept))
    assert [float(state[0]) for state in states] == kept
    assert len(kept) <= MOST_STATES + 1
    room = max(2, budget // (4 * size))
    assert len(kept) <= room + 1
    # All of the first steps: as many as two for each doubling leave room for.
    first = 1
    while 2 * first <= 64 and 1 + 2 * first + first * math.log2(max(2, steps)) <= min(
        room, MOST_STATES
    ):
        first *= 2
    if room > 16:
        assert kept[: min(first, steps) + 1] == list(range(min(first, steps) + 1))


@given(st.integers(1, 20_000))
@settings(max_examples=20, deadline=None)
def test_on_a_function_the_first_64_steps_are_kept_and_then_32_of_each_doubling(steps):
    kept, _ = trail_of(steps, most=MOST_FUNCTION_STATES)
    assert kept[:65] == list(range(min(64, steps) + 1))
    assert len(kept) <= 65 + 32 * max(0, math.ceil(math.log2(steps / 64))) + 1
    for low in (64, 128, 256, 512):
        part = [step for step in kept if low < step <= 2 * low]
        if steps >= 2 * low:
            assert np.diff([low, *part]).tolist() == [low // 32] * 32


def test_as_many_as_are_kept_on_the_longest_race_fit():
    longest = 1_000_000
    assert sum(is_kept(step, FIRST) for step in range(longest + 1)) <= MOST_FUNCTION_STATES


@given(st.integers(0, 2**40), st.integers(-39, 20))
def test_who_is_left_after_thinning_was_there_before(step, power):
    if is_kept(step, power - 1):
        assert is_kept(step, power)


def test_a_swing_of_the_first_steps_is_still_seen_after_many():
    """Evenly spread, steps 0, 16, 32, ... all lay on one side of the valley."""
    kept, _ = trail_of(1500, most=MOST_FUNCTION_STATES)
    sides = [(-0.6) ** step > 0 for step in kept[:21]]
    assert sides == [True, False] * 10 + [True]


def test_a_trail_of_huge_states_keeps_the_start_and_a_late_step():
    kept, _ = trail_of(1000, size=1000, budget=1)
    assert kept == [0, 512, 1000]
