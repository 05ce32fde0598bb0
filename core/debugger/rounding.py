"""How large the summands of each gradient are, which is what float32 rounds relative to.

A gradient is a sum over samples of delta times input, and the first delta is an error a - y. Each
of these sums and differences may come to nearly nothing, and what was rounded off its summands
then stands beside it, however small it is.
"""

from __future__ import annotations

from functools import singledispatch

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.catalog.losses import Loss
from core.network import Block, Network

Norm = nn.BatchNorm1d | nn.BatchNorm2d


def summands(network: Network, loss: Loss, inputs: Tensor, targets: Tensor) -> dict[int, float]:
    """The largest sum of absolute summands within each parameter's gradient of the loss.

    They are what backpropagation would add up if a and y did not cancel in the output's error,
    nor the moments in batch norm.

    Args:
        network: In training mode; batch norm's running moments are lost.
        loss: The loss.
        inputs: The batch, (n, *shape).
        targets: As the loss takes them.

    Returns:
        By the ``id`` of the parameter.
    """
    norms = [module for module in network.modules() if isinstance(module, Norm)]
    for norm in norms:
        norm.momentum = 1.0
    with torch.no_grad():
        network(inputs)
    # With the batch's own moments as constants, a delta passes through undiminished.
    for norm in norms:
        norm.eval()
    found = _sizes(network, loss, inputs, targets)
    for norm in norms:
        norm.train()
    return found


def _sizes(network: Network, loss: Loss, inputs: Tensor, targets: Tensor) -> dict[int, float]:
    passed = _Passed(network)
    with torch.enable_grad():
        z = network(inputs)
        a = network.activate(z)
        output = z if loss.fuses else a
        value = loss.value(z, a, targets)
        gradient = torch.autograd.grad(value, output, retain_graph=True)[0]
        above = _uncancelled(gradient, a.detach(), _columns(loss, a, targets))
        deltas = torch.autograd.grad(output, [y for _, _, y in passed.through], above)
    passed.close()
    return {
        id(parameter): float(share.max())
        for (module, x, _), delta in zip(passed.through, deltas, strict=True)
        for parameter, share in zip(
            module.parameters(), shares(module, x.detach(), delta), strict=True
        )
    }


class _Passed:
    """What goes into each module with parameters, and what comes out, in a forward pass."""

    def __init__(self, network: Network) -> None:
        self.through: list[tuple[nn.Module, Tensor, Tensor]] = []
        owners = [block.transform for block in network.modules() if isinstance(block, Block)]
        self._handles = [
            module.register_forward_hook(self._note)
            for module in owners
            if any(True for _ in module.parameters(recurse=False))
        ]

    def _note(self, module: nn.Module, given: tuple[Tensor, ...], made: Tensor) -> None:
        self.through.append((module, given[0], made))

    def close(self) -> None:
        for handle in self._handles:
            handle.remove()


def _columns(loss: Loss, a: Tensor, targets: Tensor) -> Tensor:
    """The targets in the outputs' shape, (n, outputs)."""
    if loss.encoding == "columns":
        return targets
    return functional.one_hot(targets, a.shape[1]).to(a.dtype)


def _uncancelled(gradient: Tensor, a: Tensor, wanted: Tensor) -> Tensor:
    """The loss's gradient as it would be if a - y were the sum of both; (n, outputs).

    For every loss of the catalog it is a weight times a - y.
    """
    error = float((a - wanted).abs().sum())
    # No weight can be told of an error of nothing; none of the catalog's is larger than this.
    weight = float(gradient.abs().sum()) / error if error else 2 / len(a)
    signs = torch.where(gradient < 0, -1.0, 1.0).to(a.dtype)
    return signs * weight * (a.abs() + wanted.abs())


@singledispatch
def shares(module: nn.Module, x: Tensor, delta: Tensor) -> tuple[Tensor, ...]:
    """The sum of absolute summands for each number of a module's parameters.

    Args:
        module: What makes z of x, linear in its parameters.
        x: What goes in, (n, *input_shape).
        delta: The gradient that comes back, (n, *output_shape).
    """
    with torch.enable_grad():
        return torch.autograd.grad(module(x.abs()), list(module.parameters()), delta.abs())


@shares.register(nn.BatchNorm1d)
@shares.register(nn.BatchNorm2d)
def _(module: Norm, x: Tensor, delta: Tensor) -> tuple[Tensor, ...]:
    mean, variance = module.running_mean, module.running_var
    assert mean is not None
    # The mean is taken from x: rounding is relative to both, not to their difference.
    scaled = functional.batch_norm(x.abs(), -mean.abs(), variance, eps=module.eps)
    axes = [0, *range(2, x.dim())]
    return (scaled * delta.abs()).sum(axes), delta.abs().sum(axes)
