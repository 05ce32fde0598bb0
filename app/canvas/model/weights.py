"""What a card is asked about; and the weights into a unit, or a kernel's numbers, as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.canvas.model.colouring import EdgeQuantity, shown_edges
from app.canvas.model.layout import NODES_AT_MOST
from app.canvas.model.light import window_of
from app.canvas.model.numbers import Flags, Floats, Numbers, Shown
from app.canvas.model.stack import NetworkStage
from app.canvas.model.words import choice_name, tr
from app.kit.numbers import four_digits, in_full
from app.link.focus import Spot
from app.link.spots import weight_index
from core.experiment.layers import Shape
from core.messages.record import input_of, key_of
from core.messages.snapshot import Snapshot

Cell = tuple[int, int, int]
"""A number's place in the picture: which map, and the row and column in it."""

KEEP_THE_PLACE = ("activation", "dropout", "batch_norm")
"""Layers whose numbers stand where those before them stood."""


@dataclass(frozen=True, eq=False)
class Asked:
    """One place, and everything that may be known of it.

    Attributes:
        snapshot: What is frozen and silenced, and where the cursor stands.
        numbers: Where its numbers come from.
        sample: Whose they are; None for the mean of the batch.
        stages: The columns up to the place's own, the inputs first.
        spot: The place.
        edges: What a person chose to see of the weights.
        is_output: Whether that column is the network's last.
    """

    snapshot: Snapshot
    numbers: Numbers
    sample: int | None
    stages: tuple[NetworkStage, ...]
    spot: Spot
    edges: EdgeQuantity = EdgeQuantity.FOLLOW
    is_output: bool = False

    @property
    def stage(self) -> NetworkStage:
        """The column that the place stands in."""
        return self.stages[-1]

    @property
    def key(self) -> str:
        """The layer's path as keys have it."""
        return key_of(self.spot.path)

    @property
    def index(self) -> tuple[int, ...]:
        """The place in one sample's numbers."""
        return (self.spot.unit, *(self.spot.pixel or ()))


@dataclass(frozen=True, eq=False)
class WeightPicture:
    """A picture of weights, laid out as what they weigh is.

    Attributes:
        asked: The unit or the edge that it belongs to.
        quantity: What its numbers are.
        shape: (inputs,), or (maps, rows, columns) of an image or of kernels.
        values: (maps, rows, columns), NaN where none may be seen yet.
        held: The same shape; which are held fast.
    """

    asked: Asked
    quantity: EdgeQuantity
    shape: Shape
    values: Floats
    held: Flags

    @property
    def title(self) -> str:
        """What its numbers are."""
        return choice_name(self.quantity)

    @property
    def limit(self) -> float | None:
        """The magnitude that gets the whole colour, the largest; None while none may be seen."""
        finite = np.abs(self.values[np.isfinite(self.values)])
        return float(finite.max()) if finite.size else None

    @property
    def current(self) -> Cell | None:
        """The cell of the place asked about; None where that is a unit, or a whole kernel."""
        spot = self.asked.spot
        if spot.kernel is not None:
            return (0, *spot.kernel)
        if spot.source is None or self._is_of_kernels:
            return None
        channel, row, column = np.unravel_index(spot.source, self.values.shape)
        return int(channel), int(row), int(column)

    def place(self, cell: Cell) -> Spot:
        """The place that a cell stands for."""
        spot = replace(self.asked.spot, pixel=None)
        if self._is_of_kernels:
            source = cell[0] if spot.source is None else spot.source
            return replace(spot, source=source, kernel=cell[1:])
        return replace(spot, source=int(np.ravel_multi_index(cell, self.values.shape)))

    def beside(self, step: int) -> Spot | None:
        """The same place in the kernel of another channel; None where there is none."""
        spot = self.asked.spot
        if spot.source is None or not self._is_of_kernels:
            return None
        source = spot.source + step
        fits = 0 <= source < self.asked.stage.before[0]
        return replace(spot, source=source) if fits else None

    def tell(self, cell: Cell) -> str:
        """Where a cell stands, and its numbers with all digits, a line each."""
        return "\n".join([self._where(cell), *self._numbers(self.place(cell))])

    def _share(self, name: str) -> Shown | None:
        numbers = self.asked.numbers
        return None if numbers.sample is None else numbers.get(f"d:p:{name}")

    @property
    def _is_of_kernels(self) -> bool:
        return self.asked.stage.is_image

    def _where(self, cell: Cell) -> str:
        values = {"i": cell[1] + 1, "j": cell[2] + 1, "channel": cell[0] + 1, "input": cell[0] + 1}
        if self._is_of_kernels:
            place = self.place(cell)
            values = {"row": cell[1] + 1, "column": cell[2] + 1, "channel": (place.source or 0) + 1}
            text = tr("Row {row}, column {column} of the kernel from channel {channel}")
        elif len(self.shape) == 1:
            text = tr("From input {input}")
        elif self.shape[0] == 1:
            text = tr("From pixel ({i}, {j})")
        else:
            text = tr("From pixel ({i}, {j}) of channel {channel}")
        return text.format(**values)

    def _numbers(self, place: Spot) -> Iterator[str]:
        index, name = weight_index(place), f"{self.asked.key}.weight"
        numbers = self.asked.numbers
        for label, shown in (
            (tr("Weight w: {value}"), numbers.parameter(name)),
            (tr("Gradient, whole batch: {value}"), numbers.of_batch(f"d:p:{name}")),
            (tr("This sample's share of it: {value}"), self._share(name)),
            (tr("Update Δw: {value}"), numbers.get(f"step:{name}")),
        ):
            if shown is not None:
                value = shown.at(index)
                yield label.format(value=four_digits(None) if value is None else in_full(value))
        if (name, index) in self.asked.snapshot.frozen:
            yield tr("Frozen")


