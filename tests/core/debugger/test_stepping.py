"""Stepping through a session: every grain, both ways, and the run it leaves behind."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.catalog.activations import ReLU, Sigmoid
from core.catalog.initializers import Constant
from core.catalog.losses import BinaryCrossEntropy
from core.catalog.optimizers import Adam
from core.data.mnist import Mnist
from core.errors import UserError
from core.experiment.layers import Dense
from core.experiment.spec import Stop
from core.messages import commands
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.commands import (
    Back,
    Freeze,
    KnockOut,
    LeaveStep,
    Next,
    Redo,
    ResetWeights,
    RunTo,
    RunToBreakpoint,
    SetBreakpoints,
    SetInput,
    SetNumber,
    SetTimelineBudget,
    StepOnce,
    StepOut,
    Train,
    Undo,
    Visit,
)
from core.messages.edits import add_layer, set_optimizer, set_stop
from core.messages.events import Notice
from core.messages.record import Grain, Phase, Place
from core.messages.snapshot import RunState
from core.presets import PRESETS
from core.session.session import Session
from tests.core.experiments import digits, do, same, session_of, tensors_of, tiny, with_dropout

GRAINS = list(Grain)


def small(name):
    """A preset on few samples, so that walking all of it takes a moment only."""
    spec = PRESETS[name].spec
    if isinstance(spec.data, Mnist):
        data = spec.data.model_copy(update={"samples": 200, "test_samples": 50})
        batch = spec.training.model_copy(update={"batch_size": 4})
        return spec.model_copy(update={"data": data, "training": batch, "device": "cpu"})
    return spec


def plain(spec, steps):
    """The weights after so many steps without any debugger."""
    session, _ = session_of(spec, live=True)
    if steps:
        do(session, set_stop(Stop(epochs=None, steps=steps)), Train())
    return tensors_of(session.run.trainer)


def place(session):
    return session.snapshot().stepping.place


def walk_on(session, grain, limit=10**6):
    """Presses Next to the end of the step; the places passed."""
    passed = []
    while len(passed) < limit:
        session.apply(Next(grain))
        passed.append(place(session))
        entries = session.snapshot().stepping.record.entries
        if passed[-1] == Place(len(entries) - 1, entries[-1].count):
            break
    return passed


@pytest.mark.parametrize("grain", [Grain.OPERATION, Grain.PHASE, Grain.ITERATION])
@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_is_walked_to_its_end_and_all_the_way_back(name, grain):
    session, _ = session_of(small(name), live=True)
    start = tensors_of(session.run.trainer)
    onward = walk_on(session, grain)
    assert session.run.trainer.step == 1
    back = []
    while place(session).entry >= 0:
        session.apply(Back(grain))
        back.append(place(session))
    assert back == [*reversed(onward[:-1]), Place()]
    assert same(tensors_of(session.run.trainer), start)
    assert session.run.trainer.step == 0


@pytest.mark.parametrize("name", [n for n in PRESETS if not n.startswith(("cnn", "dense"))])
def test_every_small_preset_is_walked_number_by_number(name):
    session, _ = session_of(small(name), live=True)
    passed = walk_on(session, Grain.NUMBER)
    entries = session.snapshot().stepping.record.entries
    assert len(passed) == sum(entry.count for entry in entries)
    for expected in [*reversed(passed[:-1]), Place()]:
        session.apply(Back(Grain.NUMBER))
        assert place(session) == expected


LARGE = [name for name in PRESETS if name.startswith(("cnn", "dense"))]
WALKED_SELDOM = ("cnn-mnist-residual", "dense-784-128-10")
"""Like others, with more numbers: a quarter of a minute."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in WALKED_SELDOM else ()) for name in LARGE],
)
def test_every_large_preset_is_walked_number_by_number_too(name):
    session, _ = session_of(small(name), live=True)
    session.apply(Next(Grain.NUMBER))
    entries = session.snapshot().stepping.record.entries
    stepper = session._debugging._stepper  # a snapshot for each of 300,000 numbers takes too long
    for position, entry in enumerate(entries):
        for number in range(1, entry.count + 1):
            assert stepper.place == Place(position, number)
            if (position, number) != (len(entries) - 1, entry.count):
                session.apply(Next(Grain.NUMBER))
    assert session.run.trainer.step == 1
    for position in range(len(entries) - 1, -1, -1):
        for number in range(entries[position].count, 0, -1):
            assert stepper.place == Place(position, number)
            session.apply(Back(Grain.NUMBER))
    assert stepper.place == Place()
    assert session.run.trainer.step == 0


