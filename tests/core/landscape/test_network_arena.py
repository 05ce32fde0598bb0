"""Losses at many parameters at once against a plain torch.nn.Sequential, one point at a time."""

import math

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.activations import ReLU, Sigmoid, Softmax, Tanh
from core.catalog.losses import BinaryCrossEntropy, CrossEntropy
from core.data import as_float
from core.experiment.layers import BatchNorm, Conv2d, Dense, Flatten, MaxPool2d, Residual
from core.experiment.network import Network
from core.experiment.spec import Training
from core.landscape.losses import scorers
from core.landscape.losses.arena import Flat
from core.landscape.losses.network import NetworkArena
from core.presets import PRESETS
from core.training.step import Penalty
from tests.core.arenas import (
    Reference,
    arena_of,
    experiments,
    few_digits,
    made,
    never,
    on_plane,
    plane_of,
    points,
    reference_of,
    trained,
    vector_of,
)
from tests.core.experiments import (
    digits,
    regression,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
)
from tests.core.plain import penalty as plain_penalty
from tests.core.plain import plain


@pytest.mark.parametrize("name", PRESETS)
def test_losses_of_each_preset_are_those_of_one_point_at_a_time(name):
    trainer = trained(few_digits(PRESETS[name].spec))
    arena = NetworkArena.of_trainer(trainer, None)
    reference = reference_of(trainer, arena)
    flat = plane_of(vector_of(trainer.network), size=0.1)
    places = points(6)
    states = on_plane(flat, places)
    reference.check(arena.on_plane(flat).scores(places, never), states)
    reference.check(arena.scores(torch.stack(states), never), states)


@pytest.mark.parametrize("make", [tiny, regression, with_dropout, with_batch_norm, digits])
def test_dropout_is_off_and_batch_norm_keeps_to_its_running_moments(make):
    trainer = trained(make(), 9)
    arena = NetworkArena.of_trainer(trainer, None)
    here = vector_of(trainer.network)
    found = arena.scores(here[None], never)
    reference_of(trainer, arena).check(found, [here])
    # Of a network in evaluation mode, over the very training set (in another order).
    data, loss = trainer.data, trainer.spec.loss
    with torch.no_grad():
        network = trainer.network.eval()
        z = network(as_float(data.train_inputs))
        outputs = network.shapes[-1].output_shape[0]
        targets = loss.encode(data.train_labels, data.shape.outputs, outputs)
        value = loss.value(z, network.activate(z), targets)
    network.train()
    assert arena.samples == arena.of == len(data.train_inputs)
    assert found.loss[0].item() == pytest.approx(value.item(), rel=1e-5)


RANDOM = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@RANDOM
@given(experiments())
def test_losses_of_any_network_are_those_of_one_point_at_a_time(experiment):
    layers, network, sample, loss = experiment
    arena = arena_of(network, sample, loss)
    reference = Reference(layers, network, sample, loss)
    flat = plane_of(vector_of(network))
    places = points(4)
    states = on_plane(flat, places)
    reference.check(arena.on_plane(flat).scores(places, never), states)
    reference.check(arena.scores(torch.stack(states), never), states)


@RANDOM
@given(experiments(), st.data())
def test_a_plane_that_moves_a_few_numbers_shares_the_layers_before_them(experiment, data):
    layers, network, sample, loss = experiment
    arena = arena_of(network, sample, loss)
    base = vector_of(network)
    first, second = (data.draw(st.integers(0, len(base) - 1)) for _ in range(2))
    d1, d2 = torch.zeros(len(base)), torch.zeros(len(base))
    d1[first] = d2[second] = 1
    flat = Flat(base, d1, d2)
    places = 3 * points(5)
    reference = Reference(layers, network, sample, loss)
    reference.check(arena.on_plane(flat).scores(places, never), on_plane(flat, places))


@RANDOM
@given(experiments(), st.integers(1, 5), st.integers(1, 5))
def test_the_losses_do_not_depend_on_how_the_work_is_cut(experiment, part, group):
    _, network, sample, loss = experiment
    flat, places = plane_of(vector_of(network)), points(7)
    whole = arena_of(network, sample, loss).on_plane(flat).scores(places, never)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_part_size", "_group_size"):
            size = part if name == "_part_size" else group
            for way in (scorers.Stacked, scorers.OneByOne):
                patch.setattr(way, name, lambda self, size=size: size)
        cut = arena_of(network, sample, loss).on_plane(flat).scores(places, never)
    torch.testing.assert_close(cut.loss, whole.loss, rtol=3e-6, atol=1e-6, equal_nan=True)
    if whole.accuracy is not None:
        torch.testing.assert_close(cut.accuracy, whole.accuracy, rtol=0, atol=0.1)


