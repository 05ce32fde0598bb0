"""Networks by chance, and their losses one point at a time, to compare an arena with."""

import math

import pytest
import torch
from hypothesis import strategies as st

from core.catalog.activations import Activation, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from core.catalog.base import entries_of
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE
from core.data.mnist import Mnist
from core.errors import UserError
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
from core.experiment.network import Network
from core.landscape.losses.arena import Flat
from core.landscape.losses.network import NetworkArena, buffers_of
from core.landscape.losses.replica import Sample
from core.training.step import Penalty
from tests.core.experiments import (
    take,
    trainer_of,
)
from tests.core.plain import plain

ACTIVATIONS = [entry for entry in entries_of(Activation).values() if not entry.output_only]


def never():
    return False


class Reference:
    """One point at a time, in float32 as one writes it, and in float64 to tell who is right."""

    def __init__(self, layers, network, sample, loss):
        network = network.eval()
        shape = tuple(sample.inputs.shape[1:])
        self.loss, self.sample = loss, sample
        self.rows = {
            torch.float32: plain(layers, shape, network),
            torch.float64: plain(layers, shape, network).double(),
        }

    def at(self, vector, dtype=torch.float64):
        """Loss and accuracy at (p,)."""
        row, sample = self.rows[dtype], self.sample
        targets = sample.targets
        if targets.is_floating_point():
            targets = targets.to(dtype)
        with torch.no_grad():
            torch.nn.utils.vector_to_parameters(vector.to(dtype), row.parameters())
            z = row[:-1](sample.inputs.to(dtype))  # the last is the last layer's activation
            a = row[-1](z)
            value = self.loss.value(z, a, targets).item()
        if sample.labels is None:
            return value, None
        chosen = (a[:, 0] > 0.5).long() if a.shape[1] == 1 else a.argmax(1)
        return value, (chosen == sample.labels).double().mean().item()

    def check(self, scores, vectors):
        """Within 1e-5 of the exact loss; or, where float32 cannot, not much worse than plainly."""
        for index, vector in enumerate(vectors):
            exact, _ = self.at(vector)
            usual, accuracy = self.at(vector, torch.float32)
            found = scores.loss[index].item()
            if not math.isfinite(exact) or not math.isfinite(usual):
                continue
            allowed = max(1e-5 * abs(exact), 4 * abs(usual - exact), 1e-7)
            assert abs(found - exact) <= allowed, (index, found, exact, usual)
            if accuracy is None:
                assert scores.accuracy is None
            else:
                slack = 1.01 / len(self.sample)  # one sample may lie on the boundary
                assert scores.accuracy[index].item() == pytest.approx(accuracy, abs=slack)


def vector_of(network):
    return torch.cat([p.detach().reshape(-1) for p in network.parameters()])


def plane_of(base, seed=0, size=0.5):
    source = torch.Generator().manual_seed(seed)
    d1, d2 = (size * torch.randn(len(base), generator=source) for _ in range(2))
    return Flat(base, d1, d2)


def points(number, seed=0):
    source = torch.Generator().manual_seed(seed)
    return 2 * torch.rand(number, 2, dtype=torch.float64, generator=source) - 1


def on_plane(flat, places):
    return [flat.at(x, y) for x, y in places.tolist()]


def trained(spec, steps=5):
    trainer = trainer_of(spec)
    take(trainer, steps)
    return trainer


def reference_of(trainer, arena):
    spec = trainer.spec
    network = Network(trainer.network.shapes, 0)
    network.load_state_dict({k: v.clone() for k, v in trainer.network.state_dict().items()})
    return Reference(spec.layers, network, arena._sample, spec.loss)


def few_digits(spec):
    if not isinstance(spec.data, Mnist):
        return spec
    data = Mnist(size=spec.data.size, samples=80, test_samples=10)
    return spec.model_copy(
        update={"data": data, "training": spec.training.model_copy(update={"batch_size": 16})}
    )


def bends():
    return st.sampled_from(ACTIVATIONS).map(lambda entry: entry())


