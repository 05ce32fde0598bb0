"""Small experiments that the tests share, and ways to drive them without a clock."""

import math

import torch

from core.catalog.activations import Identity, ReLU, Sigmoid, Softmax, Tanh
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy
from core.catalog.optimizers import SGD, Adam
from core.catalog.schedules import Cosine
from core.data import Dataset
from core.data.mnist import Mnist
from core.data.toy import Gaussians, ThreeClasses, TiltedPlane
from core.experiment.fit import check
from core.experiment.layers import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Residual,
)
from core.experiment.spec import ExperimentSpec, Stop, Training
from core.session.session import Session
from core.training.trainer import Trainer

FOREVER = math.inf
LONG = Stop(epochs=None, steps=100_000)


def tiny(**fields):
    """30 training and 10 test points in two classes, four batches an epoch."""
    return ExperimentSpec(
        **{
            "name": "Tiny",
            "data": Gaussians(samples=40),
            "layers": (
                Dense(units=4, activation=Tanh()),
                Dense(units=1, activation=Sigmoid()),
            ),
            "loss": BinaryCrossEntropy(),
            "optimizer": SGD(learning_rate=0.1),
            "training": Training(batch_size=8),
            "stop": Stop(epochs=3),
            "device": "cpu",
        }
        | fields
    )


def regression(**fields):
    """The same for a plane."""
    layers = (Dense(units=4, activation=Tanh()), Dense(units=1))
    return tiny(**{"data": TiltedPlane(samples=40), "layers": layers, "loss": MSE()} | fields)


def with_dropout(**fields):
    layers = (
        Dense(units=6, activation=Tanh()),
        Dropout(rate=0.4),
        Dense(units=3, activation=Softmax()),
    )
    return tiny(
        **{"data": ThreeClasses(samples=40), "layers": layers, "loss": CrossEntropy()} | fields
    )


def with_batch_norm(**fields):
    layers = (
        Dense(units=6),
        BatchNorm(activation=ReLU()),
        Dense(units=3, activation=Softmax()),
    )
    return tiny(
        **{"data": ThreeClasses(samples=40), "layers": layers, "loss": CrossEntropy()} | fields
    )


VARIED = {
    "sgd": tiny(stop=LONG),
    "adam, penalty, clipping": tiny(
        optimizer=Adam(), training=Training(batch_size=8, l2=0.01, clip_norm=0.1), stop=LONG
    ),
    "dropout": with_dropout(stop=LONG),
    "batch norm": with_batch_norm(stop=LONG),
    "schedule": regression(schedule=Cosine(), stop=LONG),
}
"""One of each kind of thing that a run has to remember from one step to the next."""

CONVOLUTIONS = (
    Conv2d(channels=3, kernel=3, activation=ReLU()),
    MaxPool2d(),
    Residual(
        layers=(Conv2d(channels=3, kernel=3, padding=1, bias=False), BatchNorm()),
        activation=ReLU(),
    ),
    AvgPool2d(),
    Flatten(),
    Dropout(rate=0.2),
    Dense(units=10, activation=Softmax()),
)


def digits(**fields):
    """200 images of 10 by 10 through every kind of layer."""
    return tiny(
        **{
            "data": Mnist(size=10, samples=200, test_samples=50),
            "layers": CONVOLUTIONS,
            "loss": CrossEntropy(),
            "training": Training(batch_size=50),
        }
        | fields
    )


def small_digits(**fields):
    """The same through one dense layer."""
    layers = (Flatten(), Dense(units=10, activation=Softmax()))
    return digits(**{"layers": layers} | fields)


def wide_identity(units):
    return Dense(units=units, activation=Identity())


def trainer_of(spec, data=None):
    data = data or spec.data.load(spec.seed)
    return Trainer(spec, check(spec, data.shape), data, torch.device("cpu"))


def take(trainer, steps):
    """Takes so many steps; returns their losses."""
    end = trainer.step + steps
    losses = []
    while trainer.step < end:
        trainer.run(end - trainer.step, FOREVER, lambda: False)
        losses.extend(trainer.flush().losses.tolist())
    return losses


def tensors_of(trainer):
    """Everything that training moves, parameters and buffers."""
    return [tensor.detach().clone() for tensor in trainer.network.state_dict().values()]


def same(ours, theirs):
    """Whether two rows of tensors are equal bit for bit (NaN equal to NaN)."""
    return len(ours) == len(theirs) and all(
        a.dtype == b.dtype and torch.equal(a.nan_to_num(1e30), b.nan_to_num(1e30))
        for a, b in zip(ours, theirs, strict=True)
    )


def session_of(spec, live=False):
    """A loaded session and the list of its events."""
    events = []
    session = Session(spec, events.append, live=live)
    session.load()
    return session, events


def settle(session):
    """Lets a session work until it needs another command."""
    while session.busy:
        session.advance(60)


def do(session, *commands):
    """Carries commands out, each to its end."""
    for command in commands:
        session.apply(command)
        settle(session)


def with_nan_row(data: Dataset, index: int) -> Dataset:
    """The same data, one training sample damaged."""
    inputs = data.train_inputs.clone()
    inputs[index] = math.nan
    return Dataset(
        data.shape,
        inputs,
        data.train_labels,
        data.test_inputs,
        data.test_labels,
        data.class_names,
        data.feature_names,
        data.target_names,
    )
