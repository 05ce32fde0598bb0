"""The numbers that learning makes small."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from core.catalog.activations import Activation
from core.catalog.base import Choice, entries_of, union_of
from core.expression import calculus
from core.expression.code import compiled
from core.expression.functions import at, ln, log_sum_exp, softplus
from core.expression.tree import (
    ONE,
    Aside,
    Big,
    Derivative,
    Expr,
    Negative,
    Numeral,
    OutputRow,
    Product,
    Quotient,
    Symbol,
    product,
    replaced,
)

Z, A, Y = Symbol("z", "j"), Symbol("a", "j"), Symbol("y", "j")
SAMPLES, OUTPUTS, LABEL = Symbol("n"), Symbol("K"), Symbol("y")
LOGITS = OutputRow(Symbol("z", "y"), parts=(Z,))
PROBABILITIES = OutputRow(Symbol("a", "y"), parts=(A,))

if TYPE_CHECKING:
    from torch import Tensor


class Loss(Choice):
    """A measure of how far the outputs of ``n`` samples lie from their targets.

    Its rule is all that an entry needs; value, gradient and every form of a formula follow from it.

    Attributes:
        stated: The rule of what one output adds before the mean is taken, in A and Y; where it
            fuses, in Z. Of what a whole sample adds, in LOGITS and LABEL, where it reads rows.
        stated_slope: Its derivative by the output, or by its logit, in Z, A and Y, where that is
            shorter than what follows from the rule.
        textbook: The same in A, or in PROBABILITIES, as textbooks have it, where the rule is of
            logits.
        fuses: The kind of output activation together with which it is computed, from the logits,
            because that is exact where the activation has saturated; None where it takes the
            activations.
        tasks: What it can be asked for: "classification", "regression" or both.
        encoding: "index": targets are class indices ``(n,)`` int64, and the rule looks at a whole
            row of outputs; "columns": ``(n, outputs)`` float, and it looks at one output.
        per_output: Whether the mean is taken over all outputs of all samples, not over samples.
    """

    fuses: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[str]]
    encoding: ClassVar[Literal["index", "columns"]] = "columns"
    per_output: ClassVar[bool] = True

    stated: ClassVar[Expr]
    stated_slope: ClassVar[Expr | None] = None
    textbook: ClassVar[Expr | None] = None

    def rule(self, output: Expr, target: Expr) -> Expr:
        """What one output adds before the mean is taken; where rows are read, one sample."""
        of, to = self._symbols
        return replaced(self.with_values(self.stated), {of: output, to: target})

    def slope(self, z: Expr, a: Expr, target: Expr) -> Expr:
        """The derivative of that by the output, or by its logit."""
        slope = self.stated_slope or calculus.derivative(self.stated, self._symbols[0])
        return replaced(self.with_values(slope), {Z: z, A: a, Y: target})

    @property
    def _symbols(self) -> tuple[Expr, Expr]:
        """What the rule calls output and target."""
        return (LOGITS, LABEL) if self.reads_rows else (Z if self.fuses else A, Y)

    @property
    def reads_rows(self) -> bool:
        """Whether its rule looks at all outputs of a sample together."""
        return self.encoding == "index"

    @property
    def formula(self) -> Expr:
        """What one sample adds to the loss."""
        rule = self.with_values(self.textbook or self.stated)
        outer, inner = self.shared(calculus.spelt(rule))
        if not self.reads_rows:
            minus = isinstance(inner, Negative)
            summed = Big("j=1", "K", parts=(-inner if minus else inner,))
            inner = -summed if minus else summed
        return Aside(parts=(Symbol("L", above="[i]").is_(outer * inner), *self._meaning()))

    @property
    def gradient_formula(self) -> Expr:
        """How the loss changes with one output, or with its logit."""
        outer, slope = self.shared(self.slope(Z, A, Y))
        left = Derivative(parts=(Symbol("L"), Z if self.fuses else A))
        told = left.is_(outer * slope)
        if self.fuses:
            told = Symbol("δ", "j").is_(*told.parts)
        return Aside(parts=(told, *self._meaning()))

    def _meaning(self) -> tuple[Expr, ...]:
        """What ``a`` is, for a loss that is computed from logits."""
        return (
            (entries_of(Activation)[self.fuses].model_validate({}).formula,) if self.fuses else ()
        )

    def shared(
        self, rule: Expr, samples: Expr = SAMPLES, outputs: Expr = OUTPUTS
    ) -> tuple[Expr, Expr]:
        """A rule apart from what it is multiplied by: its own constant over what the mean counts.

        Args:
            rule: Of one output or of one sample.
            samples: How many there are.
            outputs: How many each has.
        """
        above: Expr = ONE
        below: Expr = ONE
        if isinstance(rule, Quotient) and isinstance(rule.parts[1], Numeral):
            rule, below = rule.parts
        if isinstance(rule, Product) and isinstance(rule.parts[0], Numeral):
            above, rule = rule.parts[0], product(*rule.parts[1:])
        counted = below * samples * outputs if self.per_output else below * samples
        return Quotient(parts=(above, counted)), rule

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """The loss of a batch, differentiable.

        Args:
            z: Logits, ``(n, k)``; only a fused loss looks at them.
            a: Activations, ``(n, k)``; a fused loss does not look at them.
            targets: As :meth:`encode` gives them.

        Returns:
            A 0-d tensor.
        """
        return self.terms(z, a, targets).sum()

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """What each sample adds to the loss, for a debugger that shows one sample's share.

        Args:
            z: As for :meth:`value`.
            a: As for :meth:`value`.
            targets: As for :meth:`value`.

        Returns:
            ``(n,)``, divided by what the loss divides by; its sum is the value.
        """
        output = z if self.fuses else a
        each = _computed(self)(output, targets)
        each = each if each.dim() == 1 else each.sum(1)
        return each / (output.numel() if self.per_output else len(output))

    def encode(self, labels: Tensor, classes: int, outputs: int) -> Tensor:
        """A data set's labels in the form that this loss compares with.

        Args:
            labels: Class indices ``(n,)`` int64; or regression values, which pass unchanged.
            classes: The number of classes; unused for regression.
            outputs: The width of the output layer, k. One output can tell two classes apart: it
                is then the second class that it stands for.

        Returns:
            ``(n,)`` int64 for "index"; else float32 ``(n, outputs)``, one-hot or, for one output
            and two classes, 0 and 1.

        Raises:
            ValueError: There are fewer outputs than classes need. A spec refuses that earlier.
        """
        from torch import float32
        from torch.nn import functional

        if self.encoding == "index" or labels.is_floating_point():
            return labels
        if classes == 2 and outputs == 1:
            return labels.to(float32).unsqueeze(1)
        if outputs < classes:
            raise ValueError(f"{classes} classes do not fit {outputs} outputs")
        return functional.one_hot(labels, outputs).to(float32)


@cache
def _computed(loss: Loss) -> Callable[..., Tensor]:
    return compiled(loss.rule(Z, Y), Z, Y)


class MSE(Loss):
    """The mean squared error as PyTorch has it."""

    kind: Literal["mse"] = "mse"
    label: ClassVar[str] = "MSE (1/n)"
    description: ClassVar[str] = (
        "The mean of the squared errors, where n counts every output of every sample, "
        "as PyTorch does."
    )
    stated: ClassVar[Expr] = (A - Y) ** 2
    tasks: ClassVar[frozenset[str]] = frozenset({"classification", "regression"})

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.mse_loss(a, targets)


class HalfMSE(Loss):
    """The quadratic cost of Nielsen, "Neural Networks and Deep Learning", equation 6."""

    kind: Literal["half_mse"] = "half_mse"
    label: ClassVar[str] = "Half MSE (1/2n)"
    description: ClassVar[str] = (
        "Half the mean squared distance, where n counts samples; "
        "the half cancels the 2 of the derivative."
    )
    stated: ClassVar[Expr] = (A - Y) ** 2 / 2
    tasks: ClassVar[frozenset[str]] = frozenset({"classification", "regression"})
    per_output: ClassVar[bool] = False

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.mse_loss(a, targets, reduction="sum") / (2 * len(a))


class BinaryCrossEntropy(Loss):
    """The log loss of independent yes-or-no outputs, from logits."""

    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    label: ClassVar[str] = "Binary cross-entropy"
    description: ClassVar[str] = (
        "The surprise at each yes-or-no answer, averaged over every output of every sample; "
        "being surely wrong costs most."
    )
    stated: ClassVar[Expr] = Y * softplus(-Z) + (1 - Y) * softplus(Z)
    stated_slope: ClassVar[Expr | None] = A - Y
    textbook: ClassVar[Expr | None] = -(Y * ln(A) + (1 - Y) * ln(1 - A))
    fuses: ClassVar[str | None] = "sigmoid"
    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.binary_cross_entropy_with_logits(z, targets)


class CrossEntropy(Loss):
    """The log loss of one class out of many, from logits."""

    kind: Literal["cross_entropy"] = "cross_entropy"
    label: ClassVar[str] = "Cross-entropy"
    description: ClassVar[str] = (
        "The surprise at the right class, averaged over samples; "
        "its gradient is simply the probabilities minus the truth."
    )
    stated: ClassVar[Expr] = log_sum_exp(LOGITS) - at(LOGITS, LABEL)
    stated_slope: ClassVar[Expr | None] = A - Y
    textbook: ClassVar[Expr | None] = -ln(at(PROBABILITIES, LABEL))
    fuses: ClassVar[str | None] = "softmax"
    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})
    encoding: ClassVar[Literal["index", "columns"]] = "index"
    per_output: ClassVar[bool] = False

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.cross_entropy(z, targets)


if TYPE_CHECKING:
    LossChoice = Loss
else:
    LossChoice = union_of(Loss)
