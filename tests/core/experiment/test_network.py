"""The built network against a plain torch.nn.Sequential with the same weights."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.catalog.activations import Activation, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from core.catalog.base import entries_of
from core.catalog.initializers import Constant, Normal, Zeros
from core.experiment.layers import (
    ActivationLayer,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Residual,
    infer_shapes,
)
from core.experiment.network import Block, Network
from tests.core.experiments import CONVOLUTIONS, same
from tests.core.plain import plain

ACTIVATIONS = list(entries_of(Activation).values())

# Each row of layers beside the shape it takes.
NETWORKS = {
    "dense": ((Dense(units=3, activation=Tanh()), Dense(units=2)), (4,)),
    "no-bias": ((Dense(units=3, bias=False), Dense(units=2)), (4,)),
    "activation-first": ((ActivationLayer(activation=ReLU()), Dense(units=2)), (4,)),
    "activation-last": ((Dense(units=2), ActivationLayer(activation=Softmax())), (4,)),
    "batch-norm": ((BatchNorm(activation=ReLU()), Dense(units=2), BatchNorm()), (4,)),
    "dropout": ((Dense(units=3), Dropout(rate=0.5), Dense(units=2)), (4,)),
    "residual": (
        (Residual(layers=(Dense(units=4, activation=Tanh()), Dense(units=4))), Dense(units=2)),
        (4,),
    ),
    "residual-last": ((Residual(layers=(Dense(units=4),), activation=Sigmoid()),), (4,)),
    "nested": (
        (Residual(layers=(Dense(units=4), Residual(layers=(Dense(units=4),)))), Dense(units=1)),
        (4,),
    ),
    "empty-group": ((Residual(), Dense(units=1)), (4,)),
    "convolution": (
        (Conv2d(channels=2, kernel=3, stride=2, padding=1), Flatten(), Dense(units=2)),
        (1, 7, 5),
    ),
    "relu-max-pool": (
        (Conv2d(channels=2, activation=ReLU()), MaxPool2d(size=2, stride=1), Flatten()),
        (1, 7, 5),
    ),
    "leaky-max-pool": (
        (Conv2d(channels=2, activation=LeakyReLU()), MaxPool2d(), Flatten(), Dense(units=2)),
        (1, 7, 6),
    ),
    "average-pool": ((Conv2d(channels=2, activation=ReLU()), AvgPool2d(), Flatten()), (1, 7, 6)),
    "all": (CONVOLUTIONS, (1, 10, 10)),
}


def network_of(layers, shape, seed=0):
    return Network(infer_shapes(layers, shape), seed)


def samples(shape, n=5, seed=1):
    return torch.randn(n, *shape, generator=torch.Generator().manual_seed(seed))


def output(network, x):
    return network.activate(network(x))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(("layers", "shape"), NETWORKS.values(), ids=NETWORKS)
def test_outputs_are_those_of_a_plain_sequential(layers, shape, training):
    network = network_of(layers, shape).train(training)
    reference = plain(layers, shape, network).train(training)
    x = samples(shape)
    network.draw_masks(len(x), torch.Generator().manual_seed(3))
    with torch.no_grad():
        torch.testing.assert_close(output(network, x), reference(x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("entry", ACTIVATIONS, ids=lambda entry: entry.__name__)
def test_the_last_activation_is_applied_to_z_and_only_there(entry):
    layers = (Dense(units=3, activation=entry()),)
    network = network_of(layers, (4,))
    x = samples((4,))
    weight, bias = network.parameters()
    with torch.no_grad():
        z = torch.nn.functional.linear(x, weight, bias)
        assert torch.equal(network(x), z)
        assert torch.equal(network.activate(z), entry().module()(z))


@pytest.mark.parametrize("entry", ACTIVATIONS, ids=lambda entry: entry.__name__)
def test_a_hidden_activation_is_applied_before_the_next_layer(entry):
    if entry.output_only:
        pytest.skip("stands at the output only")
    layers = (Dense(units=3, activation=entry()), Dense(units=2))
    network = network_of(layers, (4,))
    w1, b1, w2, b2 = network.parameters()
    x = samples((4,))
    with torch.no_grad():
        hidden = entry().module()(x @ w1.T + b1)
        torch.testing.assert_close(network(x), hidden @ w2.T + b2)


@pytest.mark.parametrize(("layers", "shape"), NETWORKS.values(), ids=NETWORKS)
def test_each_block_gives_the_shape_that_was_inferred(layers, shape):
    network = network_of(layers, shape).eval()
    seen = []
    for module in network.modules():
        if isinstance(module, Block):
            module.register_forward_hook(
                lambda block, _, y: seen.append((tuple(y.shape[1:]), block.shape.output_shape))
            )
    x = samples(shape)
    for block in network.layers:
        x = block(x)
    assert seen
    assert all(real == inferred for real, inferred in seen)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 3), st.sampled_from([None, 1, 2]))
def test_relu_moved_behind_max_pooling_changes_no_bit_of_value_or_gradient(seed, size, stride):
    layers = (
        Conv2d(channels=2, activation=ReLU()),
        MaxPool2d(size=size, stride=stride),
        Flatten(),
        Dense(units=2),
    )
    network = network_of(layers, (1, 7, 6), seed)
    reference = plain(layers, (1, 7, 6), network).to(memory_format=torch.channels_last)
    # Whole numbers, so that a window often holds its largest value twice.
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randint(-2, 3, parameter.shape, generator=source))
    reference.load_state_dict(
        dict(zip(reference.state_dict(), network.state_dict().values(), strict=True))
    )
    x = torch.randint(-2, 3, (4, 1, 7, 6), generator=source).float()
    ours, theirs = network(x), reference(x)
    assert torch.equal(ours, theirs)
    pull = torch.randn(ours.shape, generator=source)
    ours.backward(pull)
    theirs.backward(pull)
    assert same([p.grad for p in network.parameters()], [p.grad for p in reference.parameters()])


def test_relu_is_evaluated_on_the_pooled_image():
    layers = (Conv2d(channels=2, activation=ReLU()), MaxPool2d(), Flatten())
    network = network_of(layers, (1, 8, 8))
    sizes = []
    network.layers[0].activation.register_forward_hook(lambda _, x, y: sizes.append(y.shape[2:]))
    network(samples((1, 8, 8)))
    assert sizes == [(3, 3)]


@pytest.mark.parametrize(("layers", "shape"), NETWORKS.values(), ids=NETWORKS)
def test_a_seed_gives_the_very_same_weights_and_leaves_torchs_generator_alone(layers, shape):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second = network_of(layers, shape, 7), network_of(layers, shape, 7)
    first.draw_masks(4, torch.Generator().manual_seed(0))
    first.train()(samples(shape, 4))
    second.reset(8)
    second.reset(7)
    assert torch.equal(torch.get_rng_state(), before)
    assert same(list(first.parameters()), list(second.parameters()))


def test_another_seed_gives_other_weights():
    layers, shape = NETWORKS["dense"]
    first, second = network_of(layers, shape, 1), network_of(layers, shape, 2)
    assert not torch.equal(first.layers[0].transform.weight, second.layers[0].transform.weight)


def test_the_layers_of_a_network_start_with_different_weights():
    network = network_of((Dense(units=4), Dense(units=4)), (4,))
    first, second = (block.transform.weight for block in network.layers)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("layer", [Dense, Conv2d])
def test_weights_and_biases_start_as_their_layer_says(layer):
    shape = (3,) if layer is Dense else (1, 5, 5)
    network = network_of((layer(weight_init=Constant(value=0.25), bias_init=Constant()),), shape)
    weight, bias = network.parameters()
    assert bool((weight == 0.25).all())
    assert bool((bias == 0.5).all())
    network = network_of((layer(weight_init=Zeros(), bias_init=Normal()),), shape)
    weight, bias = network.parameters()
    assert not weight.any()
    assert bias.any()


def test_batch_norm_starts_as_the_identity_and_is_reset_with_the_rest():
    network = network_of((BatchNorm(momentum=0.5),), (3,)).train()
    network(samples((3,)))
    norm = network.layers[0].transform
    assert norm.running_mean.any()
    network.reset(0)
    assert same(
        list(norm.state_dict().values()),
        [torch.ones(3), torch.zeros(3), torch.zeros(3), torch.ones(3), torch.tensor(0)],
    )


def test_dropout_silences_its_share_scales_the_rest_and_is_off_in_evaluation():
    network = network_of((Dropout(rate=0.25),), (100,)).train()
    network.draw_masks(100, torch.Generator().manual_seed(0))
    x = torch.ones(100, 100)
    y = network(x)
    kept = y != 0
    assert set(y.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert abs(float(kept.float().mean()) - 0.75) < 0.02
    assert torch.equal(network.eval()(x), x)


def test_masks_of_any_batch_size_can_be_trained_through_in_inference_mode():
    network = network_of((Dense(units=3), Dropout(), Dense(units=2)), (4,)).train()
    source = torch.Generator().manual_seed(0)
    for n in (5, 3, 5):
        with torch.inference_mode():
            network.draw_masks(n, source)
        network(samples((4,), n)).sum().backward()
    assert network.has_dropout


def test_penalties_act_on_weights_and_neither_on_biases_nor_on_batch_norm():
    network = network_of((Conv2d(), BatchNorm(), Flatten(), Dense(units=2)), (1, 4, 4))
    weights = [network.layers[0].transform.weight, network.layers[3].transform.weight]
    assert [id(p) for p in network.penalised()] == [id(p) for p in weights]


def test_a_network_without_an_output_activation_leaves_z_alone():
    network = network_of((Dense(units=2, activation=Identity()),), (3,))
    z = samples((2,))
    assert torch.equal(network.activate(z), z)
    assert isinstance(network.output_activation, nn.Identity)
