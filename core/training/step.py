"""Loss and gradients of one batch: by autograd, and by replaying what autograd did once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.fx import GraphModule, Node
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.graph import CodeGen

from core.catalog.losses import Loss
from core.experiment.network import Network
from core.experiment.spec import Training


@dataclass(frozen=True)
class Penalty:
    """The L1 and L2 penalties: λ₁·Σ|w| + λ₂/2·Σw² over weights, not biases."""

    l1: float
    l2: float

    def __bool__(self) -> bool:
        """Whether there is anything to add."""
        return self.l1 > 0 or self.l2 > 0

    def value(self, weights: list[Tensor]) -> Tensor:
        """The penalty, 0-d."""
        total = weights[0].new_zeros(())
        for weight in weights:
            if self.l1:
                total = total + self.l1 * weight.abs().sum()
            if self.l2:
                total = total + 0.5 * self.l2 * weight.square().sum()
        return total


@dataclass(frozen=True)
class Clipping:
    """Gradient clipping: each entry to ± ``value`` first, then the whole to ``norm``."""

    norm: float | None
    value: float | None

    def __bool__(self) -> bool:
        """Whether there is anything to clip."""
        return self.norm is not None or self.value is not None

    def apply(self, gradients: list[Tensor]) -> None:
        """Clips in place, with the arithmetic of torch.nn.utils."""
        if self.value is not None:
            torch._foreach_clamp_min_(gradients, -self.value)
            torch._foreach_clamp_max_(gradients, self.value)
        if self.norm is not None:
            total = nn.utils.get_total_norm(gradients)
            # The factor of torch.nn.utils.clip_grads_with_norm_.
            torch._foreach_mul_(gradients, torch.clamp(self.norm / (total + 1e-6), max=1.0))


_recording = threading.Lock()
"""make_fx patches torch.nn.Module for all threads while it records, so one records at a time."""

Result = tuple[Tensor, Tensor, list[Tensor]]
"""Loss 0-d, z ``(n, outputs)``, gradients: a plain tuple, since it is made thousands of times
a second."""


Differentiate = Callable[[Tensor, Tensor], Result]
"""Inputs and targets of a batch to its loss, z and gradients."""


class EagerStep:
    """One forward pass and one call of autograd.

    Args:
        network: The live network, in training mode.
        loss: The loss.
        penalty: Added to the loss before differentiation.
    """

    def __init__(self, network: Network, loss: Loss, penalty: Penalty) -> None:
        self._network = network
        self._loss = loss
        self._penalty = penalty
        self._parameters = list(network.parameters())

    def __call__(self, inputs: Tensor, targets: Tensor) -> Result:
        """Loss, z and gradients of one batch."""
        with torch.inference_mode(False), torch.enable_grad():
            z = self._network(inputs)
            loss, total = objective(self._network, self._loss, self._penalty, z, targets)
            gradients = torch.autograd.grad(total, self._parameters)
        return loss.detach(), z.detach(), list(gradients)


def objective(
    network: Network,
    loss: Loss,
    penalty: Penalty,
    z: Tensor,
    targets: Tensor,
    *,
    a: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The data's loss, and what is differentiated: the same with the penalty added; both 0-d.

    ``a`` is the network's output where the caller has it already.
    """
    if a is None:
        a = z if loss.fuses else network.activate(z)
    value = loss.value(z, a, targets)
    return value, value + penalty.value(list(network.penalised())) if penalty else value


class Interrupted(Exception):  # noqa: N818  no error: somebody wants something else first
    """A step was given up half-way; nothing has changed."""


class PiecewiseStep:
    """A large batch in pieces, whose gradients add up to the batch's own.

    Bounds the memory that a step takes, and lets a command in between two pieces.

    Args:
        eager: Does each piece.
        piece: Samples a piece.
        prepare: Called with a piece's size before it: draws dropout masks.
    """

    def __init__(self, eager: Differentiate, piece: int, prepare: Callable[[int], None]) -> None:
        self._eager = eager
        self._piece = piece
        self._prepare = prepare
        self.interrupted: Callable[[], bool] = lambda: False

    def __call__(self, inputs: Tensor, targets: Tensor) -> Result:
        """Loss, z and gradients of one batch, to rounding those of :class:`EagerStep`.

        Raises:
            Interrupted: ``interrupted`` said so between two pieces.
        """
        losses: list[Tensor] = []
        zs: list[Tensor] = []
        gradients: list[Tensor] | None = None
        for start in range(0, len(inputs), self._piece):
            if start and self.interrupted():
                raise Interrupted
            part = slice(start, start + self._piece)
            share = len(inputs[part]) / len(inputs)
            self._prepare(len(inputs[part]))
            loss, z, found = self._eager(inputs[part], targets[part])
            losses.append(loss * share)
            zs.append(z)
            torch._foreach_mul_(found, share)
            gradients = found if gradients is None else _added(gradients, found)
        assert gradients is not None
        return torch.stack(losses).sum(), torch.cat(zs), gradients


