"""Named experiments to begin with."""

from __future__ import annotations

from dataclasses import dataclass

from core.catalog.activations import ReLU, Sigmoid, Softmax, Tanh
from core.catalog.initializers import Zeros
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE
from core.catalog.optimizers import SGD, Adam, GradientDescent
from core.catalog.schedules import Cosine
from core.data.logic import XorGate
from core.data.mnist import Mnist
from core.data.toy import Gaussians, Sine, Spiral, ThreeClasses
from core.data.worked import WorkedExample
from core.experiment.layers import (
    ActivationLayer,
    BatchNorm,
    Conv2d,
    Dense,
    Flatten,
    Layer,
    MaxPool2d,
    Residual,
)
from core.experiment.spec import ExperimentSpec, Stop, Training


@dataclass(frozen=True)
class Preset:
    """An experiment with a name for the terminal and a card for the gallery.

    Attributes:
        name: What the terminal calls it.
        title: What the gallery calls it, in English.
        sentence: What a learner sees in it, in English.
        picture: Which picture its card carries.
        spec: The experiment.
    """

    name: str
    title: str
    sentence: str
    picture: str
    spec: ExperimentSpec


_TEN = Dense(units=10, activation=Softmax())
_SIXTEEN = Dense(units=16, activation=Tanh())


def _dense(name: str, size: int, epochs: int) -> ExperimentSpec:
    return ExperimentSpec(
        name=name,
        data=Mnist(size=28 if size == 784 else 10),
        layers=(Flatten(), Dense(units=64, activation=ReLU()), _TEN),
        loss=CrossEntropy(),
        optimizer=SGD(learning_rate=0.01),
        training=Training(batch_size=32),
        stop=Stop(epochs=epochs),
    )


def _convolutional(name: str, *layers: Layer) -> ExperimentSpec:
    return ExperimentSpec(
        name=name,
        data=Mnist(),
        layers=(*layers, Flatten(), Dense(units=64, activation=ReLU()), _TEN),
        loss=CrossEntropy(),
        optimizer=Adam(learning_rate=1e-3),
        schedule=Cosine(),
        training=Training(batch_size=64),
        stop=Stop(epochs=5),
    )


def _conv(channels: int) -> Conv2d:
    return Conv2d(channels=channels, kernel=3, activation=ReLU())


def _normed(channels: int) -> tuple[Layer, ...]:
    return Conv2d(channels=channels, kernel=3, bias=False), BatchNorm(activation=ReLU())


def _xor(name: str, *hidden: Layer) -> ExperimentSpec:
    """Two sigmoid units can get stuck; Glorot's weights do so least often, with seed 0 not."""
    return ExperimentSpec(
        name=name,
        data=XorGate(),
        layers=(*hidden, Dense(units=1, activation=Sigmoid())),
        loss=HalfMSE(),
        optimizer=GradientDescent(learning_rate=5.0),
        stop=Stop(epochs=3000),
        seed=0,
    )


DIGITS = (
    Preset(
        "dense-784-64-10",
        "Digits, dense",
        "Reads handwritten digits with one hidden layer of 64; learns in seconds.",
        "digits",
        _dense("Digits, dense", 784, 10),
    ),
    Preset(
        "cnn-mnist",
        "Digits, convolutional",
        "Three layers of small kernels reach 99 of 100 digits.",
        "cnn",
        _convolutional(
            "Digits, convolutional", _conv(32), MaxPool2d(), _conv(64), MaxPool2d(), _conv(64)
        ),
    ),
    Preset(
        "cnn-mnist-residual",
        "Digits, residual",
        "The same size with batch norm and a skip connection, as deep networks have.",
        "residual",
        _convolutional(
            "Digits, residual",
            *_normed(32),
            MaxPool2d(),
            *_normed(64),
            MaxPool2d(),
            Residual(
                layers=(Conv2d(channels=64, kernel=3, padding=1, bias=False), BatchNorm()),
                activation=ReLU(),
            ),
        ),
    ),
    Preset(
        "dense-100-64-10",
        "Small digits",
        "Digits averaged to 10×10: a hundred inputs, few enough to look at each.",
        "small_digits",
        _dense("Small digits", 100, 5),
    ),
)
"""Those that read handwritten digits."""

SMALL = (
    Preset(
        "worked-2-3-2",
        "Worked example",
        "One sample through 2-3-2, small enough to check each number by hand.",
        "worked",
        ExperimentSpec(
            name="Worked example 2-3-2",
            data=WorkedExample(inputs=((1.0, 2.0),), targets=((1.0, 0.0),)),
            layers=(ActivationLayer(activation=ReLU()), Dense(units=3), Dense(units=2)),
            loss=MSE(),
            optimizer=GradientDescent(learning_rate=0.05),
            stop=Stop(epochs=100),
            seed=1,
        ),
    ),
    Preset(
        "logistic-2-1",
        "Logistic regression",
        "One sigmoid unit draws a line between two clouds.",
        "line",
        ExperimentSpec(
            name="Logistic regression 2-1",
            data=Gaussians(),
            layers=(Dense(units=1, activation=Sigmoid(), weight_init=Zeros()),),
            loss=BinaryCrossEntropy(),
            optimizer=GradientDescent(learning_rate=0.01),
            stop=Stop(epochs=None, steps=2000),
        ),
    ),
    Preset(
        "xor-2-2-1",
        "XOR",
        "Two hidden units learn what no single line can part.",
        "xor",
        _xor("XOR 2-2-1", Dense(units=2, activation=Sigmoid())),
    ),
    Preset(
        "xor-no-hidden",
        "XOR, no hidden layer",
        "It cannot learn; watch where it gets stuck and see why.",
        "xor_line",
        _xor("XOR without a hidden layer"),
    ),
    Preset(
        "spiral-2-16-16-1",
        "Two spirals",
        "Two layers of sixteen bend a boundary around a spiral.",
        "spiral",
        ExperimentSpec(
            name="Two spirals 2-16-16-1",
            data=Spiral(),
            layers=(_SIXTEEN, _SIXTEEN, Dense(units=1, activation=Sigmoid())),
            loss=BinaryCrossEntropy(),
            optimizer=Adam(learning_rate=0.01),
            stop=Stop(epochs=400),
        ),
    ),
    Preset(
        "three-2-8-3",
        "Three classes",
        "Softmax over three clouds: one output a class.",
        "three",
        ExperimentSpec(
            name="Three classes 2-8-3",
            data=ThreeClasses(),
            layers=(Dense(units=8, activation=ReLU()), Dense(units=3, activation=Softmax())),
            loss=CrossEntropy(),
            optimizer=Adam(learning_rate=0.01),
            stop=Stop(epochs=100),
        ),
    ),
    Preset(
        "sine-1-16-16-1",
        "A sine curve",
        "Regression: the network bends itself to a noisy wave.",
        "sine",
        ExperimentSpec(
            name="A sine curve 1-16-16-1",
            data=Sine(),
            layers=(_SIXTEEN, _SIXTEEN, Dense(units=1)),
            loss=MSE(),
            optimizer=Adam(learning_rate=0.01),
            training=Training(batch_size=32),
            stop=Stop(epochs=300),
        ),
    ),
)
"""Those small enough to follow number by number."""

PRESETS = {preset.name: preset for preset in (*DIGITS, *SMALL)}
"""Every preset by its name, in the order of the gallery."""

FIRST = "dense-784-64-10"
"""What the first start opens."""
