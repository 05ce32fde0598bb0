"""The thread that runs a session: commands in, snapshots and events out, whatever goes wrong."""

import threading

import numpy as np
import pytest
from safetensors.torch import load_file

from core.catalog.optimizers import SGD
from core.experiment.layers import Conv2d, Dense
from core.experiment.spec import Stop
from core.messages.commands import (
    Edit,
    EpochOnce,
    LoadWeights,
    Pause,
    Redo,
    ResetWeights,
    SaveWeights,
    StepOnce,
    StopRun,
    Train,
    Undo,
)
from core.messages.edits import add_layer, rename, replace_layer, set_optimizer, set_stop
from core.messages.events import EpochDone, Failed, Finished, Refused, Saved
from core.messages.snapshot import RunState
from core.session import engine as module
from core.session.engine import Engine
from core.training.trainer import Trainer
from tests.core.conftest import ours
from tests.core.experiments import same, small_digits, tiny, with_dropout

PATIENCE = 30.0
"""Seconds after which a test gives up; nothing waits for as long unless it has failed."""

ENDLESS = Stop(epochs=1_000_000)


class Watched(Engine):
    """An engine whose every snapshot can be waited for."""

    def __init__(self, spec):
        self.predictions = []
        self.changed = threading.Condition()
        self.seen = []
        super().__init__(spec, self._predicted)

    def _predicted(self, prediction):
        with self.changed:
            self.predictions.append(prediction)
            self.changed.notify_all()

    def _publish(self):
        super()._publish()
        with self.changed:
            self.changed.notify_all()

    def until(self, condition):
        """Waits for a snapshot with which the condition holds."""
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.snapshot), PATIENCE), self.snapshot
        return self.snapshot

    def until_state(self, state):
        return self.until(lambda snapshot: snapshot.state is state)

    def until_predicted(self, condition):
        with self.changed:
            assert self.changed.wait_for(
                lambda: any(condition(each) for each in self.predictions), PATIENCE
            )
        return next(each for each in self.predictions if condition(each))

    def until_event(self, kind):
        """Waits for an event of a kind; all that came are kept in ``seen``."""

        def arrived(_=None):
            self.seen += self.drain_events()
            return any(isinstance(event, kind) for event in self.seen)

        self.until(arrived)
        return next(event for event in self.seen if isinstance(event, kind))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()
        assert not self._thread.is_alive()


def step_of(engine):
    return engine.snapshot.progress.step


def test_before_it_starts_it_shows_an_experiment_that_is_loading():
    engine = Engine(tiny(), lambda prediction: None)
    assert engine.snapshot.state is RunState.LOADING
    assert engine.snapshot.spec == tiny()
    engine.close()


def test_it_loads_trains_and_finishes():
    with Watched(tiny()) as engine:
        engine.until_state(RunState.READY)
        engine.post(Train())
        snapshot = engine.until_state(RunState.FINISHED)
        assert snapshot.progress.step == 12
        assert isinstance(engine.until_event(Finished), Finished)


def test_commands_act_in_the_order_in_which_they_were_sent():
    with Watched(tiny()) as engine:
        for number in range(50):
            engine.post(rename(f"Name {number}"))
        engine.post(Undo())
        engine.post(Undo())
        engine.post(Redo())
        snapshot = engine.until(lambda s: s.redo is not None and s.spec.name == "Name 48")
        assert snapshot.undo == "Rename"


@pytest.mark.parametrize(
    ("command", "state"),
    [(Pause(), RunState.PAUSED), (StopRun(), RunState.FINISHED), (ResetWeights(), RunState.READY)],
    ids=str,
)
def test_a_command_acts_in_the_midst_of_a_slice(monkeypatch, command, state):
    monkeypatch.setattr(module, "SLICE", 10 * PATIENCE)  # it must not have to wait for its end
    monkeypatch.setattr("core.training.grid.SHARE", 1e-9)  # over short epochs at once
    run, amid = Trainer.run, threading.Event()

    def watched(self, *arguments):
        run(self, *arguments)
        if self.epoch > 50:
            amid.set()

    monkeypatch.setattr(Trainer, "run", watched)
    with Watched(tiny(stop=ENDLESS)) as engine:
        engine.post(Train())
        assert amid.wait(PATIENCE)
        engine.post(command)
        engine.until_state(state)


