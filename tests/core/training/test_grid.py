"""The steps at which a run measures the test set: a rule of the experiment, not of a clock."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.activations import Softmax
from core.catalog.optimizers import Adam
from core.data.mnist import Mnist
from core.experiment.layers import Conv2d, Dense, Flatten, MaxPool2d, Residual
from core.experiment.spec import Stop, Training
from core.messages.commands import Pause, StepOnce, Train, Visit
from core.messages.edits import set_optimizer
from core.presets import PRESETS
from core.training.grid import PART, SHARE, Grid, fixed_part, work_of
from tests.core.experiments import (
    digits,
    do,
    session_of,
    settle,
    small_digits,
    tiny,
    trainer_of,
    with_dropout,
)

GRIDS = st.builds(
    lambda epoch, parts, epochs: Grid(epoch, 1, epochs) if epochs > 1 else Grid(epoch, parts),
    st.integers(1, 60),
    st.integers(1, 12),
    st.integers(1, 9),
).filter(lambda grid: grid.parts <= grid.epoch)


def steps_of(grid, count, since=0):
    return [step for step in range(count) if grid.has(step, *divmod(step, grid.epoch), since)]


@given(GRIDS, st.integers(0, 400))
def test_the_next_step_of_the_grid_is_the_first_that_is_one(grid, since):
    found = steps_of(grid, 1600, since)
    for step in range(since, 500):
        following = grid.next_after(step, *divmod(step, grid.epoch), since)
        assert following == next(one for one in found if one > step)


@given(GRIDS, st.integers(1, 400))
def test_after_a_change_the_grid_doubles_anew(grid, since):
    anew = {step - since for step in steps_of(grid, 1200, since) if step > since}
    close = grid.epoch * grid.epochs / grid.parts
    assert {step for step in (1, 2, 4, 8, 16, 32, 64) if step <= close} <= anew


@given(GRIDS)
def test_a_grid_doubles_and_then_goes_on_evenly_with_every_epochs_end(grid):
    found = steps_of(grid, 40 * grid.epoch * grid.epochs)
    assert found[:2] == [0, 1]
    assert all(later <= 2 * step + 1 for step, later in pairwise(found[1:]))
    exact = grid.epoch * grid.epochs / grid.parts
    gaps = np.diff([step for step in found if step > exact])
    assert np.all(np.abs(gaps - exact) <= 1)
    period = grid.epoch * grid.epochs
    assert set(range(period, 40 * period, period)) <= set(found)


@given(st.integers(1, 5000), st.integers(1, 4096), st.floats(1, 1e9), st.integers(1, 100_000))
def test_what_is_measured_between_epochs_is_a_small_share_of_the_work(n, batch, work, tests):
    grid = Grid.of(n, batch, work, tests)
    apart = n * grid.epochs / grid.parts
    step = 2.5e6 + 4 * work * batch
    measured = 3 * 2.5e6 + work * min(tests, PART)
    assert measured <= SHARE * step * apart * (1 + 1e-9)
    assert grid.parts == 1 or grid.epochs == 1


@pytest.mark.parametrize("name", ["dense-784-64-10", "cnn-mnist", "cnn-mnist-residual"])
def test_the_digits_are_measured_some_times_an_epoch_over_a_thousand(name):
    spec = PRESETS[name].spec
    trainer = trainer_of(spec)
    batches = trainer.batches
    grid = Grid.of(batches.steps_per_epoch, batches.batch_size, work_of(trainer.network), 10_000)
    assert 3 <= grid.parts <= 12
    assert grid.epochs == 1
    assert trainer.held_out.part == 1000


def test_the_work_of_a_network_is_its_multiplications():
    layers = (
        Conv2d(channels=3, kernel=3),
        MaxPool2d(),
        Residual(layers=(Conv2d(channels=3, kernel=3, padding=1),)),
        Flatten(),
        Dense(units=10, activation=Softmax()),
    )
    network = trainer_of(digits(layers=layers)).network
    # 10x10 -> 8x8, pooled to 4x4, kept at 4x4.
    assert work_of(network) == 3 * 9 * 64 + 3 * 27 * 16 + 48 * 10


def test_the_fixed_part_is_of_the_data_and_the_seed_alone_and_all_others_follow():
    order = fixed_part(10_000, 0)
    assert torch.equal(order, fixed_part(10_000, 0))
    assert not torch.equal(order[:PART], fixed_part(10_000, 1)[:PART])
    assert order.sort().values.tolist() == list(range(10_000))
    labels = Mnist().load(0).test_labels[order[:PART]]
    counts = torch.bincount(labels, minlength=10)
    assert counts.min() > 70  # about a hundred of each digit
    # Both halves of the files: the second is the harder one.
    assert 400 < int((order[:PART] < 5000).sum()) < 600


def curves_of(spec, seconds, live):
    session, _ = session_of(spec, live=live)
    settle(session)
    session.apply(Train())
    while session.busy:
        session.advance(seconds)
    return session.snapshot().curves


def points(curve):
    return list(zip(curve.steps.tolist(), curve.values.tolist(), strict=True))


def partly(monkeypatch, part=20):
    """So that a part of the small test sets is measured, and then all."""
    for module in ("grid", "held_out"):
        monkeypatch.setattr(f"core.training.{module}.PART", part)


@pytest.mark.parametrize("live", [True, False], ids=["window", "terminal"])
@pytest.mark.parametrize("make", [tiny, small_digits], ids=["short-epochs", "images"])
def test_equal_runs_have_equal_curves_however_quick_the_machine_is(monkeypatch, make, live):
    partly(monkeypatch)
    spec = make(stop=Stop(epochs=60))
    quick, slow = curves_of(spec, 60.0, live=True), curves_of(spec, 0.0, live=live)
    assert len(quick.test_loss) > 8
    assert points(quick.test_loss) == points(slow.test_loss)
    assert points(quick.test_accuracy) == points(slow.test_accuracy)
    assert points(quick.whole_loss) == points(slow.whole_loss)


def test_part_and_whole_are_measured_as_torch_has_them(monkeypatch):
    partly(monkeypatch)
    session, _ = session_of(small_digits(), live=True)
    do(session, StepOnce(), StepOnce())
    trainer, curves = session.run.trainer, session.snapshot().curves
    order = fixed_part(50, trainer.spec.seed)
    data = trainer.data
    with torch.no_grad():
        for rows, loss, accuracy in (
            (order[:20], curves.test_loss, curves.test_accuracy),
            (order, curves.whole_loss, curves.whole_accuracy),
        ):
            z = trainer.network(data.test_inputs[rows])
            labels = data.test_labels[rows]
            expected = torch.nn.functional.cross_entropy(z, labels).item()
            assert loss.last == pytest.approx(expected, rel=1e-5)
            assert accuracy.last == pytest.approx((z.argmax(1) == labels).double().mean().item())
            assert loss.steps[-1] == 2
    assert (curves.test_part, curves.test_count) == (20, 50)


def test_a_run_held_between_two_steps_of_the_grid_is_measured_there_whole(monkeypatch):
    partly(monkeypatch)
    session, _ = session_of(small_digits(stop=Stop(epochs=60)), live=True)
    settle(session)
    session.apply(Train())
    while session.run.trainer.step < 11:
        session.advance(0.0)
    do(session, Pause())
    step, curves = session.snapshot().progress.step, session.snapshot().curves
    for found in (curves.test_loss_at(step), curves.test_accuracy_at(step)):
        assert (found.step, found.over) == (step, 50)
    assert curves.test_loss.steps[-1] == step


def test_a_run_whose_rules_were_changed_is_measured_densely_again(monkeypatch):
    partly(monkeypatch)
    session, _ = session_of(tiny(stop=Stop(epochs=None, steps=3000)), live=True)
    settle(session)
    session.apply(Train())
    while session.run.trainer.step < 1000:
        session.advance(0.0)
    do(session, Pause())
    step = session.snapshot().progress.step
    do(session, set_optimizer(Adam(learning_rate=0.05)), Train())
    measured = set(session.snapshot().curves.test_loss.steps.tolist())
    assert {step + 1, step + 2, step + 4} <= measured


def test_a_part_that_reaches_the_target_ends_no_run(monkeypatch):
    partly(monkeypatch)
    spec = small_digits(training=Training(batch_size=10), stop=Stop(epochs=5, target_loss=1e9))
    session, _ = session_of(spec, live=True)
    do(session, Train())
    # At the first epoch's end, where all samples are measured, not at step 1.
    assert session.snapshot().progress.step == trainer_of(spec).batches.steps_per_epoch


def test_a_step_of_the_past_that_is_gone_back_to_is_measured_too(monkeypatch):
    partly(monkeypatch)
    session, _ = session_of(small_digits(stop=Stop(epochs=20)), live=True)
    do(session, Train())
    newest = points(session.snapshot().curves.whole_loss)
    do(session, Visit(7))
    curves = session.snapshot().curves
    found = curves.test_loss_at(7)
    assert (found.step, found.over) == (7, 50)
    assert np.all(np.diff(curves.whole_loss.steps) > 0)
    assert set(newest) < set(points(curves.whole_loss))
    assert math.isfinite(found.value)


def test_small_test_sets_are_measured_whole_each_time():
    session, _ = session_of(with_dropout(), live=True)
    do(session, StepOnce())
    curves = session.snapshot().curves
    assert curves.test_part == curves.test_count > 0
    assert curves.test_loss_at(1).over == curves.test_count
    assert len(curves.whole_loss) == 0
