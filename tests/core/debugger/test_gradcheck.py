"""Gradients against central finite differences in float64, for all that can be differentiated."""

import math
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.activations import ELU, Activation, LeakyReLU, ReLU, Sigmoid, Softmax, Softplus
from core.catalog.base import entries_of
from core.catalog.initializers import Zeros
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, Loss
from core.catalog.optimizers import GradientDescent
from core.data.mnist import Mnist
from core.data.toy import ThreeClasses, TiltedPlane
from core.data.worked import WorkedExample
from core.debugger.gradcheck import MOST, check_gradients
from core.debugger.tape import record_step
from core.experiment.fit import check, fitted
from core.experiment.layers import (
    ActivationLayer,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2d,
    Residual,
)
from core.experiment.network import Network
from core.experiment.spec import Training
from core.messages.breakpoints import Interventions
from core.training.step import Interrupted, objective, penalty_of
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

OPTIONS = {
    "leaky_relu": LeakyReLU(negative_slope=0.2),
    "elu": ELU(alpha=1.7),
    "softplus": Softplus(beta=3.0),
}


def with_activation(activation):
    """A network with it inside, or at its end if it may stand there only."""
    inner = (Dense(units=4), ActivationLayer(), Dense(units=4))
    if activation.output_only:
        head = Dense(units=3, activation=activation)
        return tiny(data=ThreeClasses(samples=40), layers=(*inner, head), loss=MSE())
    hidden = (Dense(units=4, activation=activation), ActivationLayer(activation=activation))
    return tiny(layers=(*hidden, Dense(units=1, activation=Sigmoid())))


def with_loss(loss, data):
    spec = tiny(data=data, loss=loss, layers=(Dense(units=4, activation=Sigmoid()), Dense(units=1)))
    return fitted(spec, data.shape())


def with_layers(*layers):
    """Images of 10 by 10 through these layers."""
    head = (Flatten(), Dense(units=10, activation=Softmax()))
    return digits(
        data=Mnist(size=10, samples=40, test_samples=10),
        layers=(*layers, *head),
        training=Training(batch_size=6),
    )


def on_points(*layers):
    head = Dense(units=3, activation=Softmax())
    return tiny(data=ThreeClasses(samples=40), layers=(*layers, head), loss=CrossEntropy())


SMALL = Conv2d(channels=2, kernel=3, stride=2, activation=Sigmoid())

LAYERS = {
    "dense": on_points(Dense(units=4, bias=False), Dense(units=3, activation=Sigmoid())),
    "conv2d": with_layers(Conv2d(channels=2, kernel=3, stride=2, padding=1), SMALL),
    "max_pool2d": with_layers(SMALL, MaxPool2d(size=3, stride=1)),
    "avg_pool2d": with_layers(SMALL, AvgPool2d(size=2, stride=1)),
    "flatten": with_layers(SMALL, Flatten()),
    "batch_norm": with_layers(SMALL, BatchNorm(activation=Sigmoid()), Flatten(), BatchNorm()),
    "dropout": with_layers(SMALL, Dropout(rate=0.3), Flatten(), Dropout(rate=0.5)),
    "activation": on_points(Dense(units=4), ActivationLayer(activation=Sigmoid())),
    "residual": with_layers(
        SMALL,
        Residual(
            layers=(
                Conv2d(channels=2, kernel=3, padding=1),
                Residual(layers=(BatchNorm(activation=Sigmoid()),)),
            ),
            activation=Sigmoid(),
        ),
    ),
}

CASES = {
    **{
        f"activation {kind}": with_activation(OPTIONS.get(kind) or entry())
        for kind, entry in entries_of(Activation).items()
    },
    **{
        f"loss {kind} {task}": with_loss(entry(), data)
        for kind, entry in entries_of(Loss).items()
        for task, data in (
            ("classification", ThreeClasses(samples=40)),
            ("regression", TiltedPlane(samples=40)),
        )
        if task in entry.tasks
    },
    **{f"layer {kind}": LAYERS[kind] for kind in entries_of(Layer)},
    "penalties": on_points(Dense(units=4)).model_copy(
        update={"training": Training(batch_size=8, l1=0.01, l2=0.1)}
    ),
}
every_case = pytest.mark.parametrize("spec", CASES.values(), ids=CASES)


def doubled(spec):
    """The spec's network in float64 away from its first weights, and its objective on a batch."""
    data = spec.data.load(spec.seed)
    network = Network(check(spec, data.shape), spec.seed).double().train()
    generator = torch.Generator().manual_seed(5)
    for parameter in network.parameters():  # biases begin at 0, where a ReLU of a black pixel bends
        parameter.data += 0.1 * torch.randn(parameter.shape, generator=generator)
    inputs = data.train_inputs[:6].double() / (255 if data.train_inputs.dtype == torch.uint8 else 1)
    labels = data.train_labels[:6]
    targets = spec.loss.encode(labels, data.shape.outputs, network.shapes[-1].output_shape[0])
    targets = targets.double() if targets.is_floating_point() else targets
    network.draw_masks(6, generator)

    def total():
        penalty = penalty_of(spec.training)
        return objective(network, spec.loss, penalty, network(inputs), targets)[1]

    return network, total


