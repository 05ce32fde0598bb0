"""Edits of a living experiment: undo, refusal, reset, and a device that fails."""

import numpy as np
import pytest
import torch
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.catalog.activations import ReLU, Sigmoid, Softmax, Tanh
from core.catalog.losses import MSE, CrossEntropy
from core.catalog.optimizers import SGD, Adam, GradientDescent, Momentum
from core.catalog.schedules import Cosine
from core.data.logic import XorGate
from core.data.table import CsvTable
from core.data.toy import Circles, ThreeClasses, TiltedPlane
from core.errors import UserError
from core.experiment.layers import BatchNorm, Conv2d, Dense, Dropout, Residual
from core.experiment.spec import Stop, Training, spec_from_json
from core.messages.commands import (
    Edit,
    EpochOnce,
    LoadWeights,
    Pause,
    Redo,
    ResetWeights,
    SaveWeights,
    SetNumber,
    StepOnce,
    StopRun,
    Train,
    Undo,
)
from core.messages.edits import (
    add_layer,
    move_layer,
    remove_layer,
    rename,
    replace_layer,
    set_data,
    set_device,
    set_layers,
    set_loss,
    set_optimizer,
    set_schedule,
    set_seed,
    set_stop,
    set_training,
)
from core.messages.events import Notice
from core.messages.snapshot import DeviceReport, RunState
from core.session import building
from core.session.session import Session
from tests.core.experiments import (
    do,
    same,
    session_of,
    settle,
    small_digits,
    tensors_of,
    tiny,
    with_batch_norm,
    with_dropout,
)

HIDDEN = Dense(units=5, activation=ReLU())

STRUCTURAL = {
    "add": add_layer((1,), HIDDEN),
    "remove": remove_layer((0,)),
    "move": move_layer((0,), 0),
    "units": replace_layer((0,), Dense(units=7, activation=Tanh())),
    "group": add_layer((1,), Residual(layers=(Dense(units=4),))),
    "data": set_data(Circles(samples=40)),
    "classes": set_data(ThreeClasses(samples=40)),
    "loss": set_loss(CrossEntropy()),
    "seed": set_seed(9),
}

TUNING = {
    "rate": set_optimizer(SGD(learning_rate=0.3)),
    "optimizer": set_optimizer(Adam()),
    "schedule": set_schedule(Cosine()),
    "batch": set_training(Training(batch_size=5)),
    "stop": set_stop(Stop(epochs=5)),
    "name": rename("Another"),
}


def trained(spec=None, steps=6):
    """A session that has taken some steps, and its events."""
    session, events = session_of(spec or tiny())
    do(session, *[StepOnce()] * steps)
    return session, events


def everything(session):
    """All that may be seen of a session, to tell whether anything has changed."""
    snapshot = session.snapshot()
    curves = snapshot.curves
    return (
        session.spec,
        snapshot.state,
        snapshot.progress,
        snapshot.undo,
        snapshot.redo,
        [
            (curve.steps.tolist(), curve.values.tolist())
            for curve in (curves.train_loss, curves.train_accuracy, curves.test_loss)
        ],
        [tensor.tolist() for tensor in tensors_of(session.run.trainer)],
        session.run.trainer.state().generator.tolist(),
    )


@pytest.mark.parametrize("edit", STRUCTURAL.values(), ids=STRUCTURAL)
def test_undoing_an_edit_of_the_structure_brings_the_trained_network_back(edit):
    session, _ = trained()
    before = everything(session)
    do(session, edit)
    if edit is STRUCTURAL["move"]:
        assert everything(session) == before  # moved to where it stood
        return
    after = everything(session)
    assert session.spec != before[0]
    assert session.snapshot().undo == edit.label
    do(session, Undo())
    assert everything(session)[5:] == before[5:]
    assert session.spec == before[0]
    assert session.run.trainer.step == 6
    assert (session.snapshot().undo, session.snapshot().redo) == (None, edit.label)
    do(session, Redo())
    assert everything(session) == after


