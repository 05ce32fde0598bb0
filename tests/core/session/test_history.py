"""Undo and redo as two stacks, with what an edit threw away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.messages.commands import Edit
from core.session.history import DEPTH, History
from tests.core.experiments import tiny

SPECS = [tiny(seed=seed) for seed in range(6)]


def edit(label="Edit", gesture=None):
    return Edit(label, lambda spec: spec, gesture)


def test_an_empty_history_offers_nothing():
    history = History()
    assert (history.undo_label, history.redo_label) == (None, None)
    with pytest.raises(IndexError):
        history.undo(SPECS[0], None)
    with pytest.raises(IndexError):
        history.redo(SPECS[0], None)


def test_undo_gives_back_what_was_thrown_away_and_redo_what_undo_left():
    history = History()
    history.record(edit("Cut"), SPECS[0], "old weights")
    assert history.undo(SPECS[1], "new weights") == (SPECS[0], "old weights")
    assert (history.undo_label, history.redo_label) == (None, "Cut")
    assert history.redo(SPECS[0], "old weights") == (SPECS[1], "new weights")
    assert (history.undo_label, history.redo_label) == ("Cut", None)
    assert history.undo(SPECS[1], "newer weights") == (SPECS[0], "old weights")


def test_an_edit_that_threw_nothing_away_gives_nothing_back():
    history = History()
    history.record(edit(), SPECS[0], None)
    assert history.undo(SPECS[1], "trained meanwhile") == (SPECS[0], None)
    assert history.redo(SPECS[0], "trained meanwhile") == (SPECS[1], None)


def test_edits_of_one_gesture_are_undone_at_once():
    history = History()
    history.record(edit("First"), SPECS[0], None)
    for before in SPECS[1:4]:
        history.record(edit("Drag", gesture=7), before, None)
    history.record(edit("Drag", gesture=8), SPECS[4], None)
    assert history.undo(SPECS[5], None)[0] == SPECS[4]
    assert history.undo(SPECS[4], None)[0] == SPECS[1]
    assert history.undo(SPECS[1], None)[0] == SPECS[0]


def test_a_gesture_keeps_the_first_thing_it_threw_away():
    history = History()
    history.record(edit(gesture=1), SPECS[0], "trained")
    history.record(edit(gesture=1), SPECS[1], "hardly begun")
    assert history.undo(SPECS[2], None) == (SPECS[0], "trained")


def test_a_gesture_that_was_undone_is_not_gone_on_with():
    history = History()
    history.record(edit(gesture=1), SPECS[0], None)
    history.undo(SPECS[1], None)
    history.redo(SPECS[0], None)
    history.record(edit(gesture=1), SPECS[1], None)
    assert history.undo(SPECS[2], None)[0] == SPECS[1]


def test_a_new_edit_ends_what_could_be_redone():
    history = History()
    history.record(edit(), SPECS[0], None)
    history.undo(SPECS[1], None)
    history.record(edit(), SPECS[0], None)
    assert history.redo_label is None


def test_the_oldest_edits_are_forgotten():
    history = History()
    for _ in range(DEPTH + 50):
        history.record(edit(), SPECS[0], None)
    count = 0
    while history.undo_label:
        history.undo(SPECS[0], None)
        count += 1
    assert count == DEPTH


def test_the_oldest_edits_go_first_when_what_they_threw_away_grows_too_large(monkeypatch):
    monkeypatch.setattr("core.session.history.BUDGET", 10)
    history = History(len)
    for number in range(6):
        history.record(edit(str(number)), SPECS[number], "wide" if number % 2 else None)
    found = []
    while history.undo_label:
        found.append(history.undo_label)
        history.undo(SPECS[0], None)
    assert found == ["5", "4", "3", "2"]  # three of four letters would be twelve


def test_the_last_edit_can_be_undone_however_much_it_threw_away(monkeypatch):
    monkeypatch.setattr("core.session.history.BUDGET", 10)
    history = History(len)
    history.record(edit(), SPECS[0], "x" * 100)
    assert history.undo(SPECS[1], "y") == (SPECS[0], "x" * 100)


@given(st.integers(1, 8), st.data())
def test_undo_and_redo_walk_the_same_way_back_and_forth(length, data):
    history = History()
    present, at = length, 0
    for before in range(length):
        history.record(edit(str(before)), before, f"m{before}")
    at = length
    for _ in range(20):
        if at and (at == length or data.draw(st.booleans())):
            present, memento = history.undo(at, f"m{at}")
            at -= 1
        else:
            present, memento = history.redo(at, f"m{at}")
            at += 1
        assert (present, memento) == (at, f"m{at}")