def weights_of(asked: Asked) -> WeightPicture | None:
    """The picture for a unit or an edge; None where a few edges tell as much."""
    stage, spot = asked.stage, asked.spot
    weight = asked.numbers.parameter(f"{asked.key}.weight") if stage.is_dense else None
    if weight is None or weight.values.shape[:2] != (stage.units, stage.before[0]):
        return None
    if weight.values.ndim == 2 and stage.before[0] <= NODES_AT_MOST:
        return None
    quantity, shown = _shown(asked, weight)
    whole = weight.values.ndim == 2 or spot.source is None
    start = (spot.unit,) if whole else (spot.unit, spot.source or 0)
    shape = shown.values.shape[1:] if weight.values.ndim > 2 else image_before(asked.stages)
    shape = shape if whole else (1, *shape[1:])
    room = shape if len(shape) == 3 else (*shape, 1, 1)
    values, held = shown.seen[start].reshape(room), _held(asked, weight.values.shape, start)
    return WeightPicture(asked, quantity, shape, values, held.reshape(room))


def image_before(stages: tuple[NetworkStage, ...]) -> Shape:
    """The shape to look at the last layer's inputs in: an image that was laid out in a row."""
    for stage in reversed(stages[:-1]):
        kind = stage.layer.kind if stage.layer is not None else ""
        if kind == "flatten":
            return stage.before
        if kind not in KEEP_THE_PLACE:
            break
    return stages[-1].before


def _shown(asked: Asked, weight: Shown) -> tuple[EdgeQuantity, Shown]:
    """What the edges show; the weights themselves, where that is nothing that a kernel has."""
    stepping = asked.snapshot.stepping
    entry = stepping.entry if stepping is not None else None
    quantity, shown = shown_edges(asked.stage, asked.edges, entry, asked.numbers)
    if quantity is EdgeQuantity.CONTRIBUTION and shown is None:
        shown = _patch_times_kernels(asked, weight)
    return (EdgeQuantity.WEIGHT, weight) if shown is None else (quantity, shown)


def _patch_times_kernels(asked: Asked, weight: Shown) -> Shown | None:
    """The summands of a convolution's output pixel, in its kernels' places; zeros in the padding.

    None where no pixel is asked about, or its patch is not computed yet.
    """
    layer, pixel = asked.stage.layer, asked.spot.pixel
    window = None if layer is None or pixel is None else window_of(layer, *pixel)
    source = asked.numbers.get(input_of(asked.spot.path))
    if window is None or source is None or source.is_empty:
        return None
    (top, left), (high, wide) = window
    edge = max(high, wide)
    padded = np.pad(source.seen, ((0, 0), (edge, edge), (edge, edge)))
    patch = padded[:, top + edge : top + edge + high, left + edge : left + edge + wide]
    return Shown(weight.values * patch)


def _held(asked: Asked, shape: Shape, start: tuple[int, ...]) -> Flags:
    """Which numbers behind the start of an index into the weight are held fast."""
    held = np.zeros(shape[len(start) :], bool)
    for parameter, index in asked.snapshot.frozen:
        if parameter == f"{asked.key}.weight" and index[: len(start)] == start:
            held[index[len(start) :]] = True
    return held
