"""Made illnesses: experiments that are known to ail, and what of; each for any seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.catalog.activations import Identity, ReLU, Sigmoid, Softmax, Tanh
from core.catalog.initializers import Constant, Normal, Zeros
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE
from core.catalog.optimizers import SGD, Adam, GradientDescent
from core.data.logic import XorGate
from core.data.table import CsvTable
from core.data.toy import Circles, Gaussians, Moons, Sine, Spiral, ThreeClasses
from core.experiment.layers import Dense
from core.experiment.spec import ExperimentSpec, Stop, Training


@dataclass(frozen=True)
class Made:
    """One illness as made.

    Attributes:
        kind: What is to be found.
        parts: Of the experiment, beside the usual.
        steps: After how many it is looked for.
    """

    name: str
    kind: str
    parts: dict
    steps: int = 500

    def spec(self, seed: int) -> ExperimentSpec:
        usual = {
            "name": self.name,
            "data": Moons(),
            "layers": network(8, Tanh()),
            "loss": BinaryCrossEntropy(),
            "optimizer": SGD(learning_rate=0.1),
            "stop": Stop(epochs=None, steps=self.steps),
            "device": "cpu",
        }
        return ExperimentSpec(**usual | self.parts | {"seed": seed})


def network(units, activation, *, depth=1, start=None, output=None, outputs=1):
    """``depth`` hidden layers, and a sigmoid."""
    fields = {"units": units, "activation": activation}
    if start is not None:
        fields["weight_init"] = start
    head = {"units": outputs, "activation": output or Sigmoid()}
    if start is not None:
        head["weight_init"] = start
    return (*[Dense(**fields)] * depth, Dense(**head))


def dead_bias(value=-10.0):
    return (
        Dense(units=16, activation=ReLU(), bias_init=Constant(value=value)),
        Dense(units=1, activation=Sigmoid()),
    )


def rare_class(folder, name="rare.csv", share=0.04, samples=600):
    """A table whose classes overlap, and one of them is rare."""
    rng = np.random.default_rng(7)
    lines = ["x1,x2,kind"]
    for index in range(samples):
        rare = index < share * samples
        x = rng.normal(0.8 if rare else 0.0, 1.0, 2)
        lines.append(f"{x[0]:.4f},{x[1]:.4f},{'b' if rare else 'a'}")
    path = folder / name
    path.write_text("\n".join(lines))
    return CsvTable(path=str(path), target="kind")


def noisy():
    """Few and noisy points, a large network: learned by heart."""
    layers = network(64, Tanh(), depth=2)
    return {
        "data": Moons(samples=60, noise=0.5),
        "layers": layers,
        "optimizer": Adam(learning_rate=0.01),
        "training": Training(batch_size=16),
    }


HALF = {"loss": HalfMSE(), "data": XorGate()}
DIGITS = {"data": ThreeClasses(), "loss": CrossEntropy()}


def three(activation, **fields):
    return network(16, activation, output=Softmax(), outputs=3, **fields)


MADE = (
    Made("zero weights", "alike_units", {"layers": network(8, Tanh(), start=Zeros())}),
    Made("constant weights", "alike_units", {"layers": network(8, Tanh(), start=Constant())}),
    Made("zero, deep, ReLU", "alike_units",
         {"layers": network(8, ReLU(), depth=3, start=Zeros())}),
    Made("constant, three classes", "alike_units",
         DIGITS | {"layers": three(Tanh(), start=Constant(value=0.3))}),
    Made("dead by biases", "dead_units", {"layers": dead_bias()}),
    Made("dead by a far too high rate", "dead_units",
         {"layers": network(16, ReLU(), depth=2), "optimizer": SGD(learning_rate=100.0)}),
    Made("dead, three classes", "dead_units",
         DIGITS | {"layers": (Dense(units=16, activation=ReLU(), bias_init=Constant(value=-20.0)),
                              Dense(units=3, activation=Softmax()))}),
    Made("saturated sigmoids", "saturated",
         {"layers": network(8, Sigmoid(), depth=3, start=Normal(std=30.0)),
          "optimizer": SGD(learning_rate=0.001)}),
    Made("saturated tanhs", "saturated",
         {"layers": network(16, Tanh(), depth=3, start=Normal(std=20.0)),
          "optimizer": SGD(learning_rate=0.001)}),
    Made("saturated output", "saturated",
         HALF | {"layers": (Dense(units=4, activation=Tanh()),
                            Dense(units=1, activation=Sigmoid(), bias_init=Constant(value=12.0))),
                 "optimizer": GradientDescent(learning_rate=0.5)}),
    Made("ten sigmoids", "vanishing", {"layers": network(8, Sigmoid(), depth=9)}),
    Made("six sigmoids, three classes", "vanishing",
         DIGITS | {"layers": three(Sigmoid(), depth=6)}),
    Made("tiny weights", "vanishing",
         {"layers": network(16, ReLU(), depth=4, start=Normal(std=0.02))}),
    Made("huge weights", "exploding",
         {"layers": network(64, ReLU(), depth=5, start=Normal(std=1.0)),
          "optimizer": SGD(learning_rate=1e-7)}, steps=50),
    Made("huge weights, identity", "exploding",
         {"layers": network(32, Identity(), depth=6, start=Normal(std=1.0)),
          "optimizer": SGD(learning_rate=1e-8)}, steps=50),
    Made("rate far too high, regression", "rate_too_high",
         {"data": Sine(), "loss": MSE(), "layers": network(16, Tanh(), output=Identity()),
          "optimizer": SGD(learning_rate=5.0)}),
    Made("rate too high, three classes", "rate_too_high",
         DIGITS | {"layers": three(Tanh()), "optimizer": SGD(learning_rate=100.0)}),
    Made("dead by Adam's high rate", "dead_units",
         {"data": Circles(), "layers": network(16, ReLU(), depth=3),
          "optimizer": Adam(learning_rate=3.0)}),
    Made("rate swings, GD", "rate_too_high",
         HALF | {"layers": network(8, Tanh()), "optimizer": GradientDescent(learning_rate=60.0)},
         steps=200),
    Made("rate too high, GD", "rate_too_high",
         {"data": Sine(), "loss": MSE(), "layers": network(16, Tanh(), output=Identity()),
          "optimizer": GradientDescent(learning_rate=2.0)}),
    Made("rate too low", "rate_too_low", {"optimizer": SGD(learning_rate=1e-5)}),
    Made("rate too low, Adam", "rate_too_low",
         DIGITS | {"layers": three(ReLU()), "optimizer": Adam(learning_rate=1e-6)}),
    Made("rate too low, GD, regression", "rate_too_low",
         {"data": Sine(), "loss": MSE(), "layers": network(16, Tanh(), output=Identity()),
          "optimizer": GradientDescent(learning_rate=1e-6)}),
    Made("XOR, SGD, batch 1", "nothing_learned",
         HALF | {"layers": network(2, Sigmoid()), "optimizer": SGD(learning_rate=0.1),
                 "training": Training(batch_size=1)}, steps=2000),
    Made("XOR, no hidden layer, SGD, batch 1", "collapsed",
         HALF | {"layers": (Dense(units=1, activation=Sigmoid()),),
                 "optimizer": SGD(learning_rate=0.1), "training": Training(batch_size=1)},
         steps=6000),
    Made("a penalty that leaves nothing", "collapsed", {"training": Training(l2=3.0)}),
    Made("XOR without a hidden layer", "nothing_learned",
         {"data": XorGate(), "layers": (Dense(units=1, activation=Sigmoid()),),
          "optimizer": SGD(learning_rate=0.01), "training": Training(batch_size=4)}, steps=2500),
    Made("circles, a line", "nothing_learned",
         {"data": Circles(), "layers": (Dense(units=1, activation=Sigmoid()),),
          "optimizer": Adam(learning_rate=0.01)}, steps=2500),
    Made("three classes, binary loss", "unsuited_loss",
         {"data": ThreeClasses(), "layers": network(8, Tanh(), outputs=3)}, steps=20),
    Made("three classes, MSE", "unsuited_loss",
         {"data": ThreeClasses(), "loss": MSE(), "layers": network(8, Tanh(), outputs=3)},
         steps=20),
    Made("sine by a sigmoid", "unreachable_targets",
         {"data": Sine(), "loss": MSE(), "layers": network(16, Tanh())}, steps=20),
    Made("sine by a ReLU", "unreachable_targets",
         {"data": Sine(), "loss": MSE(), "layers": network(16, Tanh(), output=ReLU())}, steps=20),
    Made("60 noisy points", "overfitting", noisy(), steps=2000),
    Made("two clouds, learned by heart", "overfitting",
         {"data": Gaussians(samples=60, noise=0.9), "layers": network(64, ReLU(), depth=2),
          "optimizer": Adam(learning_rate=0.01), "training": Training(batch_size=16)}, steps=2000),
)  # fmt: skip

HEALTHY = (
    Made("moons", "", {}, steps=2000),
    Made("circles, ReLU", "", {"data": Circles(), "layers": network(16, ReLU(), depth=2)}, 2000),
    Made("spiral, Adam", "",
         {"data": Spiral(), "layers": network(16, Tanh(), depth=2),
          "optimizer": Adam(learning_rate=0.01)}, 2000),
    Made("sine, SGD", "",
         {"data": Sine(), "loss": MSE(), "layers": network(16, Tanh(), depth=2, output=Identity())},
         2000),
    Made("three classes", "", DIGITS | {"layers": three(ReLU())}, 1000),
    Made("XOR by hand", "",
         HALF | {"layers": network(8, Tanh()), "optimizer": GradientDescent(learning_rate=1.0)},
         3000),
    Made("XOR, batch 1, Adam", "",
         HALF | {"layers": network(8, Tanh()), "optimizer": Adam(learning_rate=0.01),
                 "training": Training(batch_size=1)}, 3000),
    Made("logistic, one sample a step", "",
         {"data": Gaussians(), "layers": (Dense(units=1, activation=Sigmoid()),),
          "optimizer": SGD(learning_rate=0.05), "training": Training(batch_size=1)}, 2000),
    Made("one class in ten", "",
         {"data": Gaussians(samples=400, noise=0.2), "optimizer": Adam(learning_rate=0.01)}, 1000),
)  # fmt: skip
