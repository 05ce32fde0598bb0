"""Training states in little room: one tensor each, however many parameters there are."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

import torch
from torch import Tensor

from core.training.state import TrainingState

APART = 2**16
"""Bytes of floats from which a state has pages of its own."""

OBJECT = 1000
"""Bytes that a packed state takes beside its numbers: two tensors, and Python's objects."""


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
    layout: Layout
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


class Layout:
    """Where the tensors of a state lie in its packed form."""

    def __init__(self, state: TrainingState) -> None:
        self.key = _key(state)
        rows = [*state.tensors, *_optimizer_tensors(state)]
        self._shapes = [tensor.shape for tensor in rows]
        self._floating = [tensor.dtype == torch.float32 for tensor in rows]
        self._sizes = [
            tensor.numel()
            for tensor, floating in zip(rows, self._floating, strict=True)
            if floating
        ]
        self._count = len(state.tensors)
        self._names = [(index, name) for index, found in state.optimizer.items() for name in found]

    def pack(self, state: TrainingState, before: Packed | None) -> Packed:
        """A state in this layout; what it shares with the one before is kept once."""
        rows = [*state.tensors, *_optimizer_tensors(state)]
        device = rows[0].device
        floats = torch.cat(
            [
                tensor.reshape(-1).to(device)
                for tensor, floating in zip(rows, self._floating, strict=True)
                if floating
            ]
        )
        if floats.nbytes >= APART and floats.device.type == "cpu":
            floats = _apart(floats)
        others = tuple(
            tensor for tensor, floating in zip(rows, self._floating, strict=True) if not floating
        )
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
    same = before is not None and before.layout.key == _key(state)
    layout = before.layout if same and before is not None else Layout(state)
    return layout.pack(state, before)


def _optimizer_tensors(state: TrainingState) -> list[Tensor]:
    return [tensor for found in state.optimizer.values() for tensor in found.values()]


def _key(state: TrainingState) -> tuple[object, ...]:
    """What two states of one layout have in common."""
    return (
        *(tensor.shape for tensor in state.tensors),
        *((index, *found) for index, found in state.optimizer.items()),
    )
