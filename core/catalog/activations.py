"""The functions that a layer can bend its weighted sums with."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from core.catalog.base import Choice, union_of
from core.expression import calculus, tree
from core.expression.functions import (
    exp,
    maximum,
    normal,
    sigmoid,
    softmax,
    softplus,
    tanh,
    where,
)
from core.expression.tree import ONE, ZERO, Aside, Derivative, Expr, Setting, Symbol, replaced

Z, A = Symbol("z"), Symbol("a")
BETA = Setting(Symbol("β"), "beta")

if TYPE_CHECKING:
    from torch import nn


class Activation(Choice):
    """A function from weighted sums ``z`` to activations ``a`` of the same shape.

    Its rule is all that an entry needs; value, slope, every form of a formula and the PyTorch
    module follow from it.

    Attributes:
        stated: The rule, in Z and the entry's settings.
        stated_slope: da/dz in Z and A, where that is shorter than what follows from the rule. At a
            kink it takes the value that PyTorch takes there.
        output_only: It makes sense in the last layer only.
        commutes_with_max: Pooling before it gives the same values and the same gradients as
            pooling after it, bit for bit, so that it may run on the smaller tensor.
        kinks: Values of ``z`` at which the derivative may jump, and where a finite difference
            therefore tells nothing.
    """

    output_only: ClassVar[bool] = False
    commutes_with_max: ClassVar[bool] = False
    kinks: ClassVar[tuple[float, ...]] = ()

    stated: ClassVar[Expr]
    stated_slope: ClassVar[Expr | None] = None

    def rule(self, z: Expr) -> Expr:
        """The activation of one number."""
        return replaced(self.with_values(self.stated), {Z: z})

    def slope(self, z: Expr, a: Expr) -> Expr:
        """da/dz."""
        slope = self.stated_slope or calculus.derivative(self.stated, Z)
        return replaced(self.with_values(slope), {Z: z, A: a})

    def module(self) -> nn.Module:
        """The PyTorch module that computes it, without parameters."""
        from core.catalog.as_written import Activated

        return Activated(self.rule(Z), Z)

    @property
    def formula(self) -> Expr:
        """The rule, and what the functions in it stand for."""
        rule = self.rule(Z)
        whole = calculus.spelt(rule, wholly=True)
        return A.is_(rule) if whole == rule else A.is_(rule, whole)

    @property
    def derivative(self) -> Expr:
        """The slope likewise."""
        slope, left = self.slope(Z, A), Derivative("d", parts=(A, Z))
        whole = calculus.opened(slope)
        return left.is_(slope) if whole == slope else left.is_(slope, whole)


class Identity(Activation):
    """No bend at all: for regression outputs, and to see why a network needs bends."""

    kind: Literal["identity"] = "identity"
    label: ClassVar[str] = "Identity"
    amid: ClassVar[str] = "identity"
    description: ClassVar[str] = (
        "Passes the sum on unchanged; layers of it alone make no more than one linear layer."
    )
    stated: ClassVar[Expr] = Z

    def module(self) -> nn.Module:
        from torch import nn

        return nn.Identity()


class Sigmoid(Activation):
    """The logistic function, with which the textbooks begin."""

    kind: Literal["sigmoid"] = "sigmoid"
    label: ClassVar[str] = "Sigmoid"
    amid: ClassVar[str] = "sigmoid"
    description: ClassVar[str] = (
        "Squeezes any sum into 0 to 1; far from zero it is flat, and learning there is slow."
    )
    stated: ClassVar[Expr] = sigmoid(Z)
    stated_slope: ClassVar[Expr | None] = A * (1 - A)

    def module(self) -> nn.Module:
        from torch import nn

        return nn.Sigmoid()


class Tanh(Activation):
    """The sigmoid's zero-centred sister (LeCun et al. 1998, "Efficient BackProp", section 4.4)."""

    kind: Literal["tanh"] = "tanh"
    label: ClassVar[str] = "Tanh"
    amid: ClassVar[str] = "tanh"
    description: ClassVar[str] = (
        "Squeezes any sum into −1 to 1, centred on zero, with a steeper slope than the sigmoid."
    )
    stated: ClassVar[Expr] = tanh(Z)
    stated_slope: ClassVar[Expr | None] = 1 - A**2

    def module(self) -> nn.Module:
        from torch import nn

        return nn.Tanh()


class ReLU(Activation):
    """The rectifier (Glorot, Bordes and Bengio 2011), the usual choice in hidden layers."""

    kind: Literal["relu"] = "relu"
    label: ClassVar[str] = "ReLU"
    description: ClassVar[str] = (
        "Passes positive sums on and stops negative ones, whose gradient is then exactly zero."
    )
    stated: ClassVar[Expr] = maximum(0, Z)
    stated_slope: ClassVar[Expr | None] = where(Z > 0, 1, 0)
    commutes_with_max: ClassVar[bool] = True
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def module(self) -> nn.Module:
        from torch import nn

        return nn.ReLU()


