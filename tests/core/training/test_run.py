"""A run's states, what ends it, what it measures, and what it does when numbers explode."""

import math

import pytest
import torch

from core.catalog.optimizers import SGD, Adam, GradientDescent, Momentum
from core.data.toy import Gaussians, ThreeClasses, TiltedPlane
from core.experiment.spec import Stop, Training
from core.messages.commands import EpochOnce, Pause, ResetWeights, StepOnce, StopRun, Train
from core.messages.edits import set_optimizer, set_stop, set_training
from core.messages.events import Diverged, EpochDone, Finished
from core.messages.snapshot import RunState
from core.training.batches import order_of
from tests.core.experiments import (
    do,
    regression,
    same,
    session_of,
    settle,
    take,
    tensors_of,
    tiny,
    trainer_of,
    with_dropout,
    with_nan_row,
)


def state_of(session):
    return session.run.state


def step_of(session):
    return session.snapshot().progress.step


def of_kind(events, kind):
    return [event for event in events if isinstance(event, kind)]


def last_test_step(session):
    return int(session.snapshot().curves.test_loss.steps[-1])


def running(spec=None, steps=5):
    """A session in the midst of its run."""
    session, events = session_of(spec or tiny())
    settle(session)
    session.apply(Train())
    while session.run.trainer.step < steps:
        session.advance(0.0)  # one step or one chunk of a measurement
    return session, events


def test_a_new_run_is_ready_and_measured_once_before_training():
    session, events = session_of(tiny())
    assert state_of(session) is RunState.READY
    settle(session)
    snapshot = session.snapshot()
    assert snapshot.state is RunState.READY
    assert snapshot.curves.test_loss.steps.tolist() == [0]
    assert len(snapshot.curves.train_loss) == 0
    assert not events
    assert not session.busy


def test_train_runs_to_the_end_and_finishes():
    session, events = session_of(tiny())
    session.apply(Train())
    assert state_of(session) is RunState.RUNNING
    settle(session)
    assert state_of(session) is RunState.FINISHED
    assert step_of(session) == 12
    assert len(of_kind(events, Finished)) == 1
    assert session.snapshot().message is of_kind(events, Finished)[0].reason


def test_pause_holds_the_run_and_measures_where_it_stands():
    session, _ = running(steps=6)
    session.apply(Pause())
    assert state_of(session) is RunState.PAUSED
    settle(session)
    assert (step_of(session), last_test_step(session)) == (6, 6)
    assert not session.busy


def test_a_single_step_is_one_step():
    session, _ = session_of(tiny())
    for count in (1, 2, 3):
        do(session, StepOnce())
        assert (state_of(session), step_of(session)) == (RunState.PAUSED, count)
        assert last_test_step(session) == count


def test_a_single_epoch_ends_at_the_next_epochs_border():
    session, _ = session_of(tiny())
    do(session, StepOnce(), EpochOnce())
    assert (state_of(session), step_of(session)) == (RunState.PAUSED, 4)
    do(session, EpochOnce())
    assert step_of(session) == 8


def test_train_after_a_single_step_goes_to_the_end():
    session, _ = session_of(tiny())
    do(session, StepOnce(), Train())
    assert (state_of(session), step_of(session)) == (RunState.FINISHED, 12)


def test_stop_finishes_a_run_in_its_midst():
    session, events = running(steps=5)
    do(session, StopRun())
    assert state_of(session) is RunState.FINISHED
    assert "step 5" in str(session.snapshot().message)
    assert len(of_kind(events, Finished)) == 1
    assert last_test_step(session) == 5


def test_stop_and_pause_have_nothing_to_do_before_the_run():
    session, events = session_of(tiny())
    do(session, StopRun(), Pause())
    assert state_of(session) is RunState.READY
    assert not events


@pytest.mark.parametrize("make", [tiny, with_dropout])
def test_a_run_held_and_stepped_ends_with_the_very_weights_of_one_that_was_not(make):
    whole, _ = session_of(make())
    do(whole, Train())
    held, _ = session_of(make(), live=True)
    do(held, StepOnce(), StepOnce(), EpochOnce())
    held.apply(Train())
    held.advance(0.0)
    do(held, Pause(), StepOnce(), Train())
    assert step_of(held) == step_of(whole) == 12
    assert same(tensors_of(held.run.trainer), tensors_of(whole.run.trainer))


