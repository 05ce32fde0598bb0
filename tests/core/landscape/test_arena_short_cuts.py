"""The short cuts of a network's arena, each against the long way."""

import copy
import math

import pytest
import torch

from core.catalog.activations import ReLU, Softmax, Tanh
from core.catalog.losses import BinaryCrossEntropy, CrossEntropy
from core.experiment.layers import AvgPool2d, BatchNorm, Conv2d, Dense, Flatten, MaxPool2d
from core.landscape.losses.stacked import summed
from core.landscape.losses.winograd import CHANNELS, with_fewer_products
from tests.core.arenas import (
    Reference,
    arena_of,
    made,
    never,
    on_plane,
    plane_of,
    points,
    vector_of,
)


def test_sure_and_right_answers_keep_the_digits_of_their_small_loss():
    z = torch.tensor([[[-30.0, 12.0, -9.0]]])
    targets = torch.tensor([[0.0], [1.0], [0.0]])
    found = summed(BinaryCrossEntropy(), targets)(z, z).item()
    exact = sum(math.log1p(math.exp(-size)) for size in (30, 12, 9))
    assert found == pytest.approx(exact, rel=1e-5)


def test_a_loss_that_is_new_to_the_catalog_is_computed_by_itself():
    class Largest:  # no Loss, or it would be in the catalog from here on
        def value(self, z, a, targets):
            return (a - targets).abs().mean()

    z = torch.randn(3, 2, 5, generator=torch.Generator().manual_seed(0))
    targets = torch.zeros(5, 2)
    found = summed(Largest(), targets)(z, z)
    assert found.tolist() == pytest.approx((5 * z.abs().mean((1, 2))).tolist())


@pytest.mark.parametrize("size", [(2, None), (2, 1), (3, None), (3, 2)])
def test_edges_that_pooling_leaves_out_are_not_computed_and_not_missed(size):
    layers = (
        Conv2d(channels=2, kernel=3, activation=ReLU()),
        MaxPool2d(size=size[0], stride=size[1]),
        Conv2d(channels=3, kernel=2, activation=ReLU()),
        BatchNorm(),
        AvgPool2d(size=2),
        Flatten(),
        Dense(units=3, activation=Softmax()),
    )
    _, network, sample, loss = made(layers, (1, 13, 12), CrossEntropy(), 3)
    arena = arena_of(network, sample, loss)
    flat, places = plane_of(vector_of(network)), points(3)
    reference = Reference(layers, network, sample, loss)
    reference.check(arena.on_plane(flat).scores(places, never), on_plane(flat, places))


@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("size", [(8, 8), (9, 7), (4, 11)])
def test_fewer_products_make_the_same_pooled_convolution(size, bias, padding):
    torch.manual_seed(3)
    convolution = torch.nn.Conv2d(CHANNELS, 5, 3, padding=padding, bias=bias)
    pooling = torch.nn.MaxPool2d(2)
    x = torch.randn(6, CHANNELS, *size).to(memory_format=torch.channels_last)
    (quick,) = with_fewer_products([convolution, pooling], torch.device("cpu"))
    with torch.inference_mode():
        exact = pooling(copy.deepcopy(convolution).double()(x.double()))
        torch.testing.assert_close(quick(x).double(), exact, rtol=1e-5, atol=3e-6)
        convolution.weight.zero_()  # the weights are read anew each time
        torch.testing.assert_close(quick(x), pooling(convolution(x)))


@pytest.mark.parametrize(
    ("convolution", "pooling"),
    [
        (torch.nn.Conv2d(CHANNELS, 4, 3, stride=2), torch.nn.MaxPool2d(2)),
        (torch.nn.Conv2d(CHANNELS, 4, 2), torch.nn.MaxPool2d(2)),
        (torch.nn.Conv2d(CHANNELS, 4, 3), torch.nn.MaxPool2d(3)),
        (torch.nn.Conv2d(CHANNELS, 4, 3), torch.nn.MaxPool2d(2, 1)),
        (torch.nn.Conv2d(CHANNELS, 4, 3), torch.nn.AvgPool2d(2)),
        (torch.nn.Conv2d(1, 4, 3), torch.nn.MaxPool2d(2)),
    ],
)
def test_what_fewer_products_do_not_suit_is_left_alone(convolution, pooling):
    operations = [convolution, pooling]
    assert with_fewer_products(operations, torch.device("cpu")) == operations


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("channels", [1, 2])
def test_blank_parts_of_pictures_are_computed_once_and_not_mistaken(channels, padding, pooled):
    layers = (
        Conv2d(channels=3, kernel=3, stride=2, padding=padding, activation=Tanh()),
        Conv2d(channels=3, kernel=3, padding=padding, activation=ReLU()),
        *([MaxPool2d()] if pooled else []),
        Flatten(),
        Dense(units=3, activation=Softmax()),
    )
    for row in (layers, layers[1:]):
        _, network, sample, loss = made(row, (channels, 16, 15), CrossEntropy(), 3)
        sample.inputs[:, :, :9] = 0
        sample.inputs[3:5] = 0
        sample.inputs[5, 0, 2, 2] = -1e-3  # all but blank
        arena = arena_of(network, sample, loss)
        flat, places = plane_of(vector_of(network)), points(3)
        reference = Reference(row, network, sample, loss)
        reference.check(arena.on_plane(flat).scores(places, never), on_plane(flat, places))
