"""A hand laid on a number at the end of a step, and what is shown of the steps around it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.optimizers import Adam
from core.catalog.schedules import Cosine
from core.debugger.tape import record_step
from core.errors import UserError
from core.experiment.spec import Stop
from core.messages.commands import (
    Back,
    Freeze,
    KnockOut,
    Next,
    Redo,
    SetInput,
    SetNumber,
    Train,
    Undo,
    Visit,
)
from core.messages.edits import set_optimizer, set_stop
from core.messages.record import Grain, Place
from core.messages.snapshot import RunState
from core.training.intervening import write_number
from tests.core.experiments import (
    digits,
    do,
    regression,
    same,
    session_of,
    take,
    tensors_of,
    tiny,
    trainer_of,
    with_dropout,
)

STEP, OPERATION = Next(Grain.ITERATION), Next(Grain.OPERATION)
BACK, INTO_BEFORE = Back(Grain.ITERATION), Back(Grain.OPERATION)


def shown(session):
    return session.snapshot().stepping


def same_arrays(ours, theirs):
    """Whether two recorded steps are equal in every number, bit for bit."""
    return ours.arrays.keys() == theirs.arrays.keys() and all(
        np.array_equal(array, theirs.arrays[key], equal_nan=array.dtype.kind == "f")
        for key, array in ours.arrays.items()
    )


def plain_step(spec, steps, change=lambda trainer: None):
    """The step after so many and a change, as a trainer takes it that nobody steps through."""
    trainer = trainer_of(spec)
    take(trainer, steps)
    change(trainer)
    return record_step(trainer).record, tensors_of(trainer)


def intervening(change):
    return lambda trainer: trainer.intervene(change(trainer.interventions))


INTERVENTIONS = {
    "input": (
        SetInput(3, (1,), -4.0),
        intervening(lambda held: held.with_input(3, (1,), -4.0)),
    ),
    "frozen": (
        Freeze("0.weight", (2, 1), on=True),
        intervening(lambda held: held.with_frozen("0.weight", (2, 1), on=True)),
    ),
    "knocked out": (
        KnockOut((0,), 3, on=True),
        intervening(lambda held: held.with_knocked((0,), 3, on=True)),
    ),
}
WEIGHT = (
    SetNumber("0.weight", (1, 0), 3.5),
    lambda trainer: write_number(trainer.network, "0.weight", (1, 0), 3.5),
)
CHANGES = {"weight": WEIGHT} | INTERVENTIONS
SPECS = {"plain": tiny(), "adam": tiny(optimizer=Adam()), "dropout": with_dropout()}


@pytest.mark.parametrize(("command", "change"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_after_a_change_at_the_end_of_a_step_the_next_one_is_shown_at_its_beginning(
    spec, command, change
):
    session, _ = session_of(spec, live=True)
    do(session, STEP, STEP, STEP, command)
    assert session.snapshot().progress.step == 3
    assert (shown(session).record.step, shown(session).place) == (4, Place())
    record, weights = plain_step(spec, 3, change)
    assert same_arrays(shown(session).record, record)
    do(session, STEP)
    assert same(tensors_of(session.run.trainer), weights)
    assert session.snapshot().curves.train_loss.steps.tolist() == [1, 2, 3, 4]


def test_a_change_at_the_end_of_a_step_of_convolutions_is_computed_with_as_pytorch_does():
    session, _ = session_of(digits(), live=True)
    do(session, STEP, SetNumber("0.weight", (1, 0, 2, 2), 0.75))
    write = digits()
    record, _ = plain_step(
        write, 1, lambda t: write_number(t.network, "0.weight", (1, 0, 2, 2), 0.75)
    )
    assert same_arrays(shown(session).record, record)
    images = torch.tensor(shown(session).record.arrays["x"])
    weight, bias = (torch.tensor(record.arrays[f"p:0.{name}"]) for name in ("weight", "bias"))
    assert weight[1, 0, 2, 2] == 0.75
    expected = torch.nn.functional.conv2d(images, weight, bias)
    np.testing.assert_allclose(shown(session).record.arrays["z:0"], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("command", "change"), CHANGES.values(), ids=CHANGES)
def test_undo_of_a_change_at_the_end_of_a_step_shows_the_next_step_without_it(command, change):
    session, _ = session_of(tiny(optimizer=Adam()), live=True)
    do(session, STEP, STEP, command, Undo())
    record, _ = plain_step(tiny(optimizer=Adam()), 2)
    assert shown(session).place == Place()
    assert same_arrays(shown(session).record, record)
    do(session, Redo())
    record, _ = plain_step(tiny(optimizer=Adam()), 2, change)
    assert same_arrays(shown(session).record, record)


def test_back_leads_from_a_changed_weight_into_the_step_before_and_on_with_the_change():
    session, _ = session_of(tiny(optimizer=Adam()), live=True)
    do(session, STEP, STEP)
    before = shown(session).record
    do(session, WEIGHT[0])
    changed = shown(session).record
    assert shown(session).can_go_back
    do(session, INTO_BEFORE)
    assert same_arrays(shown(session).record, before)
    do(session, OPERATION)
    assert session.snapshot().progress.step == 2
    do(session, OPERATION)
    assert same_arrays(shown(session).record, changed)


def test_training_on_from_the_step_before_a_changed_weight_keeps_the_change():
    spec = tiny(stop=Stop(epochs=None, steps=12))
    session, _ = session_of(spec, live=True)
    do(session, STEP, STEP, WEIGHT[0], INTO_BEFORE, OPERATION, Train())
    trainer = trainer_of(spec)
    take(trainer, 2)
    WEIGHT[1](trainer)
    take(trainer, 10)
    assert same(tensors_of(session.run.trainer), tensors_of(trainer))


@pytest.mark.parametrize(("command", "change"), INTERVENTIONS.values(), ids=INTERVENTIONS)
def test_a_step_that_was_taken_by_other_rules_is_not_shown_until_these_hold_again(command, change):
    session, _ = session_of(tiny(), live=True)
    do(session, STEP, STEP)
    before = shown(session).record
    do(session, command)
    after = shown(session)
    assert not after.can_go_back
    with pytest.raises(UserError) as refusal:
        session.apply(INTO_BEFORE)
    assert refusal.value.sentence.values == {"step": 2}
    assert shown(session).record is after.record
    do(session, STEP, INTO_BEFORE)
    assert shown(session).record.step == 3  # the step since is as it was
    do(session, Undo())
    assert shown(session).can_go_back
    do(session, BACK, INTO_BEFORE)
    assert same_arrays(shown(session).record, before)


def test_a_rate_changed_back_lets_the_steps_before_be_shown_again():
    session, _ = session_of(tiny(), live=True)
    do(session, STEP, STEP)
    before = shown(session).record
    faster = tiny().optimizer.model_copy(update={"learning_rate": 0.7})
    do(session, OPERATION, set_optimizer(faster), BACK)
    assert not shown(session).can_go_back
    do(session, set_optimizer(tiny().optimizer))
    do(session, INTO_BEFORE)
    assert same_arrays(shown(session).record, before)


def test_steps_before_a_changed_weight_are_computed_anew_where_their_states_were_not_kept():
    spec = tiny(stop=Stop(epochs=None, steps=100))
    session, _ = session_of(spec, live=True)
    do(session, Train(), set_stop(Stop(epochs=None, steps=200)), OPERATION, WEIGHT[0])
    assert 99 not in session.snapshot().timeline.kept
    record, _ = plain_step(spec, 99)
    do(session, BACK, INTO_BEFORE)
    assert same_arrays(shown(session).record, record)
    do(session, Visit(50))
    record, _ = plain_step(spec, 50)
    assert same_arrays(shown(session).record, record)


def test_a_change_at_the_very_end_of_a_run_extends_it_as_next_does():
    session, _ = session_of(tiny(stop=Stop(epochs=None, steps=2)), live=True)
    do(session, STEP, STEP)
    assert session.snapshot().state is RunState.FINISHED
    do(session, WEIGHT[0])
    assert session.snapshot().progress.total_steps > 2
    assert (shown(session).record.step, shown(session).place) == (3, Place())
    assert shown(session).can_go_back
    do(session, Undo())
    assert session.snapshot().undo is not None  # the longer run stays, and is undone by itself
    assert shown(session).record.arrays["p:0.weight"][1, 0] != 3.5


def test_a_longer_run_under_a_schedule_has_other_rates_so_its_steps_are_not_shown_again():
    spec = tiny(schedule=Cosine(), stop=Stop(epochs=None, steps=2))
    session, _ = session_of(spec, live=True)
    do(session, STEP, STEP, STEP, BACK)
    assert shown(session).record.step == 3
    assert not shown(session).can_go_back


def test_a_step_that_was_not_finite_is_shown_anew_once_its_weight_is_mended():
    session, _ = session_of(regression(), live=True)
    do(session, SetNumber("1.weight", (0, 0), 1e30), STEP)
    assert not np.isfinite(shown(session).record.arrays["loss"])
    do(session, SetNumber("1.weight", (0, 0), 0.25))
    assert session.snapshot().progress.step == 0
    assert (shown(session).record.step, shown(session).place) == (1, Place())
    record, _ = plain_step(
        regression(), 0, lambda t: write_number(t.network, "1.weight", (0, 0), 0.25)
    )
    assert same_arrays(shown(session).record, record)


def test_a_change_in_the_past_branches_and_shows_the_step_that_follows_from_it():
    session, _ = session_of(tiny(), live=True)
    do(session, *[STEP] * 5, *[BACK] * 3, STEP, WEIGHT[0])
    snapshot = session.snapshot()
    assert (snapshot.progress.step, snapshot.stepping.record.step) == (3, 4)
    assert [branch.step for branch in snapshot.timeline.branches] == [3]
    record, _ = plain_step(tiny(), 3, WEIGHT[1])
    assert same_arrays(snapshot.stepping.record, record)
    do(session, Undo())
    assert session.snapshot().progress.step == 5
    assert shown(session).record.step == 6
    for step in (5, 4, 3):  # the whole past of the run left is there again, and none of the other's
        do(session, BACK)
        assert same_arrays(shown(session).record, plain_step(tiny(), step - 1)[0])


def test_what_a_redo_leaps_over_is_not_invented():
    session, _ = session_of(tiny(), live=True)
    do(session, STEP, STEP, WEIGHT[0], STEP, Undo(), Redo())
    assert session.snapshot().progress.step == 3
    do(session, OPERATION, BACK)
    assert not shown(session).can_go_back


MOVES = ["next", "back", "back", "weight", "knock", "rate", "visit", "undo", "redo"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 7)), min_size=4, max_size=16))
def test_a_step_once_shown_is_the_same_whenever_it_is_shown_again(moves):
    """Whatever is done in between: it is the same in its line of history, or it is refused."""
    session, _ = session_of(tiny(stop=Stop(epochs=None, steps=1000)), live=True)
    line = Line(session)
    for _ in range(3):
        line.next(0)
    for move, number in moves:
        getattr(line, move)(number)
        stepping = shown(session)
        if stepping.place.entry >= 0:
            first = line.steps.setdefault(stepping.record.step, stepping.record)
            assert same_arrays(stepping.record, first)


class Line:
    """The steps taken so far, as they were shown; and those of the lines that undo leads to."""

    def __init__(self, session):
        self.session = session
        self.steps, self.done, self.undone = {}, [], []

    def next(self, number):
        self.change(STEP)

    def back(self, number):
        stepping = shown(self.session)
        while stepping.place.entry >= 0:  # to its beginning, from where it leads into another
            do(self.session, BACK)
            stepping = shown(self.session)
        if stepping.can_go_back:
            do(self.session, INTO_BEFORE)

    def weight(self, number):
        self.change(SetNumber("0.weight", (number % 4, 0), 0.1 * number))

    def knock(self, number):
        neuron = ((0,), number % 2)
        self.change(KnockOut(*neuron, on=neuron not in self.session.snapshot().knocked))

    def rate(self, number):
        rate = 0.1 + 0.1 * (number % 2)
        self.change(set_optimizer(tiny().optimizer.model_copy(update={"learning_rate": rate})))

    def visit(self, number):
        do(self.session, Visit(max(number, self.session.snapshot().timeline.first)))

    def change(self, command):
        """Carries out what may put the run on another line, from where it stands."""
        begun, edits = self.session.run.trainer.step, len(self.session._history._undo)
        do(self.session, command)
        if len(self.session._history._undo) > edits:
            another_run = self.session._history._undo[-1].memento is not None
            self.done.append(self.steps if another_run else None)
            self.undone.clear()
            self.steps = self.until(begun)

    def until(self, step):
        return {taken: record for taken, record in self.steps.items() if taken <= step}

    def undo(self, number):
        if self.session.snapshot().undo is not None:
            self.go_over(self.done, self.undone, Undo())

    def redo(self, number):
        if self.session.snapshot().redo is not None:
            self.go_over(self.undone, self.done, Redo())

    def go_over(self, source, target, command):
        """An edit that threw nothing away is taken back where the run stands now."""
        other = source.pop()
        target.append(None if other is None else self.steps)
        here = self.until(self.session.run.trainer.step)
        self.steps = here if other is None else other
        do(self.session, command)
        self.steps = self.until(self.session.snapshot().timeline.last)
