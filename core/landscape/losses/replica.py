"""A network of one's own, into which any parameters can be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn

from core.data import as_float
from core.experiment.layers import Conv2d, LayerShape, Path, walk
from core.experiment.network import Block, Network, evaluation_order
from core.landscape.losses.arena import Flat
from core.training.trainer import Trainer

QUICK_ENOUGH = 2048
"""Samples where nothing else is asked for,"""

QUICK_ENOUGH_IMAGES = 512
"""and where the network convolves."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Some of a training set, in an order of chance, so that its first few are a sample too.

    Attributes:
        inputs: (n, *shape) float32.
        targets: (n, ...) as the loss takes them.
        labels: (n,) int64; None for regression.
        of: So many samples an epoch draws.
    """

    inputs: Tensor
    targets: Tensor
    labels: Tensor | None
    of: int

    def __len__(self) -> int:
        """The number of samples."""
        return len(self.inputs)

    def part(self, where: slice) -> Sample:
        """Some of it, without copying."""
        labels = self.labels[where] if self.labels is not None else None
        return replace(self, inputs=self.inputs[where], targets=self.targets[where], labels=labels)

    def parts(self, size: int) -> list[slice]:
        """Where it lies in pieces of so many samples."""
        return [slice(at, min(at + size, len(self))) for at in range(0, len(self), size)]


def rows_drawn(trainer: Trainer, samples: int | None) -> Tensor:
    """(n,) int64: which training samples :func:`drawn` takes, by their rows in the data.

    They are of those that training draws: of balanced classes some come several times.
    """
    whole = trainer.batches.samples
    convolves = any(isinstance(layer, Conv2d) for _, layer in walk(trainer.spec.layers))
    count = min(whole, samples or (QUICK_ENOUGH_IMAGES if convolves else QUICK_ENOUGH))
    order = torch.randperm(whole, generator=torch.Generator().manual_seed(trainer.spec.seed))
    return trainer.batches.every()[order[:count]]


def drawn(trainer: Trainer, samples: int | None) -> Sample:
    """A copy of samples that a run trains on: the same ones for the same experiment.

    Args:
        trainer: Between two steps.
        samples: How many; None for as many as are quick enough.
    """
    spec, data = trainer.spec, trainer.data
    with torch.inference_mode(False):
        rows = rows_drawn(trainer, samples).to(trainer.device)
        labels = data.train_labels[rows]
        outputs = trainer.network.shapes[-1].output_shape[0]
        targets = spec.loss.encode(labels, data.shape.outputs, outputs)
        classes = labels if data.shape.task == "classification" else None
        return Sample(as_float(data.train_inputs[rows]), targets, classes, trainer.batches.samples)


BUSY = 32
"""Operations of a product of matrices in the time that one value takes to be written, bent and
read again."""

Operation = Callable[[Tensor], Tensor]


class Replica:
    """A copy of a learner's network in evaluation mode, beside the live one.

    A vector of parameters (p,) holds them one after another, as ``network.parameters()`` does.

    Args:
        shapes: The network's.
        buffers: Of batch norm, by their names in the state dict.
        knocked: Silenced units by the path of their layer.
        device: Where to compute.

    Attributes:
        network: The copy.
        parameters: Its own.
        spans: Where each lies in a vector.
        blocks: Its layers.
        starts: Where each layer's parameters begin in a vector; at last p.
    """

    def __init__(
        self,
        shapes: tuple[LayerShape, ...],
        buffers: Mapping[str, Tensor],
        knocked: Mapping[Path, frozenset[int]],
        device: torch.device,
    ) -> None:
        # What is born in inference mode could not be differentiated later.
        with torch.inference_mode(False), torch.no_grad():
            self.network = Network(shapes, 0).to(device).eval()
            self.network.knock_out(knocked)
            own = self.network.state_dict()
            for name, buffer in buffers.items():
                own[name].copy_(buffer)
        self.parameters = list(self.network.parameters())
        sizes = [parameter.numel() for parameter in self.parameters]
        ends = list(accumulate(sizes))
        self.spans = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.blocks: list[Block] = list(self.network.layers)  # type: ignore[arg-type]
        counts = [sum(p.numel() for p in block.parameters()) for block in self.blocks]
        self.starts = [0, *accumulate(counts)]

    @property
    def size(self) -> int:
        """How many numbers the parameters have together, p."""
        return self.starts[-1]

    def views(self, vector: Tensor) -> list[Tensor]:
        """The parameters that lie in a vector (p,), in their shapes."""
        pairs = zip(self.spans, self.parameters, strict=True)
        return [vector[span].view(parameter.shape) for span, parameter in pairs]

    def write(self, numbers: Tensor, start: int) -> None:
        """Writes a part of a vector, of whole parameters, that begins at ``start`` in it."""
        end = start + numbers.numel()
        for parameter, span in zip(self.parameters, self.spans, strict=True):
            if start <= span.start and span.stop <= end:
                part = numbers[span.start - start : span.stop - start]
                parameter.copy_(part.view(parameter.shape))

    def first_moved(self, flat: Flat | None) -> int:
        """The index of the first layer that a plane moves; the last layer's if none.

        Args:
            flat: The plane; None for the first layer that has parameters.
        """
        for index, (start, end) in enumerate(pairwise(self.starts)):
            moves = flat is None or bool(flat.d1[start:end].any() or flat.d2[start:end].any())
            if moves and end > start:
                return index
        return len(self.blocks) - 1

    def before(self, index: int) -> list[Operation]:
        """The operations of the layers before one."""
        return evaluation_order(nn.ModuleList(self.blocks[:index]))

    def behind(self, index: int) -> list[Operation]:
        """The operations from one layer's transform to the last layer's z."""
        order = evaluation_order(nn.ModuleList(self.blocks[index:]))
        ends_active = not isinstance(self.blocks[-1].activation, nn.Identity)
        return order[:-1] if ends_active else order

    def operations(self) -> int:
        """About how many operations a sample takes, its first products taken apart beforehand."""
        blocks = [module for module in self.network.modules() if isinstance(module, Block)]
        first = self.blocks[self.first_moved(None)]
        products = sum(_products(block) for block in blocks if block is not first)
        return products + BUSY * sum(torch.Size(b.shape.output_shape).numel() for b in blocks)


def _products(block: Block) -> int:
    weights = [p for p in block.transform.parameters(recurse=False) if p.dim() > 1]
    # A weight of a kernel is used at every place of the image.
    places = torch.Size(block.shape.output_shape[1:]).numel()
    return 2 * sum(weight.numel() for weight in weights) * places
