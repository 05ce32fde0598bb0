"""What was changed during a run stands beside its curves: through branches, undo and drags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.activations import ReLU, Sigmoid
from core.catalog.optimizers import SGD, Adam
from core.catalog.schedules import Cosine
from core.experiment.layers import Dense
from core.experiment.spec import Training
from core.messages.changes import Difference, RunChange
from core.messages.commands import KnockOut, SetNumber, Visit
from core.messages.edits import (
    rename,
    set_data,
    set_layers,
    set_optimizer,
    set_schedule,
    set_stop,
    set_training,
)
from core.messages.orders import StepOnce, Undo
from core.session.differences import differences
from core.training.changes import Changes
from tests.core.experiments import session_of, settle, tiny

RATE = "Learning rate η"


def stepped(session, steps):
    for _ in range(steps):
        session.apply(StepOnce())
        settle(session)


def marks(session):
    return session.snapshot().curves.changes


@pytest.fixture
def session():
    """After three steps of SGD at 0.1."""
    session, _ = session_of(tiny(), live=True)
    stepped(session, 3)
    return session


def test_a_change_of_the_rate_is_marked_at_its_step(session):
    session.apply(set_optimizer(SGD(learning_rate=0.5)))
    assert marks(session) == (RunChange(3, (Difference(RATE, 0.1, 0.5),)),)
    stepped(session, 2)
    assert [mark.step for mark in marks(session)] == [3]


def test_before_the_first_step_nothing_is_marked():
    session, _ = session_of(tiny(), live=True)
    session.apply(set_optimizer(SGD(learning_rate=0.5)))
    assert marks(session) == ()


def test_what_is_taken_back_before_the_next_step_was_no_change(session):
    session.apply(set_optimizer(Adam()))
    session.apply(set_training(Training(batch_size=4)))
    (mark,) = marks(session)
    assert [one.what for one in mark.differences] == ["Optimizer", RATE, "Batch size"]
    session.apply(Undo())
    session.apply(Undo())
    assert marks(session) == ()


def test_an_undo_some_steps_later_is_a_change_of_its_own(session):
    session.apply(set_optimizer(SGD(learning_rate=0.5)))
    stepped(session, 2)
    session.apply(Undo())
    assert marks(session)[1] == RunChange(5, (Difference(RATE, 0.5, 0.1),))


def test_the_drag_of_a_slider_is_one_change_where_it_began(session):
    for rate in (0.2, 0.3, 0.4):
        session.apply(set_optimizer(SGD(learning_rate=rate), gesture=7))
        stepped(session, 1)
    assert marks(session) == (RunChange(3, (Difference(RATE, 0.1, 0.4),)),)
    session.apply(set_optimizer(SGD(learning_rate=0.9), gesture=8))
    assert [mark.step for mark in marks(session)] == [3, 6]


def test_what_does_not_act_on_training_is_not_marked(session):
    session.apply(rename("Another name"))
    session.apply(set_stop(session.spec.stop.model_copy(update={"epochs": 9})))
    assert marks(session) == ()


def test_other_activations_on_the_same_weights_are_marked_and_undo_takes_the_mark_back(session):
    layers = (Dense(units=4, activation=ReLU()), Dense(units=1, activation=Sigmoid()))
    session.apply(set_layers(layers))
    settle(session)
    assert marks(session) == (
        RunChange(3, (Difference("The activations were changed", is_deed=True),)),
    )
    session.apply(Undo())
    assert marks(session) == ()


def test_other_data_begin_a_new_run_without_marks_and_undo_brings_them_back(session):
    session.apply(set_optimizer(SGD(learning_rate=0.5)))
    kept = marks(session)
    session.apply(set_data(session.spec.data.model_copy(update={"samples": 60})))
    settle(session)
    assert marks(session) == ()
    session.apply(Undo())
    settle(session)
    assert marks(session) == kept


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (SetNumber("0.weight", (0, 0), 0.5), "A weight was set by hand"),
        (KnockOut((0,), 1, on=True), "A neuron was knocked out"),
    ],
)
def test_what_is_done_by_hand_is_marked(session, command, said):
    session.apply(command)
    assert marks(session) == (RunChange(3, (Difference(said, is_deed=True),)),)
    session.apply(Undo())
    assert marks(session) == ()


def test_going_on_from_the_past_leaves_later_marks_with_the_run_that_is_left(session):
    stepped(session, 2)
    session.apply(set_optimizer(SGD(learning_rate=0.5)))
    stepped(session, 2)
    before = marks(session)
    session.apply(set_optimizer(SGD(learning_rate=0.1)))
    session.apply(Visit(5))
    session.apply(Visit(4))
    settle(session)
    stepped(session, 1)
    assert marks(session) == ()
    (left,) = session.snapshot().timeline.branches
    assert left.curves.changes[:1] == before
    session.apply(Undo())
    assert marks(session)[:1] == before


def test_differences_name_what_became_what():
    before = tiny()
    after = before.model_copy(
        update={
            "optimizer": Adam(),
            "schedule": Cosine(),
            "training": Training(batch_size=4, clip_norm=1.0),
        }
    )
    told = {one.what: (one.before, one.after) for one in differences(before, after)}
    assert told["Optimizer"] == ("SGD", "Adam")
    assert told[RATE] == (0.1, 0.001)
    assert told["Schedule"] == (before.schedule.label, "Cosine")
    assert told["Batch size"] == (8, 4)
    assert told["Clip norm"] == (None, 1.0)
    assert differences(before, before) == ()
    session, _ = session_of(before)
    stepped(session, 1)
    session.apply(set_schedule(Cosine()))
    assert marks(session)[0].differences[0].what == "Schedule"


@given(st.lists(st.tuples(st.integers(1, 20), st.sampled_from("abc"), st.integers(0, 3))))
def test_marks_rise_with_the_steps_and_chain_from_value_to_value(entries):
    """However often values go to and fro, each mark begins where the one before it ended."""
    changes, now = Changes(), dict.fromkeys("abc", 0)
    for step, what, value in sorted(entries, key=lambda entry: entry[0]):
        if value != now[what]:
            changes.add(step, [Difference(what, now[what], value)])
            now[what] = value
    steps = [change.step for change in changes.all]
    assert steps == sorted(set(steps))
    seen = dict.fromkeys("abc", 0)
    for change in changes.all:
        for one in change.differences:
            assert one.before == seen[one.what] != one.after
            seen[one.what] = one.after
    assert seen == now