@every_case
def test_float64_gradients_are_within_1e_5_of_finite_differences_for_the_whole_catalog(spec):
    """Autograd of our own modules in float64: float32's gradients round off more than 1e-5."""
    network, total = doubled(spec)
    gradients = torch.autograd.grad(total(), list(network.parameters()))
    h = 2e-6
    for parameter, gradient in zip(network.parameters(), gradients, strict=True):
        for index in np.ndindex(*parameter.shape):
            with torch.no_grad():
                parameter[index] += h
                above = total().item()
                parameter[index] -= 2 * h
                below = total().item()
                parameter[index] += h
            slope = (above - below) / (2 * h)
            assert gradient[index].item() == pytest.approx(slope, rel=1e-5, abs=2e-9)


@every_case
def test_what_the_tape_holds_agrees_for_the_whole_catalog(spec):
    trainer = trainer_of(spec)
    take(trainer, 3)
    found = check_gradients(trainer, record_step(trainer))
    count = sum(parameter.numel() for parameter in trainer.network.parameters())
    assert found.refused is None
    assert found.step == 4
    assert found.checked + found.kinks == count
    assert found.checked > 0.95 * count
    assert found.largest < 1e-4


def changed(tape, **arrays):
    """The tape with other arrays, ``__`` standing for ``:`` and ``_`` for ``.``."""
    named = {key.replace("__", ":").replace("_", "."): value for key, value in arrays.items()}
    return replace(tape, record=replace(tape.record, arrays={**tape.record.arrays, **named}))


TRAINER = trainer_of(regression())
TAPE = record_step(TRAINER)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_wrong_gradient_is_found_with_its_parameter_and_index(data):
    name = data.draw(st.sampled_from(["0.weight", "0.bias", "1.weight", "1.bias"]))
    gradient = TAPE.record.arrays[f"d:p:{name}"].copy()
    flat = data.draw(st.integers(0, gradient.size - 1))
    share = data.draw(st.sampled_from([-1, 1])) * data.draw(st.floats(0.01, 100))
    index = tuple(int(i) for i in np.unravel_index(flat, gradient.shape))
    gradient[index] += share * np.abs(gradient).max()
    found = check_gradients(TRAINER, changed(TAPE, **{f"d__p__{name.replace('.', '_')}": gradient}))
    assert (found.parameter, found.index) == (name, index)
    assert found.largest > 5e-3


def test_the_difference_of_a_gradient_one_per_cent_too_large_is_one_per_cent():
    gradient = TAPE.record.arrays["d:p:1.bias"] * np.float32(1.01)
    found = check_gradients(TRAINER, changed(TAPE, d__p__1_bias=gradient))
    assert found.largest == pytest.approx(0.01 / 1.01, rel=1e-3)


def test_a_gradient_that_is_no_number_is_the_largest_difference_of_all():
    gradient = TAPE.record.arrays["d:p:0.bias"].copy()
    gradient[2] = np.nan
    found = check_gradients(TRAINER, changed(TAPE, d__p__0_bias=gradient))
    assert (found.largest, found.parameter, found.index) == (math.inf, "0.bias", (2,))


def test_a_gradient_that_is_truly_zero_is_not_called_wrong_for_its_rounding():
    trainer = trainer_of(with_batch_norm())  # its first biases are taken out again by batch norm
    tape = record_step(trainer)
    noise = tape.record.arrays["d:p:0.bias"]
    assert 0 < np.abs(noise).max() < 1e-6
    assert check_gradients(trainer, tape).largest < 1e-4


def test_gradients_agree_where_the_error_is_so_small_that_float32_hardly_holds_it():
    data = WorkedExample(inputs=((1.0, 2.0),), targets=((1.0, 0.0),))
    layers = (Dense(units=3), Dense(units=2))
    spec = regression(data=data, layers=layers, optimizer=GradientDescent(learning_rate=0.05))
    trainer = trainer_of(spec)
    assert take(trainer, 300)[-1] < 1e-11
    assert check_gradients(trainer, record_step(trainer)).largest < 1e-4


def test_kinks_at_relu_of_zero_are_counted_and_are_no_differences():
    hidden = Dense(units=2, activation=ReLU(), weight_init=Zeros())
    data = WorkedExample(inputs=((1.0, 2.0),), targets=((1.0,),))
    trainer = trainer_of(regression(data=data, layers=(hidden, Dense(units=1))))
    tape = record_step(trainer)
    assert not tape.record.arrays["z:0"].any()
    found = check_gradients(trainer, tape)
    assert (found.kinks, found.checked) == (6, 3)  # 2 by 2 weights and 2 biases; 2 weights, 1 bias
    assert found.largest < 1e-5


