"""The losses of a learner's network, at any parameters and fast: what its loss surface is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from core.catalog.losses import Loss
from core.experiment.layers import LayerShape, Path
from core.experiment.network import Network
from core.landscape.losses import memory
from core.landscape.losses.arena import Arena, Flat, Interruption, OnPlane, Scores
from core.landscape.losses.replica import Replica, Sample, drawn
from core.landscape.losses.scorers import Scorer, scorer_of
from core.messages.surface_commands import Window
from core.training.step import Penalty
from core.training.trainer import Trainer

ELEMENTS = 2**18
"""Weights at a time: more leave the cache."""


class Penalties:
    """The training's penalty, and which numbers of a vector (p,) it acts on: the weights."""

    def __init__(self, penalty: Penalty, replica: Replica) -> None:
        self._penalty = penalty
        pairs = zip(replica.spans, replica.parameters, strict=True)
        self._spans = [span for span, parameter in pairs if parameter.dim() > 1]

    def of_states(self, states: Tensor) -> Tensor:
        """(k,) of vectors (k, p)."""
        total = states.new_zeros(len(states))
        if not self._penalty:
            return total
        for span in self._spans:
            weights = states[:, span]
            total += self._penalty.l1 * weights.abs().sum(1) if self._penalty.l1 else 0
            total += 0.5 * self._penalty.l2 * weights.square().sum(1) if self._penalty.l2 else 0
        return total

    def on_plane(self, flat: Flat, coefficients: Tensor) -> Tensor:
        """(k,) at base + x·d1 + y·d2, for ``coefficients`` (k, 3) float64 of 1, x and y."""
        total = coefficients.new_zeros(len(coefficients))
        if not self._penalty:
            return total.float()
        for span in self._spans:
            axes = torch.stack((flat.base[span], flat.d1[span], flat.d2[span]))
            if self._penalty.l2:
                total += 0.5 * self._penalty.l2 * _squares(axes, coefficients)
            if self._penalty.l1:
                total += self._penalty.l1 * _magnitudes(axes, coefficients)
        return total.float()


def _squares(axes: Tensor, coefficients: Tensor) -> Tensor:
    """Σw²: on a plane a polynomial of the second degree, of which six numbers are all."""
    axes = axes.to(coefficients.dtype)
    return ((coefficients @ (axes @ axes.T)) * coefficients).sum(1)


