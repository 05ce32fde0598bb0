"""Where a newcomer begins: a blank network, and examples that one also works out on paper."""

from __future__ import annotations

from core.catalog.activations import ReLU, Sigmoid, Softmax
from core.catalog.losses import CrossEntropy, HalfMSE
from core.catalog.optimizers import Adam, GradientDescent
from core.data.toy import Gaussians
from core.data.worked import WorkedExample
from core.experiment.by_hand import ByHand
from core.experiment.layers import Dense
from core.experiment.spec import ExperimentSpec, Stop, Training
from core.presets.preset import Preset


def _by_hand(
    name: str, inputs: tuple[float, ...], targets: tuple[float, ...], **parts: object
) -> ExperimentSpec:
    """One sample that one also works out on paper."""
    data = WorkedExample(inputs=(inputs,), targets=(targets,))
    return ExperimentSpec.model_validate({"name": name, "data": data, **parts})


_MAZUR = ByHand.model_validate(
    {
        "start": {
            "0.weight": [[0.15, 0.20], [0.25, 0.30]],
            "0.bias": [0.35, 0.35],
            "1.weight": [[0.40, 0.45], [0.50, 0.55]],
            "1.bias": [0.60, 0.60],
        },
        "frozen": {"0.bias": "all", "1.bias": "all"},
    }
)
"""His weights; he gives both units of a layer one bias, and does not update it."""

FOR_TABLE = ExperimentSpec(
    name="My data",
    data=Gaussians(),
    layers=(Dense(units=8, activation=ReLU()), Dense(units=2, activation=Softmax())),
    loss=CrossEntropy(),
    optimizer=Adam(learning_rate=0.01),
    training=Training(batch_size=32),
    stop=Stop(epochs=200),
)
"""What a table of one's own is first tried on; output and loss are fitted to it."""

BEGIN = (
    Preset(
        "blank",
        "Blank network",
        "Two inputs, two outputs, nothing in between: build a network of your own.",
        "blank",
        _by_hand(
            "Blank network",
            (0.05, 0.1),
            (0.01, 0.99),
            layers=(Dense(units=2),),
            loss=HalfMSE(),
            optimizer=GradientDescent(learning_rate=0.5),
            stop=Stop(epochs=1000),
        ),
    ),
    Preset(
        "worked-2-3-2-relu",
        "A step by hand",
        "One sample through 2-3-2 with ReLU between: the chain rule, number by number.",
        "worked",
        _by_hand(
            "A step by hand 2-3-2",
            (1.0, 2.0),
            (1.0, 0.0),
            layers=(Dense(units=3, activation=ReLU()), Dense(units=2)),
            loss=HalfMSE(),
            optimizer=GradientDescent(learning_rate=0.05),
            stop=Stop(epochs=100),
            seed=1,
        ),
    ),
    Preset(
        "mazur-2-2-2",
        "Mazur's example",
        "The example of Matt Mazur's well-known article, to its last digit.",
        "mazur",
        _by_hand(
            "Mazur's example 2-2-2",
            (0.05, 0.1),
            (0.01, 0.99),
            layers=(Dense(units=2, activation=Sigmoid()), Dense(units=2, activation=Sigmoid())),
            loss=HalfMSE(),
            optimizer=GradientDescent(learning_rate=0.5),
            stop=Stop(epochs=10_000),
            by_hand=_MAZUR,
        ),
    ),
)
"""Where a newcomer begins."""
