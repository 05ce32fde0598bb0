"""Everything a run needs to go on from a step exactly as it would have gone."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A copy of what one training step changes.

    Attributes:
        step: Updates made.
        epoch: Whole epochs behind it.
        epoch_step: Updates made in the present epoch.
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
        kept = [t for tensors in self.optimizer.values() for t in tensors.values()]
        return sum(tensor.nbytes for tensor in (*self.tensors, *kept))


def live_tensors(network: nn.Module) -> list[Tensor]:
    """Parameters, then persistent buffers: what ``TrainingState.tensors`` copies."""
    return list(network.state_dict(keep_vars=True).values())


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
                # The step count may live elsewhere than the parameter; fused kernels want it there.
                name: tensor.to(parameter.device, copy=True)
                for name, tensor in tensors.items()
            }


def on_cpu(state: TrainingState) -> TrainingState:
    """The same state in main memory."""
    return TrainingState(
        state.step,
        state.epoch,
        state.epoch_step,
        tuple(tensor.cpu() for tensor in state.tensors),
        {
            index: {name: tensor.cpu() for name, tensor in tensors.items()}
            for index, tensors in state.optimizer.items()
        },
        state.generator.cpu(),
    )