class LeakyReLU(Activation):
    """A rectifier whose units cannot die (Maas, Hannun and Ng 2013)."""

    kind: Literal["leaky_relu"] = "leaky_relu"
    label: ClassVar[str] = "Leaky ReLU"
    amid: ClassVar[str] = "leaky ReLU"
    description: ClassVar[str] = (
        "Like ReLU, but lets a little of a negative sum through, so that its gradient never dies."
    )
    stated: ClassVar[Expr] = where(Z > 0, Z, Setting(Symbol("α"), "negative_slope") * Z)
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    negative_slope: float = Field(
        0.01,
        ge=0,
        le=1,
        title="Negative slope α",
        description="The slope for negative sums: 0 makes it ReLU, 1 makes it the identity.",
    )

    def module(self) -> nn.Module:
        from torch import nn

        return nn.LeakyReLU(self.negative_slope)


class ELU(Activation):
    """A rectifier with mean activations nearer zero (Clevert et al. 2015, arXiv:1511.07289)."""

    kind: Literal["elu"] = "elu"
    label: ClassVar[str] = "ELU"
    description: ClassVar[str] = (
        "Like ReLU for positive sums; negative ones bend smoothly towards a floor at −α."
    )
    stated: ClassVar[Expr] = where(Z > 0, Z, Setting(Symbol("α"), "alpha") * (exp(Z) - 1))
    # Smooth at zero where α is 1 only; an entry cannot know its field.
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    alpha: float = Field(
        1.0,
        gt=0,
        le=10,
        title="α",
        description="How far below zero the activation can fall; at 1 the curve has no kink.",
    )

    def module(self) -> nn.Module:
        from torch import nn

        return nn.ELU(self.alpha)


class GELU(Activation):
    """The transformers' choice, in its exact form (Hendrycks and Gimpel, arXiv:1606.08415)."""

    kind: Literal["gelu"] = "gelu"
    label: ClassVar[str] = "GELU"
    description: ClassVar[str] = (
        "Weighs a sum by the share of a normal distribution that lies below it; a smooth ReLU."
    )
    stated: ClassVar[Expr] = Z * normal(Z)

    def module(self) -> nn.Module:
        from torch import nn

        return nn.GELU(approximate="none")


class SiLU(Activation):
    """A sum gated by its own sigmoid, also called swish (Elfwing et al., arXiv:1702.03118)."""

    kind: Literal["silu"] = "silu"
    label: ClassVar[str] = "SiLU"
    description: ClassVar[str] = (
        "Multiplies a sum by its own sigmoid; a smooth ReLU that dips a little below zero."
    )
    stated: ClassVar[Expr] = Z * sigmoid(Z)
    stated_slope: ClassVar[Expr | None] = sigmoid(Z) * (1 + Z * (1 - sigmoid(Z)))

    def module(self) -> nn.Module:
        from torch import nn

        return nn.SiLU()


class Softplus(Activation):
    """The smooth curve of which ReLU is the limit (Dugas et al. 2001).

    PyTorch takes ``a = z`` where ``βz > 20``: the difference, below 2.1e-9 / β, is far less than
    float32 can hold beside such an ``a``.
    """

    kind: Literal["softplus"] = "softplus"
    label: ClassVar[str] = "Softplus"
    amid: ClassVar[str] = "softplus"
    description: ClassVar[str] = (
        "A ReLU with its corner rounded off: always positive, and its slope is a sigmoid."
    )
    stated: ClassVar[Expr] = softplus(BETA * Z) / BETA

    beta: float = Field(
        1.0,
        ge=0.01,
        le=100,
        json_schema_extra={"log": True},
        title="β",
        description="How sharp the corner is; the larger, the nearer to ReLU.",
    )

    def module(self) -> nn.Module:
        from torch import nn

        return nn.Softplus(self.beta)


class Softmax(Activation):
    """Scores made into probabilities, over dim 1, the classes (Bridle 1990)."""

    kind: Literal["softmax"] = "softmax"
    label: ClassVar[str] = "Softmax"
    amid: ClassVar[str] = "softmax"
    description: ClassVar[str] = (
        "Turns the outputs into probabilities that add up to 1; raising one lowers the others."
    )
    output_only: ClassVar[bool] = True

    @property
    def formula(self) -> Expr:
        row = tree.OutputRow(Symbol("z", "y"), parts=(Symbol("z", "k"),))
        return Symbol("a", "j").is_(calculus.spelt(softmax(Symbol("z", "j"), row)))

    @property
    def derivative(self) -> Expr:
        a, delta = Symbol("a", "j"), Symbol("δ", "j,k")
        slope = a * (delta - Symbol("a", "k"))
        left = Derivative(parts=(a, Symbol("z", "k")))
        same = tree.Cases(parts=(Symbol("j").is_(Symbol("k")), ONE, ZERO))
        return Aside(parts=(left.is_(slope), delta.is_(same)))

    def module(self) -> nn.Module:
        from torch import nn

        return nn.Softmax(dim=1)


if TYPE_CHECKING:
    ActivationChoice = Activation
else:
    ActivationChoice = union_of(Activation)