def test_every_epoch_is_told_with_its_means_and_its_test_score():
    session, events = session_of(tiny())
    do(session, Train())
    reference = trainer_of(tiny())
    epochs = of_kind(events, EpochDone)
    assert [event.epoch for event in epochs] == [1, 2, 3]
    assert [event.step for event in epochs] == [4, 8, 12]
    for event in epochs:
        assert event.train_loss == pytest.approx(sum(take(reference, 4)) / 4)
        score = reference.evaluation().run(math.inf)
        assert event.test_loss == pytest.approx(score.loss)
        assert event.test_accuracy == score.accuracy
        assert event.samples_per_second > 0


def test_the_curves_hold_every_step_and_every_epoch():
    session, _ = session_of(tiny())
    do(session, Train())
    curves = session.snapshot().curves
    assert curves.train_loss.steps.tolist() == list(range(1, 13))
    assert curves.train_loss.values.tolist() == pytest.approx(take(trainer_of(tiny()), 12))
    # Of its short epochs only the last is on the grid of steps, which doubles at first.
    assert curves.test_loss.steps.tolist() == [0, 1, 2, 4, 8, 12]


def test_regression_tells_no_accuracy_and_no_test_set_tells_no_test_loss():
    session, events = session_of(regression(data=TiltedPlane(samples=40, test_fraction=0.0)))
    do(session, Train())
    assert step_of(session) == 15
    for event in of_kind(events, EpochDone):
        assert (event.train_accuracy, event.test_loss, event.test_accuracy) == (None, None, None)
    assert len(of_kind(events, EpochDone)) == 3
    assert len(session.snapshot().curves.test_loss) == 0


@pytest.mark.parametrize(
    ("stop", "end", "words"),
    [
        (Stop(epochs=2), 8, "2 epochs"),
        (Stop(epochs=None, steps=7), 7, "7 steps"),
        (Stop(epochs=3, steps=7), 7, "7 steps"),
        (Stop(epochs=1, steps=7), 4, "1 epochs"),
    ],
)
def test_a_run_ends_with_its_epochs_or_steps_whichever_comes_first(stop, end, words):
    session, _ = session_of(tiny(stop=stop))
    do(session, Train())
    assert (state_of(session), step_of(session)) == (RunState.FINISHED, end)
    assert words in str(session.snapshot().message)


def scores(events):
    return [(event.test_loss, event.test_accuracy) for event in of_kind(events, EpochDone)]


LONG = Stop(epochs=400)


def slow(**fields):
    """Learns over many epochs."""
    return tiny(optimizer=SGD(learning_rate=0.02), **fields)


def test_a_run_ends_at_the_first_epoch_that_reaches_the_accuracy():
    stop = LONG.model_copy(update={"target_accuracy": 0.9})
    session, events = session_of(slow(data=Gaussians(samples=80), seed=1, stop=stop))
    do(session, Train())
    reached = [accuracy >= 0.9 for _, accuracy in scores(events)]
    assert reached.index(True) == len(reached) - 1
    assert len(reached) < 400
    assert "90" in str(session.snapshot().message)
    assert state_of(session) is RunState.FINISHED


def test_a_run_ends_at_the_first_epoch_that_reaches_the_loss():
    stop = LONG.model_copy(update={"target_loss": 0.5})
    session, events = session_of(slow(stop=stop))
    do(session, Train())
    reached = [loss <= 0.5 for loss, _ in scores(events)]
    assert 1 < len(reached) < 400
    assert reached.index(True) == len(reached) - 1
    assert "0.5" in str(session.snapshot().message)


def test_a_run_ends_after_so_many_epochs_without_a_better_loss():
    stop = LONG.model_copy(update={"patience": 3})
    spec = regression(optimizer=SGD(learning_rate=0.3), stop=stop)
    session, events = session_of(spec)
    do(session, Train())
    losses = [loss for loss, _ in scores(events)]
    best_at = losses.index(min(losses))
    assert len(losses) - 1 - best_at == 3
    assert len(losses) < 400
    assert "3 epochs" in str(session.snapshot().message)
    best_so_far = [min(losses[: k + 1]) for k in range(len(losses))]
    assert all(len(set(best_so_far[k - 3 : k + 1])) > 1 for k in range(3, len(losses) - 1)), (
        "it should have ended before"
    )


