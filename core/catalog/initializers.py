"""Where weights and biases stand before the first step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from core.catalog.base import Choice, union_of
from core.expression.functions import sqrt
from core.expression.tree import Aside, Expr, Function, Symbol

W, BOUND, MU, SIGMA, GAMMA = (Symbol(letter) for letter in "wbμσγ")
IN, OUT = Symbol("n", "in"), Symbol("n", "out")
NORMAL, EVEN = Function("𝒩"), Function("𝒰")


def drawn_from(distribution: Expr) -> Expr:
    """A weight is drawn at random."""
    return W.is_(distribution, sign="∼")


def even(bound: Expr) -> Expr:
    """From all that lies within a bound."""
    return Aside(parts=(drawn_from(EVEN(-BOUND, BOUND)), BOUND.is_(bound)))


def bell(width: Expr) -> Expr:
    """From a bell curve around zero."""
    return Aside(parts=(drawn_from(NORMAL(0, SIGMA**2)), SIGMA.is_(width)))


if TYPE_CHECKING:
    from torch import Generator, Tensor


class Initializer(Choice):
    """A way to fill a new tensor.

    Attributes:
        for_bias: It can fill a bias too. The ones that look at the fan need a matrix.
    """

    for_bias: ClassVar[bool] = True

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        """Overwrite a parameter in place, outside autograd.

        Args:
            tensor: A weight ``(out, in, ...)``, or a bias ``(out,)`` where ``for_bias`` allows.
            fan_in: How many inputs one unit of the layer has; a bias cannot know it by itself.
            generator: The source of randomness, on the tensor's device; the same state gives the
                same numbers.

        Raises:
            ValueError: A bias, where ``for_bias`` is False.
        """
        raise NotImplementedError


class Zeros(Initializer):
    """The usual start for biases, and for weights the classic mistake."""

    kind: Literal["zeros"] = "zeros"
    label: ClassVar[str] = "Zeros"
    description: ClassVar[str] = (
        "Everything starts at 0; good for biases, but weights that start equal stay equal."
    )
    formula: ClassVar[Expr] = W.is_(0)

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        init.zeros_(tensor)


class Constant(Initializer):
    """One value for all, to start from a point that one can check by hand."""

    kind: Literal["constant"] = "constant"
    label: ClassVar[str] = "Constant"
    description: ClassVar[str] = (
        "Everything starts at the same value, so the units of a layer all learn the same."
    )
    formula: ClassVar[Expr] = W.is_(Symbol("c"))

    value: float = Field(
        0.5, ge=-100, le=100, title="Value c", description="The value of every weight."
    )

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        init.constant_(tensor, self.value)


class Normal(Initializer):
    """Gaussian noise of a width that one sets oneself, to see too little and too much."""

    kind: Literal["normal"] = "normal"
    label: ClassVar[str] = "Normal"
    description: ClassVar[str] = (
        "Random values from a bell curve of the given mean and width, whatever the layer's size."
    )
    formula: ClassVar[Expr] = drawn_from(NORMAL(MU, SIGMA**2))

    mean: float = Field(
        0.0, ge=-100, le=100, title="Mean μ", description="The centre of the bell curve."
    )
    std: float = Field(
        0.1,
        ge=0,
        le=100,
        title="Standard deviation σ",
        description="The width of the bell curve; about two thirds lie within ±σ of the mean.",
    )

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        init.normal_(tensor, self.mean, self.std, generator)


class Uniform(Initializer):
    """Even noise between two bounds that one sets oneself."""

    kind: Literal["uniform"] = "uniform"
    label: ClassVar[str] = "Uniform"
    description: ClassVar[str] = (
        "Random values, all equally likely between two bounds, whatever the layer's size."
    )
    formula: ClassVar[Expr] = drawn_from(EVEN(Symbol("l"), Symbol("h")))

    low: float = Field(
        -0.5, ge=-100, le=100, title="Low l", description="No value is smaller than this."
    )
    high: float = Field(
        0.5, ge=-100, le=100, title="High h", description="No value is larger than this."
    )

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError("low must be smaller than high")
        return self

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        init.uniform_(tensor, self.low, self.high, generator)


class GlorotUniform(Initializer):
    """Signals of even strength both ways (Glorot and Bengio 2010, equation 16)."""

    kind: Literal["glorot_uniform"] = "glorot_uniform"
    label: ClassVar[str] = "Glorot uniform"
    description: ClassVar[str] = (
        "Even noise, narrower the more inputs and outputs a layer has; made for sigmoid and tanh."
    )
    formula: ClassVar[Expr] = even(GAMMA * sqrt(6 / (IN + OUT)))
    for_bias: ClassVar[bool] = False

    gain: float = Field(
        1.0,
        gt=0,
        le=100,
        title="Gain γ",
        description="Widens the noise; 5/3 is usual before tanh, 1 elsewhere.",
    )

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        init.xavier_uniform_(tensor, self.gain, generator)


class GlorotNormal(Initializer):
    """The bell-shaped form of Glorot's rule (Glorot and Bengio 2010, equation 12)."""

    kind: Literal["glorot_normal"] = "glorot_normal"
    label: ClassVar[str] = "Glorot normal"
    description: ClassVar[str] = (
        "A bell curve, narrower the more inputs and outputs a layer has; made for sigmoid and tanh."
    )
    formula: ClassVar[Expr] = bell(GAMMA * sqrt(2 / (IN + OUT)))
    for_bias: ClassVar[bool] = False

    gain: float = Field(
        1.0,
        gt=0,
        le=100,
        title="Gain γ",
        description="Widens the bell curve; 5/3 is usual before tanh, 1 elsewhere.",
    )

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        init.xavier_normal_(tensor, self.gain, generator)


