"""A network written plainly with torch.nn, to compare with: one module a layer, in their order."""

import torch
from torch import nn

from core.experiment.layers import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Residual,
)
from core.experiment.network import MaskedDropout


class PlainSkip(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


class GivenMask(nn.Module):
    """Dropout with the mask of the network it is compared with."""

    def __init__(self, live):
        super().__init__()
        self.live = [live]  # in a list, so as not to become a child

    def forward(self, x):
        return x * self.live[0].mask if self.training else x


def plain(layers, shape, network):
    """The same row of layers as a Sequential, with a copy of the network's tensors."""
    masks = iter([m for m in network.modules() if isinstance(m, MaskedDropout)])
    reference = _row(layers, shape, masks)
    names = list(reference.state_dict())
    tensors = network.state_dict().values()
    reference.load_state_dict(
        {name: tensor.clone() for name, tensor in zip(names, tensors, strict=True)}
    )
    return reference.train(network.training)


def _row(layers, shape, masks):
    modules = []
    for layer in layers:
        modules += [_module(layer, shape, masks), *_activation(layer)]
        shape = layer.output_shape(shape)
    return nn.Sequential(*modules)


def _activation(layer):
    activation = layer.activation_of()
    return [] if activation is None else [activation.module()]


def _module(layer, shape, masks):  # noqa: PLR0911  one a layer
    match layer:
        case Dense():
            return nn.Linear(shape[0], layer.units, bias=layer.bias)
        case Conv2d():
            return nn.Conv2d(
                shape[0], layer.channels, layer.kernel, layer.stride, layer.padding, bias=layer.bias
            )
        case MaxPool2d():
            return nn.MaxPool2d(layer.size, layer.stride)
        case AvgPool2d():
            return nn.AvgPool2d(layer.size, layer.stride)
        case Flatten():
            return nn.Flatten()
        case BatchNorm() if len(shape) == 3:
            return nn.BatchNorm2d(shape[0], layer.eps, layer.momentum)
        case BatchNorm():
            return nn.BatchNorm1d(shape[0], layer.eps, layer.momentum)
        case Dropout():
            return GivenMask(next(masks))
        case Residual():
            return PlainSkip(_row(layer.layers, shape, masks))
    return nn.Identity()


def penalty(network, l1, l2):
    """λ₁·Σ|w| + λ₂/2·Σw² over weights of two dimensions or more."""
    weights = [p for p in network.parameters() if p.dim() > 1]
    total = torch.zeros(())
    for weight in weights:
        if l1:
            total = total + l1 * weight.abs().sum()
        if l2:
            total = total + 0.5 * l2 * (weight**2).sum()
    return total
