"""Experiments small enough to follow number by number."""

from __future__ import annotations

from core.catalog.activations import ReLU, Sigmoid, Softmax, Tanh
from core.catalog.initializers import Zeros
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE
from core.catalog.optimizers import Adam, GradientDescent
from core.data.logic import XorGate
from core.data.toy import Gaussians, Sine, Spiral, ThreeClasses
from core.data.worked import WorkedExample
from core.experiment.layers import ActivationLayer, Dense, Layer
from core.experiment.spec import ExperimentSpec, Stop, Training
from core.presets.preset import Preset

_SIXTEEN = Dense(units=16, activation=Tanh())


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
        "XOR gate",
        "Four points: two hidden units learn what no single line can part.",
        "xor",
        _xor("XOR 2-2-1", Dense(units=2, activation=Sigmoid())),
    ),
    Preset(
        "xor-no-hidden",
        "XOR gate, no hidden layer",
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
