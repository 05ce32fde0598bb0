"""Random dense networks, small enough to be worked out a second time."""

from core.catalog.activations import (
    ELU,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE
from core.catalog.optimizers import SGD, Adagrad, Adam, AdamW, Momentum, Nesterov, RMSprop
from core.data.toy import Gaussians, ThreeClasses
from core.data.worked import WorkedExample
from core.experiment.layers import Dense
from core.experiment.spec import Training
from tests.core.experiments import tiny

HIDDEN = [ReLU(), Sigmoid(), Tanh(), LeakyReLU(negative_slope=0.2), ELU(), SiLU(), Identity()]
OPTIMIZERS = [
    SGD(learning_rate=0.3),
    Momentum(learning_rate=0.2),
    Nesterov(learning_rate=0.2),
    Adagrad(learning_rate=0.1),
    RMSprop(learning_rate=0.05),
    Adam(learning_rate=0.05),
    AdamW(learning_rate=0.05, weight_decay=0.4),
]


def random_spec(rng):
    """A network of two to three layers, often square; every loss, optimizer, clipping, penalty."""
    training = Training(
        batch_size=int(rng.choice([3, 5])),
        l2=float(rng.choice([0.0, 0.3])),
        clip_norm=[None, 0.2][rng.integers(2)],
    )
    width = int(rng.integers(2, 5))
    kind = rng.integers(3)
    fields = {
        "training": training,
        "optimizer": OPTIMIZERS[rng.integers(len(OPTIMIZERS))],
        "seed": int(rng.integers(1000)),
    }
    widths = [width if rng.random() < 0.7 else int(rng.integers(2, 5)) for _ in range(2)]
    hidden = [Dense(units=u, activation=HIDDEN[rng.integers(len(HIDDEN))]) for u in widths]
    over = {"over_batch": rng.choice(["mean", "sum"])}
    if kind == 0:
        last = Dense(units=3, activation=Softmax())
        loss = [CrossEntropy, HalfMSE][rng.integers(2)](**over)
        return tiny(**fields, data=ThreeClasses(samples=30), layers=(*hidden, last), loss=loss)
    if kind == 1:
        last = Dense(units=1, activation=Sigmoid())
        layers = (*hidden, last)
        return tiny(
            **fields, data=Gaussians(samples=30), layers=layers, loss=BinaryCrossEntropy(**over)
        )
    outputs = int(rng.integers(1, 4))
    loss = [MSE, HalfMSE][rng.integers(2)](**over)
    last = Dense(units=outputs, activation=[Sigmoid(), Tanh(), Identity()][rng.integers(3)])
    data = WorkedExample(
        inputs=tuple(tuple(map(float, row)) for row in rng.normal(0, 1, (6, width)).round(2)),
        targets=tuple(tuple(map(float, row)) for row in rng.integers(0, 2, (6, outputs))),
    )
    return tiny(**fields, data=data, layers=(*hidden, last), loss=loss)
