"""The numbers that learning makes small."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from core.catalog.activations import Activation
from core.catalog.base import Choice, entries_of, union_of
from core.expression import calculus, tree
from core.expression.code import compiled
from core.expression.functions import at, ln, log_sum_exp, softplus
from core.expression.tree import (
    HAT,
    ONE,
    Aside,
    Expr,
    Numeral,
    OutputRow,
    Quotient,
    Relation,
    Symbol,
    relettered,
    replaced,
)

Z, A, Y = Symbol("z", "j"), Symbol("y", "j", mark=HAT), Symbol("y", "j")
"""A logit, an output of the network and its target: z, ŷ and y (docs/NOTATION.md)."""
SAMPLES, OUTPUTS, LABEL = Symbol("n"), Symbol("K"), Symbol("y")
LOGITS = OutputRow(Symbol("z", "y"), parts=(Z,))
PROBABILITIES = OutputRow(Symbol("y", "y", mark=HAT), parts=(A,))
OWN, BATCH = Symbol("ℓ", above="[i]"), Symbol("L")
"""The loss of one sample, and that of the batch."""
_ALL = tree.Big("i=1", "n", parts=(OWN,))

if TYPE_CHECKING:
    from torch import Tensor


class Loss(Choice):
    """A measure of how far the outputs of ``n`` samples lie from their targets.

    Each sample has a loss of its own, ℓ; the batch's, L, is their mean, or their sum where a
    person reads a book that has it so. The rule is all that an entry needs; value, gradient and
    every form of a formula follow from it.

    Attributes:
        stated: The rule of what one output adds to its sample's loss, before a mean over the
            outputs, in A and Y; where it fuses, in Z. Of a sample's loss whole, in LOGITS and
            LABEL, where it reads rows.
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
        per_output: Whether a sample's loss is the mean over its outputs, not their sum.
    """

    over_batch: Literal["mean", "sum"] = Field(
        "mean",
        title="Over the batch",
        description="The batch's loss is the mean of its samples' losses, or their sum. A sum has "
        "gradients as many times as large as the batch has samples, and wants a rate as much "
        "smaller.",
    )

    fuses: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[str]]
    encoding: ClassVar[Literal["index", "columns"]] = "columns"
    per_output: ClassVar[bool] = True

    stated: ClassVar[Expr]
    stated_slope: ClassVar[Expr | None] = None
    textbook: ClassVar[Expr | None] = None

    def rule(self, output: Expr, target: Expr) -> Expr:
        """What one output adds to its sample's loss; where rows are read, all of that loss."""
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
    def averages(self) -> bool:
        """Whether the batch's loss is the mean of its samples' losses, and not their sum."""
        return self.over_batch == "mean"

    @property
    def together(self) -> Relation:
        """How the batch's loss is made of the samples': here, and nowhere else, 1/n comes in."""
        return BATCH.is_(1 / SAMPLES * _ALL if self.averages else _ALL)

    def weight(self, samples: int) -> int:
        """How many times as large a batch's loss is as the mean of its samples' losses."""
        return 1 if self.averages else samples

    @property
    def formula(self) -> Expr:
        """A sample's own loss."""
        rule = self.with_values(self.textbook or self.stated)
        outer, inner = self.shared(calculus.spelt(rule))
        if not self.reads_rows:
            minus = isinstance(inner, tree.Negative)
            summed = tree.Big("j=1", "K", parts=(-inner if minus else inner,))
            inner = -summed if minus else summed
        return Aside(parts=(OWN.is_(outer * inner), *self._meaning()))

    @property
    def gradient_formula(self) -> Expr:
        """How the batch's loss changes with one output of a sample, or with its logit."""
        samples = SAMPLES if self.averages else ONE
        outer, slope = self.shared(self.slope(Z, A, Y), samples=samples)
        left = tree.Derivative(parts=(BATCH, Z if self.fuses else A))
        told = left.is_(outer * slope)
        if self.fuses:
            told = Symbol("δ", "j").is_(*told.parts)
        return Aside(parts=(told, *self._meaning()))

    def _meaning(self) -> tuple[Expr, ...]:
        """What ``ŷ`` is, for a loss that is computed from logits."""
        if self.fuses is None:
            return ()
        formula = entries_of(Activation)[self.fuses].model_validate({}).formula
        return (relettered(formula, {"a": Symbol("y", mark=HAT)}),)

    def shared(
        self, rule: Expr, *, samples: Expr = ONE, outputs: Expr = OUTPUTS
    ) -> tuple[Expr, Expr]:
        """A rule apart from what it is multiplied by: its own constant over what a mean counts.

        Args:
            rule: Of one output or of one sample.
            samples: How many there are, where the batch's loss is spoken of; 1 for a sample's own.
            outputs: How many each has.
        """
        above: Expr = ONE
        below: Expr = ONE
        if isinstance(rule, Quotient) and isinstance(rule.parts[1], Numeral):
            rule, below = rule.parts
        if isinstance(rule, tree.Product) and isinstance(rule.parts[0], Numeral):
            above, rule = rule.parts[0], tree.product(*rule.parts[1:])
        counted = below * samples * outputs if self.per_output else below * samples
        return above / counted, rule

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """The mean of a batch's losses, differentiable; the loss itself where that is the mean.

        Args:
            z: Logits, ``(n, k)``; only a fused loss looks at them.
            a: Activations, ``(n, k)``; a fused loss does not look at them.
            targets: As :meth:`encode` gives them.

        Returns:
            A 0-d tensor.
        """
        return self.terms(z, a, targets).mean()

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """Each sample's own loss, for a debugger that shows them one by one.

        Args:
            z: As for :meth:`value`.
            a: As for :meth:`value`.
            targets: As for :meth:`value`.

        Returns:
            ``(n,)``; their mean is the value.
        """
        each = _computed(self)(z if self.fuses else a, targets)
        if each.dim() == 1:
            return each
        return each.mean(1) if self.per_output else each.sum(1)

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
    label: ClassVar[str] = "Mean squared error (MSE)"
    amid: ClassVar[str] = "mean squared error"
    description: ClassVar[str] = (
        "Of each sample the mean of its outputs' squared errors; with the mean over the batch, "
        "as PyTorch has it."
    )
    stated: ClassVar[Expr] = (A - Y) ** 2
    tasks: ClassVar[frozenset[str]] = frozenset({"classification", "regression"})

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.mse_loss(a, targets)


class HalfMSE(Loss):
    """The quadratic cost of Nielsen, "Neural Networks and Deep Learning", equation 6."""

    kind: Literal["half_mse"] = "half_mse"
    label: ClassVar[str] = "Half squared error"
    amid: ClassVar[str] = "half squared error"
    description: ClassVar[str] = (
        "Of each sample half the sum of its outputs' squared errors; the half cancels the 2 of "
        "the derivative."
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
    amid: ClassVar[str] = "binary cross-entropy"
    description: ClassVar[str] = (
        "The surprise at a yes-or-no answer: of each sample the mean over its outputs; being "
        "surely wrong costs most."
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
    amid: ClassVar[str] = "cross-entropy"
    description: ClassVar[str] = (
        "The surprise at the right class; its gradient is simply the probabilities minus the truth."
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
