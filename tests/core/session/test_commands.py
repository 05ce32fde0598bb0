"""Edits as pure functions from description to description."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.catalog.losses import MSE
from core.catalog.optimizers import Adam
from core.errors import UserError
from core.experiment.layers import Dense, Residual
from core.messages.edits import (
    add_layer,
    move_layer,
    remove_layer,
    rename,
    replace_layer,
    set_device,
    set_loss,
    set_optimizer,
    set_seed,
)
from tests.core.experiments import tiny

A, B, C, D = (Dense(units=units) for units in (1, 2, 3, 4))
GROUP = Residual(layers=(C, D))


def after(edit, *row):
    return edit.apply(tiny(layers=row)).layers


def inside(edit):
    """The layers of the group that stands second, after an edit."""
    first, group, last = after(edit, A, GROUP, B)
    assert (first, last) == (A, B)
    return group.layers


@pytest.mark.parametrize(("place", "row"), [(0, (C, A, B)), (1, (A, C, B)), (2, (A, B, C))])
def test_a_layer_is_added_before_the_one_that_stands_there(place, row):
    assert after(add_layer((place,), C), A, B) == row


def test_layers_are_removed_and_replaced_where_they_stand():
    assert after(remove_layer((1,)), A, B, C) == (A, C)
    assert after(replace_layer((1,), D), A, B, C) == (A, D, C)


@given(st.permutations([A, B, C, D]), st.integers(0, 3), st.integers(0, 3))
def test_a_moved_layer_stands_where_it_was_moved_to_and_the_others_keep_their_order(row, start, to):
    moved = after(move_layer((start,), to), *row)
    assert moved[to] is row[start] or moved[to] == row[start]
    assert [layer for layer in moved if layer != row[start]] == [
        layer for layer in row if layer != row[start]
    ]


def test_layers_inside_a_group_are_edited_like_others():
    assert inside(add_layer((1, 1), A)) == (C, A, D)
    assert inside(remove_layer((1, 0))) == (D,)
    assert inside(move_layer((1, 0), 1)) == (D, C)
    assert inside(replace_layer((1, 1), B)) == (C, B)


def test_a_group_inside_a_group_is_reached_too():
    outer = Residual(layers=(A, GROUP))
    (changed,) = after(remove_layer((0, 1, 0)), outer)
    assert changed == Residual(layers=(A, Residual(layers=(D,))))


@pytest.mark.parametrize(
    "edit",
    [
        remove_layer((3,)),
        remove_layer((-1,)),
        move_layer((5,), 0),
        replace_layer((3,), A),
        remove_layer((1, 2)),
        remove_layer((0, 0)),
        add_layer((4, 0), A),
    ],
)
def test_a_place_where_nothing_stands_is_refused(edit):
    with pytest.raises(UserError, match=r"no layer|no group"):
        after(edit, A, GROUP, B)


def test_an_edit_says_what_it_does():
    assert add_layer((0,), A).label == "Add Dense"
    assert replace_layer((0,), A).label == "Change Dense"
    assert add_layer((0,), GROUP).label == "Add Residual"


def test_an_edit_changes_its_own_field_and_leaves_the_description_before_alone():
    for edit, field, value in (
        (rename("Mine"), "name", "Mine"),
        (set_seed(4), "seed", 4),
        (set_device("cpu"), "device", "cpu"),
        (set_loss(MSE()), "loss", MSE()),
        (set_optimizer(Adam()), "optimizer", Adam()),
    ):
        before = tiny(device="auto")
        changed = edit.apply(before)
        assert getattr(changed, field) == value
        assert dict(changed) == dict(before) | {field: value}
        assert before == tiny(device="auto")


@pytest.mark.parametrize("edit", [rename(""), rename("x" * 81), set_seed(-1), set_device("tpu")])
def test_no_edit_makes_a_description_that_is_not_valid(edit):
    with pytest.raises(ValidationError):
        edit.apply(tiny())
