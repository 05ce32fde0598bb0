"""How much of an image a row of layers looks at.

Pooling leaves an incomplete window at the edge out, so that of 11×11 values only 10×10 are ever
seen, and the convolution before it need not compute the others.
"""

from __future__ import annotations

from functools import singledispatch

from torch import Tensor, nn

from core.network import Block, MaskedDropout

Size = tuple[int, int]
"""Rows and columns."""


def seen(x: Tensor, blocks: list[Block]) -> Tensor:
    """The part of images x (n, channels, rows, columns) that decides what comes of them.

    The layers give the same of the part as of the whole. What is no image comes back as it is.
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


@seen_by.register(nn.Identity)
@seen_by.register(nn.BatchNorm2d)
@seen_by.register(MaskedDropout)
def _(transform: nn.Module, needed: Size) -> Size | None:
    return needed


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
