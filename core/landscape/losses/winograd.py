"""A convolution and the pooling behind it with two thirds of the multiplications.

Two neighbouring sums of three products, d0·g0 + d1·g1 + d2·g2 and d1·g0 + d2·g1 + d3·g2, can be had
from four products instead of six: F(2, 3) of Winograd 1980, "Arithmetic Complexity of
Computations", as Lavin and Gray 2016, arXiv:1509.09308, use it. Here d are rows of an image and g
rows of a kernel, so that each product is a convolution along the other axis; the two sums are
the rows of one window that is pooled. In float32 it is no less exact than the plain sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

from core.landscape.losses.replica import Operation

CHANNELS = 16
"""With fewer, adding rows takes longer than the multiplications that it saves."""


@dataclass(frozen=True, eq=False)
class PooledConvolution:
    """A 3×3 convolution with stride 1, and the maximum of each 2×2 window of it."""

    convolution: nn.Conv2d

    def __call__(self, x: Tensor) -> Tensor:
        """(n, channels, rows, columns) to half the rows and columns; reads weight and bias anew."""
        padding = self.convolution.padding
        assert not isinstance(padding, str)
        up, side = padding
        if up:
            x = pad(x, (0, 0, up, up))
        count = (x.shape[2] - 2) // 2 * 2
        d0, d1, d2, d3 = (x[:, :, row : row + count : 2] for row in range(4))
        rows = (d0 - d2, d1 + d2, d2 - d1, d1 - d3)
        kernels = _kernels(self.convolution.weight)
        pairs = zip(rows, kernels, strict=True)
        m0, m1, m2, m3 = (conv2d(row, kernel, padding=(0, side)) for row, kernel in pairs)
        first, second = m0.add_(m1).add_(m2), m1.sub_(m2).sub_(m3)
        found = _pooled_columns(torch.maximum(first, second, out=first))
        bias = self.convolution.bias
        return found if bias is None else found.add_(bias[:, None, None])


def _kernels(weight: Tensor) -> list[Tensor]:
    """(outputs, inputs, 1, 3) each: g0, (g0 + g1 + g2)/2, (g0 − g1 + g2)/2, g2."""
    g0, g1, g2 = weight.unbind(2)
    even, odd = (g0 + g2) * 0.5, g1 * 0.5
    parts = (g0, even + odd, even - odd, g2)
    return [part.unsqueeze(2).contiguous(memory_format=torch.channels_last) for part in parts]


def _pooled_columns(x: Tensor) -> Tensor:
    end = x.shape[3] // 2 * 2
    return torch.maximum(x[..., 0:end:2], x[..., 1:end:2])


def with_fewer_products(operations: list[Operation], device: torch.device) -> list[Operation]:
    """The same operations; a convolution and its pooling as one where that is faster.

    A graphics processor's own library chooses such a way by itself.
    """
    found: list[Operation] = []
    for operation in operations:
        last = found[-1] if found else None
        if device.type == "cpu" and isinstance(last, nn.Conv2d) and _suit(last, operation):
            found[-1] = PooledConvolution(last)
        else:
            found.append(operation)
    return found


def _suit(convolution: nn.Conv2d, pooling: Operation) -> bool:
    return (
        isinstance(pooling, nn.MaxPool2d)
        and pooling.kernel_size == pooling.stride == 2
        and convolution.kernel_size == (3, 3)
        and convolution.stride == (1, 1)
        and convolution.in_channels >= CHANNELS
    )
