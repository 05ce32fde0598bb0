"""Experiments that read handwritten digits."""

from __future__ import annotations

from core.catalog.activations import ReLU, Softmax
from core.catalog.losses import CrossEntropy
from core.catalog.optimizers import SGD, Adam
from core.catalog.schedules import Cosine
from core.data.augment.settings import Augmentation
from core.data.mnist import Mnist
from core.experiment.layers import BatchNorm, Conv2d, Dense, Flatten, Layer, MaxPool2d, Residual
from core.experiment.spec import ExperimentSpec, Stop, Training
from core.presets.preset import Preset

_TEN = Dense(units=10, activation=Softmax())


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


_FIRST = ExperimentSpec(
    name="Digits, any hand",
    data=Mnist(),
    augmentation=Augmentation(on=True),
    layers=(Flatten(), Dense(units=128, activation=ReLU()), _TEN),
    loss=CrossEntropy(),
    optimizer=Adam(learning_rate=0.002),
    schedule=Cosine(),
    training=Training(batch_size=64),
    stop=Stop(epochs=12),
)
"""Reads what is drawn on the pad: training digits are changed as other hands would write them."""

DIGITS = (
    Preset(
        "dense-784-128-10",
        "Digits, any hand",
        "A hidden layer of 128, trained on digits changed a little: it reads what you draw.",
        "digits",
        _FIRST,
    ),
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
