"""What float32 may round off a gradient, found by disturbing a float64 computation as it would.

Stochastic arithmetic: Vignes 1978, "New methods for evaluating the validity of the results of
mathematical computations", the CESTAC method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from core.network import Block, Network, Skip

EPSILON = float(torch.finfo(torch.float32).eps)

TRIALS = 3
"""As in CESTAC: one disturbance alone may happen to cancel."""


def float32_noise(network: Network, objective: Callable[[], Tensor], *, fused: bool) -> list[float]:
    """How far rounding to float32 may move the gradients of an objective.

    All that goes into a layer or comes out of it, and each gradient on its way back, is
    multiplied by 1 + ε u with u random from -1 to 1. So an error a - y of two numbers that
    nearly cancel, or a feature that batch norm divides by hardly any spread, is disturbed as
    much as float32 disturbs it, which cannot be read from the size of the gradient.

    Args:
        network: In float64.
        objective: Runs it forwards, and gives what is differentiated, 0-d.
        fused: Whether the loss is computed from z, so that a - y is a difference inside of it.

    Returns:
        For each parameter the largest change of any of its numbers.
    """
    parameters = list(network.parameters())
    with torch.enable_grad():
        exact = torch.autograd.grad(objective(), parameters)
        with _disturbed(network, fused):
            trials = [torch.autograd.grad(objective(), parameters) for _ in range(TRIALS)]
    return [
        max([EPSILON * _largest(plain), *(_largest(one - plain) for one in moved)])
        for plain, *moved in zip(exact, *trials, strict=True)
    ]


def _largest(tensor: Tensor) -> float:
    return float(tensor.abs().max())


@contextmanager
def _disturbed(network: Network, fused: bool) -> Iterator[None]:
    generator = torch.Generator().manual_seed(0)

    def disturb(tensor: Tensor) -> Tensor:
        u = torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
        return tensor * (1 + EPSILON * (2 * u - 1))

    def into(_module: nn.Module, given: tuple[Tensor]) -> tuple[Tensor]:
        return (_both_ways(given[0], disturb),)

    def out_of(_module: nn.Module, _given: Any, made: Tensor) -> Tensor:
        return _both_ways(made, disturb)

    def error(_module: nn.Module, _given: Any, z: Tensor) -> Tensor:
        a = network.activate(z.detach())
        rounded = (disturb(a) - a) / len(a)  # no fused loss weighs a sample by more than 1/n
        return _with_gradient(z.view_as(z), lambda gradient: gradient + rounded)

    modules = list(_operations(network))
    handles = [module.register_forward_pre_hook(into) for module in modules]
    handles += [module.register_forward_hook(out_of) for module in modules]
    if fused:
        last = network.layers[-1]
        assert isinstance(last, Block)
        handles.append(last.transform.register_forward_hook(error))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _both_ways(tensor: Tensor, disturb: Callable[[Tensor], Tensor]) -> Tensor:
    return _with_gradient(disturb(tensor), disturb)


def _with_gradient(tensor: Tensor, changed: Callable[[Tensor], Tensor]) -> Tensor:
    """The same tensor, whose gradient is changed on its way back."""
    if tensor.requires_grad:
        tensor.register_hook(changed)  # type: ignore[no-untyped-call]
    return tensor


def _operations(network: Network) -> Iterator[nn.Module]:
    for block in network.modules():
        if isinstance(block, Block):
            yield from (m for m in (block.transform, block.activation) if not isinstance(m, Skip))
