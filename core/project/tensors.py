"""Training states as named tensors, and back; what comes from a file is checked first."""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from core.catalog.base import Model
from core.errors import UserError
from core.training.state import TrainingState, on_cpu
from core.training.trainer import Trainer

Count = Annotated[int, Field(ge=0, le=10**12)]

MOST_TENSORS = 10_000
"""In one state; no network that can be built here has more."""


class StateFile(Model):
    """A state's place in the run, and which tensors it has; these lie beside it by name.

    Attributes:
        tensors: How many parameters and buffers: ``<prefix>.tensor.0`` and so on.
        optimizer: By the index of a parameter, what the optimizer remembers of it:
            ``<prefix>.optimizer.0.exp_avg``.
    """

    step: Count
    epoch: Count
    epoch_step: Count
    tensors: int = Field(ge=0, le=MOST_TENSORS)
    optimizer: dict[Annotated[int, Field(ge=0, le=MOST_TENSORS)], tuple[str, ...]] = Field(
        default_factory=dict
    )


class TensorBox:
    """Tensors by name, as a safetensors file has them."""

    def __init__(self, tensors: dict[str, Tensor] | None = None) -> None:
        self.tensors = {} if tensors is None else tensors

    def put(self, name: str, tensor: Tensor) -> None:
        """Adds a copy of its own."""
        self.tensors[name] = tensor.detach().cpu().contiguous().clone()

    def take(self, name: str) -> Tensor:
        """The tensor of a name.

        Raises:
            UserError: There is none.
        """
        if name not in self.tensors:
            raise UserError(
                "The file lacks the numbers {name}.",
                "It was cut off or changed; open another copy.",
                name=name,
            )
        return self.tensors[name]


def put_state(box: TensorBox, prefix: str, state: TrainingState) -> StateFile:
    """Lays a state into the box under a prefix, and describes it."""
    here = on_cpu(state)
    for index, tensor in enumerate(here.tensors):
        box.put(f"{prefix}.tensor.{index}", tensor)
    for index, kept in here.optimizer.items():
        for name, tensor in kept.items():
            box.put(f"{prefix}.optimizer.{index}.{name}", tensor)
    box.put(f"{prefix}.generator", here.generator)
    optimizer = {index: tuple(kept) for index, kept in here.optimizer.items()}
    return StateFile(
        step=here.step,
        epoch=here.epoch,
        epoch_step=here.epoch_step,
        tensors=len(here.tensors),
        optimizer=optimizer,
    )


def take_state(box: TensorBox, prefix: str, file: StateFile) -> TrainingState:
    """The state under a prefix, as it was put there."""
    optimizer = {
        index: {name: box.take(f"{prefix}.optimizer.{index}.{name}") for name in names}
        for index, names in file.optimizer.items()
    }
    tensors = tuple(box.take(f"{prefix}.tensor.{index}") for index in range(file.tensors))
    generator = box.take(f"{prefix}.generator")
    return TrainingState(file.step, file.epoch, file.epoch_step, tensors, optimizer, generator)


class StateCheck:
    """Holds states from a file against the very trainer that is to go on from them."""

    def __init__(self, trainer: Trainer) -> None:
        self._like = trainer.state()
        self._parameters = [parameter.shape for parameter in trainer.network.parameters()]

    def check(self, state: TrainingState) -> None:
        """Refuses a state that is not this network's.

        Raises:
            UserError: Number, shape or type of a tensor is another, or a weight is not finite.
        """
        pairs = zip(state.tensors, self._like.tensors, strict=False)
        fits = len(state.tensors) == len(self._like.tensors) and all(
            (one.shape, one.dtype) == (other.shape, other.dtype) for one, other in pairs
        )
        if not fits or not self._remembers(state) or not self._draws(state):
            raise UserError(
                "The weights in the file do not fit their own network.",
                "The file was changed after it was saved; open another copy.",
            )
        if not all(bool(t.isfinite().all()) for t in state.tensors if t.is_floating_point()):
            raise UserError(
                "The weights in the file are not all finite.",
                "Open a copy saved before the training diverged.",
            )

    def _remembers(self, state: TrainingState) -> bool:
        """Of each parameter numbers in its shape, and steps counted; what is another optimizer's
        is left out where the run goes on from it."""
        return all(
            index < len(self._parameters)
            and tensor.dtype == torch.float32
            and tensor.shape == (() if name == "step" else self._parameters[index])
            for index, kept in state.optimizer.items()
            for name, tensor in kept.items()
        )

    def _draws(self, state: TrainingState) -> bool:
        """A generator's state of this device has its length; torch refuses what is none."""
        generator, like = state.generator, self._like.generator
        if (generator.shape, generator.dtype) != (like.shape, like.dtype):
            return False
        try:
            torch.Generator(like.device).set_state(generator)
        except RuntimeError:
            return False
        return True