@st.composite
def flat_layer(draw, units):
    kinds = ["dense", "batch_norm", "dropout", "activation", "residual", "flatten"]
    match draw(st.sampled_from(kinds)):
        case "dense":
            bias = draw(st.booleans())
            return Dense(units=draw(st.integers(1, 6)), activation=draw(bends()), bias=bias)
        case "batch_norm":
            return BatchNorm(activation=draw(bends()))
        case "dropout":
            return Dropout(rate=0.3)
        case "activation":
            return ActivationLayer(activation=draw(bends()))
        case "flatten":
            return Flatten()
        case _:
            inner = [Dense(units=units, activation=draw(bends()))]
            if draw(st.booleans()):
                inner.insert(0, ActivationLayer(activation=draw(bends())))
            if draw(st.booleans()):
                inner.append(Residual(layers=(Dense(units=units), BatchNorm())))
            return Residual(layers=tuple(inner), activation=draw(bends()))


@st.composite
def image_layer(draw, channels):
    match draw(st.integers(0, 5)):
        case 0:
            return Conv2d(
                channels=draw(st.integers(1, 3)),
                kernel=draw(st.integers(1, 3)),
                stride=draw(st.integers(1, 2)),
                padding=draw(st.integers(0, 1)),
                bias=draw(st.booleans()),
                activation=draw(bends()),
            )
        case 1:
            return MaxPool2d(size=2, stride=draw(st.sampled_from([None, 1, 2, 3])))
        case 2:
            return AvgPool2d(size=2, stride=draw(st.sampled_from([None, 1])))
        case 3:
            return BatchNorm(activation=draw(bends()))
        case 4:
            inner = Conv2d(channels=channels, kernel=3, padding=1, activation=draw(bends()))
            return Residual(layers=(inner, BatchNorm()), activation=draw(bends()))
        case _:
            return draw(st.sampled_from([Dropout(rate=0.5), ActivationLayer(activation=ReLU())]))


ENDS = {
    "binary": (BinaryCrossEntropy(), Sigmoid(), 1),
    "labels": (BinaryCrossEntropy(), Sigmoid(), 3),
    "classes": (CrossEntropy(), Softmax(), 3),
    "softmax by distance": (MSE(), Softmax(), 3),
    "sigmoid by distance": (HalfMSE(), Sigmoid(), 2),
    "one by distance": (MSE(), Tanh(), 1),
    "values": (MSE(), Identity(), 2),
    "half": (HalfMSE(), LeakyReLU(), 2),
}


@st.composite
def experiments(draw, images=None):
    """Layers, a network with moments of its own, a sample and a loss."""
    images = draw(st.booleans()) if images is None else images
    shape = (draw(st.integers(1, 2)), 9, 8) if images else (draw(st.integers(1, 5)),)
    first, layers, at = shape, [], shape
    for _ in range(draw(st.integers(0, 4 if images else 3))):
        layer = draw(image_layer(at[0]) if images else flat_layer(at[0]))
        try:
            at = layer.output_shape(at)
        except UserError:
            break
        layers.append(layer)
    if images:
        layers.append(Flatten())
        if draw(st.booleans()):
            layers.append(Dense(units=4, activation=draw(bends())))
    loss, last, outputs = ENDS[draw(st.sampled_from(list(ENDS)))]
    layers.append(Dense(units=outputs, activation=last))
    if draw(st.integers(0, 3)) == 0:
        layers[-1] = Dense(units=outputs)
        layers.append(ActivationLayer(activation=last))
    return made(tuple(layers), first, loss, outputs, draw(st.integers(0, 2**20)))


def made(layers, shape, loss, outputs, seed=0):
    source, samples = torch.Generator().manual_seed(seed), 11
    network = Network(infer_shapes(layers, shape), seed).eval()
    with torch.no_grad():
        for p in network.parameters():
            p.add_(0.3 * torch.randn(p.shape, generator=source))
        for name, buffer in buffers_of(network).items():
            if buffer.is_floating_point():
                noise = torch.randn(buffer.shape, generator=source)
                buffer.copy_(noise.square() + 0.2 if "var" in name else noise)
    inputs = torch.randn(samples, *shape, generator=source)
    if len(shape) == 3 and seed % 2:
        inputs[:, :, : shape[1] // 2] = 0  # as pictures of digits are in part blank
    labels = torch.randint(0, max(2, outputs), (samples,), generator=source)
    valued = not loss.fuses and seed % 3 == 0
    if valued:
        targets = torch.randn(samples, outputs, generator=source)
    else:
        targets = loss.encode(labels, max(2, outputs), outputs)
    sample = Sample(inputs, targets, None if valued else labels, of=100)
    return layers, network, sample, loss


def arena_of(network, sample, loss, penalty=None, knocked=None):
    return NetworkArena(
        network.shapes, loss, penalty or Penalty(0, 0), sample, buffers_of(network), knocked or {}
    )
