"""Everything a run needs to go on from a step exactly as it would have gone; packed or not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from mmap import mmap

import torch
from torch import Tensor, nn

APART = 2**16
"""Bytes of floats from which a state has pages of its own."""

OBJECT = 1000
"""Bytes that a packed state takes beside its numbers: two tensors, and Python's objects."""


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A copy of what one training step changes.

    Attributes:
        step, epoch_step: Updates made, of them in the present epoch.
        epoch: Whole epochs behind it.
        tensors: Parameters and persistent buffers, in the module's order.
        optimizer: torch's state of each parameter, by its index.
        generator: The state of the generator that draws dropout masks.
    """

    step: int
    epoch: int
    epoch_step: int
    tensors: tuple[Tensor, ...]
    optimizer: dict[int, dict[str, Tensor]]
    generator: Tensor

    @property
    def bytes(self) -> int:
        """The memory it takes."""
        return sum(tensor.nbytes for tensor in _tensors(self))


def live_tensors(network: nn.Module) -> list[Tensor]:
    """Parameters, then persistent buffers: what ``TrainingState.tensors`` copies."""
    return list(network.state_dict(keep_vars=True).values())


def parameter_vector(network: nn.Module) -> Tensor:
    """(p,) float32, a copy of all parameters in the order of ``network.parameters()``."""
    with torch.no_grad():
        return torch.cat([p.detach().reshape(-1) for p in network.parameters()])


def copy_tensors(network: nn.Module) -> tuple[Tensor, ...]:
    """Detached copies of the live tensors, on their device."""
    return tuple(tensor.detach().clone() for tensor in live_tensors(network))


def write_tensors(network: nn.Module, tensors: tuple[Tensor, ...]) -> None:
    """Writes copies back into the live tensors, in place."""
    with torch.inference_mode():
        for live, kept in zip(live_tensors(network), tensors, strict=True):
            live.copy_(kept)


def copy_optimizer(optimizer: torch.optim.Optimizer) -> dict[int, dict[str, Tensor]]:
    """Copies of the optimizer's tensors by the index of their parameter."""
    parameters = optimizer.param_groups[0]["params"]
    return {
        index: {
            name: value.clone()
            for name, value in optimizer.state[parameter].items()
            if isinstance(value, Tensor)
        }
        for index, parameter in enumerate(parameters)
        if parameter in optimizer.state
    }


def write_optimizer(optimizer: torch.optim.Optimizer, state: dict[int, dict[str, Tensor]]) -> None:
    """Gives the optimizer copies of kept tensors as its state; the rest of its state goes."""
    parameters = optimizer.param_groups[0]["params"]
    optimizer.state.clear()
    with torch.inference_mode():
        for index, tensors in state.items():
            parameter = parameters[index]
            optimizer.state[parameter] = {
                name: _beside(tensor, parameter) for name, tensor in tensors.items()
            }


def _beside(kept: Tensor, parameter: Tensor) -> Tensor:
    """A copy where a fused kernel looks for it.

    On the parameter's device: the step count may have lived elsewhere. And laid out as the
    parameter is: the kernel pairs numbers by where they lie in memory, and packed states have
    lost the order that a convolution's weights lie in.
    """
    if kept.shape != parameter.shape:
        return kept.to(parameter.device, copy=True)
    return torch.empty_like(parameter, dtype=kept.dtype).copy_(kept)


def on_cpu(state: TrainingState) -> TrainingState:
    """The same state in main memory."""
    return replace(
        state,
        tensors=tuple(tensor.cpu() for tensor in state.tensors),
        optimizer={
            index: {name: tensor.cpu() for name, tensor in tensors.items()}
            for index, tensors in state.optimizer.items()
        },
        generator=state.generator.cpu(),
    )


