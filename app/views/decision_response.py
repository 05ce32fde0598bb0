"""What the decision map shows: of the network or of one neuron, and in which colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.views.contours import contour
from core.data.base import Task
from core.snapshot import DecisionMap

Floats = NDArray[np.floating]
Ends = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """The values that colours stand for; a signed one has 0 in the middle and a colour a sign."""

    low: float
    high: float
    signed: bool

    @property
    def middle(self) -> float:
        """Where one colour passes into the other."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, eq=False)
class Response:
    """One picture.

    Attributes:
        values: (h, w, k) over two inputs, (w, k) along one: the share of each class, or one value.
        scale: Of the value; None for classes.
    """

    values: Floats
    scale: Scale | None


def of_network(decisions: DecisionMap, task: Task) -> Response:
    """What the network answers: how sure it is of each class, or its first target."""
    if task == "classification":
        return Response(class_shares(decisions.outputs), None)
    return Response(decisions.outputs[..., :1], target_scale(decisions))


def of_unit(activations: Floats, unit: int) -> Response:
    """What one neuron answers, with a colour for each sign."""
    values = activations[..., unit : unit + 1]
    high = round_up(float(np.abs(values[np.isfinite(values)]).max(initial=0.0)))
    return Response(values, Scale(-high, high, signed=True))


def class_shares(outputs: Floats) -> Floats:
    """Outputs as shares of the classes, (..., classes), each between 0 and 1.

    One output stands for the second of two classes.
    """
    shares = np.clip(np.nan_to_num(outputs), 0, 1)
    return np.concatenate([1 - shares, shares], -1) if shares.shape[-1] == 1 else shares


def lead(shares: Floats, index: int) -> Floats:
    """(...,) how far a class is ahead of the best other one; 0 on the decision boundary."""
    others = np.delete(shares, index, axis=-1)
    ahead: Floats = shares[..., index] - others.max(-1)
    return ahead


def target_scale(decisions: DecisionMap) -> Scale:
    """The range of the targets, which stands still while the network learns."""
    labels = [decisions.train_labels, decisions.test_labels]
    targets = np.concatenate([label.reshape(len(label), -1)[:, :1] for label in labels])
    low, high = float(targets.min(initial=0.0)), float(targets.max(initial=0.0))
    if len(targets) and (targets.min() >= 0 or targets.max() <= 0):
        low, high = float(targets.min()), float(targets.max())
        return Scale(low, high if high > low else low + 1.0, signed=False)
    end = round_up(max(-low, high))
    return Scale(-end, end, signed=True)


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten: a scale that seldom moves."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(part * power for part in (1, 2, 5, 10) if part * power >= value * (1 - 1e-6)))


def finer(values: Floats, size: int) -> Floats:
    """(h, w, k) as about (size, size, k), straight lines between the points."""
    for axis in (0, 1):
        count = values.shape[axis]
        times = max(1, round(size / count))
        places = np.linspace(0, count - 1, (count - 1) * times + 1)
        first = np.minimum(places.astype(np.intp), max(count - 2, 0))
        part = (places - first).astype(np.float32)
        part = part.reshape([-1 if i == axis else 1 for i in range(3)])
        one = values.take(first, axis)
        other = values.take(np.minimum(first + 1, count - 1), axis)
        with np.errstate(invalid="ignore"):  # infinite activations of a network that diverged
            values = one + (other - one) * part
    return values


def grid(decisions: DecisionMap, values: Floats) -> list[Floats]:
    """The values along the axes of an answer, y before x: a neuron's grid may be coarser.

    Args:
        decisions: The map that the answer is of.
        values: (h, w, k) or (w, k).
    """
    axes = [decisions.y, decisions.x] if len(decisions.y) else [decisions.x]
    return [
        axis if len(axis) == size else np.linspace(axis[0], axis[-1], size, dtype=np.float32)
        for axis, size in zip(axes, values.shape[:-1], strict=True)
    ]


def boundaries(decisions: DecisionMap, response: Response) -> tuple[Ends, Ends]:
    """Where the answer changes, and where it is half-way to certain; (2 n, 2) ends of pieces."""
    values, scale = response.values, response.scale
    y, x = (axis.astype(np.float64) for axis in grid(decisions, values))
    if scale is not None:
        half = (scale.high - scale.low) / 4
        lines = [contour(x, y, values[..., 0], scale.middle + part) for part in (0, half, -half)]
        return lines[0], np.concatenate(lines[1:])
    # Each boundary is between two classes, so all are found without the last class's.
    leads = [lead(values, index) for index in range(values.shape[-1] - 1)]
    boundary = [contour(x, y, field) for field in leads]
    margin = [contour(x, y, field, level) for field in leads for level in (0.5, -0.5)]
    return np.concatenate(boundary), np.concatenate(margin)