def test_a_change_of_rate_acts_while_it_runs_and_the_run_goes_on():
    with Watched(tiny(stop=ENDLESS)) as engine:
        engine.post(Train())
        engine.until(lambda s: s.progress.step > 20)
        engine.post(set_optimizer(SGD(learning_rate=0.025)))
        snapshot = engine.until(lambda s: s.progress.learning_rate == 0.025)
        assert snapshot.state is RunState.RUNNING
        assert snapshot.progress.step > 20
        engine.until(lambda s: s.progress.step > snapshot.progress.step)


def test_what_is_refused_is_told_and_changes_nothing():
    with Watched(tiny()) as engine:
        engine.until_state(RunState.READY)
        engine.post(add_layer((1,), Conv2d()))
        assert "2 Conv2d" in str(engine.until_event(Refused).reason)
        assert engine.snapshot.spec == tiny()


def test_an_experiment_that_does_not_fit_is_told_and_can_be_mended():
    with Watched(tiny(layers=(Dense(units=9),))) as engine:
        engine.until_state(RunState.FAILED)
        assert "1 Dense" in str(engine.until_event(Refused).reason)
        engine.post(replace_layer((0,), tiny().layers[-1]))
        engine.until_state(RunState.READY)


def defect(spec):
    raise ZeroDivisionError("a defect")


def test_a_defect_in_a_command_is_told_with_its_traceback_and_the_engine_lives_on():
    with Watched(tiny()) as engine:
        engine.post(Edit("Break", defect))
        failed = engine.until_event(Failed)
        assert "ZeroDivisionError: a defect" in failed.message
        assert "in defect" in failed.traceback
        engine.post(Train())
        engine.until_state(RunState.FINISHED)


def test_a_defect_while_training_pauses_the_run_which_can_go_on(monkeypatch):
    run, broken = Trainer.run, threading.Event()

    def once_broken(self, *arguments):
        if self.step >= 4 and not broken.is_set():
            broken.set()
            raise ValueError("broken")
        run(self, *arguments)

    monkeypatch.setattr(Trainer, "run", once_broken)
    monkeypatch.setattr("core.training.grid.SHARE", 1e9)
    with Watched(tiny()) as engine:
        engine.post(Train())
        assert "ValueError: broken" in engine.until_event(Failed).message
        assert engine.until_state(RunState.PAUSED).progress.step == 4
        engine.post(Train())
        engine.until_state(RunState.FINISHED)
        assert step_of(engine) == 12


def test_a_defect_in_a_snapshot_is_told_and_the_next_one_is_there(monkeypatch):
    with Watched(tiny()) as engine:
        engine.until_state(RunState.READY)
        snapshot, broken = engine._session.snapshot, threading.Event()

        def once_broken():
            if not broken.is_set():
                broken.set()
                raise ValueError("no picture")
            return snapshot()

        monkeypatch.setattr(engine._session, "snapshot", once_broken)
        engine.post(StepOnce())
        assert broken.wait(PATIENCE)
        engine.post(StepOnce())
        engine.until(lambda s: s.progress.step >= 1)
        assert "no picture" in engine.until_event(Failed).message


def test_closing_ends_both_threads_in_the_midst_of_a_run(monkeypatch):
    monkeypatch.setattr(module, "SLICE", 10 * PATIENCE)
    engine = Watched(tiny(stop=ENDLESS))
    with engine:
        engine.post(Train())
        engine.until_state(RunState.RUNNING)
        assert len(ours()) == 2
    assert not ours()


@pytest.mark.parametrize("started", [False, True])
def test_closing_twice_or_before_it_starts_does_no_harm(started):
    engine = Engine(tiny(), lambda prediction: None)
    if started:
        engine.start()
        engine.close()
    engine.close()
    assert not ours()


def test_closing_while_it_loads_does_not_hang():
    with Watched(tiny()):
        pass


def test_no_event_is_lost_however_rarely_they_are_fetched(monkeypatch):
    monkeypatch.setattr("core.training.grid.SHARE", 1e9)  # every epoch is told
    with Watched(tiny(stop=Stop(epochs=300))) as engine:
        engine.post(Train())
        engine.until_state(RunState.FINISHED)
        events = engine.drain_events()
        epochs = [event.epoch for event in events if isinstance(event, EpochDone)]
        assert epochs == list(range(1, 301))
        assert sum(isinstance(event, Finished) for event in events) == 1
        assert not engine.drain_events()


