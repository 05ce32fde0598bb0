"""Two ways to the losses at many points: all networks side by side, or one after another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from core.catalog.losses import Loss
from core.experiment.network import Block
from core.landscape.losses import memory
from core.landscape.losses.arena import Flat, Interruption
from core.landscape.losses.first_layer import (
    LINEAR,
    DenseFirst,
    ImageFirst,
    blank_places,
    entering,
    seen,
    taken_apart,
    through,
    window_of,
)
from core.landscape.losses.replica import Replica, Sample
from core.landscape.losses.stacked import Judge, ParameterPlaces, StackedLayers, is_stackable
from core.landscape.losses.winograd import with_fewer_products
from core.training.step import Interrupted

ELEMENTS = 2**17
"""Values of the widest layer at a time, over all networks stacked: half a megabyte stays in the
cache from one operation to the next."""

FEWEST = 128
"""Samples at a time at least, so that products of matrices are worth their start,"""

MOST = 4096
"""and the most networks at a time, so that somebody can come in between."""

IMAGES = 128
"""Samples at a time of a network that convolves,"""

IMAGE_ELEMENTS = 2**22
"""as long as its widest layer has no more values than this."""

NUMBERS = 2**22
"""Parameters at a time, over all points."""

ON_GPU = 64
"""How many times as much a graphics processor takes at a time."""

Found = tuple[Tensor, Tensor | None]
"""(k,) losses times samples, and (k,) samples classified right."""


class Scorer(ABC):
    """Losses of one network on one sample: anywhere, or on a plane.

    Args:
        replica: The network; what is written into it does not outlast a call.
        sample: The samples.
        loss: The loss.
        flat: The plane; None for anywhere.

    Raises:
        core.errors.UserError: There is not enough memory.
    """

    def __init__(self, replica: Replica, sample: Sample, loss: Loss, flat: Flat | None) -> None:
        self._replica = replica
        self._samples = len(sample)
        self._classifies = sample.labels is not None
        self._index = index = replica.first_moved(flat)
        self._first = replica.blocks[index]
        self._is_apart = flat is not None and isinstance(self._first.transform, LINEAR)
        self._start = replica.starts[index + self._is_apart]
        self._axes: Tensor | None = None
        if flat is not None:
            replica.write(flat.base, 0)
            axes = (flat.base, flat.d1, flat.d2)
            self._axes = torch.stack([vector[self._start :] for vector in axes])
        on_cpu = sample.inputs.device.type == "cpu"
        self._many = 1 if on_cpu else ON_GPU
        self._widest = max(_values(block) for block in _inside(replica.blocks[index:]))
        memory.check(self._need(sample), len(sample), sample.inputs.device)
        x = seen(entering(replica, index, sample), replica.blocks[index:])
        parts = sample.parts(self._part_size())
        last = replica.blocks[-1].chosen
        self._judges = [Judge(loss, last, sample.part(part)) for part in parts]
        self._prepare([x[part] for part in parts], flat if self._is_apart else None)

    def __call__(self, rows: Tensor, interrupted: Interruption) -> Found:
        """(k,) losses and (k,) shares classified right, float32.

        Args:
            rows: Anywhere: states (k, p). On a plane: (k, 3), how much there is of base, d1, d2.
            interrupted: Looked at every few milliseconds.

        Raises:
            Interrupted: ``interrupted`` said so.
        """
        if not len(rows):
            return rows.new_zeros(0), rows.new_zeros(0) if self._classifies else None
        groups = torch.split(rows, self._group_size())
        return _joined([self._scores(group, interrupted) for group in groups], torch.cat)

    def _scores(self, rows: Tensor, interrupted: Interruption) -> Found:
        numbers = rows[:, self._start :] if self._axes is None else torch.mm(rows, self._axes)
        parts = range(len(self._judges))
        found = [self._on_part(part, rows, numbers, interrupted) for part in parts]
        loss, right = _joined(found, _added)
        return loss / self._samples, None if right is None else right / self._samples

    def _need(self, sample: Sample) -> int:
        """About how many bytes it takes: what is kept of all samples, and one part's work."""
        kept = 3 * _values(self._first) if self._is_apart else 0
        kept += torch.Size(self._first.shape.input_shape).numel() if self._index else 0
        work = self._part_size() * self._widest * self._side_by_side() * 6
        numbers = (3 + self._group_size()) * (self._replica.size - self._start)
        return 4 * (len(sample) * kept + work + numbers)

    @abstractmethod
    def _part_size(self) -> int:
        """Samples at a time."""

    @abstractmethod
    def _group_size(self) -> int:
        """Points at a time,"""

    @abstractmethod
    def _side_by_side(self) -> int:
        """of which so many have their values in memory at once."""

    @abstractmethod
    def _prepare(self, inputs: list[Tensor], flat: Flat | None) -> None:
        """Keeps each part's inputs of the first layer; or its z on the plane, taken apart."""

    @abstractmethod
    def _on_part(
        self, part: int, rows: Tensor, numbers: Tensor, interrupted: Interruption
    ) -> Found:
        """Losses on one part, of parameters whose last ones are ``numbers`` (k, p')."""