def _added(total: list[Tensor], part: list[Tensor]) -> list[Tensor]:
    torch._foreach_add_(total, part)
    return total


class CapturedStep:
    """The operations of an eager step, recorded once by torch and replayed without bookkeeping.

    torch's ``make_fx`` runs the very forward pass and autograd call of :class:`EagerStep` and
    lists each aten operation they come down to; calling that list gives the same bits and spares
    building and walking autograd's graph, which for a small network is most of the time.
    One recording serves one shape of batch.
    """

    def __init__(self, network: Network, loss: Loss, penalty: Penalty) -> None:
        self._network = network
        self._loss = loss
        self._penalty = penalty
        self._recordings: dict[tuple[int, ...], Callable[..., Result]] = {}

    def __call__(self, inputs: Tensor, targets: Tensor) -> Result:
        """Loss, z and gradients of one batch: the bits of :class:`EagerStep`."""
        recording = self._recordings.get(inputs.shape)
        if recording is None:
            recording = self._record(inputs, targets)
            self._recordings[inputs.shape] = recording
        return recording(inputs, targets)

    def _record(self, inputs: Tensor, targets: Tensor) -> Callable[..., Result]:
        network = self._network
        names = [name for name, _ in network.named_parameters()]
        buffers = dict(network.named_buffers())
        count = len(names)

        def step(*tensors: Tensor) -> tuple[Tensor, ...]:
            state = dict(zip([*names, *buffers], tensors[:-2], strict=True))
            run = _Functional(network, self._loss, self._penalty)
            loss, total, z = torch.func.functional_call(run, run.rename(state), tensors[-2:])
            gradients = torch.autograd.grad(total, tensors[:count])
            return (loss.detach(), z.detach(), *gradients)

        with _recording, torch.inference_mode(False), torch.enable_grad():
            sample = [p.detach().clone().requires_grad_() for p in network.parameters()]
            kept = [buffer.clone() for buffer in buffers.values()]
            module = make_fx(step)(*sample, *kept, inputs.clone(), targets.clone())
        return _bound(straightened(module), network)


class _Functional(nn.Module):
    """Network, loss and penalty as one module, so that ``functional_call`` reaches all of it."""

    def __init__(self, network: Network, loss: Loss, penalty: Penalty) -> None:
        super().__init__()
        self.network = network
        self._loss = loss
        self._penalty = penalty

    @staticmethod
    def rename(state: dict[str, Tensor]) -> dict[str, Tensor]:
        """The network's names as this module sees them."""
        return {f"network.{name}": tensor for name, tensor in state.items()}

    def forward(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Loss, objective, z."""
        z = self.network(inputs)
        return *objective(self.network, self._loss, self._penalty, z, targets), z


def straightened(module: GraphModule) -> GraphModule:
    """The recorded graph without the nodes that only autograd needed, called with flat arguments.

    ``detach`` changes no value, and a transpose of a transpose is the tensor itself.
    """
    graph = module.graph
    graph.set_codegen(CodeGen())
    for node in list(graph.nodes):
        same = _same_value(node)
        if same is not None:
            node.replace_all_uses_with(same)
            graph.erase_node(node)
    graph.eliminate_dead_code()
    module.recompile()
    return module


def _same_value(node: Node) -> Node | None:
    aten = torch.ops.aten
    if node.target is aten.detach.default:
        return _node(node.args[0])
    if node.target is aten.t.default:
        inner = _node(node.args[0])
        if inner is not None and inner.target is aten.t.default:
            return _node(inner.args[0])
    return None


def _node(argument: Any) -> Node | None:
    return argument if isinstance(argument, Node) else None


def _bound(module: GraphModule, network: Network) -> Callable[..., Result]:
    """The recording with the live parameters and buffers filled in."""
    run = module.forward
    parameters = list(network.parameters())
    buffers = network.named_buffers

    if not network.has_dropout:
        fixed = (*parameters, *(buffer for _, buffer in buffers()))

        def replay(inputs: Tensor, targets: Tensor) -> Result:
            loss, z, *gradients = run(*fixed, inputs, targets)
            return loss, z, gradients

        return replay

    def replay_with_masks(inputs: Tensor, targets: Tensor) -> Result:
        loss, z, *gradients = run(*parameters, *(b for _, b in buffers()), inputs, targets)
        return loss, z, gradients

    return replay_with_masks


def penalty_of(training: Training) -> Penalty:
    """The penalties of a description."""
    return Penalty(training.l1, training.l2)


def clipping_of(training: Training) -> Clipping:
    """The clipping of a description."""
    return Clipping(training.clip_norm, training.clip_value)
