"""The broken-step lab: experiments with a fault in them, one a fault, small enough to step through.

They are no presets: nobody begins with one unawares.
"""

from __future__ import annotations

from core.catalog.activations import Identity, ReLU, Sigmoid, Softmax, Tanh
from core.catalog.losses import MSE, CrossEntropy, HalfMSE
from core.catalog.optimizers import SGD, AdamW, GradientDescent
from core.data.logic import XorGate
from core.data.mnist import Mnist
from core.data.toy import ThreeClasses
from core.data.worked import WorkedExample
from core.experiment.faults.fault import Fault
from core.experiment.faults.of_gradients import (
    GradientsKept,
    SlopeForgotten,
    SoftmaxTwice,
    SummedForMean,
)
from core.experiment.faults.of_start import (
    LabelsShifted,
    PixelsUnscaled,
    UnitsBornDead,
    WeightsAlike,
)
from core.experiment.faults.of_updates import (
    DecayInGradient,
    LayersForgotten,
    RateInThousandths,
    StepUphill,
)
from core.experiment.faults.registry import FAULTS
from core.experiment.layers import Dense, Flatten
from core.experiment.spec import ExperimentSpec, Stop, Training

_POINT = WorkedExample(inputs=((1.0, 2.0),), targets=((1.0, 0.0),))
_WORKED = ExperimentSpec(
    name="Find the fault",
    data=_POINT,
    layers=(Dense(units=3, activation=Tanh()), Dense(units=2, activation=Identity())),
    loss=MSE(),
    optimizer=GradientDescent(learning_rate=0.1),
    stop=Stop(epochs=200),
    seed=1,
    device="cpu",
)
_XOR = _WORKED.model_copy(
    update={
        "data": XorGate(),
        "layers": (Dense(units=3, activation=Tanh()), Dense(units=1, activation=Sigmoid())),
        "loss": HalfMSE(),
        "optimizer": GradientDescent(learning_rate=2.0),
    }
)
_CLASSES = _WORKED.model_copy(
    update={
        "data": ThreeClasses(samples=60),
        "layers": (Dense(units=4, activation=Tanh()), Dense(units=3, activation=Softmax())),
        "loss": CrossEntropy(),
        "optimizer": SGD(learning_rate=0.1),
        "training": Training(batch_size=4),
    }
)
_RECTIFIED = (Dense(units=3, activation=ReLU()), Dense(units=1, activation=Sigmoid()))
_DIGITS = _CLASSES.model_copy(
    update={
        "data": Mnist(size=10, samples=2000, test_samples=500),
        "layers": (
            Flatten(),
            Dense(units=8, activation=Tanh()),
            Dense(units=10, activation=Softmax()),
        ),
    }
)


def _broken(sound: ExperimentSpec, fault: Fault, **changes: object) -> ExperimentSpec:
    number = FAULTS.index(type(fault)) + 1
    name = f"{sound.name} {number}: {sound.data.label}"
    fields = dict(sound) | changes | {"fault": fault, "name": name}
    return ExperimentSpec.model_validate(fields)


CASES: tuple[ExperimentSpec, ...] = (
    _broken(_WORKED, StepUphill()),
    _broken(_WORKED, SlopeForgotten()),
    _broken(_WORKED, GradientsKept()),
    _broken(_CLASSES, SummedForMean()),
    _broken(_WORKED, LayersForgotten()),
    _broken(_WORKED, RateInThousandths(), optimizer=GradientDescent(learning_rate=0.01)),
    _broken(_XOR, LabelsShifted()),
    _broken(_XOR, WeightsAlike()),
    _broken(_CLASSES, SoftmaxTwice()),
    _broken(_XOR, UnitsBornDead(), layers=_RECTIFIED),
    _broken(_WORKED, DecayInGradient(), optimizer=AdamW(learning_rate=0.1, weight_decay=1.0)),
    _broken(_DIGITS, PixelsUnscaled()),
)
"""One a fault, in the order of the registry."""


def case_after(kind: str) -> ExperimentSpec:
    """The next to try after one of a kind; the first after the last, or after none."""
    kinds = [fault.model_fields["kind"].default for fault in FAULTS]
    return CASES[(kinds.index(kind) + 1) % len(CASES) if kind in kinds else 0]


OFFERED = 5
"""Among how many faults a person chooses."""


def plausible(spec: ExperimentSpec) -> tuple[type[Fault], ...]:
    """The fault of a broken experiment among others that it could have, by their names.

    Those next to it in the registry come first; it is always the same choice. None for a sound
    experiment.
    """
    if spec.fault is None:
        return ()
    here = FAULTS.index(type(spec.fault))
    parts = spec.data, spec.layers, spec.loss, spec.optimizer
    fitting = [one for one in FAULTS if one.fits(*parts)]
    near = sorted(fitting, key=lambda one: abs(FAULTS.index(one) - here))
    return tuple(sorted(near[:OFFERED], key=lambda one: one.label))