def test_snapshots_rise_in_version_and_hold_still_once_given_out():
    with Watched(small_digits(stop=ENDLESS)) as engine:
        engine.post(Train())
        first = engine.until(lambda s: len(s.curves.train_loss) > 3)
        kept = first.curves.train_loss.values.copy()
        later = engine.until(lambda s: s.progress.step > first.progress.step + 5)
        assert later.version > first.version
        np.testing.assert_array_equal(first.curves.train_loss.values, kept)
        curves = later.curves.all
        arrays = [array for curve in curves for array in (curve.steps, curve.values)]
        for array in (*arrays, later.data.test_inputs, later.data.test_labels):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def weights_after(engine, path, steps):
    """What the engine saves after so many steps, while it may be running beside others."""
    engine.post(set_stop(Stop(epochs=None, steps=steps)))
    engine.post(Train())
    engine.until_state(RunState.FINISHED)
    engine.post(SaveWeights(str(path)))
    engine.until_event(Saved)
    assert step_of(engine) == steps
    return list(load_file(path).values())


def test_an_experiment_trains_to_the_same_weights_alone_and_beside_another(tmp_path):
    with Watched(with_dropout()) as alone:
        expected = weights_after(alone, tmp_path / "alone", 150)
    with Watched(with_dropout()) as first, Watched(with_dropout(seed=1, stop=ENDLESS)) as second:
        second.post(Train())
        second.until_state(RunState.RUNNING)
        assert same(weights_after(first, tmp_path / "beside", 150), expected)
        assert second.snapshot.state is RunState.RUNNING


def ink():
    """A stroke, as drawn."""
    drawing = np.zeros((60, 60), np.uint8)
    drawing[10:50, 25:33] = 255
    return drawing


def test_a_drawing_is_read_with_the_newest_weights_while_it_trains():
    with Watched(small_digits(stop=ENDLESS)) as engine:
        engine.until_state(RunState.READY)
        first = engine.predict(ink(), exact=False)
        untrained = engine.until_predicted(lambda p: p.request == first)
        assert untrained.step == 0
        engine.post(Train())
        engine.until(lambda s: s.progress.step > 10)
        asked = engine.predict(ink(), exact=False)
        engine.until_predicted(lambda p: p.request == asked)
        step = step_of(engine)
        engine.until(lambda s: s.progress.step > step + 1)  # published since somebody asks
        again = engine.predict(ink(), exact=False)
        trained = engine.until_predicted(lambda p: p.request == again)
        assert trained.step > 10
        assert engine.snapshot.state is RunState.RUNNING
        assert not np.array_equal(trained.probabilities, untrained.probabilities)


def test_a_paused_run_answers_with_the_very_weights_it_stands_at():
    with Watched(small_digits()) as engine:
        for step in (1, 2, 3):
            engine.post(StepOnce())
            engine.until(lambda s, step=step: s.progress.step == step)
            asked = engine.predict(ink(), exact=False)
            assert engine.until_predicted(lambda p, a=asked: p.request == a).step == step


def test_undo_brings_back_the_weights_that_drawings_are_read_with(tmp_path):
    path = str(tmp_path / "other.safetensors")
    with Watched(small_digits(optimizer=SGD(learning_rate=0.5))) as other:
        other.post(EpochOnce())
        other.until(lambda s: s.progress.step == 4)
        other.post(SaveWeights(path))
        other.until_event(Saved)
    with Watched(small_digits()) as engine:
        engine.post(EpochOnce())
        engine.until(lambda s: s.progress.step == 4 and s.state is RunState.PAUSED)
        answers = []
        for command, undo in ((Pause(), None), (LoadWeights(path), "Open weights"), (Undo(), None)):
            engine.post(command)
            engine.until(lambda s, undo=undo: s.undo == undo)
            asked = engine.predict(ink(), exact=False)
            answers.append(engine.until_predicted(lambda p, a=asked: p.request == a))
        assert [answer.step for answer in answers] == [4, 4, 4]
        before, loaded, undone = [answer.probabilities for answer in answers]
        assert not np.array_equal(loaded, before)
        assert np.array_equal(undone, before)


def test_a_network_that_reads_no_images_predicts_nothing():
    with Watched(tiny()) as engine:
        engine.until_state(RunState.READY)
        asked = engine.predict(ink(), exact=False)
        assert engine.until_predicted(lambda p: p.request == asked).probabilities is None