def test_a_max_pooling_whose_largest_value_changes_is_a_kink():
    # Of w times x, the largest is that of the largest x above w = 0, of the smallest below it.
    spec = with_layers(Conv2d(channels=1, kernel=1, weight_init=Zeros()), MaxPool2d(size=10))
    trainer = trainer_of(spec)
    found = check_gradients(trainer, record_step(trainer))
    assert found.kinks == 1
    assert found.largest < 1e-4


def test_an_l1_penalty_has_a_kink_at_weights_of_zero_but_none_at_biases():
    layers = (Dense(units=1, activation=Sigmoid(), weight_init=Zeros()),)
    trainer = trainer_of(tiny(layers=layers, training=Training(batch_size=8, l1=0.1)))
    found = check_gradients(trainer, record_step(trainer))
    assert (found.kinks, found.checked) == (2, 1)


def test_a_kink_near_by_is_evaded_by_a_smaller_difference():
    hidden = Dense(units=1, activation=ReLU(), weight_init=Zeros())
    data = WorkedExample(inputs=((1.0, 2.0),), targets=((1.0,),))
    trainer = trainer_of(regression(data=data, layers=(hidden, Dense(units=1))))
    with torch.no_grad():
        trainer.network.layers[0].transform.bias.fill_(1e-6)
    found = check_gradients(trainer, record_step(trainer))
    assert (found.kinks, found.checked) == (0, 5)
    assert found.largest < 1e-4


def test_masks_silenced_neurons_frozen_numbers_and_changed_inputs_are_those_of_the_step():
    trainer = trainer_of(with_dropout())
    hands_on = Interventions(
        frozenset({("0.weight", (0, 0)), ("0.weight", (1, 1))}),
        frozenset({((0,), 1), ((0,), 4)}),
        {(row, (0,)): 2.5 for row in range(10)},
    )
    trainer.intervene(hands_on)
    tape = record_step(trainer)
    assert not tape.record.arrays["d:p:0.weight"][[1, 4]].any()
    assert tape.record.arrays["d:p:0.weight"].any()
    trainer.intervene(Interventions())
    take(trainer, 3)
    assert check_gradients(trainer, tape).largest < 1e-4


def test_clipping_is_no_part_of_what_is_checked():
    trainer = trainer_of(tiny(training=Training(batch_size=8, clip_norm=1e-3, clip_value=1e-3)))
    assert check_gradients(trainer, record_step(trainer)).largest < 1e-4


def test_a_batch_differentiated_in_pieces_agrees(monkeypatch):
    monkeypatch.setattr("core.training.recording.PIECE", 7)
    trainer = trainer_of(with_dropout(optimizer=GradientDescent(), training=Training(l2=0.1)))
    tape = record_step(trainer)
    assert tape.record.samples == 30
    assert check_gradients(trainer, tape).largest < 1e-4


@pytest.mark.parametrize("spec", [with_dropout(), with_batch_norm()], ids=["dropout", "norm"])
def test_a_check_leaves_the_live_network_and_the_run_as_they_were(spec):
    trainer, other = trainer_of(spec), trainer_of(spec)
    tape = record_step(trainer)
    record_step(other)
    before = tensors_of(trainer)
    first = check_gradients(trainer, tape)
    assert same(tensors_of(trainer), before)
    assert take(trainer, 3) == take(other, 3)
    assert same(tensors_of(trainer), tensors_of(other))
    assert check_gradients(trainer, tape) == first


def test_more_than_5000_parameters_are_refused_with_the_limit_and_a_way_out():
    trainer = trainer_of(tiny(layers=(Dense(units=1300), Dense(units=1, activation=Sigmoid()))))
    found = check_gradients(trainer, record_step(trainer))
    assert MOST == 5000
    assert (found.checked, found.largest, found.parameter) == (0, 0.0, "")
    assert "5,000" in str(found.refused)
    assert "5,201" in str(found.refused)
    assert found.refused.hint


def test_a_check_of_a_large_network_is_given_up_when_something_else_is_wanted():
    layers = (Dense(units=1249), Dense(units=1, activation=Sigmoid()))
    trainer = trainer_of(tiny(layers=layers))
    tape = record_step(trainer)
    asked = iter([False] * 10 + [True])
    with pytest.raises(Interrupted):
        check_gradients(trainer, tape, lambda: next(asked))


def test_a_loss_that_is_not_finite_is_refused():
    spec = tiny(loss=BinaryCrossEntropy(), optimizer=GradientDescent())
    trainer = trainer_of(spec, with_nan_row(spec.data.load(spec.seed), 3))
    found = check_gradients(trainer, record_step(trainer))
    assert "not a finite number" in str(found.refused)


def test_a_network_of_2_8_8_1_takes_less_than_two_seconds():
    sizes = (Dense(units=8, activation=ReLU()), Dense(units=8, activation=ReLU()))
    layers = (*sizes, Dense(units=1, activation=Sigmoid()))
    trainer = trainer_of(tiny(layers=layers, training=Training(batch_size=32)))
    tape = record_step(trainer)
    begun = perf_counter()
    found = check_gradients(trainer, tape)
    assert perf_counter() - begun < 2
    assert found.checked + found.kinks == 105
