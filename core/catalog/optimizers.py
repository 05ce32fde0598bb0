"""The rules by which gradients move parameters.

The symbols: θ a parameter, g its gradient, η the learning rate, t the step, counted from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from core.catalog.base import Choice, union_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn import Parameter


def _rules(*rows: str) -> str:
    """Rules below one another.

    Left-aligned, since ziamath draws a hat beside what it covers at the right of a column; as an
    array, since it does not know ``aligned``.
    """
    return r"\begin{array}{ll} " + r" \\ ".join(rows) + r" \end{array}"


LearningRate = Annotated[
    float,
    Field(
        gt=0,
        le=100,
        json_schema_extra={"log": True},
        title="Learning rate η",
        description="How far a step goes: too small and nothing happens, too large and it leaps.",
    ),
]
ShareKept = Annotated[float, Field(ge=0, lt=1)]
Velocity = Annotated[
    float,
    Field(
        gt=0,
        lt=1,
        title="Momentum μ",
        description="The share of the velocity that is kept from step to step.",
    ),
]
# The lower bound is far above what float32 would round to zero.
Epsilon = Annotated[
    float,
    Field(
        ge=1e-16,
        le=1,
        json_schema_extra={"log": True},
        title="ε",
        description="Keeps the division safe where gradients are near zero.",
    ),
]


class Optimizer(Choice):
    """A rule that turns gradients into steps, and a torch optimizer that keeps its state.

    Attributes:
        full_batch: Its gradient is that of all samples, whatever the batch size says.
        keeps_state: Whether a step depends on earlier ones; without, ``advance`` takes None for
            the torch optimizer.
        state_names: Textbook names, in LaTeX, of what torch keeps in the shape of each parameter.
            The step count, which torch keeps too, has no such shape and is not among them.
        implementation: Which of its implementations. Fused ones are up to three times as fast
            on small networks, and leave the gradients as they are, whereas the foreach form of
            Nesterov's writes into them.
    """

    full_batch: ClassVar[bool] = False
    keeps_state: ClassVar[bool] = True
    state_names: ClassVar[dict[str, str]] = {}
    implementation: ClassVar[dict[str, bool]] = {"fused": True}

    learning_rate: LearningRate = 0.1

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        """The torch class."""
        raise NotImplementedError

    def build(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        """A torch optimizer with empty state."""
        return self.factory()(parameters, **self.hyperparameters(), **self.implementation)

    def rule(self) -> str:
        """The formula, in LaTeX, with the options that are chosen."""
        return self.formula

    def hyperparameters(self) -> dict[str, Any]:
        """The entries of torch's parameter groups that the fields stand for."""
        return {"lr": self.learning_rate}

    def initial_state(self, name: str, like: Tensor) -> Tensor | None:
        """What a state is before the first step; None where the first step does without it."""
        import torch

        return torch.zeros_like(like)

    def corrected(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """States freed of their bias towards zero, by torch's names; of one parameter.

        Args:
            state: torch's, after a step.
        """
        return {}

    def optional_state(self) -> tuple[str, ...]:
        """State that torch makes only if an option is on when the very first step is taken."""
        return ()

    def retune(self, optimizer: torch.optim.Optimizer) -> None:
        """Let changed fields act from the next step on, keeping what was gathered so far.

        Args:
            optimizer: Built by an entry of this kind. An option switched on in mid-run finds its
                state missing there and would fail; it starts from zeros, as it does in a new run.
        """
        import torch

        for group in optimizer.param_groups:
            group.update(self.hyperparameters())
        for parameter, state in optimizer.state.items():
            if not state:  # looked at, not yet stepped: torch fills it only if it stays empty
                continue
            for key in self.optional_state():
                if key not in state:
                    state[key] = torch.zeros_like(parameter)

    def advance(
        self,
        optimizer: torch.optim.Optimizer | None,
        parameters: list[Tensor],
        gradients: list[Tensor],
        rate: float,
    ) -> None:
        """One update in place.

        Args:
            optimizer: From :meth:`build`; None where no state is kept.
            parameters: All that it was built from, in any order.
            gradients: One a parameter, of the same shape; left unchanged.
            rate: The learning rate of this step.
        """
        assert optimizer is not None
        for group in optimizer.param_groups:
            group["lr"] = rate
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()


class _PlainDescent(Optimizer):
    """What gd and sgd share: they differ in the samples that a gradient is taken over."""

    keeps_state: ClassVar[bool] = False

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        import torch

        return torch.optim.SGD

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
    description: ClassVar[str] = (
        "Every step looks at all samples and goes straight down the slope of the loss."
    )
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta \, \nabla_{\theta} L"
    full_batch: ClassVar[bool] = True


class SGD(_PlainDescent):
    """Descent on a guess of the gradient, from a few samples (Robbins and Monro 1951)."""

    kind: Literal["sgd"] = "sgd"
    label: ClassVar[str] = "SGD"
    description: ClassVar[str] = (
        "Every step looks at one batch only: a rougher direction, but many more steps."
    )
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta \, g"


class Momentum(Optimizer):
    """A heavy ball (Polyak 1964), in torch's form, which has the learning rate outside ``v``.

    In the very first step ``v`` is ``g``, without dampening.
    """

    kind: Literal["momentum"] = "momentum"
    label: ClassVar[str] = "Momentum"
    description: ClassVar[str] = (
        "Rolls like a heavy ball: past gradients keep pushing, which speeds up long valleys."
    )
    formula: ClassVar[str] = _rules(
        r"v & \leftarrow \mu v + (1 - \tau) \, g",
        r"\theta & \leftarrow \theta - \eta \, v",
    )
    state_names: ClassVar[dict[str, str]] = {"momentum_buffer": "v"}

    learning_rate: LearningRate = 0.01
    momentum: Velocity = 0.9
    dampening: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="Dampening τ",
        description="The share of each new gradient that is held back from the velocity.",
    )

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        import torch

        return torch.optim.SGD

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate, "momentum": self.momentum, "dampening": self.dampening}

    def initial_state(self, name: str, like: Tensor) -> Tensor | None:
        """See :meth:`Optimizer.initial_state`: the first velocity is the first gradient."""
        return None