class HeUniform(Initializer):
    """Makes up for the half that ReLU stops (He et al. 2015, arXiv:1502.01852), even noise."""

    kind: Literal["he_uniform"] = "he_uniform"
    label: ClassVar[str] = "He uniform"
    description: ClassVar[str] = "Even noise, narrower the more inputs a unit has; made for ReLU."
    formula: ClassVar[Expr] = even(sqrt(6 / IN))
    for_bias: ClassVar[bool] = False

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        init.kaiming_uniform_(tensor, nonlinearity="relu", generator=generator)


class HeNormal(Initializer):
    """Makes up for the half that ReLU stops (He et al. 2015, arXiv:1502.01852, equation 10)."""

    kind: Literal["he_normal"] = "he_normal"
    label: ClassVar[str] = "He normal"
    description: ClassVar[str] = "A bell curve, narrower the more inputs a unit has; made for ReLU."
    formula: ClassVar[Expr] = bell(sqrt(2 / IN))
    for_bias: ClassVar[bool] = False

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        init.kaiming_normal_(tensor, nonlinearity="relu", generator=generator)


class PyTorchDefault(Initializer):
    """What ``nn.Linear`` and ``nn.Conv2d`` do by themselves, so that a script gives the same.

    For weights it is Kaiming uniform with a = √5, which comes to the same bound as for biases:
    1/√n_in.
    """

    kind: Literal["pytorch"] = "pytorch"
    label: ClassVar[str] = "PyTorch's default"
    description: ClassVar[str] = (
        "Even noise, narrower the more inputs a unit has: what PyTorch does if one says nothing."
    )
    formula: ClassVar[Expr] = even(1 / sqrt(IN))

    def fill(self, tensor: Tensor, fan_in: int, generator: Generator) -> None:
        from torch.nn import init

        if tensor.dim() >= 2:
            init.kaiming_uniform_(tensor, a=math.sqrt(5), generator=generator)
        else:
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(tensor, -bound, bound, generator)


if TYPE_CHECKING:
    InitializerChoice = Initializer
else:
    InitializerChoice = union_of(Initializer)
