"""What an illness is: evidence in, a finding out; each is one class, and the registry is these."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from core.catalog.activations import Activation, Tanh
from core.catalog.initializers import GlorotUniform, HeNormal, Initializer
from core.diagnosis.evidence import Evidence
from core.experiment.layers import Conv2d, Dense, Layer, Path, Residual
from core.experiment.spec import ExperimentSpec
from core.expression.digits import digits
from core.messages.commands import Edit
from core.messages.edits import add_layer, draw_again, set_layers, set_optimizer
from core.messages.findings import Finding, Offer
from core.messages.record import path_of
from core.sentence import Sentence

RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

RECTIFIERS = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus")
"""Activations that cut off about half of what comes in, for which He's weights are made."""


class Illness:
    """One thing that may ail a run.

    Attributes:
        kind: What it is called.
        at_once: Whether a single look tells it: it lies in the description, the data or the first
            weights, and does not come and go.
        last: Whether it is only told where nothing else explains the run.
    """

    kind: ClassVar[str]
    at_once: ClassVar[bool] = False
    last: ClassVar[bool] = False

    def examine(self, evidence: Evidence) -> Finding | None:
        """The finding, if the evidence suffices for one; a pure function."""
        raise NotImplementedError


def number(value: float) -> str:
    """Four significant digits, as formulas have them."""
    sign = "−" if value < 0 else ""
    mantissa, exponent = digits(abs(value))
    return sign + mantissa + (f"·10{exponent.translate(RAISED)}" if exponent else "")


def offer(change: Sentence, *edits: Edit) -> Offer:
    """One change to try."""
    return Offer(change, edits)


def mapped(
    row: tuple[Layer, ...], change: Callable[[Path, Layer], Layer], path: Path = ()
) -> tuple[Layer, ...]:
    """Every layer of a row changed, those inside residual groups too."""
    changed = []
    for index, layer in enumerate(row):
        here = (*path, index)
        whole = layer
        if isinstance(layer, Residual):
            inner = mapped(layer.layers, change, here)
            whole = Residual.model_validate(dict(layer) | {"layers": inner})
        changed.append(change(here, whole))
    return tuple(changed)


def with_activation(
    spec: ExperimentSpec, paths: tuple[Path, ...], activation: Activation
) -> tuple[Layer, ...]:
    """The layers, those at the paths with another activation."""

    def change(path: Path, layer: Layer) -> Layer:
        if path not in paths:
            return layer
        return type(layer).model_validate(dict(layer) | {"activation": activation})

    return mapped(spec.layers, change)


def usual_start(spec: ExperimentSpec) -> tuple[Edit, ...]:
    """Edits that let all weights begin as suits the layers' activations."""

    def change(_path: Path, layer: Layer) -> Layer:
        if not isinstance(layer, Dense | Conv2d):
            return layer
        rectifies = layer.activation.kind in RECTIFIERS
        start: Initializer = HeNormal() if rectifies else GlorotUniform()
        return type(layer).model_validate(dict(layer) | {"weight_init": start})

    edits = [set_layers(mapped(spec.layers, change), "Let the weights start as usual")]
    paths = sorted({_path_of(name) for name in spec.by_hand.start})
    return (*(draw_again(path) for path in paths), *edits)


def starts_as_usual(spec: ExperimentSpec) -> bool:
    """Whether the weights begin so already."""
    edit = usual_start(spec)[-1]
    return edit.apply(spec).layers == spec.layers and not spec.by_hand.start


def at_rate(spec: ExperimentSpec, rate: float) -> Offer:
    """Another learning rate."""
    change = Sentence(
        "Learning rate {rate} instead of {before}",
        rate=number(rate),
        before=number(spec.optimizer.learning_rate),
    )
    changed = type(spec.optimizer).model_validate(dict(spec.optimizer) | {"learning_rate": rate})
    return offer(change, set_optimizer(changed))


def lacks_hidden_layer(evidence: Evidence) -> bool:
    """Whether the outputs are made of the inputs at once, and a layer between would fit."""
    flat = len(evidence.data.shape.input_shape) == 1
    return flat and not any(layer.is_hidden for layer in evidence.layers)


def hidden_layer() -> Offer:
    """One more layer, which can bend what a single one keeps straight."""
    layer = Dense(units=8, activation=Tanh())
    return offer(Sentence("A hidden layer of 8 tanh units"), add_layer((0,), layer))


def standing(evidence: Evidence) -> Sentence:
    """The loss beside what guessing costs."""
    return Sentence(
        "The loss is {loss}; the same answer for every sample would cost {guess}.",
        loss=number(evidence.recent),
        guess=number(evidence.data.guess),
    )


def _path_of(parameter: str) -> Path:
    return path_of(parameter.rpartition(".")[0])