class Nesterov(Optimizer):
    """A heavy ball that looks ahead (Nesterov 1983; in this form Sutskever et al. 2013)."""

    kind: Literal["nesterov"] = "nesterov"
    label: ClassVar[str] = "Nesterov momentum"
    description: ClassVar[str] = (
        "Momentum that looks one step ahead and so brakes earlier before a rise."
    )
    formula: ClassVar[str] = _rules(
        r"v & \leftarrow \mu v + g",
        r"\theta & \leftarrow \theta - \eta \, (g + \mu v)",
    )
    state_names: ClassVar[dict[str, str]] = {"momentum_buffer": "v"}

    learning_rate: LearningRate = 0.01
    momentum: Velocity = 0.9

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        import torch

        return torch.optim.SGD

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate, "momentum": self.momentum, "nesterov": True}

    def initial_state(self, name: str, like: Tensor) -> Tensor | None:
        return None


class Adagrad(Optimizer):
    """A rate of its own for every parameter (Duchi, Hazan and Singer 2011)."""

    kind: Literal["adagrad"] = "adagrad"
    label: ClassVar[str] = "Adagrad"
    description: ClassVar[str] = (
        "Parameters that have seen large gradients take ever smaller steps."
    )
    formula: ClassVar[str] = _rules(
        r"r & \leftarrow r + g^2",
        r"\theta & \leftarrow \theta - \frac{\eta}{1 + (t - 1) \lambda} "
        r"\frac{g}{\sqrt{r} + \varepsilon}",
    )
    state_names: ClassVar[dict[str, str]] = {"sum": "r"}

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


class RMSprop(Optimizer):
    """Adagrad that forgets (Hinton, Coursera lecture 6e, 2012); centred, Graves 2013, section 2.1.

    Centred, torch takes the root of a difference that rounding can make negative where a gradient
    hardly changes: the parameter is then NaN, in torch as here.
    """

    kind: Literal["rmsprop"] = "rmsprop"
    label: ClassVar[str] = "RMSprop"
    description: ClassVar[str] = (
        "Divides each gradient by its usual recent size, so that all parameters move alike."
    )
    _MEAN_SQUARE: ClassVar[str] = r"v & \leftarrow \alpha v + (1 - \alpha) \, g^2"
    _STEP: ClassVar[str] = r"\theta & \leftarrow \theta - \eta \, b"
    formula: ClassVar[str] = _rules(
        _MEAN_SQUARE,
        r"b & \leftarrow \mu b + \frac{g}{\sqrt{v} + \varepsilon}",
        _STEP,
    )
    centered_formula: ClassVar[str] = _rules(
        _MEAN_SQUARE,
        r"\bar{g} & \leftarrow \alpha \bar{g} + (1 - \alpha) \, g",
        r"b & \leftarrow \mu b + \frac{g}{\sqrt{v - \bar{g}^2} + \varepsilon}",
        _STEP,
    )
    state_names: ClassVar[dict[str, str]] = {
        "square_avg": "v",
        "grad_avg": r"\bar{g}",
        "momentum_buffer": "b",
    }
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

    def rule(self) -> str:
        return self.centered_formula if self.centered else self.formula

    def hyperparameters(self) -> dict[str, Any]:
        return {
            "lr": self.learning_rate,
            "alpha": self.alpha,
            "eps": self.eps,
            "momentum": self.momentum,
            "centered": self.centered,
        }

    def optional_state(self) -> tuple[str, ...]:
        momentum = ("momentum_buffer",) if self.momentum > 0 else ()
        return (*momentum, "grad_avg") if self.centered else momentum


