"""A rate of its own for every parameter, by the size of its gradients so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from core.catalog.optimizers.base import (
    RATE,
    THETA,
    Epsilon,
    G,
    LearningRate,
    OfTorch,
    ShareKept,
    T,
)
from core.expression.functions import maximum, sqrt
from core.expression.tree import BAR, HAT, Expr, Quantity, Relation, Symbol

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn import Parameter

M, V, R, B = Symbol("m"), Symbol("v"), Symbol("r"), Symbol("b")
MEAN, LARGEST = Symbol("g", mark=BAR), Symbol("v", "max")
M_HAT, V_HAT = Symbol("m", mark=HAT), Symbol("v", mark=HAT)
MU, LAMBDA, EPSILON = Symbol("μ"), Symbol("λ"), Symbol("ε")
BETA1, BETA2 = Symbol("β", "1"), Symbol("β", "2")


class Adagrad(OfTorch):
    """A rate of its own for every parameter (Duchi, Hazan and Singer 2011)."""

    kind: Literal["adagrad"] = "adagrad"
    label: ClassVar[str] = "Adagrad"
    description: ClassVar[str] = (
        "Parameters that have seen large gradients take ever smaller steps."
    )
    states: ClassVar[dict[str, Symbol]] = {"sum": R}

    learning_rate: LearningRate = 0.01
    lr_decay: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Rate decay λ",
        description="How fast the learning rate itself shrinks as steps go by.",
    )
    initial_accumulator_value: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Initial r",
        description="Where the sum of squared gradients begins; it acts when a run starts.",
    )
    eps: Epsilon = 1e-10

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        import torch

        return torch.optim.Adagrad

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        slowed = RATE / (1 + (T - 1) * Quantity(LAMBDA, self.lr_decay))
        step = slowed * (G / (sqrt(R) + Quantity(EPSILON, self.eps)))
        return R.becomes(R + G**2), THETA.becomes(THETA - step)

    def build(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        import torch

        parameters = list(parameters)
        # Unlike the other fused ones, Adagrad's does not run on Apple's GPU.
        fused = all(parameter.device.type in {"cpu", "cuda"} for parameter in parameters)
        return torch.optim.Adagrad(
            parameters,
            **self.hyperparameters(),
            initial_accumulator_value=self.initial_accumulator_value,
            fused=fused,
        )

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate, "lr_decay": self.lr_decay, "eps": self.eps}

    def initial_state(self, name: str, like: Tensor) -> Tensor | None:
        import torch

        return torch.full_like(like, self.initial_accumulator_value)


class RMSprop(OfTorch):
    """Adagrad that forgets (Hinton, Coursera lecture 6e, 2012); centred, Graves 2013, section 2.1.

    Centred, torch takes the root of a difference that rounding can make negative where a gradient
    hardly changes: the parameter is then NaN, in torch as here.
    """

    kind: Literal["rmsprop"] = "rmsprop"
    label: ClassVar[str] = "RMSprop"
    description: ClassVar[str] = (
        "Divides each gradient by its usual recent size, so that all parameters move alike."
    )
    states: ClassVar[dict[str, Symbol]] = {"square_avg": V, "grad_avg": MEAN, "momentum_buffer": B}
    implementation: ClassVar[dict[str, bool]] = {"foreach": True}  # torch has no fused one

    learning_rate: LearningRate = 0.01
    alpha: ShareKept = Field(
        0.99,
        title="Smoothing α",
        description="The share of the mean squared gradient kept from step to step.",
    )
    eps: Epsilon = 1e-8
    momentum: ShareKept = Field(
        0.0,
        title="Momentum μ",
        description="The share of the last step that is taken again; 0 is plain RMSprop.",
    )
    centered: bool = Field(
        False,
        title="Centred",
        description="Divide by the spread of the gradient around its mean, not around zero.",
    )

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        import torch

        return torch.optim.RMSprop

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        alpha, eps = Quantity(Symbol("α"), self.alpha), Quantity(EPSILON, self.eps)
        rows = [V.becomes(alpha * V + (1 - alpha) * G**2)]
        if self.centered:
            rows.append(MEAN.becomes(alpha * MEAN + (1 - alpha) * G))
        step = G / (sqrt(V - MEAN**2 if self.centered else V) + eps)
        if self.momentum:
            step = Quantity(MU, self.momentum) * B + step
        return *rows, B.becomes(step), THETA.becomes(THETA - RATE * B)

    def hyperparameters(self) -> dict[str, Any]:
        return {
            "lr": self.learning_rate,
            "alpha": self.alpha,
            "eps": self.eps,
            "momentum": self.momentum,
            "centered": self.centered,
        }


class _AdaptiveMoments(OfTorch):
    """What Adam and AdamW share: two running means, the bias corrections and AMSGrad.

    AMSGrad (Reddi, Kale and Kumar 2018, arXiv:1904.09237) keeps the largest ``v``; torch corrects
    its bias as that of ``v``.
    """

    states: ClassVar[dict[str, Symbol]] = {
        "exp_avg": M,
        "exp_avg_sq": V,
        "max_exp_avg_sq": LARGEST,
    }

    learning_rate: LearningRate = 0.001
    beta1: ShareKept = Field(
        0.9,
        title="β₁",
        description="The share of the mean gradient m that is kept from step to step.",
    )
    beta2: ShareKept = Field(
        0.999,
        title="β₂",
        description="The share of the mean squared gradient v that is kept from step to step.",
    )
    eps: Epsilon = 1e-8
    amsgrad: bool = Field(
        False,
        title="AMSGrad",
        description="Divide by the largest v so far, so that steps never grow again.",
    )

    def hyperparameters(self) -> dict[str, Any]:
        return {
            "lr": self.learning_rate,
            "betas": (self.beta1, self.beta2),
            "eps": self.eps,
            "amsgrad": self.amsgrad,
        }

    def _moments(self) -> tuple[tuple[Relation, ...], Expr]:
        """The rows that lead to the means, and the step that they make."""
        beta1, beta2 = Quantity(BETA1, self.beta1), Quantity(BETA2, self.beta2)
        rows = [
            M.becomes(beta1 * M + (1 - beta1) * G),
            V.becomes(beta2 * V + (1 - beta2) * G**2),
        ]
        if self.amsgrad:
            rows.append(LARGEST.becomes(maximum(LARGEST, V)))
        square = LARGEST if self.amsgrad else V
        rows += [M_HAT.is_(M / (1 - beta1**T)), V_HAT.is_(square / (1 - beta2**T))]
        return tuple(rows), M_HAT / (sqrt(V_HAT) + Quantity(EPSILON, self.eps))


class Adam(_AdaptiveMoments):
    """Momentum and RMSprop in one (Kingma and Ba 2014, arXiv:1412.6980, algorithm 1)."""

    kind: Literal["adam"] = "adam"
    label: ClassVar[str] = "Adam"
    description: ClassVar[str] = (
        "Follows the mean gradient, divided by its usual size; it works well nearly everywhere."
    )

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        rows, step = self._moments()
        return *rows, THETA.becomes(THETA - RATE * step)

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        import torch

        return torch.optim.Adam


class AdamW(_AdaptiveMoments):
    """Adam with a true pull towards zero (Loshchilov and Hutter 2017, arXiv:1711.05101)."""

    kind: Literal["adamw"] = "adamw"
    label: ClassVar[str] = "AdamW"
    description: ClassVar[str] = (
        "Adam that also shrinks every parameter a little at each step, which fights overfitting."
    )

    weight_decay: float = Field(
        0.01,
        ge=0,
        le=10,
        title="Weight decay λ",
        description="How strongly parameters are pulled towards zero, as a share of the rate.",
    )

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        import torch

        return torch.optim.AdamW

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        rows, step = self._moments()
        pull = Quantity(LAMBDA, self.weight_decay) * THETA
        return *rows, THETA.becomes(THETA - RATE * (step + pull))

    def hyperparameters(self) -> dict[str, Any]:
        return super().hyperparameters() | {"weight_decay": self.weight_decay}
