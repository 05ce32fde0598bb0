"""What the decision map shows: of the network or of one neuron, and in which colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.kit import theme
from app.kit.plots.ticks import round_up
from core.data.base import Task
from core.messages.snapshot import DecisionMap

Floats = NDArray[np.floating]
Ends = NDArray[np.float64]


def contour(x: Floats, y: Floats, field: Floats, *levels: float) -> Ends:
    """Where a field passes levels.

    Args:
        x: (w,) rising.
        y: (h,) rising.
        field: (h, w).
        levels: The heights; a point just at one counts as above it.

    Returns:
        (2 n, 2) points; each two of them are the ends of a piece of a line.
    """
    generator = contour_generator(
        x, y, np.ma.masked_invalid(field), name="serial", line_type=LineType.Separate
    )
    found = (generator.lines(np.nextafter(level, -np.inf)) for level in levels)
    pieces = [np.repeat(np.asarray(line), 2, axis=0)[1:-1] for lines in found for line in lines]
    return np.concatenate([np.zeros((0, 2)), *pieces])


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
        half, middle = (scale.high - scale.low) / 4, scale.middle
        field = values[..., 0]
        return contour(x, y, field, middle), contour(x, y, field, middle + half, middle - half)
    # Each boundary is between two classes, so all are found without the last class's.
    leads = [lead(values, index) for index in range(values.shape[-1] - 1)]
    boundary = [contour(x, y, field, 0.0) for field in leads]
    margin = [contour(x, y, field, 0.5, -0.5) for field in leads]
    return np.concatenate(boundary), np.concatenate(margin)


Pixels = NDArray[np.uint8]

SYMBOLS = ("o", "s", "t1", "d", "p", "star", "h", "t", "x", "+")
"""A shape a class too, for whom the colours look alike; pyqtgraph's names."""

_FILL = 0.55
"""How strong a colour is where the network is sure: the points over it must stand out."""


def class_colour(index: int) -> QColor:
    """A class's colour; neither blue nor orange. After five they come again, paler."""
    tokens = theme.current()
    hues = (tokens.train, tokens.test, tokens.warning, tokens.error, tokens.text_dim)
    colour = QColor(hues[index % len(hues)])
    return colour if index < len(hues) else colour.lighter(140)


def class_pixels(shares: Floats, *, discretise: bool) -> Pixels:
    """The likeliest class's colour, as strong as the network is sure of it.

    Args:
        shares: (h, w, classes).
        discretise: Whether only the class counts.

    Returns:
        (h, w, 3).
    """
    classes = shares.shape[-1]
    sure = (shares.max(-1) * classes - 1) / (classes - 1)
    strength = np.ones_like(sure) if discretise else np.clip(sure, 0, 1)
    hues = np.array([_rgb(class_colour(index)) for index in range(classes)])
    return _mixed(hues[shares.argmax(-1)], strength[..., None] * np.float32(_FILL))


def value_pixels(values: Floats, scale: Scale, *, discretise: bool) -> Pixels:
    """Values (h, w) in the colours of a scale, (h, w, 3); with ``discretise`` only two of them."""
    half = (scale.high - scale.low) / 2
    place = np.clip(np.nan_to_num((values - scale.middle) / half), -1, 1)
    if discretise:
        place = np.where(place > 0, 1.0, -1.0)
    tokens = theme.current()
    if scale.signed:
        positive, negative = _rgb(QColor(tokens.positive)), _rgb(QColor(tokens.negative))
        hues = np.where(place[..., None] > 0, positive, negative)
        return _mixed(hues, np.abs(place)[..., None] * 0.85)
    return _mixed(_rgb(QColor(tokens.train)), (place[..., None] + 1) / 2 * 0.85)


def _rgb(colour: QColor) -> Floats:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float32)


def _mixed(hues: Floats, strength: Floats) -> Pixels:
    surface = _rgb(QColor(theme.current().surface))
    return (surface + (hues - surface) * strength).astype(np.uint8)