class _AdaptiveMoments(Optimizer):
    """What Adam and AdamW share: two running means, the bias corrections and AMSGrad.

    AMSGrad (Reddi, Kale and Kumar 2018, arXiv:1904.09237) keeps the largest ``v``; torch corrects
    its bias as that of ``v``.
    """

    _MOMENTS: ClassVar[tuple[str, ...]] = (
        r"m & \leftarrow \beta_1 m + (1 - \beta_1) \, g",
        r"v & \leftarrow \beta_2 v + (1 - \beta_2) \, g^2",
    )
    _CORRECTED: ClassVar[tuple[str, ...]] = (
        r"\hat{m} & = \frac{m}{1 - \beta_1^t}",
        r"\hat{v} & = \frac{v}{1 - \beta_2^t}",
    )
    _AMSGRAD_CORRECTED: ClassVar[tuple[str, ...]] = (
        r"v_{\max} & \leftarrow \max(v_{\max}, v)",
        r"\hat{m} & = \frac{m}{1 - \beta_1^t}",
        r"\hat{v} & = \frac{v_{\max}}{1 - \beta_2^t}",
    )
    amsgrad_formula: ClassVar[str]
    state_names: ClassVar[dict[str, str]] = {
        "exp_avg": "m",
        "exp_avg_sq": "v",
        "max_exp_avg_sq": r"v_{\max}",
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

    def rule(self) -> str:
        return self.amsgrad_formula if self.amsgrad else self.formula

    def hyperparameters(self) -> dict[str, Any]:
        return {
            "lr": self.learning_rate,
            "betas": (self.beta1, self.beta2),
            "eps": self.eps,
            "amsgrad": self.amsgrad,
        }

    def optional_state(self) -> tuple[str, ...]:
        return ("max_exp_avg_sq",) if self.amsgrad else ()

    def corrected(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """See :meth:`Optimizer.corrected`: m̂ and v̂."""
        t = float(state["step"])
        square = "max_exp_avg_sq" if self.amsgrad else "exp_avg_sq"
        return {
            "exp_avg": state["exp_avg"] / (1 - self.beta1**t),
            square: state[square] / (1 - self.beta2**t),
        }


class Adam(_AdaptiveMoments):
    """Momentum and RMSprop in one (Kingma and Ba 2014, arXiv:1412.6980, algorithm 1)."""

    kind: Literal["adam"] = "adam"
    label: ClassVar[str] = "Adam"
    description: ClassVar[str] = (
        "Follows the mean gradient, divided by its usual size; it works well nearly everywhere."
    )
    _STEP: ClassVar[str] = (
        r"\theta & \leftarrow \theta - \eta \frac{\hat{m}}{\sqrt{\hat{v}} + \varepsilon}"
    )
    formula: ClassVar[str] = _rules(*_AdaptiveMoments._MOMENTS, *_AdaptiveMoments._CORRECTED, _STEP)
    amsgrad_formula: ClassVar[str] = _rules(
        *_AdaptiveMoments._MOMENTS, *_AdaptiveMoments._AMSGRAD_CORRECTED, _STEP
    )

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
    _STEP: ClassVar[str] = (
        r"\theta & \leftarrow \theta - \eta \left("
        r"\frac{\hat{m}}{\sqrt{\hat{v}} + \varepsilon} + \lambda \theta \right)"
    )
    formula: ClassVar[str] = _rules(*_AdaptiveMoments._MOMENTS, *_AdaptiveMoments._CORRECTED, _STEP)
    amsgrad_formula: ClassVar[str] = _rules(
        *_AdaptiveMoments._MOMENTS, *_AdaptiveMoments._AMSGRAD_CORRECTED, _STEP
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

    def hyperparameters(self) -> dict[str, Any]:
        return super().hyperparameters() | {"weight_decay": self.weight_decay}


if TYPE_CHECKING:
    OptimizerChoice = Optimizer
else:
    OptimizerChoice = union_of(Optimizer)
