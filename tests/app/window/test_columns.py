"""Columns of docks in a window, or with text, of another size than they were left in."""

from __future__ import annotations

import pytest

from app.window.columns import ColumnWidths
from app.window.perspectives import find

STEP = find("step").columns
ALL = [0, 1, 2]


def usual(columns, room, scale=1.0):
    return [column.width_in(room, scale) for column in columns]


def test_columns_that_nobody_moved_are_as_a_wider_window_has_them():
    kept = ColumnWidths(1280, 1.0, dict(enumerate((304, 544, 432))))
    first, graph, formula = kept.in_room(STEP, ALL, 1920, 1.0)
    assert (first, formula) == (304, 576)
    assert graph == 1920 - 304 - 576


def test_what_a_person_made_wider_stays_so_much_wider():
    kept = ColumnWidths(1280, 1.0, dict(enumerate((404, 444, 432))))
    assert kept.in_room(STEP, ALL, 1920, 1.0)[0] == 404
    assert kept.in_room(STEP, ALL, 1280, 2.0)[0] == round((304 + 100) * 1.5)


def test_larger_text_and_back_leaves_them_as_they_were():
    widths = dict(enumerate((304, 544, 432)))
    large = ColumnWidths(1280, 1.0, widths).in_room(STEP, ALL, 1280, 2.0)
    back = ColumnWidths(1280, 2.0, dict(enumerate(large))).in_room(STEP, ALL, 1280, 1.0)
    assert back == list(widths.values())


def test_no_column_is_lost_however_narrow_it_was():
    kept = ColumnWidths(1920, 1.0, dict(enumerate((40, 1000, 880))))
    assert kept.in_room(STEP, ALL, 1280, 1.0)[0] == 152


def test_a_column_that_was_not_shown_then_has_its_own_width():
    kept = ColumnWidths(1280, 1.0, {1: 848, 2: 432})
    assert kept.in_room(STEP, ALL, 1280, 1.0)[0] == usual(STEP, 1280)[0]


def test_widths_are_read_as_they_were_written():
    kept = ColumnWidths(1280, 1.25, {0: 304, 2: 432})
    assert ColumnWidths.read(kept.text()) == kept


@pytest.mark.parametrize("text", ["", "[]", "{}", "no", '{"room": "a", "scale": 1, "pixels": {}}'])
def test_what_cannot_be_read_is_nobodys_width(text):
    assert ColumnWidths.read(text) is None


@pytest.mark.parametrize("name", ["build", "train", "step", "surface"])
@pytest.mark.parametrize("whole", [True, False])
def test_few_columns_hold_all_that_the_perspective_has(name, whole):
    perspective = find(name, whole=whole)
    tight = perspective.tightened(low=False)
    assert len(tight.columns) == 2
    assert set(tight.docks) == set(perspective.docks)
    assert tight.strips == perspective.strips
    low = perspective.tightened(low=True)
    assert set(low.docks) == set(perspective.docks) - {"timeline"}


def test_each_way_to_stand_is_remembered_by_itself():
    perspective = find("train")
    keys = [
        perspective.key,
        perspective.at_first().key,
        perspective.tightened(low=False).key,
        perspective.tightened(low=True).key,
        perspective.at_first().tightened(low=True).key,
    ]
    assert len(set(keys)) == len(keys)
    assert keys[:2] == ["train", "train-first"]