@pytest.mark.parametrize("live", [False, True], ids=["terminal", "window"])
def test_patience_watches_the_training_loss_where_there_is_no_test_set(live):
    stop = LONG.model_copy(update={"patience": 3})
    data = TiltedPlane(samples=40, test_fraction=0.0)
    spec = regression(optimizer=SGD(learning_rate=0.3), stop=stop, data=data)
    session, events = session_of(spec, live=live)
    do(session, Train())
    losses = [event.train_loss for event in of_kind(events, EpochDone)]
    assert len(losses) - 1 - losses.index(min(losses)) == 3
    assert len(losses) < 400
    assert "no better loss for 3 epochs" in str(session.snapshot().message)


@pytest.mark.parametrize("target", [{"target_loss": 0.6}, {"target_accuracy": 0.5}])
def test_train_goes_on_after_a_target_to_the_end_and_to_a_harder_target(target):
    session, events = session_of(slow(stop=Stop(epochs=60, **target)))
    do(session, Train())
    first = step_of(session)
    assert first < 240
    do(session, Train())
    assert step_of(session) == 240
    harder = {"target_loss": 0.35} if "target_loss" in target else {"target_accuracy": 0.8}
    do(session, set_stop(Stop(epochs=400, **harder)), Train())
    assert 240 < step_of(session) < 1600
    assert len(of_kind(events, Finished)) == 3


def test_a_target_that_was_reached_by_single_steps_still_ends_the_run():
    session, _ = session_of(slow(stop=Stop(epochs=50, target_loss=100.0)))
    do(session, StepOnce())
    assert state_of(session) is RunState.PAUSED
    do(session, Train())
    # At the next step of the grid, in the terminal as in the window.
    assert (state_of(session), step_of(session)) == (RunState.FINISHED, 2)
    assert "target" in str(session.snapshot().message)


def test_a_waived_accuracy_does_not_hide_the_loss():
    session, events = session_of(slow(stop=Stop(epochs=200, target_accuracy=0.1, target_loss=0.5)))
    do(session, Train(), Train())
    assert step_of(session) < 800
    assert "loss" in str(of_kind(events, Finished)[1].reason)


def test_train_after_the_end_goes_on_and_can_be_undone_as_an_edit_of_when_to_stop():
    session, _ = session_of(tiny())
    do(session, Train(), Train())
    assert (state_of(session), step_of(session)) == (RunState.FINISHED, 24)
    assert session.spec.stop.epochs == 6
    assert session.snapshot().undo == "Change when to stop"


@pytest.mark.parametrize(("command", "end"), [(StepOnce(), 13), (EpochOnce(), 16)])
def test_single_steps_and_epochs_go_on_after_the_end(command, end):
    session, _ = session_of(tiny())
    do(session, Train(), command)
    assert (state_of(session), step_of(session)) == (RunState.PAUSED, end)


def test_going_on_moves_only_the_end_that_was_reached():
    session, _ = session_of(tiny(stop=Stop(epochs=1, steps=100_000)))
    do(session, Train())
    session.apply(Train())
    assert session.spec.stop == Stop(epochs=2, steps=100_000)
    session, _ = session_of(tiny(stop=Stop(epochs=500, steps=5)))
    do(session, Train())
    session.apply(Train())
    assert session.spec.stop == Stop(epochs=500, steps=10)


def exploding(**fields):
    return regression(
        **{"optimizer": Momentum(learning_rate=50.0), "stop": Stop(epochs=100)} | fields
    )


def test_divergence_keeps_exactly_the_last_finite_state():
    session, events = session_of(exploding())
    do(session, Train())
    assert state_of(session) is RunState.DIVERGED
    kept = step_of(session)
    reference = trainer_of(exploding())
    losses = take(reference, kept)
    assert all(math.isfinite(loss) for loss in losses)
    assert same(tensors_of(session.run.trainer), tensors_of(reference))
    assert all(bool(tensor.isfinite().all()) for tensor in tensors_of(reference))
    (loss,) = take(reference, 1)
    finite = all(bool(tensor.isfinite().all()) for tensor in tensors_of(reference))
    assert not (math.isfinite(loss) and finite)
    explanation = str(of_kind(events, Diverged)[0].explanation)
    assert f"step {kept + 1}" in explanation
    assert "learning rate" in explanation
    assert session.snapshot().curves.train_loss.steps[-1] == kept


