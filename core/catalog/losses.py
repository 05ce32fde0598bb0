"""The numbers that learning makes small."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from core.catalog.base import Choice, union_of

if TYPE_CHECKING:
    from torch import Tensor


class Loss(Choice):
    """A measure of how far the outputs of ``n`` samples lie from their targets.

    Attributes:
        fuses: The kind of output activation together with which it is computed, from the logits,
            because that is exact where the activation has saturated; None where it takes the
            activations.
        tasks: What it can be asked for: "classification", "regression" or both.
        encoding: "index": targets are class indices ``(n,)`` int64; "columns": ``(n, outputs)``
            float.
    """

    fuses: ClassVar[str | None] = None
    tasks: ClassVar[frozenset[str]]
    encoding: ClassVar[Literal["index", "columns"]] = "columns"

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """The loss of a batch, differentiable.

        Args:
            z: Logits, ``(n, k)``; only a fused loss looks at them.
            a: Activations, ``(n, k)``; a fused loss does not look at them.
            targets: As :meth:`encode` gives them.

        Returns:
            A 0-d tensor.
        """
        raise NotImplementedError

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        """What each sample adds to the loss, for a debugger that shows one sample's share.

        Args:
            z: As for :meth:`value`.
            a: As for :meth:`value`.
            targets: As for :meth:`value`.

        Returns:
            ``(n,)``, divided by what the loss divides by; its sum is the value.
        """
        raise NotImplementedError

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


class MSE(Loss):
    """The mean squared error as PyTorch has it."""

    kind: Literal["mse"] = "mse"
    label: ClassVar[str] = "MSE (1/n)"
    description: ClassVar[str] = (
        "The mean of the squared errors, where n counts every output of every sample, "
        "as PyTorch does."
    )
    formula: ClassVar[str] = r"L = \frac{1}{n} \sum_{i=1}^{n} (a_i - y_i)^2"
    tasks: ClassVar[frozenset[str]] = frozenset({"classification", "regression"})

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.mse_loss(a, targets)

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.mse_loss(a, targets, reduction="none").sum(1) / a.numel()


class HalfMSE(Loss):
    """The quadratic cost of Nielsen, "Neural Networks and Deep Learning", equation 6."""

    kind: Literal["half_mse"] = "half_mse"
    label: ClassVar[str] = "Half MSE (1/2n)"
    description: ClassVar[str] = (
        "Half the mean squared distance, where n counts samples; "
        "the half cancels the 2 of the derivative."
    )
    formula: ClassVar[str] = r"L = \frac{1}{2n} \sum_{i=1}^{n} \lVert a_i - y_i \rVert^2"
    tasks: ClassVar[frozenset[str]] = frozenset({"classification", "regression"})

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.mse_loss(a, targets, reduction="sum") / (2 * len(a))

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.mse_loss(a, targets, reduction="none").sum(1) / (2 * len(a))


class BinaryCrossEntropy(Loss):
    """The log loss of independent yes-or-no outputs, from logits."""

    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    label: ClassVar[str] = "Binary cross-entropy"
    description: ClassVar[str] = (
        "The surprise at each yes-or-no answer, averaged over every output of every sample; "
        "being surely wrong costs most."
    )
    formula: ClassVar[str] = (
        r"L = -\frac{1}{n} \sum_{i=1}^{n} \left[ y_i \ln a_i + (1 - y_i) \ln(1 - a_i) \right], "
        r"\quad a_i = \sigma(z_i)"
    )
    fuses: ClassVar[str | None] = "sigmoid"
    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.binary_cross_entropy_with_logits(z, targets)

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        each = functional.binary_cross_entropy_with_logits(z, targets, reduction="none")
        return each.sum(1) / z.numel()


class CrossEntropy(Loss):
    """The log loss of one class out of many, from logits."""

    kind: Literal["cross_entropy"] = "cross_entropy"
    label: ClassVar[str] = "Cross-entropy"
    description: ClassVar[str] = (
        "The surprise at the right class, averaged over samples; "
        "its gradient is simply the probabilities minus the truth."
    )
    formula: ClassVar[str] = (
        r"L = -\frac{1}{n} \sum_{i=1}^{n} \ln a_{i, y_i}, "
        r"\quad a_{i,j} = \frac{e^{z_{i,j}}}{\sum_{k} e^{z_{i,k}}}"
    )
    fuses: ClassVar[str | None] = "softmax"
    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})
    encoding: ClassVar[Literal["index", "columns"]] = "index"

    def value(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.cross_entropy(z, targets)

    def terms(self, z: Tensor, a: Tensor, targets: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.cross_entropy(z, targets, reduction="none") / len(z)


if TYPE_CHECKING:
    LossChoice = Loss
else:
    LossChoice = union_of(Loss)