@pytest.mark.parametrize("edit", STRUCTURAL.values(), ids=STRUCTURAL)
def test_a_run_goes_on_after_undo_as_if_nothing_had_been_edited(edit):
    session, _ = trained()
    do(session, edit, StepOnce(), StepOnce(), Undo())
    untouched, _ = trained()
    do(session, Train())
    do(untouched, Train())
    assert session.run.trainer.step == untouched.run.trainer.step == 12
    assert same(tensors_of(session.run.trainer), tensors_of(untouched.run.trainer))


@pytest.mark.parametrize("edit", TUNING.values(), ids=TUNING)
def test_undoing_a_change_of_the_training_keeps_what_was_trained_since(edit):
    session, _ = trained()
    before = session.spec
    do(session, edit, StepOnce())
    weights = tensors_of(session.run.trainer)
    do(session, Undo())
    assert session.spec == before
    assert session.run.trainer.step == 7
    assert same(tensors_of(session.run.trainer), weights)
    do(session, Redo())
    assert session.spec == edit.apply(before)
    assert same(tensors_of(session.run.trainer), weights)


def test_a_new_activation_keeps_the_weights_and_undo_brings_the_curves_of_before():
    session, _ = trained()
    before = everything(session)
    do(session, replace_layer((0,), Dense(units=4, activation=ReLU())))
    assert session.run.trainer.step == 6
    assert everything(session)[6] == before[6]
    do(session, StepOnce(), StepOnce(), StepOnce())
    assert session.snapshot().curves.train_loss.steps[-1] == 9
    do(session, Undo())
    assert everything(session)[5:] == before[5:]
    assert session.snapshot().curves.train_loss.steps[-1] == 6


def test_an_edit_of_the_structure_begins_with_new_weights_and_empty_curves():
    session, _ = trained()
    do(session, add_layer((1,), HIDDEN))
    snapshot = session.snapshot()
    assert snapshot.state is RunState.READY
    assert snapshot.progress.step == 0
    assert len(snapshot.curves.train_loss) == 0
    assert [layer.name for layer in snapshot.layers] == ["1 Dense", "2 Dense", "3 Dense"]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (add_layer((1,), Conv2d()), "2 Conv2d"),
        (replace_layer((1,), Dense(units=3)), "2 Dense"),
        (replace_layer((0,), Dense(activation=Softmax())), "Softmax"),
        (set_layers(()), "at least 1"),
        (add_layer((1,), Residual(layers=(Dense(units=9),))), "2 Residual"),
        (remove_layer((7,)), "no layer 8"),
        (move_layer((7,), 0), "no layer 8"),
        (replace_layer((2,), HIDDEN), "no layer 3"),
        (remove_layer((0, 0)), "Dense"),
        (set_seed(-1), "seed"),
        (rename(""), "name"),
        (set_data(CsvTable(path="/nowhere.csv")), "nowhere.csv"),
        (set_data(CsvTable()), "file"),
        (set_layers((Dense(units=4), BatchNorm(), *tiny().layers[1:])), None),
    ],
    ids=lambda value: value.label if isinstance(value, Edit) else value,
)
def test_a_refused_edit_changes_nothing(edit, words):
    spec = tiny(training=Training(batch_size=1)) if words is None else tiny()
    session, events = trained(spec)
    before = everything(session)
    events.clear()
    with pytest.raises(UserError, match=words or "BatchNorm"):
        session.apply(edit)
    assert everything(session) == before
    assert not events


def test_a_batch_too_small_for_batch_norm_is_refused_and_changes_nothing():
    session, _ = trained(with_batch_norm())
    before = everything(session)
    with pytest.raises(UserError, match="2 BatchNorm"):
        session.apply(set_training(Training(batch_size=1)))
    assert everything(session) == before


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(building, "gpu", lambda: None)
    session, _ = trained()
    before = everything(session)
    with pytest.raises(UserError, match="CUDA"):
        session.apply(set_device("cuda"))
    assert everything(session) == before


def test_an_edit_that_changes_nothing_leaves_no_trace():
    session, _ = trained()
    session.apply(set_optimizer(session.spec.optimizer))
    assert session.snapshot().undo is None


def test_undo_and_redo_with_nothing_to_do_do_nothing():
    session, _ = trained()
    before = everything(session)
    do(session, Undo(), Redo(), Undo())
    assert everything(session) == before