def test_divergence_keeps_the_same_state_in_whatever_slices_the_run_was_taken():
    whole, _ = session_of(exploding())
    do(whole, Train())
    sliced, _ = session_of(exploding(), live=True)
    sliced.apply(Train())
    while sliced.busy:
        sliced.advance(0.0)
    assert state_of(sliced) is RunState.DIVERGED
    assert same(tensors_of(sliced.run.trainer), tensors_of(whole.run.trainer))


@pytest.mark.parametrize("optimizer", [SGD(learning_rate=0.01), Adam(), GradientDescent()])
def test_a_nan_among_the_data_pauses_the_run_at_the_step_before_it(monkeypatch, optimizer):
    load = TiltedPlane.load
    row = int(order_of(0, 0, 30)[20])  # the third batch of eight
    monkeypatch.setattr(TiltedPlane, "load", lambda self, seed: with_nan_row(load(self, seed), row))
    session, events = session_of(regression(optimizer=optimizer))
    do(session, Train())
    kept = 0 if isinstance(optimizer, GradientDescent) else 2
    assert (state_of(session), step_of(session)) == (RunState.DIVERGED, kept)
    assert "NaN" in str(session.snapshot().message)
    assert all(bool(tensor.isfinite().all()) for tensor in tensors_of(session.run.trainer))
    assert len(of_kind(events, Diverged)) == 1
    do(session, Train())  # it comes upon it again, and holds again
    assert (state_of(session), step_of(session)) == (RunState.DIVERGED, kept)


def test_a_diverged_run_trains_again_with_a_smaller_rate_and_new_weights():
    session, _ = session_of(exploding())
    do(session, Train(), set_optimizer(SGD(learning_rate=0.01)), ResetWeights(), Train())
    assert state_of(session) is RunState.FINISHED
    assert step_of(session) == 400


def test_a_diverged_run_goes_on_from_the_state_it_kept_once_the_cause_is_gone(monkeypatch):
    load = TiltedPlane.load
    row = int(order_of(0, 0, 30)[20])
    monkeypatch.setattr(TiltedPlane, "load", lambda self, seed: with_nan_row(load(self, seed), row))
    spec = with_dropout(
        data=TiltedPlane(samples=40),
        layers=(*with_dropout().layers[:-1], regression().layers[-1]),
        loss=regression().loss,
        optimizer=Adam(),
    )
    session, _ = session_of(spec)
    do(session, Train())
    assert state_of(session) is RunState.DIVERGED
    reference = trainer_of(spec)
    for trainer in (session.run.trainer, reference):
        trainer.data.train_inputs[row] = 0.5
    do(session, Train())
    take(reference, 12)
    assert (state_of(session), step_of(session)) == (RunState.FINISHED, 12)
    assert same(tensors_of(session.run.trainer), tensors_of(reference))


def test_a_diverged_run_measures_its_last_finite_state():
    session, _ = session_of(exploding())
    do(session, Train())
    assert last_test_step(session) == step_of(session)


def test_steps_that_turn_out_finite_the_second_time_do_not_hold_the_run(monkeypatch):
    session, events = running(tiny(stop=Stop(epochs=5)), steps=6)
    trainer = session.run.trainer
    flush, answers = trainer.flush, iter([False])

    def flush_once_wrong():
        part = flush()
        if part is None or next(answers, True):
            return part
        return type(part)(part.first_step, part.losses, part.accuracies, False)

    monkeypatch.setattr(trainer, "flush", flush_once_wrong)
    settle(session)
    assert state_of(session) is RunState.FINISHED
    assert step_of(session) == 20
    assert not of_kind(events, Diverged)