@dataclass(frozen=True, eq=False)
class Packed:
    """A state whose floats lie in one tensor, and whose other numbers stand apart.

    A small state's tensors would each take some hundred bytes beside their numbers: ten thousand
    states of 105 parameters with Adam took 477 MB as lists of tensors, and 12 MB as rows.

    Attributes:
        step, epoch, epoch_step: As in the state.
        layout: What lies where; shared by all states of one network and optimizer.
        floats: (k,) float32.
        others: What is no float32 (batch norm's counts), in the layout's order.
        generator: Shared with the state before, where it has not moved.
    """

    step: int
    epoch: int
    epoch_step: int
    layout: PackedLayout
    floats: Tensor
    others: tuple[Tensor, ...]
    generator: Tensor
    bytes: int

    def unpacked(self) -> TrainingState:
        """The state; its tensors are views, to be read only."""
        tensors, optimizer = self.layout.split(self.floats, self.others)
        return TrainingState(
            self.step, self.epoch, self.epoch_step, tensors, optimizer, self.generator
        )


class PackedLayout:
    """Where the tensors of a state lie in its packed form."""

    def __init__(self, state: TrainingState) -> None:
        self.key = _key(state)
        rows = _tensors(state)
        self._shapes = [tensor.shape for tensor in rows]
        self._floating = [_is_float(tensor) for tensor in rows]
        self._sizes = [tensor.numel() for tensor in rows if _is_float(tensor)]
        self._count = len(state.tensors)
        self._names = [(index, name) for index, found in state.optimizer.items() for name in found]

    def pack(self, state: TrainingState, before: Packed | None) -> Packed:
        """A state in this layout; what it shares with the one before is kept once."""
        rows = _tensors(state)
        device = rows[0].device
        floats = torch.cat([row.reshape(-1).to(device) for row in rows if _is_float(row)])
        if floats.nbytes >= APART and floats.device.type == "cpu":
            floats = _apart(floats)
        others = tuple(row for row in rows if not _is_float(row))
        generator, size = state.generator, state.generator.nbytes
        if before is not None and torch.equal(before.generator, generator):
            generator, size = before.generator, 0
        size += floats.nbytes + sum(tensor.nbytes for tensor in others) + OBJECT
        place = (state.step, state.epoch, state.epoch_step)
        return Packed(*place, self, floats, others, generator, size)

    def split(
        self, floats: Tensor, others: tuple[Tensor, ...]
    ) -> tuple[tuple[Tensor, ...], dict[int, dict[str, Tensor]]]:
        """The tensors and the optimizer's state again, as views."""
        parts, rest = iter(torch.split(floats, self._sizes)), iter(others)
        rows = [
            next(parts).view(shape) if floating else next(rest)
            for shape, floating in zip(self._shapes, self._floating, strict=True)
        ]
        optimizer: dict[int, dict[str, Tensor]] = {}
        for (index, name), tensor in zip(self._names, rows[self._count :], strict=True):
            optimizer.setdefault(index, {})[name] = tensor
        return tuple(rows[: self._count]), optimizer


def _apart(floats: Tensor) -> Tensor:
    """A copy in pages of its own.

    Kept among the buffers that each step asks for and gives back, large states would cut the room
    for these to pieces, and the memory in use would grow: a sixth of the CNN's time.
    """
    copy = torch.frombuffer(mmap(-1, floats.nbytes), dtype=floats.dtype)
    return copy.copy_(floats)


def pack(state: TrainingState, before: Packed | None) -> Packed:
    """A state packed, in the layout of the one before where that fits."""
    if before is not None and before.layout.key == _key(state):
        return before.layout.pack(state, before)
    return PackedLayout(state).pack(state, before)


def _tensors(state: TrainingState) -> list[Tensor]:
    """All of a state's, the optimizer's last."""
    return [*state.tensors, *(t for found in state.optimizer.values() for t in found.values())]


def _is_float(tensor: Tensor) -> bool:
    return tensor.dtype == torch.float32


def _key(state: TrainingState) -> tuple[object, ...]:
    """What two states of one layout have in common."""
    return (
        *(tensor.shape for tensor in state.tensors),
        *((index, *found) for index, found in state.optimizer.items()),
    )