@pytest.mark.parametrize("spec", [tiny(), with_dropout(), digits()])
def test_stepping_leaves_the_weights_that_training_would(spec):
    stepped, _ = session_of(spec, live=True)
    for _ in range(5):
        walk_on(stepped, Grain.PHASE)
    assert same(tensors_of(stepped.run.trainer), plain(spec, 5))
    assert stepped.snapshot().progress.step == 5


def test_training_goes_on_from_the_middle_of_a_step_without_taking_it_twice():
    session, _ = session_of(tiny(stop=Stop(epochs=None, steps=20)), live=True)
    do(session, Next(Grain.ITERATION), Next(Grain.OPERATION), Next(Grain.OPERATION), Train())
    assert session.snapshot().stepping is None
    assert same(tensors_of(session.run.trainer), plain(tiny(), 20))


def test_back_leads_over_the_beginning_into_the_step_before():
    session, _ = session_of(tiny(optimizer=Adam()), live=True)
    do(session, *[Next(Grain.ITERATION)] * 3, Next(Grain.OPERATION))
    record = session.snapshot().stepping.record
    do(session, Back(Grain.OPERATION), Back(Grain.OPERATION))
    earlier = session.snapshot().stepping.record
    assert (record.step, earlier.step) == (4, 3)
    assert np.array_equal(earlier.arrays["after:0.weight"], record.arrays["p:0.weight"])
    assert np.array_equal(
        earlier.arrays["s':0.weight:exp_avg"], record.arrays["s:0.weight:exp_avg"]
    )


def test_stepping_back_and_forth_repeats_the_numbers_bit_for_bit():
    session, _ = session_of(with_dropout(), live=True)
    do(session, *[Next(Grain.ITERATION)] * 4)
    first = session.snapshot().stepping.record.arrays
    do(session, *[Back(Grain.ITERATION)] * 4, *[Next(Grain.ITERATION)] * 4)
    again = session.snapshot().stepping.record.arrays
    assert first.keys() == again.keys()
    for key, array in first.items():
        assert np.array_equal(array, again[key]), key


def test_a_step_taken_again_is_not_counted_twice():
    session, _ = session_of(tiny(), live=True)
    do(session, *[Next(Grain.ITERATION)] * 3, *[Back(Grain.ITERATION)] * 2)
    do(session, *[Next(Grain.ITERATION)] * 4)
    curve = session.snapshot().curves.train_loss
    assert curve.steps.tolist() == [1, 2, 3, 4, 5]


def test_out_ends_with_the_layer_and_run_to_a_unit_shows_its_number_last():
    session, _ = session_of(tiny(), live=True)
    do(session, Next(Grain.NUMBER), StepOut())
    entry = session.snapshot().stepping.entry
    assert (entry.kind, entry.path, entry.phase) == ("activation", (0,), Phase.FORWARD)
    do(session, RunTo((1,), 0))
    stepping = session.snapshot().stepping
    assert (stepping.entry.kind, stepping.entry.path, stepping.place.number) == ("linear", (1,), 1)


def test_a_weight_changed_by_hand_is_computed_with_at_the_same_place_and_undone():
    session, _ = session_of(tiny(), live=True)
    do(session, *[Next(Grain.OPERATION)] * 2)
    before = session.snapshot().stepping
    do(session, SetNumber("0.weight", (1, 0), 3.5))
    after = session.snapshot().stepping
    assert after.place == before.place
    w, x = after.record.arrays["p:0.weight"], after.record.arrays["x"]
    assert w[1, 0] == 3.5
    expected = x @ w.T + after.record.arrays["p:0.bias"]
    np.testing.assert_allclose(after.record.arrays["z:0"], expected, rtol=1e-5, atol=1e-6)
    do(session, Undo())
    undone = session.snapshot().stepping.record.arrays
    assert all(np.array_equal(undone[k], a) for k, a in before.record.arrays.items())
    do(session, Redo())
    assert session.snapshot().stepping.record.arrays["p:0.weight"][1, 0] == 3.5


def test_undo_of_a_change_before_a_step_taken_whole_shows_the_step_that_comes_then():
    session, _ = session_of(tiny(), live=True)
    do(session, Next(Grain.OPERATION))
    before = session.snapshot().stepping.record.arrays["p:0.weight"]
    do(session, SetNumber("0.weight", (1, 0), 3.5), Next(Grain.ITERATION))
    assert session.snapshot().progress.step == 1
    do(session, Undo())
    stepping = session.snapshot().stepping
    assert session.snapshot().progress.step == 0
    assert (stepping.record.step, stepping.place) == (1, Place())
    assert np.array_equal(stepping.record.arrays["p:0.weight"], before)


