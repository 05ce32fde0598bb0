"""The first layer that a plane moves, taken apart.

z of a dense or convolutional layer is linear in its parameters: z(base + x·d1 + y·d2) is
z(base) + x·z(d1) + y·z(d2), the three computed once; so is batch norm's in evaluation mode. What
stands before that layer is the same at all points and computed once too.
"""

from __future__ import annotations

from functools import reduce, singledispatch

import torch
from torch import Tensor, nn

from core.experiment.network import Block, MaskedDropout
from core.landscape.losses.arena import Flat
from core.landscape.losses.replica import Operation, Replica, Sample

Size = tuple[int, int]
"""Rows and columns."""


def seen(x: Tensor, blocks: list[Block]) -> Tensor:
    """How much of images x (n, channels, rows, columns) a row of layers looks at.

    Pooling leaves an incomplete window at the edge out, so that of 11x11 values only 10x10 are
    ever seen, and the convolution before it need not compute the others. The layers give the same
    of the part as of the whole. What is no image comes back as it is.
    """
    if x.dim() != 4:
        return x
    needed: Size | None = None
    for block in reversed(blocks):
        shape = block.shape.input_shape
        reach = seen_by(block.transform, needed) if needed is not None else None
        whole = (shape[1], shape[2]) if len(shape) == 3 else None
        needed = reach or whole
    assert needed is not None
    return x[:, :, : needed[0], : needed[1]]


@singledispatch
def seen_by(transform: nn.Module, needed: Size) -> Size | None:
    """What a layer has to see to give the first so many rows and columns; None for everything."""
    return None


for _kind in (nn.Identity, nn.BatchNorm2d, MaskedDropout):
    seen_by.register(_kind, lambda _transform, needed: needed)


@seen_by.register
def _(transform: nn.Conv2d, needed: Size) -> Size | None:
    if any(transform.padding):
        return None  # with fewer rows the zeros would come too early
    rows, columns = zip(needed, transform.kernel_size, transform.stride, strict=True)
    return _along(*rows), _along(*columns)


@seen_by.register(nn.MaxPool2d)
@seen_by.register(nn.AvgPool2d)
def _(transform: nn.MaxPool2d | nn.AvgPool2d, needed: Size) -> Size | None:
    window, stride = transform.kernel_size, transform.stride
    assert isinstance(window, int)
    assert isinstance(stride, int)
    return _along(needed[0], window, stride), _along(needed[1], window, stride)


def _along(needed: int, window: int, stride: int) -> int:
    return (needed - 1) * stride + window


LINEAR = (nn.Linear, nn.Conv2d, nn.BatchNorm1d, nn.BatchNorm2d)
"""Whose z is linear in the parameters, the bias among them."""

CHUNK = 64
"""Samples at a time: of images more leave the cache."""


def entering(replica: Replica, index: int, sample: Sample) -> Tensor:
    """(n, *shape) what a layer is given, with the parameters that the replica holds."""
    operations = replica.before(index)
    if not operations:
        return sample.inputs
    return torch.cat([through(operations, x) for x in torch.split(sample.inputs, CHUNK)])


def through(operations: list[Operation], x: Tensor) -> Tensor:
    """What comes of x by one operation after another."""
    return reduce(lambda found, operation: operation(found), operations, x)


def taken_apart(replica: Replica, index: int, flat: Flat, x: Tensor) -> list[Tensor]:
    """A layer's z (n, *shape) of its inputs x (n, *shape): at base, and what d1 and d2 add to it.

    Overwrites that layer's parameters in the replica.
    """
    start, end = replica.starts[index], replica.starts[index + 1]
    found: list[Tensor] = []
    for vector in (flat.base, flat.d1, flat.d2):
        replica.write(vector[start:end], start)
        found.append(replica.blocks[index].transform(x))
    return found


class DenseFirst:
    """z (k, units, n) of a first layer taken apart, for some samples.

    Args:
        apart: Three times (n, units), as :func:`taken_apart` gives them for these samples.
    """

    def __init__(self, apart: list[Tensor]) -> None:
        self._shape = apart[0].T.shape
        self._apart = torch.stack([z.T for z in apart]).flatten(1)

    def __call__(self, coefficients: Tensor) -> Tensor:
        """At points given by coefficients (k, 3) of base, d1 and d2."""
        return torch.mm(coefficients, self._apart).view(len(coefficients), *self._shape)


