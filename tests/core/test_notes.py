"""What is kept of a runner's way, however long."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.landscape.notes import STOPS, Note, Notes, Trail


def test_notes_are_bounded_evenly_spread_and_end_with_the_last():
    notes = Notes(most=64)
    for step in range(1000):
        notes.add(Note(step, 1000.0 - step, step / 10, (step, -step)))
        steps = notes.steps()
        assert len(steps) <= 65
        assert (steps[0], steps[-1]) == (0, step)
        gaps = np.diff(steps[:-1])
        assert len(set(gaps.tolist())) <= 1
    assert notes.losses().tolist() == (1000.0 - notes.steps()).tolist()
    assert notes.points().tolist() == [[step, -step] for step in notes.steps()]
    assert notes.best == 1.0


@given(st.integers(1, 700), st.integers(1, 3000))
@settings(max_examples=30, deadline=None)
def test_a_trail_is_bounded_by_number_and_bytes_and_begins_at_the_start(steps, size):
    budget = 64 * 1024
    trail = Trail(budget)
    for step in range(steps):
        if trail.wants(step):
            trail.add(step, torch.full((size,), float(step)))
    kept, states = trail.up_to(steps - 1, torch.full((size,), float(steps - 1)))
    assert (kept[0], kept[-1]) == (0, steps - 1)
    assert kept == sorted(set(kept))
    assert [float(state[0]) for state in states] == kept
    assert len(kept) <= STOPS + 1
    assert len(kept) <= max(2, budget // (4 * size)) + 1
