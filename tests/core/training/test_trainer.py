"""Training steps against a plain torch loop, and going back to where a run stood."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.activations import Sigmoid
from core.catalog.base import entries_of
from core.catalog.losses import MSE, BinaryCrossEntropy
from core.catalog.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSprop,
)
from core.catalog.schedules import ConstantRate, Schedule, StepDecay
from core.data.toy import Gaussians, Sine
from core.experiment.layers import Dense
from core.experiment.spec import Stop, Training
from core.training.batches import order_of
from core.training.recording import CAPTURE_AFTER
from tests.core.experiments import (
    digits,
    regression,
    same,
    take,
    tensors_of,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
    with_nan_row,
)
from tests.core.plain import plain

# Each choice beside the torch optimizer that it must be, spelt out by hand.
TORCH = [
    (GradientDescent(learning_rate=0.5), torch.optim.SGD, {"lr": 0.5}),
    (SGD(learning_rate=0.3), torch.optim.SGD, {"lr": 0.3}),
    (
        Momentum(learning_rate=0.05, momentum=0.8, dampening=0.25),
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.8, "dampening": 0.25, "fused": True},
    ),
    (
        Nesterov(learning_rate=0.05, momentum=0.8),
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.8, "nesterov": True, "fused": True},
    ),
    (
        Adagrad(learning_rate=0.2, lr_decay=0.01, initial_accumulator_value=0.1),
        torch.optim.Adagrad,
        {"lr": 0.2, "lr_decay": 0.01, "initial_accumulator_value": 0.1, "fused": True},
    ),
    (
        RMSprop(learning_rate=0.02, alpha=0.9, momentum=0.5, centered=True),
        torch.optim.RMSprop,
        {"lr": 0.02, "alpha": 0.9, "momentum": 0.5, "centered": True, "foreach": True},
    ),
    (
        Adam(learning_rate=0.02, beta1=0.8, beta2=0.95, amsgrad=True),
        torch.optim.Adam,
        {"lr": 0.02, "betas": (0.8, 0.95), "amsgrad": True, "fused": True},
    ),
    (
        AdamW(learning_rate=0.02, weight_decay=0.1),
        torch.optim.AdamW,
        {"lr": 0.02, "weight_decay": 0.1, "fused": True},
    ),
]
OPTIMIZERS = [row[0] for row in TORCH]


def kind(value):
    return getattr(value, "kind", "")


def plain_batches(data, size, seed, epochs):
    """The same batches, cut by hand."""
    for epoch in range(epochs):
        order = order_of(seed, epoch, len(data.train_labels))
        if size >= len(order):
            order = torch.arange(len(order))
        for part in order.split(size):
            yield data.train_inputs[part], data.train_labels[part]


@pytest.mark.parametrize(("choice", "factory", "flags"), TORCH, ids=kind)
def test_steps_are_those_of_a_plain_torch_loop_bit_for_bit(choice, factory, flags):
    spec = regression(optimizer=choice)
    data = spec.data.load(spec.seed)
    trainer = trainer_of(spec)
    model = plain(spec.layers, data.shape.input_shape, trainer.network).train()
    optimizer = factory(model.parameters(), **flags)
    size = len(data.train_inputs) if isinstance(choice, GradientDescent) else 8
    losses = []
    for x, y in plain_batches(data, size, spec.seed, 9):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert take(trainer, len(losses)) == losses
    assert same(tensors_of(trainer), list(model.state_dict().values()))


@pytest.mark.parametrize("make", [tiny, with_batch_norm, digits])
def test_classifiers_step_like_a_plain_torch_loop(make):
    spec = make()
    trainer = trainer_of(spec)
    data = spec.data.load(spec.seed)
    if trainer.network.has_dropout:  # its masks are its own; without them the rest is compared
        spec = make(layers=tuple(layer for layer in spec.layers if layer.kind != "dropout"))
        trainer = trainer_of(spec)
    model = plain(spec.layers, data.shape.input_shape, trainer.network)[:-1].train()
    if trainer.network.has_images:
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    binary = isinstance(spec.loss, BinaryCrossEntropy)
    losses = []
    for x, y in plain_batches(data, spec.training.batch_size, spec.seed, 5):
        if len(x) < 2:
            continue
        optimizer.zero_grad()
        z = model(x)
        if binary:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y.float()[:, None])
        else:
            loss = torch.nn.functional.cross_entropy(z, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    torch.testing.assert_close(take(trainer, len(losses)), losses, rtol=1e-5, atol=1e-6)
    theirs = model.state_dict().values()
    for ours, reference in zip(tensors_of(trainer), theirs, strict=True):
        torch.testing.assert_close(ours, reference, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", [with_dropout, with_batch_norm, digits])
def test_two_trainers_of_one_description_take_the_very_same_steps(make):
    first, second = trainer_of(make()), trainer_of(make())
    assert take(first, 24) == take(second, 24)
    assert same(tensors_of(first), tensors_of(second))


def test_it_does_not_matter_in_what_stretches_steps_are_taken():
    whole, pieces = trainer_of(with_dropout()), trainer_of(with_dropout())
    losses = take(whole, 30)
    found = [loss for count in (1, 2, 3, 5, 19) for loss in take(pieces, count)]
    assert found == losses
    assert same(tensors_of(whole), tensors_of(pieces))


def normed_adam(**fields):
    return with_batch_norm(optimizer=Adam(amsgrad=True), **fields)


def dropped_momentum(**fields):
    return with_dropout(optimizer=Momentum(learning_rate=0.05), **fields)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 25), st.integers(1, 12))
@pytest.mark.parametrize("make", [dropped_momentum, normed_adam])
def test_a_state_put_back_goes_on_bit_for_bit_as_the_run_did(make, before, after):
    trainer = trainer_of(make())
    take(trainer, before) if before else None
    state = trainer.state()
    losses = take(trainer, after)
    expected = tensors_of(trainer)
    trainer.restore(state)
    assert (trainer.step, trainer.epoch * 4 + trainer.epoch_step) == (before, before)
    assert take(trainer, after) == losses
    assert same(tensors_of(trainer), expected)
    other = trainer_of(make())
    other.restore(state)
    assert take(other, after) == losses
    assert same(tensors_of(other), expected)


@pytest.mark.parametrize("choice", OPTIMIZERS, ids=kind)
def test_a_state_holds_all_that_an_optimizer_remembers(choice):
    trainer = trainer_of(regression(optimizer=choice))
    take(trainer, 21)
    state = trainer.state()
    losses = take(trainer, 10)
    expected = tensors_of(trainer)
    for _ in range(2):  # a state can be put back more than once
        trainer.restore(state)
        assert take(trainer, 10) == losses
        assert same(tensors_of(trainer), expected)


@pytest.mark.parametrize("choice", OPTIMIZERS, ids=kind)
def test_a_new_run_can_be_gone_back_to_its_very_beginning(choice):
    trainer = trainer_of(regression(optimizer=choice))
    state = trainer.state()
    losses = take(trainer, 6)
    expected = tensors_of(trainer)
    trainer.restore(state)
    assert take(trainer, 6) == losses
    assert same(tensors_of(trainer), expected)


def test_a_state_is_a_copy():
    trainer = trainer_of(normed_adam())
    take(trainer, 3)
    state = trainer.state()
    kept = [tensor.clone() for tensor in state.tensors]
    take(trainer, 3)
    assert same(list(state.tensors), kept)


def test_a_change_of_rate_keeps_the_weights_and_acts_in_the_next_step():
    trainer = trainer_of(regression(optimizer=SGD(learning_rate=0.1)))
    take(trainer, 5)
    before = tensors_of(trainer)
    state = trainer.state()
    take(trainer, 1)
    short = [a - b for a, b in zip(tensors_of(trainer), before, strict=True)]
    trainer.restore(state)
    trainer.retune(regression(optimizer=SGD(learning_rate=0.4)))
    assert same(tensors_of(trainer), before)
    take(trainer, 1)
    for ours, a, step in zip(tensors_of(trainer), before, short, strict=True):
        torch.testing.assert_close(ours - a, 4 * step, rtol=1e-4, atol=1e-6)


def test_a_change_of_rate_keeps_what_the_optimizer_has_gathered():
    fast, slow = Adam(learning_rate=0.02), Adam(learning_rate=0.01)
    trainer = trainer_of(regression(optimizer=slow))
    take(trainer, 20)
    trainer.retune(regression(optimizer=fast))
    # The same with torch: the rate in the parameter group exchanged.
    reference = trainer_of(regression(optimizer=slow))
    take(reference, 20)
    reference.spec = regression(optimizer=fast)
    assert take(trainer, 5) == take(reference, 5)
    assert same(tensors_of(trainer), tensors_of(reference))


def test_a_change_of_an_optimizers_own_field_acts_in_the_next_step():
    before, after = (Momentum(learning_rate=0.05, momentum=share) for share in (0.9, 0.5))
    trainer, reference = (trainer_of(regression(optimizer=before)) for _ in range(2))
    take(trainer, 20)
    take(reference, 20)
    trainer.retune(regression(optimizer=after))
    reference.optimizer.param_groups[0]["momentum"] = 0.5
    assert take(trainer, 5) == take(reference, 5)
    assert same(tensors_of(trainer), tensors_of(reference))


@pytest.mark.parametrize(
    ("before", "after"),
    [(Adam(), Adam(amsgrad=True)), (RMSprop(), RMSprop(centered=True, momentum=0.5))],
    ids=kind,
)
def test_an_option_can_be_switched_on_and_off_in_mid_run(before, after):
    trainer = trainer_of(regression(optimizer=before))
    for choice in (after, before, after):
        take(trainer, 3)
        trainer.retune(regression(optimizer=choice))
    state = trainer.state()
    losses = take(trainer, 5)
    trainer.restore(state)
    assert take(trainer, 5) == losses


@pytest.mark.parametrize("second", OPTIMIZERS, ids=kind)
@pytest.mark.parametrize("first", [SGD(), Adam()], ids=kind)
def test_any_optimizer_can_take_over_from_any_other(first, second):
    trainer = trainer_of(regression(optimizer=first, stop=Stop(epochs=30)))
    take(trainer, 6)
    before = tensors_of(trainer)
    trainer.retune(regression(optimizer=second, stop=Stop(epochs=30)))
    assert same(tensors_of(trainer), before)
    take(trainer, 20)
    assert all(bool(tensor.isfinite().all()) for tensor in tensors_of(trainer))
    assert not same(tensors_of(trainer), before)
    assert type(trainer.optimizer) is type(second.build(list(trainer.network.parameters())))


def batch_sizes(trainer, steps):
    """The sizes of the next batches."""
    sizes = []
    cut = trainer.batches.epoch

    def watched(*place):
        for inputs, targets in cut(*place):
            sizes.append(len(inputs))
            yield inputs, targets

    trainer.batches.epoch = watched
    take(trainer, steps)
    return sizes


def test_a_change_of_batch_size_acts_in_the_next_step_and_keeps_the_weights():
    trainer = trainer_of(tiny())
    take(trainer, 2)  # 16 of 30 samples
    before = tensors_of(trainer)
    trainer.retune(tiny(training=Training(batch_size=5)))
    assert same(tensors_of(trainer), before)
    # 15 of the samples seen fill three batches of 5: three more are left in this epoch.
    assert trainer.epoch_step == 3
    assert batch_sizes(trainer, 3) == [5, 5, 5]
    assert (trainer.epoch, trainer.epoch_step) == (1, 0)


def test_gradient_descent_takes_all_samples_from_the_next_step_on():
    trainer = trainer_of(tiny())
    take(trainer, 2)
    trainer.retune(tiny(optimizer=GradientDescent()))
    assert batch_sizes(trainer, 3) == [30, 30, 30]


@pytest.mark.parametrize("size", [1, 3, 8, 16, 30, 100])
@pytest.mark.parametrize("before", [0, 3, 4, 6])
def test_a_run_ends_after_its_epochs_whatever_the_batch_size_was_changed_to(size, before):
    trainer = trainer_of(tiny(stop=Stop(epochs=3)))
    if before:
        take(trainer, before)
    trainer.retune(tiny(stop=Stop(epochs=3), training=Training(batch_size=size)))
    take(trainer, trainer.total_steps - trainer.step)
    assert (trainer.epoch, trainer.epoch_step) == (3, 0)


def test_penalties_and_clipping_act_from_the_next_step_on():
    trainer = trainer_of(regression())
    take(trainer, CAPTURE_AFTER + 4)
    state = trainer.state()
    take(trainer, 1)
    free = tensors_of(trainer)
    for training in (
        Training(batch_size=8, l2=0.5),
        Training(batch_size=8, clip_norm=1e-3),
        Training(batch_size=8, clip_value=1e-3),
    ):
        trainer.restore(state)
        trainer.retune(regression(training=training))
        take(trainer, 1)
        assert not same(tensors_of(trainer), free)
        trainer.retune(regression())
        trainer.restore(state)
        take(trainer, 1)
        assert same(tensors_of(trainer), free)


@pytest.mark.parametrize("value", [0.001, 0.01])
def test_a_clipped_step_of_plain_descent_is_no_longer_than_it_may_be(value):
    spec = regression(training=Training(batch_size=8, clip_norm=value))
    trainer = trainer_of(spec)
    before = tensors_of(trainer)
    take(trainer, 1)
    moved = torch.cat([(a - b).flatten() for a, b in zip(tensors_of(trainer), before, strict=True)])
    assert float(moved.norm()) <= 0.1 * value * 1.01


@pytest.mark.parametrize("entry", entries_of(Schedule).values(), ids=lambda entry: entry.__name__)
def test_each_step_is_taken_with_the_schedules_rate(entry):
    schedule = entry()
    spec = regression(schedule=schedule, optimizer=SGD(learning_rate=0.2), stop=Stop(epochs=3))
    trainer = trainer_of(spec)
    still = trainer_of(regression(optimizer=SGD(learning_rate=0.2)))
    for step in range(12):
        rate = schedule.rate(0.2, step, 12, 4)
        assert trainer.rate == rate
        before = tensors_of(trainer)
        still.restore(trainer.state())
        take(still, 1)
        take(trainer, 1)
        for a, b, full in zip(tensors_of(trainer), before, tensors_of(still), strict=True):
            torch.testing.assert_close(a - b, (full - b) * (rate / 0.2), rtol=1e-3, atol=1e-6)


def test_a_change_of_schedule_acts_in_the_next_step():
    trainer = trainer_of(regression(schedule=ConstantRate()))
    take(trainer, 5)
    trainer.retune(regression(schedule=StepDecay(every_epochs=1, factor=0.5)))
    assert trainer.rate == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("stop", "total"),
    [
        (Stop(epochs=3), 12),
        (Stop(epochs=None, steps=7), 7),
        (Stop(epochs=3, steps=7), 7),
        (Stop(epochs=1, steps=7), 4),
        (Stop(epochs=None), None),
    ],
)
def test_a_run_is_planned_to_whichever_end_comes_first(stop, total):
    trainer = trainer_of(tiny(stop=stop))
    assert trainer.total_steps == total
    take(trainer, 4)
    assert trainer.total_steps == total


def test_a_stretch_ends_with_the_epoch_the_time_or_an_interruption():
    trainer = trainer_of(tiny())
    trainer.run(100, 1e18, lambda: False)
    assert (trainer.step, trainer.epoch, trainer.epoch_step) == (4, 1, 0)
    trainer.run(100, 0.0, lambda: False)
    assert trainer.step == 5
    trainer.run(100, 1e18, lambda: True)
    assert trainer.step == 6


def test_losses_and_accuracies_are_those_of_each_batch_before_its_step():
    spec = tiny()
    trainer, reference = trainer_of(spec), trainer_of(spec)
    trainer.run(4, 1e18, lambda: False)
    part = trainer.flush()
    assert part.first_step == 1
    assert part.finite
    for (x, y), loss, accuracy in zip(
        plain_batches(spec.data.load(0), 8, 0, 1), part.losses, part.accuracies, strict=True
    ):
        with torch.no_grad():
            z = reference.network(x)
            right = (torch.sigmoid(z[:, 0]) > 0.5).long() == y
            expected = torch.nn.functional.binary_cross_entropy_with_logits(z, y.float()[:, None])
        assert loss == pytest.approx(expected.item(), rel=1e-5)
        assert accuracy == pytest.approx(right.float().mean().item())
        take(reference, 1)
    assert trainer.flush() is None


@pytest.mark.parametrize("loss", [MSE(), BinaryCrossEntropy()], ids=kind)
@pytest.mark.parametrize("units", [1, 2])
def test_accuracy_counts_classes_in_one_output_and_in_two(units, loss):
    spec = tiny(
        layers=(Dense(units=units, activation=Sigmoid()),),
        loss=loss,
        optimizer=GradientDescent(learning_rate=1.0),
    )
    trainer = trainer_of(spec)
    take(trainer, 100)
    trainer.run(1, 1e18, lambda: True)
    # Two clouds far apart: any descent tells nearly all of them right.
    assert trainer.flush().accuracies[0] > 0.85


def test_regression_has_no_accuracy():
    trainer = trainer_of(regression())
    trainer.run(4, 1e18, lambda: False)
    assert trainer.flush().accuracies is None


def test_a_loss_that_is_not_finite_is_told():
    spec = regression(data=Sine(samples=40), optimizer=GradientDescent())
    data = with_nan_row(spec.data.load(0), 0)
    trainer = trainer_of(spec, data)
    trainer.run(1, 1e18, lambda: False)
    assert not trainer.flush().finite


def test_weights_that_are_not_finite_are_told_though_the_losses_were():
    trainer = trainer_of(tiny())
    trainer.run(2, 1e18, lambda: False)
    with torch.no_grad():
        trainer.network.layers[0].transform.bias[0] = torch.inf
    part = trainer.flush()
    assert bool(np.isfinite(part.losses).all())
    assert not part.finite


@pytest.mark.parametrize("make", [tiny, regression, with_batch_norm])
def test_batches_taken_in_pieces_train_like_whole_ones(monkeypatch, make):
    spec = make(optimizer=GradientDescent(), training=Training(l2=0.1, clip_norm=1.0))
    whole = trainer_of(spec)
    expected = take(whole, CAPTURE_AFTER + 4)
    monkeypatch.setattr("core.training.recording.PIECE", 7)
    pieces = trainer_of(spec)
    assert take(pieces, CAPTURE_AFTER + 4) == pytest.approx(expected, rel=1e-4)
    for ours, theirs in zip(tensors_of(pieces), tensors_of(whole), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


def test_running_on_goes_from_epoch_to_epoch_and_no_further_than_asked():
    epochs, whole = trainer_of(with_dropout()), trainer_of(with_dropout())
    losses = take(epochs, 10)
    whole.run_on(10, 1e18, lambda: False)
    assert whole.flush().losses.tolist() == losses
    assert (whole.step, whole.epoch, whole.epoch_step) == (10, 2, 2)
    whole.run_on(10, 1e18, lambda: True)
    assert whole.step == 11


def test_without_a_test_set_there_is_nothing_to_evaluate():
    assert trainer_of(tiny(data=Gaussians(samples=40, test_fraction=0.0))).evaluation() is None
