"""How a run's steps are differentiated: by replay of what autograd did once, whole or in pieces."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.fx import GraphModule, Node
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.graph import CodeGen

from core.experiment.faults.seams import LossRule
from core.experiment.network import Network
from core.training import warmup
from core.training.evaluation import widest
from core.training.step import (
    Differentiate,
    EagerStep,
    Interrupted,
    Penalty,
    PiecewiseStep,
    Result,
    Whole,
    objective,
)

CAPTURE_AFTER = 16
"""Steps taken plainly before one is recorded: recording costs some tens of plain steps."""

PIECE = 4096
"""The most samples to be differentiated at once; beyond it nothing is gained but memory lost."""

PIECE_ELEMENTS = 2**22
"""The most values of the widest layer to be differentiated at once: some 50 ms of work on a CPU."""

_recording = threading.Lock()
"""make_fx patches torch.nn.Module for all threads while it records, so one records at a time."""


class CapturedStep(EagerStep):
    """The operations of an eager step, recorded once by torch and replayed without bookkeeping.

    torch's ``make_fx`` runs the very forward pass and autograd call of :class:`EagerStep` and
    lists each aten operation they come down to; calling that list gives the same bits and spares
    building and walking autograd's graph, which for a small network is most of the time.
    One recording serves one shape of batch.
    """

    def __init__(self, network: Network, loss: LossRule, penalty: Penalty) -> None:
        super().__init__(network, loss, penalty)
        self._recordings: dict[tuple[int, ...], Callable[..., Result]] = {}

    def __call__(self, inputs: Tensor, targets: Tensor) -> Result:
        recording = self._recordings.get(inputs.shape)
        if recording is None:
            recording = self._record(inputs, targets)
            self._recordings[inputs.shape] = recording
        return recording(inputs, targets)

    def _record(self, inputs: Tensor, targets: Tensor) -> Callable[..., Result]:
        network = self._network
        parameters, buffers = dict(network.named_parameters()), dict(network.named_buffers())
        names = [f"network.{name}" for name in (*parameters, *buffers)]

        def step(*tensors: Tensor) -> tuple[Tensor, ...]:
            run = _Functional(network, self._loss, self._penalty)
            state = dict(zip(names, tensors[:-2], strict=True))
            loss, total, z = torch.func.functional_call(run, state, tensors[-2:])
            gradients = torch.autograd.grad(total, tensors[: len(parameters)])
            return (loss.detach(), z.detach(), *gradients)

        with _recording, torch.inference_mode(False), torch.enable_grad():
            sample = [p.detach().clone().requires_grad_() for p in parameters.values()]
            kept = [buffer.clone() for buffer in buffers.values()]
            module = make_fx(step)(*sample, *kept, inputs.clone(), targets.clone())
        return _bound(straightened(module), network)


class _Functional(nn.Module):
    """Network, loss and penalty as one module, so that ``functional_call`` reaches all of it."""

    def __init__(self, network: Network, loss: LossRule, penalty: Penalty) -> None:
        super().__init__()
        self.network = network
        self._loss = loss
        self._penalty = penalty

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
    inner = node.args[0] if node.args else None
    if node.target is aten.t.default and isinstance(inner, Node) and inner.target is node.target:
        inner = inner.args[0]
    elif node.target is not aten.detach.default:
        return None
    return inner if isinstance(inner, Node) else None


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


class Differentiation:
    """Chooses how the steps to come are differentiated.

    Args:
        network: The live network.
        loss: The loss.
        penalty: Added to it.
        generator: Draws the dropout masks.
        divides: Whether a large batch may be divided; batch norm looks at the whole.

    Attributes:
        eager: One call of autograd.
        piece: The most samples to be differentiated at once.
        whole: What the pieces of a batch know of it.
    """

    def __init__(
        self,
        network: Network,
        loss: LossRule,
        penalty: Penalty,
        generator: torch.Generator,
        *,
        divides: bool,
    ) -> None:
        self.whole = Whole()
        self.eager = EagerStep(network, loss, penalty, self.whole)
        elements = PIECE_ELEMENTS * (1 if generator.device.type == "cpu" else 64)
        piece = max(1, min(PIECE, elements // widest(network))) if divides else sys.maxsize
        self.piece = piece
        self._captured = CapturedStep(network, loss, penalty)
        self._network = network
        self._generator = generator
        self._piecewise = PiecewiseStep(self.eager, piece, self.draw_masks, self.whole)

    def draw_masks(self, samples: int) -> None:
        """Draws the masks of so many samples."""
        self._network.draw_masks(samples, self._generator)

    def choose(self, samples: int, taken: int, interrupted: Callable[[], bool]) -> Differentiate:
        """In pieces where a batch is large; by replay where that can be had without waiting.

        Args:
            samples: The size of a batch.
            taken: Steps already taken by the same network, loss and penalty.
            interrupted: Looked at between two pieces.
        """
        if samples > self.piece:
            self._piecewise.interrupted = interrupted
            return self._in_pieces
        if taken >= CAPTURE_AFTER:
            warmup.begin()
            if warmup.is_done():
                return self._captured
        return self.eager

    def around(self, eager: Differentiate, samples: int) -> Differentiate:
        """Something in the place of autograd's call, in pieces where a batch is large."""
        large = samples > self.piece
        return PiecewiseStep(eager, self.piece, self.draw_masks, self.whole) if large else eager

    def _in_pieces(self, inputs: Tensor, targets: Tensor) -> Result:
        """A large step; one given up half-way leaves the masks to come as they were."""
        generator = self._generator.get_state()
        try:
            return self._piecewise(inputs, targets)
        except Interrupted:
            self._generator.set_state(generator)
            raise