@RANDOM
@given(experiments(), st.booleans())
def test_derivatives_of_the_objective_are_those_of_the_loss(experiment, penalised):
    layers, network, sample, loss = experiment
    penalty = Penalty(0.01, 0.02) if penalised else Penalty(0, 0)
    arena = arena_of(network, sample, loss, penalty)
    here = vector_of(network).requires_grad_()
    value = arena.objective(here)
    (gradient,) = torch.autograd.grad(value, here, create_graph=True)
    row = plain(layers, tuple(sample.inputs.shape[1:]), network)
    z = row[:-1](sample.inputs)
    total = loss.value(z, row[-1](z), sample.targets)
    total = total + plain_penalty(row, penalty.l1, penalty.l2)
    torch.testing.assert_close(value, total, rtol=1e-5, atol=1e-6)
    wanted = torch.autograd.grad(total, list(row.parameters()))
    wanted = torch.cat([part.reshape(-1) for part in wanted])
    torch.testing.assert_close(gradient, wanted, rtol=1e-3, atol=1e-5, equal_nan=True)
    # A second time: products with the Hessian.
    (product,) = torch.autograd.grad(gradient.sum(), here, allow_unused=True)
    assert product is None or product.shape == here.shape


@pytest.mark.parametrize("images", [False, True])
def test_silenced_units_stay_silent(images):
    dense = (Dense(units=5, activation=Sigmoid()), Dense(units=4, activation=Sigmoid()))
    layers = (
        (Conv2d(channels=3, kernel=3, activation=ReLU()), MaxPool2d(), Flatten(), *dense)
        if images
        else (BatchNorm(), Residual(layers=(Dense(units=3, activation=Tanh()),)), *dense)
    )
    layers = (*layers, Dense(units=1, activation=Sigmoid()))
    shape = (1, 8, 8) if images else (3,)
    _, network, sample, loss = made(layers, shape, BinaryCrossEntropy(), 1)
    knocked = {(0,): frozenset({1}), (len(layers) - 2,): frozenset({0, 2})}
    if not images:
        knocked[1, 0] = frozenset({2})
    arena = arena_of(network, sample, loss, knocked=knocked)
    network.knock_out(knocked)
    flat, places = plane_of(vector_of(network)), points(5)
    found = arena.on_plane(flat).scores(places, never)
    for vector, value in zip(on_plane(flat, places), found.loss.tolist(), strict=True):
        with torch.no_grad():
            torch.nn.utils.vector_to_parameters(vector, network.parameters())
            expected = loss.value(network(sample.inputs), None, sample.targets)
        assert value == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("l2", [0.0, 0.7])
def test_penalties_count_weights_and_no_biases(l1, l2):
    trainer = trained(digits(training=Training(l1=l1, l2=l2, batch_size=50)), 2)
    arena = NetworkArena.of_trainer(trainer, 30)
    flat, places = plane_of(vector_of(trainer.network)), points(5)
    states = on_plane(flat, places)
    scratch = Network(trainer.network.shapes, 0)
    expected = []
    for vector in states:
        torch.nn.utils.vector_to_parameters(vector, scratch.parameters())
        expected.append(plain_penalty(scratch, l1, l2).item())
    for found in (
        arena.on_plane(flat).scores(places, never),
        arena.scores(torch.stack(states), never),
    ):
        assert found.penalty.tolist() == pytest.approx(expected, rel=1e-5)
        assert found.penalty.dtype == torch.float32
    here = states[0]
    whole = arena.objective(here).item()
    assert whole == pytest.approx((found.loss[0] + found.penalty[0]).item(), rel=1e-5)


OVERFLOWING = {
    "sigmoid": (tiny(), 0),
    "squares": (regression(layers=(Dense(units=4, activation=ReLU()), Dense(units=1))), 2),
    "convolutional": (digits(), 2),
}


@pytest.mark.parametrize(("spec", "spoilt"), OVERFLOWING.values(), ids=OVERFLOWING)
def test_what_overflows_or_is_no_number_spoils_its_own_point_only(spec, spoilt):
    trainer = trainer_of(spec)
    arena = NetworkArena.of_trainer(trainer, 40)
    reference, here = reference_of(trainer, arena), vector_of(trainer.network)
    states = here.repeat(5, 1)
    states[1, 0], states[2, 0], states[3] = math.nan, math.inf, states[3] * 1e30
    found = arena.scores(states, never).loss.isfinite().tolist()
    usual = [math.isfinite(reference.at(state, torch.float32)[0]) for state in states]
    assert found == usual
    assert found[0]
    assert not found[1]
    assert found[2:4].count(False) == spoilt
    places = torch.tensor([[0.0, 0.0], [math.nan, 0.0], [math.inf, 0.0], [0.1, 0.1]]).double()
    found = arena.on_plane(plane_of(here)).scores(places, never).loss.isfinite().tolist()
    assert found == [True, False, False, True]


def test_equal_outputs_are_the_first_class_as_torch_has_it():
    layers = (Dense(units=3, activation=Softmax()),)
    _, network, sample, loss = made(layers, (2,), CrossEntropy(), 3)
    nothing = torch.zeros(1, 9)
    found = arena_of(network, sample, loss).scores(nothing, never)
    assert found.loss.item() == pytest.approx(math.log(3))
    assert found.accuracy.item() == pytest.approx((sample.labels == 0).float().mean().item())