@pytest.mark.parametrize(
    "edit",
    [
        set_optimizer(SGD(learning_rate=0.5)),
        set_optimizer(Adam()),
        set_training(Training(batch_size=3, l2=0.1, clip_norm=1.0)),
        set_stop(Stop(epochs=9)),
    ],
    ids=lambda edit: edit.label,
)
def test_changes_of_the_training_leave_a_run_running_with_its_weights(edit):
    session, _ = running(steps=5)
    before = tensors_of(session.run.trainer)
    session.apply(edit)
    assert state_of(session) is RunState.RUNNING
    assert step_of(session) == 5
    assert same(tensors_of(session.run.trainer), before)
    settle(session)
    assert state_of(session) is RunState.FINISHED
    assert session.run.trainer.epoch == session.spec.stop.epochs


def test_the_progress_says_where_the_run_stands():
    session, _ = running(steps=6)
    progress = session.snapshot().progress
    assert (progress.step, progress.epoch, progress.epoch_step) == (6, 1, 2)
    assert (progress.steps_per_epoch, progress.total_steps) == (4, 12)
    assert progress.learning_rate == 0.1
    assert progress.samples_per_second > 0
    assert progress.seconds_left > 0
    do(session, Pause())
    assert session.snapshot().progress.samples_per_second is None


def test_measuring_within_epochs_changes_nothing_about_the_training():
    watched, _ = session_of(tiny(), live=True)
    watched.apply(Train())
    while watched.busy:
        watched.advance(0.0)
    trainer = trainer_of(tiny())
    take(trainer, 12)
    assert watched.snapshot().curves.test_loss.steps.tolist() == [0, 1, 2, 4, 8, 12]
    assert same(tensors_of(watched.run.trainer), tensors_of(trainer))


@pytest.mark.parametrize("share", [1e9, 1e-9], ids=["each-epoch", "across-epochs"])
def test_a_watched_run_ends_alike_whether_its_epochs_are_short_or_long(monkeypatch, share):
    monkeypatch.setattr("core.training.grid.SHARE", share)
    spec = with_dropout(stop=Stop(epochs=30))
    watched, events = session_of(spec, live=True)
    do(watched, StepOnce(), Train())
    alone, _ = session_of(spec)
    do(alone, Train())
    assert (state_of(watched), step_of(watched)) == (RunState.FINISHED, step_of(alone))
    assert last_test_step(watched) == step_of(alone)
    assert len(of_kind(events, Finished)) == 1
    assert same(tensors_of(watched.run.trainer), tensors_of(alone.run.trainer))
    assert all(math.isfinite(event.train_loss) for event in of_kind(events, EpochDone))


def in_pieces(monkeypatch, **fields):
    """Full batches of 30, differentiated in pieces of 7."""
    monkeypatch.setattr("core.training.recording.PIECE", 7)
    return with_dropout(optimizer=GradientDescent(learning_rate=0.5), **fields)


def test_a_command_amid_a_large_step_gives_it_up_and_changes_nothing(monkeypatch):
    spec = in_pieces(monkeypatch)
    session, events = session_of(spec)
    settle(session)
    session.apply(Train())
    before = tensors_of(session.run.trainer)
    session.advance(60, lambda: True)
    assert (state_of(session), step_of(session)) == (RunState.RUNNING, 0)
    assert same(tensors_of(session.run.trainer), before)
    assert not events
    settle(session)
    undisturbed, _ = session_of(spec)
    do(undisturbed, Train())
    assert step_of(session) == 3
    assert same(tensors_of(session.run.trainer), tensors_of(undisturbed.run.trainer))
    assert [event.epoch for event in of_kind(events, EpochDone)] == [1, 2, 3]


def test_divergence_in_large_steps_is_held_too(monkeypatch):
    load = ThreeClasses.load
    monkeypatch.setattr(ThreeClasses, "load", lambda self, seed: with_nan_row(load(self, seed), 20))
    session, _ = session_of(in_pieces(monkeypatch))
    do(session, Train())
    assert (state_of(session), step_of(session)) == (RunState.DIVERGED, 0)


def test_halting_leaves_nothing_to_do_and_the_weights_alone():
    session, _ = running(steps=5)
    before = tensors_of(session.run.trainer)
    session.halt()
    assert not session.busy
    assert state_of(session) is RunState.PAUSED
    assert same(tensors_of(session.run.trainer), before)
    assert torch.is_grad_enabled()