def test_a_drag_of_a_slider_is_one_step_of_undo():
    session, _ = trained()
    before = session.spec
    do(session, rename("Named"))
    for rate in (0.2, 0.3, 0.4):
        do(session, set_optimizer(SGD(learning_rate=rate), gesture=1))
    do(session, set_optimizer(SGD(learning_rate=0.9), gesture=2))
    do(session, Undo())
    assert session.spec.optimizer.learning_rate == 0.4
    do(session, Undo())
    assert (session.spec.optimizer.learning_rate, session.spec.name) == (0.1, "Named")
    do(session, Undo())
    assert session.spec == before


def test_a_drag_that_rebuilds_the_network_brings_the_trained_one_back():
    session, _ = trained()
    before = everything(session)
    for units in (5, 6, 7):
        do(session, replace_layer((0,), Dense(units=units, activation=Tanh()), gesture=1))
    do(session, Undo())
    assert everything(session)[5:] == before[5:]
    assert session.spec == before[0]


def test_undo_that_cannot_be_done_leaves_history_as_it_was(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("x,y,class\n" + "".join(f"{i},{i * i},{i % 2}\n" for i in range(20)))
    session, _ = trained()
    do(session, set_data(CsvTable(path=str(table))), StepOnce(), set_data(XorGate()))
    before = everything(session)
    text = table.read_text()
    table.unlink()
    with pytest.raises(UserError, match=r"table\.csv"):
        session.apply(Undo())
    assert everything(session) == before
    table.write_text(text)
    do(session, Undo())
    assert session.spec.data.kind == "csv_table"
    assert session.run.trainer.step == 1
    do(session, Undo())
    assert session.run.trainer.step == 6
    do(session, Redo())
    table.unlink()
    do(session, Redo())  # to XOR again, which needs no file
    assert session.spec.data.kind == "xor_gate"


def test_resetting_the_weights_gives_the_very_same_ones_and_can_be_undone():
    session, _ = session_of(with_dropout())
    first = tensors_of(session.run.trainer)
    do(session, Train())
    before = everything(session)
    do(session, ResetWeights())
    assert session.snapshot().state is RunState.READY
    assert same(tensors_of(session.run.trainer), first)
    assert session.spec.seed == 0
    do(session, Train())
    again = everything(session)
    # Masks and order are the same as well: the whole run repeats.
    assert again[6] == before[6]
    do(session, ResetWeights(), Undo(), Undo())
    assert everything(session)[5:] == before[5:]
    assert session.snapshot().state is RunState.FINISHED


def test_resetting_with_a_new_seed_gives_other_weights_and_undo_the_old():
    session, _ = trained()
    before = everything(session)
    do(session, ResetWeights(seed=5))
    assert session.spec.seed == 5
    assert everything(session)[6] != before[6]
    fresh, _ = session_of(tiny(seed=5))
    assert same(tensors_of(session.run.trainer), tensors_of(fresh.run.trainer))
    do(session, Undo())
    assert everything(session)[5:] == before[5:]
    assert session.spec.seed == 0


def test_a_running_experiment_that_is_rebuilt_waits_and_one_that_is_undone_is_paused():
    session, _ = session_of(tiny())
    settle(session)
    session.apply(Train())
    while session.run.trainer.step < 5:
        session.advance(0.0)
    session.apply(add_layer((1,), HIDDEN))
    assert session.snapshot().state is RunState.READY
    session.apply(Undo())
    assert session.snapshot().state is RunState.PAUSED
    assert session.run.trainer.step == 5


def test_the_data_are_read_again_only_when_they_or_the_seed_change():
    session, _ = session_of(tiny())
    inputs = session.run.trainer.data.train_inputs
    do(session, add_layer((1,), HIDDEN), set_optimizer(Adam()), ResetWeights())
    assert session.run.trainer.data.train_inputs is inputs
    do(session, set_seed(3))
    assert not torch.equal(session.run.trainer.data.train_inputs, inputs)


def test_an_experiment_that_does_not_fit_fails_to_load_says_why_and_can_be_mended():
    events = []
    session = Session(tiny(layers=(Dense(units=4), Dense(units=9))), events.append)
    with pytest.raises(UserError, match="2 Dense") as failure:
        session.load()
    snapshot = session.snapshot()
    assert snapshot.state is RunState.FAILED
    assert snapshot.message is failure.value.sentence
    assert not session.busy
    session.advance(1)
    for command in (Train(), Pause(), StepOnce(), EpochOnce(), StopRun(), SaveWeights("x")):
        with pytest.raises(UserError, match="2 Dense"):
            session.apply(command)
    do(session, replace_layer((1,), Dense(units=1, activation=Sigmoid())))
    assert session.snapshot().state is RunState.READY
    do(session, Train())
    assert session.snapshot().state is RunState.FINISHED


def test_before_it_is_loaded_a_session_says_so():
    session = Session(tiny(), lambda event: None)
    assert session.snapshot().state is RunState.LOADING
    with pytest.raises(UserError, match="loading"):
        session.apply(Train())


def test_the_snapshot_describes_data_and_network():
    session, _ = session_of(small_digits())
    snapshot = session.snapshot()
    assert (snapshot.data.train_count, snapshot.data.test_count) == (200, 50)
    assert snapshot.data.test_inputs.shape == (50, 1, 10, 10)
    assert snapshot.data.class_names == tuple("0123456789")
    assert snapshot.parameters == 100 * 10 + 10
    assert snapshot.device.name == "cpu"
    assert snapshot.version < session.snapshot().version


def test_parameters_inside_groups_are_counted_once_and_listed_under_their_group():
    group = Residual(layers=(Dense(units=4), Dropout(), Residual(layers=(Dense(units=4),))))
    session, _ = session_of(tiny(layers=(Dense(units=4), group, tiny().layers[-1])))
    snapshot = session.snapshot()
    numbers = sum(p.numel() for p in session.run.trainer.network.parameters())
    assert snapshot.parameters == numbers == 12 + 20 + 20 + 5
    assert [(layer.path, layer.parameters) for layer in snapshot.layers] == [
        ((0,), 12),
        ((1,), 40),
        ((1, 0), 20),
        ((1, 1), 0),
        ((1, 2), 20),
        ((1, 2, 0), 20),
        ((2,), 5),
    ]


def test_all_arrays_of_a_snapshot_are_read_only():
    session, _ = trained(small_digits())
    snapshot = session.snapshot()
    curves = snapshot.curves.all
    arrays = [array for curve in curves for array in (curve.steps, curve.values)]
    arrays += [snapshot.data.test_inputs, snapshot.data.test_labels]
    assert len(arrays) == 14
    for array in arrays:
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def pretend_gpu(monkeypatch, session, good_slices, keeps_every=-1.0):
    """Makes the session's trainer look like one on a GPU that runs out of memory in a while."""
    monkeypatch.setattr(building, "COPY_EVERY", keeps_every)
    session._builder.device = DeviceReport("cuda", "Pretended GPU")
    trainer = session.run.trainer
    trainer.device = torch.device("cuda")
    run, left = trainer.run, [good_slices]

    def failing(steps, until, interrupted):
        if not left[0]:
            with torch.no_grad():  # what a step cut off in its midst may leave
                next(iter(trainer.network.parameters())).fill_(7)
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nMore")
        left[0] -= 1
        return run(steps, until, interrupted)

    monkeypatch.setattr(trainer, "run", failing)


def test_a_device_that_runs_out_of_memory_is_left_for_the_cpu_and_nothing_is_lost(monkeypatch):
    spec = with_dropout(optimizer=Momentum(learning_rate=0.05))
    session, events = session_of(spec)
    settle(session)
    pretend_gpu(monkeypatch, session, good_slices=5)
    session.apply(Train())
    while session.run.trainer.device.type == "cuda":
        session.advance(0.0)
    assert session.snapshot().state is RunState.RUNNING
    assert session.snapshot().device.name == "cpu"
    assert "Pretended GPU failed" in session.snapshot().device.reason
    (notice,) = [event for event in events if isinstance(event, Notice)]
    text = str(notice.message)
    assert "Pretended GPU" in text
    assert "Tried to allocate 2 GiB" in text
    assert "More" not in text
    assert "step 5" in text
    assert session.snapshot().curves.train_loss.steps.tolist() == [1, 2, 3, 4, 5]
    settle(session)
    undisturbed, _ = session_of(spec)
    do(undisturbed, Train())
    assert session.run.trainer.step == 12
    assert same(tensors_of(session.run.trainer), tensors_of(undisturbed.run.trainer))
    assert session.snapshot().curves.train_loss.steps.tolist() == list(range(1, 13))


def test_what_was_measured_after_the_state_that_was_kept_is_measured_again(monkeypatch):
    session, _ = session_of(tiny())
    settle(session)
    # A state is kept after the first step, and then no more.
    pretend_gpu(monkeypatch, session, good_slices=3, keeps_every=1e9)
    session._builder._copied_at = -1e18
    # The device has taken its memory along, so only the copy outside it is left.
    monkeypatch.setattr(session._builder, "_newest", lambda run: session._builder._copy)
    session.apply(Train())
    while session.run.trainer.device.type == "cuda":
        session.advance(0.0)
    assert session.run.trainer.step == 1
    assert session.snapshot().curves.train_loss.steps.tolist() == [1]
    settle(session)
    undisturbed, _ = session_of(tiny())
    do(undisturbed, Train())
    curves = [s.snapshot().curves.train_loss for s in (session, undisturbed)]
    assert curves[0].steps.tolist() == curves[1].steps.tolist()
    assert curves[0].values.tolist() == curves[1].values.tolist()


def test_a_device_that_only_lacks_room_still_gives_its_newest_state(monkeypatch):
    session, _ = session_of(tiny())
    settle(session)
    pretend_gpu(monkeypatch, session, good_slices=3, keeps_every=1e9)
    session.apply(Train())
    while session.run.trainer.device.type == "cuda":
        session.advance(0.0)
    assert session.run.trainer.step == 3


def test_an_experiment_from_a_computer_with_another_device_opens_on_this_one(monkeypatch):
    monkeypatch.setattr(building, "gpu", lambda: None)
    session, events = session_of(tiny(device="cuda"))
    assert session.spec.device == "auto"
    assert session.snapshot().device.name == "cpu"
    assert any(isinstance(event, Notice) for event in events)


def test_a_device_that_fails_in_its_first_step_is_left_too(monkeypatch):
    session, events = session_of(tiny())
    settle(session)
    pretend_gpu(monkeypatch, session, good_slices=0)
    do(session, Train())
    undisturbed, _ = session_of(tiny())
    do(undisturbed, Train())
    assert any(isinstance(event, Notice) for event in events)
    assert same(tensors_of(session.run.trainer), tensors_of(undisturbed.run.trainer))


def test_a_state_kept_for_another_network_is_never_put_into_the_present_one(monkeypatch):
    session, _ = session_of(tiny())
    settle(session)
    pretend_gpu(monkeypatch, session, good_slices=5)
    session.apply(Train())
    for _ in range(3):
        session.advance(0.0)
    do(session, Pause(), add_layer((1,), HIDDEN))
    pretend_gpu(monkeypatch, session, good_slices=0)
    do(session, Train())
    undisturbed, _ = session_of(session.spec)
    do(undisturbed, Train())
    assert same(tensors_of(session.run.trainer), tensors_of(undisturbed.run.trainer))


def test_a_failure_of_the_program_is_not_taken_for_one_of_the_device(monkeypatch):
    session, _ = session_of(tiny())
    settle(session)
    session.apply(Train())
    session.run.trainer.device = torch.device("cuda")

    def wrong(*arguments):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(session.run.trainer, "run", wrong)
    with pytest.raises(RuntimeError, match="mat1"):
        session.advance(1)


def test_saved_weights_come_back_with_their_experiment_and_can_be_undone(tmp_path):
    path = str(tmp_path / "mine.safetensors")
    saved, _ = trained(with_dropout(), steps=7)
    do(saved, SaveWeights(path))
    session, _ = trained()
    before = everything(session)
    do(session, LoadWeights(path))
    assert session.spec == with_dropout()
    assert same(tensors_of(session.run.trainer), tensors_of(saved.run.trainer))
    progress = session.snapshot().progress
    assert (progress.step, progress.epoch, progress.epoch_step) == (7, 1, 3)
    assert session.snapshot().state is RunState.PAUSED
    assert session.snapshot().curves.test_loss.steps.tolist() == [7]
    assert session.snapshot().undo == "Open weights"
    loaded = everything(session)
    do(session, Undo())
    assert everything(session)[5:] == before[5:]
    assert session.spec == before[0]
    do(session, Redo())
    assert everything(session)[5:] == loaded[5:]
    do(session, Train())
    assert session.run.trainer.step == 12


def test_a_file_that_cannot_be_loaded_changes_nothing(tmp_path):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"no weights")
    session, _ = trained()
    before = everything(session)
    with pytest.raises(UserError, match=r"bad\.safetensors"):
        session.apply(LoadWeights(str(path)))
    assert everything(session) == before