def test_an_input_changed_by_hand_changes_that_sample_alone_and_is_undone():
    session, _ = session_of(tiny(), live=True)
    do(session, Next(Grain.OPERATION))
    record = session.snapshot().stepping.record
    do(session, SetInput(int(record.rows[2]), (1,), -4.0))
    changed = session.snapshot().stepping.record.arrays["x"]
    assert changed[2, 1] == -4.0
    assert (changed != record.arrays["x"]).sum() == 1
    do(session, Undo())
    assert np.array_equal(session.snapshot().stepping.record.arrays["x"], record.arrays["x"])


@pytest.mark.parametrize(
    "command",
    [
        SetNumber("0.weight", (0, 0), float("inf")),
        SetNumber("0.weight", (0, 0), float("nan")),
        SetNumber("0.weight", (9, 0), 1.0),
        SetNumber("7.weight", (0, 0), 1.0),
        SetInput(0, (0,), float("nan")),
        SetInput(10**6, (0,), 1.0),
        Freeze("0.weight", (0,), on=True),
        KnockOut((1,), 0, on=True),
        KnockOut((0,), 99, on=True),
        RunToBreakpoint(),
        Visit(-1),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(command):
    session, _ = session_of(tiny(), live=True)
    do(session, *[Next(Grain.ITERATION)] * 2)
    before, shown = tensors_of(session.run.trainer), place(session)
    with pytest.raises(UserError):
        session.apply(command)
    assert same(tensors_of(session.run.trainer), before)
    assert session.snapshot().undo is None
    assert isinstance(command, RunToBreakpoint | Visit) or place(session) == shown


def test_a_frozen_weight_stays_through_training_with_momentum_and_the_others_move():
    session, _ = session_of(tiny(optimizer=Adam(learning_rate=0.05)), live=True)
    do(session, Next(Grain.ITERATION))
    w = session.snapshot().stepping.record.arrays["after:0.weight"].copy()
    do(session, Freeze("0.weight", (2, 1), on=True), Train())
    after = session.run.trainer.network.layers[0].transform.weight.detach().numpy()
    assert after[2, 1] == w[2, 1]
    assert ((after != w).sum()) == w.size - 1
    do(session, Freeze("0.weight", (2, 1), on=False), Train())
    assert session.run.trainer.network.layers[0].transform.weight[2, 1] != w[2, 1]


def test_a_neuron_knocked_out_gives_nothing_and_learns_nothing():
    session, _ = session_of(tiny(), live=True)
    do(session, KnockOut((0,), 3, on=True), Next(Grain.ITERATION))
    arrays = session.snapshot().stepping.record.arrays
    assert (arrays["a:0"][:, 3] == 0).all()
    assert (arrays["a:0"][:, :3] != 0).all()
    assert (arrays["d:p:0.weight"][3] == 0).all()
    assert (arrays["d:p:1.weight"][:, 3] == 0).all()
    do(session, Undo())
    assert session.snapshot().knocked == frozenset()


def test_an_earlier_step_is_visited_exactly_and_training_unchanged_repeats_the_run():
    spec = tiny(optimizer=Adam(), stop=Stop(epochs=None, steps=200))
    session, _ = session_of(spec, live=True)
    do(session, Train())
    end = tensors_of(session.run.trainer)
    losses = session.snapshot().curves.train_loss.values.copy()
    for step in (0, 1, 37, 64, 150, 199):
        do(session, Visit(step))
        assert session.snapshot().progress.step == step
        assert same(tensors_of(session.run.trainer), plain(spec, step))
    do(session, Visit(37), Train())
    snapshot = session.snapshot()
    assert same(tensors_of(session.run.trainer), end)
    assert np.array_equal(snapshot.curves.train_loss.values, losses)
    (branch,) = snapshot.timeline.branches
    assert branch.step == 37
    assert np.array_equal(branch.curves.train_loss.values, losses)


def test_a_branch_can_be_undone_and_the_newest_state_of_the_old_run_is_back():
    spec = tiny(stop=Stop(epochs=None, steps=100))
    session, _ = session_of(spec, live=True)
    do(session, Train())
    end = tensors_of(session.run.trainer)
    do(session, Visit(10), set_optimizer(Adam(learning_rate=0.3)), Train())
    assert not same(tensors_of(session.run.trainer), end)
    do(session, Undo())
    assert session.snapshot().progress.step == 100
    assert same(tensors_of(session.run.trainer), end)


def test_the_timeline_keeps_to_its_budget_and_its_first_state():
    session, _ = session_of(tiny(stop=Stop(epochs=None, steps=3000)), live=True)
    do(session, SetTimelineBudget(2**20), Train())
    timeline = session.snapshot().timeline
    assert timeline.bytes <= timeline.budget == 2**20
    assert (timeline.first, timeline.last) == (0, 3000)
    assert (np.diff(timeline.kept) > 0).all()


@pytest.mark.parametrize(
    ("condition", "number", "step"),
    [(Condition.EVERY, 7, 7), (Condition.NORM_ABOVE, 0.0, 1), (Condition.ACCURACY, 0.0, 1)],
)
def test_training_holds_at_the_very_step_that_hits_with_its_tape(condition, number, step):
    session, _ = session_of(tiny(), live=True)
    do(session, SetBreakpoints((Breakpoint(condition, number),)), Train())
    snapshot = session.snapshot()
    assert snapshot.state is RunState.PAUSED
    assert snapshot.progress.step == snapshot.stepping.record.step == step
    assert snapshot.stepping.stopped is not None
    assert same(tensors_of(session.run.trainer), plain(tiny(), step))


def test_a_dead_relu_is_found_with_its_layer():
    layers = (
        Dense(units=2, activation=ReLU(), bias_init=Constant(value=-50.0)),
        Dense(units=1, activation=Sigmoid()),
    )
    spec = tiny(layers=layers, loss=BinaryCrossEntropy())
    session, _ = session_of(spec, live=True)
    do(session, SetBreakpoints((Breakpoint(Condition.DEAD),)), Train())
    reason = session.snapshot().stepping.stopped
    assert reason.values["layer"] == "1 Dense"
    assert session.snapshot().progress.step == 1


def test_a_step_that_is_not_finite_is_held_at_and_can_be_looked_into():
    spec = tiny(optimizer=tiny().optimizer.model_copy(update={"learning_rate": 0.1}))
    session, _ = session_of(spec, live=True)
    do(session, SetNumber("0.weight", (0, 0), 1e38), SetNumber("0.weight", (0, 1), -1e38))
    do(session, SetNumber("1.weight", (0, 0), 1e38))
    do(session, SetBreakpoints((Breakpoint(Condition.NOT_FINITE),)), Train())
    snapshot = session.snapshot()
    assert snapshot.stepping is not None
    arrays = snapshot.stepping.record.arrays
    assert not all(np.isfinite(a).all() for a in arrays.values() if a.dtype == np.float32)
    assert all(bool(t.isfinite().all()) for t in tensors_of(session.run.trainer))


def test_breakpoints_at_operations_stop_stepping_there_and_sleeping_ones_do_not():
    session, _ = session_of(tiny(), live=True)
    at = Breakpoint(Condition.ENTRY, writes="d:p:0.weight")
    asleep = replace(at, writes="z:0", on=False)
    do(session, SetBreakpoints((asleep, at)), RunToBreakpoint())
    assert session.snapshot().stepping.entry.writes == "d:p:0.weight"
    do(session, RunToBreakpoint())
    assert session.snapshot().stepping.record.step == 2


def test_an_edit_of_the_layers_ends_stepping_and_a_change_of_the_rate_recomputes_the_step():
    session, _ = session_of(tiny(), live=True)
    do(session, Next(Grain.OPERATION))
    faster = tiny().optimizer.model_copy(update={"learning_rate": 0.7})
    do(session, set_optimizer(faster))
    record = session.snapshot().stepping.record
    assert record.rate == 0.7
    step = torch.tensor(record.arrays["d:p:0.weight"]) * -0.7
    np.testing.assert_allclose(record.arrays["step:0.weight"], step, rtol=1e-4, atol=1e-7)
    do(session, add_layer((1,), Dense(units=3)))
    assert session.snapshot().stepping is None
    do(session, Next(Grain.PHASE), ResetWeights(), Next(Grain.PHASE), LeaveStep(), StepOnce())
    assert session.snapshot().progress.step == 1


@pytest.mark.parametrize(
    "breakpoint_",
    [Breakpoint(Condition.ENTRY, writes="z:1"), Breakpoint(Condition.LAYER, path=(1,))],
    ids=["operation", "layer"],
)
def test_training_holds_at_an_operation_too_and_goes_on_to_the_next_step(breakpoint_):
    events = []
    session = Session(PRESETS["xor-2-2-1"].spec, events.append)
    session.load()
    session.apply(commands.SetBreakpoints((breakpoint_,)))
    session.apply(commands.Train())
    stepping = session.snapshot().stepping
    assert stepping is not None
    entry = stepping.record.entries[stepping.place.entry]
    assert entry.writes.startswith(("z:1", "d:z:1"))
    assert session.run.trainer.step == 0
    assert [event for event in events if isinstance(event, Notice)]
    seen = set()
    for _ in range(6):
        session.apply(commands.Train())
        seen.add(session.snapshot().stepping.record.step)
    assert len(seen) > 1
    session.apply(commands.SetBreakpoints(()))
    session.apply(commands.Train())
    assert session.snapshot().state is RunState.RUNNING