class Stacked(Scorer):
    """Dense layers of k networks at once."""

    def _part_size(self) -> int:
        fair = ELEMENTS * self._many // (8 * self._widest)
        return min(self._samples, max(FEWEST, fair))

    def _group_size(self) -> int:
        values = self._widest * self._part_size()
        most = min(MOST * self._many, NUMBERS // max(1, self._replica.size - self._start))
        return max(1, min(most, ELEMENTS * self._many // values))

    def _side_by_side(self) -> int:
        return self._group_size()

    def _prepare(self, inputs: list[Tensor], flat: Flat | None) -> None:
        replica, index = self._replica, self._index
        self._layers = StackedLayers(
            replica.blocks[index:],
            ParameterPlaces(replica, self._start),
            starts_at_z=self._is_apart,
            ends_at_z=True,
        )
        if flat is None:
            self._inputs = [x.T.contiguous() for x in inputs]
        else:
            self._firsts = [DenseFirst(taken_apart(replica, index, flat, x)) for x in inputs]

    def _on_part(
        self, part: int, rows: Tensor, numbers: Tensor, interrupted: Interruption
    ) -> Found:
        if interrupted():
            raise Interrupted
        x = self._firsts[part](rows) if self._is_apart else self._inputs[part]
        z = self._layers(x, numbers)
        return self._judges[part](z if z.dim() == 3 else z.expand(len(rows), *z.shape))


class OneByOne(Scorer):
    """Any layers, one network after another: where matrices are large nothing is lost by it."""

    def _part_size(self) -> int:
        fair = IMAGE_ELEMENTS // self._widest
        return min(self._samples, max(8, min(IMAGES, fair)) * self._many)

    def _group_size(self) -> int:
        return max(1, min(IMAGES, NUMBERS // max(1, self._replica.size - self._start)))

    def _side_by_side(self) -> int:
        return 1

    def _prepare(self, inputs: list[Tensor], flat: Flat | None) -> None:
        replica, index = self._replica, self._index
        self._operations = replica.behind(index)
        self._firsts: list[ImageFirst] = []
        self._inputs = inputs if flat is None else []
        if flat is not None:
            self._take_apart(inputs, flat)
        device = inputs[0].device
        self._operations = with_fewer_products(self._operations, device)

    def _take_apart(self, inputs: list[Tensor], flat: Flat) -> None:
        replica, index = self._replica, self._index
        window = window_of(self._operations[1]) if len(self._operations) > 1 else 1
        self._operations = self._operations[2 if window > 1 else 1 :]
        bend = None
        if self._operations and self._operations[0] is self._first.activation:
            bend = self._operations.pop(0)
        transform = self._first.transform
        for x in inputs:
            apart = taken_apart(replica, index, flat, x)
            blank = blank_places(x, transform, window)
            self._firsts.append(ImageFirst(apart, window, blank, bend))

    def _on_part(
        self, part: int, rows: Tensor, numbers: Tensor, interrupted: Interruption
    ) -> Found:
        places = rows[:, 1:].tolist() if self._is_apart else [(0.0, 0.0)] * len(rows)
        found = []
        for at, vector in zip(places, numbers, strict=True):
            if interrupted():
                raise Interrupted
            self._replica.write(vector, self._start)
            x = self._firsts[part](*at) if self._is_apart else self._inputs[part]
            z = through(self._operations, x)
            found.append(self._judges[part](z.T.unsqueeze(0)))
        return _joined(found, torch.cat)


def scorer_of(replica: Replica, sample: Sample, loss: Loss, flat: Flat | None) -> Scorer:
    """The faster of the two ways for this network and plane."""
    dense = is_stackable(replica.blocks[replica.first_moved(flat) :])
    return (Stacked if dense else OneByOne)(replica, sample, loss, flat)


def _joined(found: list[Found], join: Callable[[list[Tensor]], Tensor]) -> Found:
    rights = [right for _, right in found if right is not None]
    return join([loss for loss, _ in found]), join(rights) if rights else None


def _added(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts).sum(0)


def _inside(blocks: list[Block]) -> list[Block]:
    return [module for block in blocks for module in block.modules() if isinstance(module, Block)]


def _values(block: Block) -> int:
    """How many values a sample has behind a layer."""
    return torch.Size(block.shape.output_shape).numel()