class Person(RuleBasedStateMachine):
    """Somebody who presses every button in any order."""

    @initialize(make=st.sampled_from([tiny, with_dropout, with_batch_norm]))
    def begin(self, make):
        self.session, self.events = session_of(make())

    def attempt(self, command):
        """Carries it out; a refusal must change nothing."""
        before = everything(self.session)
        try:
            self.session.apply(command)
        except UserError:
            assert everything(self.session) == before

    @rule(
        command=st.sampled_from(
            [Train(), Pause(), StepOnce(), EpochOnce(), StopRun(), ResetWeights(), ResetWeights(3)]
        )
    )
    def press(self, command):
        self.attempt(command)

    @rule(count=st.integers(1, 6))
    def work(self, count):
        for _ in range(count):
            self.session.advance(0.0)

    @rule(
        edit=st.sampled_from(
            [
                *STRUCTURAL.values(),
                *TUNING.values(),
                set_optimizer(GradientDescent(learning_rate=0.5)),
                set_optimizer(Momentum()),
                set_loss(MSE()),
                set_data(TiltedPlane(samples=40)),
                add_layer((1,), BatchNorm()),
                add_layer((1,), Dropout()),
                set_training(Training(batch_size=1, clip_norm=1.0)),
                replace_layer((0,), Conv2d()),
                set_layers(()),
            ]
        ),
    )
    def edit(self, edit):
        self.attempt(edit)

    @rule(rates=st.lists(st.floats(0.001, 0.5), min_size=1, max_size=3), gesture=st.integers(0, 2))
    def drag(self, rates, gesture):
        for rate in rates:
            self.attempt(set_optimizer(SGD(learning_rate=rate), gesture))

    @rule()
    def undo(self):
        self.attempt(Undo())

    @rule()
    def redo(self):
        self.attempt(Redo())

    @precondition(lambda self: self.session.snapshot().undo is not None)
    @rule()
    def undo_and_redo(self):
        before = everything(self.session)
        self.session.apply(Undo())
        self.session.apply(Redo())
        after = everything(self.session)
        assert after[0] == before[0]
        assert after[3:5] == before[3:5]
        assert after[6] == before[6]

    @invariant()
    def the_description_is_valid(self):
        assert spec_from_json(self.session.spec.to_json()) == self.session.spec

    @invariant()
    def the_snapshot_is_sound(self):
        snapshot = self.session.snapshot()
        assert snapshot.state not in (RunState.LOADING, RunState.FAILED)
        for curve in snapshot.curves.all:
            assert bool((np.diff(curve.steps) > 0).all())
            assert bool(np.isfinite(curve.values).all())
            assert len(curve) == 0 or curve.steps[-1] <= snapshot.progress.step
        marks = [change.step for change in snapshot.curves.changes]
        assert marks == sorted(set(marks))
        assert not marks or 0 < marks[-1] <= max(snapshot.progress.step, snapshot.timeline.last)
        assert 0 <= snapshot.progress.epoch_step < snapshot.progress.steps_per_epoch

    @invariant()
    def the_weights_are_finite(self):
        for tensor in tensors_of(self.session.run.trainer):
            assert bool(tensor.isfinite().all())


Person.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestAnyOrderOfCommands = Person.TestCase


def test_a_test_loss_measured_before_undo_is_measured_again_for_the_curves_that_come_back():
    session, _ = session_of(tiny(), live=True)
    session.apply(SetNumber("0.weight", (0, 1), 0.0))  # before anything was measured
    settle(session)
    do(session, Undo())
    assert list(session.snapshot().curves.test_loss.steps) == [0]