def _magnitudes(axes: Tensor, coefficients: Tensor) -> Tensor:
    """Σ|w|, which has a kink wherever a weight changes its sign, so that each point counts."""
    chunk = max(1, ELEMENTS // axes.shape[1])
    parts = torch.split(coefficients.to(axes.dtype), chunk)
    return torch.cat([torch.mm(part, axes).abs_().sum(1) for part in parts])


QUICK_POINTS = 17 * 17
"""Of a first picture, which should not take more operations than"""

QUICK_OPERATIONS = 1.3e11
"""these: about a second on one core."""


class NetworkArena(Arena):
    """A network in evaluation mode, on copies: live tensors are read while it is made and never
    again.

    Args:
        shapes: The network's.
        loss: The loss.
        penalty: The training's penalties.
        sample: The samples, for the arena alone.
        buffers: Of batch norm, by their names in the network's state dict.
        knocked: Silenced units by the path of their layer.

    Attributes:
        weight: What training differentiates is so many times as large.
        layers: The names of the layers by their parameters, as in ``Material.layers``.
    """

    def __init__(  # noqa: PLR0917  all that a loss depends on
        self,
        shapes: tuple[LayerShape, ...],
        loss: Loss,
        penalty: Penalty,
        sample: Sample,
        buffers: Mapping[str, Tensor],
        knocked: Mapping[Path, frozenset[int]],
        weight: int = 1,
    ) -> None:
        self.weight = weight
        self._made_of = (shapes, loss, penalty)
        self._knocked = knocked
        self._sample = sample
        self._buffers = {name: buffer.detach().clone() for name, buffer in buffers.items()}
        self._replica = Replica(shapes, self._buffers, knocked, sample.inputs.device)
        self.names = self._replica.network.parameter_names()
        self.shapes = [parameter.shape for parameter in self._replica.parameters]
        inside = self._replica.network.shapes_inside()
        titles = {".".join(map(str, place.path)): place.name for place in inside}
        self.layers = {name: titles[name.rpartition(".")[0]] for name in self.names}
        self.samples = len(sample)
        self.of = sample.of
        self.window: Window | None = None
        self._penalties = Penalties(penalty, self._replica)
        self._anywhere: Scorer | None = None
        self._quick: NetworkArena | None = None

    @classmethod
    def of_trainer(cls, trainer: Trainer, samples: int | None) -> NetworkArena:
        """A run's network with its data, its interventions and its running moments.

        Args:
            trainer: Between two steps.
            samples: How many training samples; None for as many as are quick enough.

        Raises:
            UserError: The samples do not fit into the memory.
        """
        network = trainer.network
        wanted = samples or trainer.batches.samples
        with memory.guarded(wanted):
            sample = drawn(trainer, samples)
        buffers, knocked = buffers_of(network), trainer.interventions.units()
        loss, weight = trainer.spec.loss, trainer.spec.loss.weight(trainer.batches.batch_size)
        # Of a sum over the batch the mean is seen, and so the penalty is divided by as much.
        penalty = Penalty(trainer.penalty.l1 / weight, trainer.penalty.l2 / weight)
        return cls(network.shapes, loss, penalty, sample, buffers, knocked, weight)

    def with_buffers_of(self, network: Network) -> NetworkArena:
        """The same with a network's present running moments; itself where they are its own."""
        buffers = buffers_of(network)
        if all(torch.equal(buffer, self._buffers[name]) for name, buffer in buffers.items()):
            return self
        return NetworkArena(*self._made_of, self._sample, buffers, self._knocked, self.weight)

    def with_samples(self, count: int) -> NetworkArena:
        """The same over the first so many of its samples, which are in an order of chance."""
        if count >= self.samples:
            return self
        sample = self._sample.part(slice(count))
        return NetworkArena(*self._made_of, sample, self._buffers, self._knocked, self.weight)

    def quick(self) -> Arena:
        """Over so few samples that a first picture takes no more than about a second."""
        if self._quick is None:
            operations = self._replica.operations() * QUICK_POINTS
            fits = max(16, int(QUICK_OPERATIONS / operations))
            # A power of two, so that small changes of the network do not change the sample.
            self._quick = self.with_samples(1 << (fits.bit_length() - 1))
        return self._quick

    def on_plane(self, flat: Flat) -> _NetworkOnPlane:
        device = self._sample.inputs.device
        here = Flat(*(v.detach().to(device) for v in (flat.base, flat.d1, flat.d2)))
        return _NetworkOnPlane(self._scorer(here), self._penalties, here, self.samples)

    def scores(self, states: Tensor, interrupted: Interruption) -> Scores:
        if self._anywhere is None:
            self._anywhere = self._scorer(None)
        with torch.inference_mode(), memory.guarded(self.samples):
            states = states.to(self._sample.inputs.device)
            loss, accuracy = self._anywhere(states, interrupted)
            return _on_cpu(loss, self._penalties.of_states(states), accuracy)

    def _scorer(self, flat: Flat | None) -> Scorer:
        loss = self._made_of[1]
        with torch.inference_mode(), memory.guarded(self.samples):
            return scorer_of(self._replica, self._sample, loss, flat)

    def objective(self, parameters: Tensor) -> Tensor:
        _, loss, penalty = self._made_of
        sample, replica = self._sample, self._replica
        views = replica.views(parameters.to(sample.inputs.device))
        names = [name for name, _ in replica.network.named_parameters()]
        with memory.guarded(self.samples):
            z = torch.func.functional_call(
                replica.network, dict(zip(names, views, strict=True)), (sample.inputs,)
            )
            value = loss.value(z, z if loss.fuses else replica.network.activate(z), sample.targets)
            if penalty:
                value = value + penalty.value([view for view in views if view.dim() > 1])
            return value.to(parameters.device)


@dataclass(frozen=True, eq=False)
class _NetworkOnPlane(OnPlane):
    scorer: Scorer
    penalties: Penalties
    flat: Flat
    samples: int

    def scores(self, points: Tensor, interrupted: Interruption) -> Scores:
        with torch.inference_mode(), memory.guarded(self.samples):
            points = points.to(self.flat.base.device, torch.float64)
            coefficients = torch.cat((torch.ones_like(points[:, :1]), points), 1)
            loss, accuracy = self.scorer(coefficients.float(), interrupted)
            return _on_cpu(loss, self.penalties.on_plane(self.flat, coefficients), accuracy)


def buffers_of(network: Network) -> dict[str, Tensor]:
    """The running moments of batch norm, by their names in the state dict; the live tensors."""
    learned = {name for name, _ in network.named_parameters()}
    return {name: t for name, t in network.state_dict().items() if name not in learned}


def _on_cpu(loss: Tensor, penalty: Tensor, accuracy: Tensor | None) -> Scores:
    return Scores(loss.cpu(), penalty.cpu(), accuracy.cpu() if accuracy is not None else None)
