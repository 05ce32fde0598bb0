"""One training step recorded whole, from a single forward pass and a single call of autograd.

The step is the very one that the run would have taken: the same modules on the same batch, the
same clipping and the same optimizer. Recording only holds on to what passes by, so the parameters
after it are those of a plain step, bit for bit on the CPU.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.debugger.entries import entries_of_step
from core.debugger.passes import Pass, joined
from core.errors import UserError
from core.experiment.network import Network, blocks_of
from core.messages.record import Record
from core.messages.surface_views import read_only
from core.training.state import TrainingState, live_tensors
from core.training.step import Result, objective
from core.training.trainer import Trainer

LIMIT = 2**30
"""Bytes that the values of one step may take."""


@dataclass(frozen=True, eq=False)
class Tape:
    """A recorded step, with the states on both of its sides."""

    record: Record
    before: TrainingState
    after: TrainingState


def record_step(trainer: Trainer) -> Tape:
    """Takes the trainer's next step and records it; the trainer stands after it.

    Raises:
        UserError: Its values would not fit into memory.
    """
    _check_size(trainer)
    network, spec = trainer.network, trainer.spec
    before = trainer.state()
    epoch, epoch_step, rate = trainer.epoch, trainer.epoch_step, trainer.rate
    tap = _Tap(trainer)
    gradients = trainer.take_one(tap)
    after = trainer.state()
    tensors = tap.tensors() | _gradients(trainer, *gradients)
    tensors |= _parameters(network, before, after)
    tensors |= _optimizer_state(trainer, before, after)
    tensors |= _moving_moments(network, before, after)
    tensors |= _held(trainer)
    layers = network.shapes_inside()
    arrays = {key: read_only(t.detach().cpu().numpy()) for key, t in tensors.items()}
    rows = trainer.batches.rows(epoch, epoch_step).numpy()
    record = Record(
        trainer.step, spec, rate, layers, entries_of_step(spec, layers, arrays), arrays, rows
    )
    return Tape(record, before, after)


def _check_size(trainer: Trainer) -> None:
    batch = trainer.batches.batch_size
    numbers = sum(
        int(np.prod(block.shape.output_shape)) * (2 if block.chosen.kind == "identity" else 4)
        for block in blocks_of(trainer.network)
    )
    if batch * numbers * 4 > LIMIT:
        raise UserError(
            "Recording a step on {batch} samples would take {size:.1f} GB of memory.",
            "Choose a smaller batch, or SGD in place of GD, then step again.",
            batch=batch,
            size=batch * numbers * 4 / 2**30,
        )


class _Tap:
    """Takes the place of an eager step, and keeps what it computes.

    A large batch comes in pieces (see PiecewiseStep); their values are put together again.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._pieces: list[Pass] = []

    def __call__(self, inputs: Tensor, targets: Tensor) -> Result:
        trainer = self._trainer
        network, loss, penalty = trainer.network, trainer.loss, trainer.penalty
        piece = Pass(inputs, targets)
        with torch.inference_mode(False), torch.enable_grad():
            z = piece.forward(network)
            a = z if loss.fuses else network.activate(z)
            whole = trainer.differentiation.whole.samples
            mean, total = objective(network, loss, penalty, z, targets, a=a, of=whole)
            piece.finish(network, loss.fuses is not None, a)
            gradients = piece.differentiate(total, list(network.parameters()))
            value = mean.detach() * loss.weight(whole or len(inputs))
            piece.kept |= {"loss": value, "total": total.detach()}
            piece.kept["terms"] = loss.terms(z.detach(), a.detach(), targets)
        if penalty:
            piece.kept |= self._penalties()
        self._pieces.append(piece)
        return mean.detach(), z.detach(), gradients

    def _penalties(self) -> dict[str, Tensor]:
        """The penalty and its own gradient: of autograd too, since it is a sum of its own.

        Not the difference of the total and the loss, which would hold little but rounding.
        """
        network = self._trainer.network
        weights = network.penalised()
        with torch.inference_mode(False), torch.enable_grad():
            value = self._trainer.penalty.value(weights)
            found = torch.autograd.grad(value, weights)
        names = {parameter: name for name, parameter in network.named().items()}
        return {"penalty": value.detach()} | {
            f"penalty:{names[weight]}": gradient
            for weight, gradient in zip(weights, found, strict=True)
        }

    def tensors(self) -> dict[str, Tensor]:
        """All that was kept, the pieces of a batch put together."""
        return self._pieces[0].kept if len(self._pieces) == 1 else joined(self._pieces)


def _gradients(trainer: Trainer, raw: list[Tensor], used: list[Tensor]) -> dict[str, Tensor]:
    """The parameters' gradients before and after clipping."""
    names, clipping = trainer.names, trainer.spec.training
    found = {f"d:p:{name}": gradient for name, gradient in zip(names, raw, strict=True)}
    if clipping.clip_norm is None and clipping.clip_value is None:
        return found
    found |= {f"clipped:{name}": gradient for name, gradient in zip(names, used, strict=True)}
    if clipping.clip_norm is not None:
        limit = clipping.clip_value
        seen = raw if limit is None else [gradient.clamp(-limit, limit) for gradient in raw]
        found["norm"] = nn.utils.get_total_norm(seen)
    return found


def _parameters(network: Network, before: TrainingState, after: TrainingState) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    names = {id(parameter): name for name, parameter in network.named().items()}
    for live, old, new in zip(live_tensors(network), before.tensors, after.tensors, strict=True):
        name = names.get(id(live))
        if name is not None:
            tensors |= {f"p:{name}": old, f"after:{name}": new, f"step:{name}": new - old}
    return tensors


def _optimizer_state(
    trainer: Trainer, before: TrainingState, after: TrainingState
) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for index, name in enumerate(trainer.names):
        new = after.optimizer.get(index, {})
        for state, tensor in new.items():
            if state == "step":
                tensors[f"t:{name}"] = tensor
                continue
            old = before.optimizer.get(index, {}).get(state)
            if old is None:
                old = trainer.spec.optimizer.initial_state(state, tensor)
            if old is not None:
                tensors[f"s:{name}:{state}"] = old
            tensors[f"s':{name}:{state}"] = tensor
        if new:
            corrected = trainer.spec.optimizer.corrected(new)
            tensors |= {f"hat:{name}:{state}": tensor for state, tensor in corrected.items()}
    return tensors


def _moving_moments(
    network: Network, before: TrainingState, after: TrainingState
) -> dict[str, Tensor]:
    """Batch norm's running moments on both sides of the step; evaluation uses them."""
    tensors: dict[str, Tensor] = {}
    norms = {
        ".".join(map(str, block.shape.path)): block.transform
        for block in blocks_of(network)
        if isinstance(block.transform, nn.BatchNorm1d | nn.BatchNorm2d)
    }
    places = {id(live): index for index, live in enumerate(live_tensors(network))}
    for key, norm in norms.items():
        for name in ("mean", "var"):
            index = places[id(getattr(norm, f"running_{name}"))]
            tensors[f"moving_{name}:{key}"] = before.tensors[index]
            tensors[f"moved_{name}:{key}"] = after.tensors[index]
    return tensors


def _held(trainer: Trainer) -> dict[str, Tensor]:
    """Where parameters are held fast."""
    held: dict[str, Tensor] = {}
    parameters = trainer.network.named()
    for name, index in trainer.interventions.frozen:
        none = torch.zeros(parameters[name].shape, dtype=torch.bool)
        held.setdefault(f"frozen:{name}", none)[index] = True
    return held
