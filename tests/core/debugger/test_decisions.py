"""The map of a network over its inputs: torch's own numbers, and nothing of the network moved."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.activations import ReLU, Softmax, Tanh
from core.catalog.losses import CrossEntropy
from core.data.toy import Gaussians, Sine, ThreeClasses
from core.debugger.decisions import MOST_POINTS, MOST_UNITS, UNIT_RESOLUTION, decision_map
from core.experiment.layers import BatchNorm, Dense, Residual
from core.presets import PRESETS
from tests.core.experiments import (
    regression,
    same,
    small_digits,
    take,
    tensors_of,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
    with_nan_row,
)


def mapped(spec, resolution=7, steps=3, data=None):
    data = data or spec.data.load(spec.seed)
    trainer = trainer_of(spec, data)
    take(trainer, steps)
    return trainer, data, decision_map(trainer.network, data, trainer.step, resolution)


def plain(trainer, points):
    """What the network answers when it is simply called, as for a test."""
    network = trainer.network
    network.eval()
    with torch.no_grad():
        a = network.activate(network(torch.tensor(points, dtype=torch.float32)))
    network.train()
    return a.numpy()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000), st.sampled_from([tiny, with_dropout, with_batch_norm, regression]))
def test_each_number_is_the_networks_own_at_that_place(seed, spec):
    trainer, _, found = mapped(spec(seed=seed), resolution=5)
    assert found.step == 3
    for row, y in enumerate(found.y):
        for column, x in enumerate(found.x):
            expected = plain(trainer, [[x, y]])[0]
            np.testing.assert_allclose(found.outputs[row, column], expected, rtol=1e-4, atol=1e-6)


def test_one_input_gives_a_curve():
    spec = PRESETS["sine-1-16-16-1"].spec.model_copy(update={"data": Sine(samples=40)})
    trainer, data, found = mapped(spec, resolution=11)
    assert found.outputs.shape == (11, 1)
    assert found.y.shape == (0,)
    assert found.units[(0,)].shape == (11, 16)
    np.testing.assert_allclose(
        found.outputs, plain(trainer, found.x[:, None]), rtol=1e-4, atol=1e-6
    )
    assert found.train_inputs.shape == (len(data.train_inputs), 1)


def test_the_map_reaches_a_tenth_of_the_range_beyond_the_data():
    _, data, found = mapped(tiny(), resolution=9)
    inputs = torch.cat((data.train_inputs, data.test_inputs)).numpy()
    for axis, values in zip((found.x, found.y), inputs.T, strict=True):
        span = values.max() - values.min()
        assert axis[0] == pytest.approx(values.min() - 0.1 * span, rel=1e-5)
        assert axis[-1] == pytest.approx(values.max() + 0.1 * span, rel=1e-5)


def test_hidden_units_are_those_of_their_layer():
    trainer, _, found = mapped(tiny(), resolution=64)
    assert set(found.units) == {(0,)}
    assert found.units[(0,)].shape == (UNIT_RESOLUTION, UNIT_RESOLUTION, 4)
    first = trainer.network.layers[0].transform
    corners = [(0, 0, found.x[0], found.y[0]), (-1, 0, found.x[0], found.y[-1])]
    for row, column, x, y in corners:
        a = torch.tanh(first.weight.detach() @ torch.tensor([x, y]) + first.bias.detach())
        np.testing.assert_allclose(found.units[(0,)][row, column], a.numpy(), rtol=1e-4, atol=1e-6)


def test_layers_inside_a_residual_group_have_maps_of_their_own():
    layers = (
        Residual(layers=(Dense(units=3, activation=ReLU()), Dense(units=2)), activation=Tanh()),
        Dense(units=3, activation=Softmax()),
    )
    spec = tiny(data=ThreeClasses(samples=40), layers=layers, loss=CrossEntropy())
    trainer, _, found = mapped(spec, resolution=6)
    assert {path: a.shape[-1] for path, a in found.units.items()} == {(0,): 2, (0, 0): 3, (0, 1): 2}
    x = torch.tensor([[found.x[2], found.y[4]]])
    inner = trainer.network.layers[0].transform.layers
    with torch.no_grad():
        y = inner[1].transform(torch.relu(inner[0].transform(x)))
        np.testing.assert_allclose(found.units[(0, 1)][4, 2], y[0].numpy(), rtol=1e-4, atol=1e-6)
        group = torch.tanh(x + y)[0].numpy()
    np.testing.assert_allclose(found.units[(0,)][4, 2], group, rtol=1e-4, atol=1e-6)


def test_only_so_many_units_have_maps_the_first_layers_first():
    wide = (Dense(units=200), Dense(units=100), Dense(units=9), *tiny().layers[1:])
    _, _, found = mapped(tiny(layers=wide), resolution=4)
    assert [found.units[path].shape[-1] for path in ((0,), (1,))] == [200, MOST_UNITS - 200]
    assert (2,) not in found.units


@pytest.mark.parametrize("spec", [tiny, with_dropout, with_batch_norm, regression])
def test_a_map_between_two_steps_changes_nothing_of_the_run(spec):
    plainly, watched = trainer_of(spec()), trainer_of(spec())
    data = spec().data.load(spec().seed)
    expected = take(plainly, 6)
    losses = []
    for _ in range(6):
        before = tensors_of(watched)
        decision_map(watched.network, data, watched.step, 16)
        assert same(before, tensors_of(watched))
        assert all(module.training for module in watched.network.modules())
        losses += take(watched, 1)
    assert losses == expected
    assert same(tensors_of(plainly), tensors_of(watched))


def test_a_network_that_was_evaluating_still_is():
    trainer = trainer_of(with_batch_norm())
    trainer.network.eval()
    data = with_batch_norm().data.load(0)
    decision_map(trainer.network, data, 0, 4)
    assert not any(module.training for module in trainer.network.modules())


def test_a_knocked_out_neuron_is_silent_on_the_map_too():
    trainer = trainer_of(tiny())
    trainer.network.knock_out({(0,): frozenset({1})})
    data = tiny().data.load(0)
    found = decision_map(trainer.network, data, 0, 5)
    assert not found.units[(0,)][..., 1].any()
    assert found.units[(0,)][..., 0].any()
    np.testing.assert_allclose(
        found.outputs[0, 0], plain(trainer, [[found.x[0], found.y[0]]])[0], rtol=1e-4
    )


def test_of_large_sets_some_points_are_shown_spread_over_all():
    _, data, found = mapped(tiny(data=Gaussians(samples=2400, test_fraction=0.5)), 4)
    assert len(found.train_inputs) == len(found.test_inputs) == MOST_POINTS
    ours = {(tuple(x), int(y)) for x, y in zip(found.train_inputs, found.train_labels, strict=True)}
    theirs = {
        (tuple(x), int(y))
        for x, y in zip(data.train_inputs.numpy(), data.train_labels, strict=True)
    }
    assert ours <= theirs
    np.testing.assert_array_equal(found.train_inputs[-1], data.train_inputs[-1].numpy())


def test_images_have_no_map():
    data = small_digits().data.load(0)
    assert decision_map(trainer_of(small_digits(), data).network, data, 0, 8) is None


def test_damaged_samples_do_not_spoil_the_axes():
    data = with_nan_row(tiny().data.load(0), 0)
    found = decision_map(trainer_of(tiny()).network, data, 0, 5)
    assert np.isfinite(found.x).all()
    assert np.isfinite(found.y).all()


def test_an_input_that_never_changes_still_has_an_axis():
    spec = regression()
    data = spec.data.load(0)
    data.train_inputs[:, 0] = data.test_inputs[:, 0] = 2.0
    found = decision_map(trainer_of(spec).network, data, 0, 5)
    assert found.x[0] < 2.0 < found.x[-1]


def test_a_map_can_not_be_written():
    _, _, found = mapped(tiny(), 4)
    for array in (found.x, found.y, found.outputs, found.train_inputs, found.units[(0,)]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = math.pi


def test_batch_norm_is_evaluated_with_its_running_moments():
    """The map of a place must not depend on which other places are mapped."""
    layers = (Dense(units=3), BatchNorm(), *tiny().layers[1:])
    trainer, data, coarse = mapped(tiny(layers=layers), resolution=3)
    fine = decision_map(trainer.network, data, trainer.step, 5)
    np.testing.assert_allclose(fine.outputs[::2, ::2], coarse.outputs, rtol=1e-5)