class ImageFirst:
    """What a first layer taken apart gives, one point after another, for some samples.

    Where the windows of a maximum do not overlap, the values that stand at one place of their
    window are laid out together; the pooling is then a maximum of a few such layers, twice as
    fast as looking through windows. What is blank is computed once for all blank places.

    Args:
        apart: Three times (n, ...), as :func:`taken_apart` gives them for these samples.
        window: The side of the windows that are pooled first; 1 where there are none.
        blank: (n, rows, columns) where nothing is seen, behind the pooling; None if nowhere.
        bend: The activation that comes next; None if it is something else.
    """

    def __init__(
        self, apart: list[Tensor], window: int, blank: Tensor | None, bend: Operation | None
    ) -> None:
        places = [(row, column) for row in range(window) for column in range(window)]
        phases = [[_places_last(z, window, *at) for z in apart] for at in places]
        self._shape = phases[0][0].shape
        self._where: Tensor | None = None
        if blank is not None:
            chosen, self._where = _apart_from_blank(blank.flatten())
            phases = [[z.flatten(0, 2).index_select(0, chosen) for z in phase] for phase in phases]
        self._phases = phases
        self._scratch = [torch.empty_like(phase[0]) for phase in phases[:2]]
        self._bend = bend

    def __call__(self, x: float, y: float) -> Tensor:
        """(n, ...) at a point of the plane, in memory that may be used again for the next."""
        largest = self._scratch[0]
        for index, (base, d1, d2) in enumerate(self._phases):
            z = torch.add(base, d1, alpha=x, out=self._scratch[index > 0]).add_(d2, alpha=y)
            if index:
                torch.maximum(largest, z, out=largest)
        a = largest if self._bend is None else self._bend(largest)
        if self._where is not None:
            a = a.index_select(0, self._where).view(self._shape)
        return a.permute(0, 3, 1, 2) if a.dim() == 4 else a


def _places_last(z: Tensor, window: int, row: int, column: int) -> Tensor:
    """One place of each window of images (n, channels, ...), the channels last; others as is."""
    if z.dim() != 4:
        return z
    rows, columns = (size // window * window for size in z.shape[2:])
    part = z[:, :, row:rows:window, column:columns:window]
    return part.permute(0, 2, 3, 1).contiguous()


def _apart_from_blank(blank: Tensor) -> tuple[Tensor, Tensor]:
    """The first blank place and all that are not; and where among these each place is found."""
    seen = (~blank).nonzero().flatten()
    where = torch.zeros(len(blank), dtype=torch.int64, device=blank.device)
    where[seen] = torch.arange(1, len(seen) + 1, device=blank.device)
    return torch.cat((blank.nonzero().flatten()[:1], seen)), where


BLANK_ENOUGH = 0.25
"""Share of places from which it pays to leave the blank ones out."""


def blank_places(x: Tensor, transform: nn.Module, window: int) -> Tensor | None:
    """Where a convolution, and a pooling behind it, look at nothing but zeros.

    Half of a picture of a digit is empty, and gives the bias alone wherever it is looked at.

    Args:
        x: (n, channels, rows, columns).
        transform: The first layer's.
        window: The side of the windows pooled behind it; 1 for none.

    Returns:
        (n, rows, columns) behind the pooling; None where that is not worth while.
    """
    if not isinstance(transform, nn.Conv2d):
        return None
    strides, paddings = transform.stride, transform.padding
    sides = [(window - 1) * t + k for t, k in zip(strides, transform.kernel_size, strict=True)]
    assert not isinstance(paddings, str)
    if any(2 * padding > side for padding, side in zip(paddings, sides, strict=True)):
        return None
    most = x.abs().amax(1, keepdim=True)
    found = nn.functional.max_pool2d(most, sides, [window * t for t in strides], paddings) == 0
    return found.squeeze(1) if float(found.float().mean()) >= BLANK_ENOUGH else None


def window_of(operation: Operation) -> int:
    """The side of the windows of a pooling that :class:`ImageFirst` can do; 1 of all else."""
    if not isinstance(operation, nn.MaxPool2d) or operation.stride != operation.kernel_size:
        return 1
    assert isinstance(operation.kernel_size, int)
    return operation.kernel_size
