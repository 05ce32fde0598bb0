"""A second run walks beside the session's: forwards, back, and while it trains."""

import numpy as np
import pytest

from core.catalog.optimizers import SGD, Adam
from core.errors import UserError
from core.experiment.spec import Training
from core.messages import commands, edits
from core.messages.commands import BeginTwin, EndTwin, Next, SetNumber, Visit, Watch
from core.messages.record import Grain
from core.presets.lab import CASES
from tests.core.experiments import LONG, do, session_of, tensors_of, tiny

FASTER = edits.set_optimizer(SGD(learning_rate=0.3))
ON = Watch(frozenset({"values", "twin"}))


def begun(steps=5, change=FASTER, **fields):
    """A session that stands after so many steps, a second run set out from there."""
    session, _ = session_of(tiny(stop=LONG, **fields), live=True)
    do(session, ON, commands.TrainUntil(steps), BeginTwin(change))
    return session


def changed(change, origin, steps):
    """The same run with the change made in it after ``origin``, at a later step."""
    session, _ = session_of(tiny(stop=LONG), live=True)
    do(session, commands.TrainUntil(origin), change, commands.TrainUntil(steps))
    return session.run.trainer


def holds(view, trainer):
    own = dict(zip(trainer.network.named(), tensors_of(trainer), strict=False))
    return all(np.array_equal(view.parameters[name], own[name].numpy()) for name in own)


def test_it_parts_where_the_run_stands_and_goes_on_as_the_run_with_the_change_would():
    session = begun()
    view = session.snapshot().twin
    assert (view.origin, view.step, view.behind) == (5, 5, 0)
    assert view.parted.operation.writes == "after:0.weight"
    assert view.parted.symbol.startswith("w⁽¹⁾")
    do(session, commands.TrainUntil(42))
    view = session.snapshot().twin
    assert (view.step, view.behind) == (42, 0)
    assert holds(view, changed(FASTER, 5, 42))


def test_its_first_losses_are_the_runs_own_and_the_others_those_with_the_change():
    session = begun()
    do(session, commands.TrainUntil(30))
    this, twin = session.snapshot().twin.losses
    assert len(this) == len(twin) == 25
    for losses, change in ((this, None), (twin, FASTER)):
        own = changed(change, 5, 30) if change else changed(edits.rename("same"), 5, 30)
        record_of = session_of(tiny(stop=LONG), live=True)[0]
        do(record_of, commands.TrainUntil(5), change or edits.rename("same"))
        record_of.run.trainer.run_on(25)
        assert np.array_equal(losses, record_of.run.trainer.flush().losses)
        assert own.step == 30


def test_the_run_is_not_touched():
    session = begun()
    do(session, commands.TrainUntil(40), Next(Grain.PHASE))
    alone, _ = session_of(tiny(stop=LONG), live=True)
    do(alone, commands.TrainUntil(40), Next(Grain.PHASE))
    own, other = tensors_of(session.run.trainer), tensors_of(alone.run.trainer)
    assert all(map(np.array_equal, own, other))
    assert session.snapshot().undo == alone.snapshot().undo


def test_its_step_is_recorded_beside_the_one_recorded_with_the_cursor_at_the_same_operation():
    session = begun(change=edits.set_training(Training(batch_size=8, l2=0.1)))
    assert session.snapshot().twin.stepping is None
    do(session, Next(Grain.OPERATION))
    for _ in range(40):
        snapshot = session.snapshot()
        own, beside = snapshot.stepping, snapshot.twin.stepping
        assert beside.record.step == own.record.step
        assert beside.entry.writes == own.entry.writes
        assert beside.index == own.index
        if snapshot.stepping.record.step == 7:
            break
        do(session, Next(Grain.OPERATION))
    assert snapshot.stepping.record.step == 7


def test_back_it_walks_with_the_run_and_before_they_parted_it_waits():
    session = begun()
    do(session, commands.TrainUntil(90))
    at_90 = session.snapshot().twin
    do(session, Visit(30))
    view = session.snapshot().twin
    assert view.step == 30
    assert holds(view, changed(FASTER, 5, 30))
    assert len(view.losses[0]) == 85  # what is known of it stays
    do(session, Visit(2))
    assert session.snapshot().twin.goal is None
    do(session, Visit(90))
    again = session.snapshot().twin
    assert all(np.array_equal(again.parameters[n], at_90.parameters[n]) for n in at_90.parameters)


@pytest.mark.parametrize(
    "deed",
    [SetNumber("0.weight", (0, 0), 0.5), edits.set_optimizer(Adam()), commands.ResetWeights()],
    ids=["number", "edit", "reset"],
)
def test_a_change_of_the_run_itself_ends_it_with_a_sentence(deed):
    session = begun()
    do(session, commands.TrainUntil(12), deed)
    view = session.snapshot().twin
    assert view.is_ended
    assert "was changed" in view.trouble.template
    assert len(view.losses[0]) == 7
    do(session, EndTwin())
    assert session.snapshot().twin is None


def test_a_new_name_ends_nothing():
    session = begun()
    do(session, edits.rename("Another"))
    assert not session.snapshot().twin.is_ended


def test_nobody_looks_and_nothing_is_computed():
    session = begun()
    do(session, Watch(frozenset()), commands.TrainUntil(20))
    assert session.snapshot().twin is None
    do(session, ON)
    assert session.snapshot().twin.step == 20


def test_what_cannot_be_is_refused_and_the_one_there_is_stays():
    session = begun()
    with pytest.raises(UserError, match="other weights"):
        session.apply(BeginTwin(edits.set_layers(tiny().layers[1:])))
    assert not session.snapshot().twin.is_ended


def test_a_broken_experiment_has_none():
    session, _ = session_of(CASES[0], live=True)
    with pytest.raises(UserError, match="no twin"):
        session.apply(BeginTwin(FASTER))


def test_an_interruption_costs_nothing():
    session = begun()
    session.apply(commands.TrainUntil(200))
    while session.run.state.is_running:
        session.advance(0.01, lambda: True)
    while session.busy:
        session.advance(0.01, lambda: session.snapshot().twin.step % 3 == 0)
        session.advance(0.01)
    assert holds(session.snapshot().twin, changed(FASTER, 5, 200))
