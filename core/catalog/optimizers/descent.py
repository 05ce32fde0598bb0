"""Down the gradient, as it is or with a momentum; the symbols are those of the base."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from core.catalog.optimizers.base import (
    RATE,
    THETA,
    G,
    LearningRate,
    OfTorch,
    Velocity,
)
from core.expression.tree import Expr, Product, Quantity, Relation, Symbol, replaced

if TYPE_CHECKING:
    import torch
    from torch import Tensor

V, MU = Symbol("v"), Symbol("μ")


class _OfSGD(OfTorch):
    """What torch has in one class."""

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        import torch

        return torch.optim.SGD


class _PlainDescent(_OfSGD):
    """What gd and sgd share: they differ in the samples that a gradient is taken over."""

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        return (THETA.becomes(THETA - RATE * G),)

    def advance(
        self,
        optimizer: torch.optim.Optimizer | None,
        parameters: list[Tensor],
        gradients: list[Tensor],
        rate: float,
    ) -> None:
        """See :meth:`Optimizer.advance`.

        There is no state, so torch's own step, of 20 µs instead of 6, would change nothing more.
        """
        import torch

        with torch.no_grad():
            torch._foreach_add_(parameters, gradients, alpha=-rate)


class GradientDescent(_PlainDescent):
    """The textbook's descent, down the gradient of the whole training set (Cauchy 1847)."""

    kind: Literal["gd"] = "gd"
    label: ClassVar[str] = "Gradient descent"
    amid: ClassVar[str] = "gradient descent"
    description: ClassVar[str] = (
        "Every step looks at all samples and goes straight down the slope of the loss."
    )
    full_batch: ClassVar[bool] = True

    @property
    def formula(self) -> Expr:
        """See :attr:`Optimizer.formula`: the gradient by its longer name."""
        slope = Product(parts=(Symbol("∇", THETA), Symbol("L")))
        return replaced(super().formula, {G: slope})


class SGD(_PlainDescent):
    """Descent on a guess of the gradient, from a few samples (Robbins and Monro 1951)."""

    kind: Literal["sgd"] = "sgd"
    label: ClassVar[str] = "SGD"
    description: ClassVar[str] = (
        "Every step looks at one batch only: a rougher direction, but many more steps."
    )


class Momentum(_OfSGD):
    """A heavy ball (Polyak 1964), in torch's form, which has the learning rate outside ``v``.

    In the very first step ``v`` is ``g``, without dampening.
    """

    kind: Literal["momentum"] = "momentum"
    label: ClassVar[str] = "Momentum"
    amid: ClassVar[str] = "momentum"
    description: ClassVar[str] = (
        "Rolls like a heavy ball: past gradients keep pushing, which speeds up long valleys."
    )
    states: ClassVar[dict[str, Symbol]] = {"momentum_buffer": V}

    learning_rate: LearningRate = 0.01
    momentum: Velocity = 0.9
    dampening: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="Dampening τ",
        description="The share of each new gradient that is held back from the velocity.",
    )

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        mu, tau = Quantity(MU, self.momentum), Quantity(Symbol("τ"), self.dampening)
        velocity = G if first else mu * V + (1 - tau) * G
        return V.becomes(velocity), THETA.becomes(THETA - RATE * V)

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate, "momentum": self.momentum, "dampening": self.dampening}

    def initial_state(self, name: str, like: Tensor) -> Tensor | None:
        """See :meth:`Optimizer.initial_state`: the first velocity is the first gradient."""
        return None


class Nesterov(_OfSGD):
    """A heavy ball that looks ahead (Nesterov 1983; in this form Sutskever et al. 2013)."""

    kind: Literal["nesterov"] = "nesterov"
    label: ClassVar[str] = "Nesterov momentum"
    description: ClassVar[str] = (
        "Momentum that looks one step ahead and so brakes earlier before a rise."
    )
    states: ClassVar[dict[str, Symbol]] = {"momentum_buffer": V}

    learning_rate: LearningRate = 0.01
    momentum: Velocity = 0.9

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        mu = Quantity(MU, self.momentum)
        velocity = G if first else mu * V + G
        return V.becomes(velocity), THETA.becomes(THETA - RATE * (G + mu * V))

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate, "momentum": self.momentum, "nesterov": True}

    def initial_state(self, name: str, like: Tensor) -> Tensor | None:
        return None
