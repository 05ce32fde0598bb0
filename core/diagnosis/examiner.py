"""Gathers the evidence of a run, from a few of its samples and at a bounded price."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import functional_call

from core.data import as_float
from core.diagnosis.evidence import DataEvidence, Evidence, Journey, until
from core.diagnosis.passing import looked_at, passed, weight_sizes
from core.experiment.network import Block
from core.messages.snapshot import RunState
from core.training.evaluation import widest
from core.training.metrics import accuracy_of
from core.training.run import Run
from core.training.trainer import Trainer

SAMPLES = 256
"""Of the probe, at most: the share of silent units is then known to a few hundredths."""

ELEMENTS = 2**19
"""Values of the widest layer that the probe may make: 32 images of cnn-mnist."""

RECKONED = 4096
"""Samples at most from which the loss of guessing is taken."""

RARE = 4
"""So many times as frequent as the rarest class, and the most frequent one rules the loss."""

MOVED = 0.3
"""Of the weights' own size: where a look ahead in the direction of the way so far is taken."""

FARTHEST = 1000.0
"""Times as far as the way so far: the look ahead goes no farther."""

FOLLOWED = 2_000_000
"""Numbers of a network whose way is followed; of a larger one no copy is kept."""


@dataclass(frozen=True)
class _Baseline:
    """Where the way begins.

    Attributes:
        rules: The step of the last change before it.
        parameters: Copies by torch's names; None where they would be too many.
        weights: The root mean square of each layer's weights.
    """

    step: int
    rules: int
    loss: float
    parameters: dict[str, Tensor] | None
    weights: dict[Block, float]


class Examiner:
    """The same samples of one run, looked at whenever somebody asks.

    Args:
        run: Whose. Its network and data are read, and left as they are.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._baseline: _Baseline | None = None
        self._choose()
        self.renew()
        self._rare = self._rare_rows()

    def renew(self) -> None:
        """Takes in that the loss may be another, or the balance of the classes."""
        if self.run.trainer.batches.balance is not self._balance:
            self._baseline = None
            self._choose()
        self.data = _data_evidence(self.run.trainer)

    def _choose(self) -> None:
        """The probe is of what training draws."""
        trainer = self.run.trainer
        self._balance = trainer.batches.balance
        self._most = max(16, ELEMENTS // widest(trainer.network))
        self._rows = _spread(trainer, min(SAMPLES, self._most))

    def _rare_rows(self) -> Tensor | None:
        rarest, counts = self.data.rarest, self.data.counts
        if rarest is None or max(counts) < RARE * counts[rarest]:
            return None
        labels = self.run.trainer.data.train_labels
        few = min(SAMPLES, self._most)
        return torch.nonzero(labels == rarest)[:few, 0]

    def evidence(self) -> Evidence:
        """All that is known of the run where it stands."""
        run, trainer = self.run, self.run.trainer
        curves = until(run.course.measured.curves(), trainer.step)
        rules = curves.changes[-1].step if curves.changes else 0
        with torch.inference_mode(False), torch.enable_grad():
            # Clones, since what was born in inference mode takes no part in a backward pass.
            inputs, targets = (part.clone() for part in self._samples(self._rows))
            # Before the first weights too there may be layers, whose gradient is asked for.
            taken = passed(trainer.network, trainer.spec.loss, inputs.requires_grad_(), targets)
            loss = float(taken.loss.detach())
            start = self._begun(loss, rules)
            layers = looked_at(trainer.network, taken, start.weights)
        return Evidence(
            trainer.spec,
            trainer.step,
            run.state is RunState.DIVERGED,
            self.data,
            tuple(layers),
            self._journey(start),
            len(self._rows),
            loss,
            curves,
            float(taken.outputs[-1].detach().std(0, correction=0).mean()),
            self._recall(),
        )

    def _samples(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and targets as the loss takes them."""
        trainer = self.run.trainer
        data, network = trainer.data, trainer.network
        labels = data.train_labels[rows]
        outputs = network.shapes[-1].output_shape[0]
        targets = trainer.spec.loss.encode(labels, data.shape.outputs, outputs)
        return as_float(data.train_inputs[rows]), targets

    def _begun(self, loss: float, rules: int) -> _Baseline:
        """The baseline; a new one where the run went back before it, or by other rules since."""
        trainer, old = self.run.trainer, self._baseline
        if old is not None and old.step <= trainer.step and old.rules == rules:
            return old
        network = trainer.network
        parameters = None
        if sum(parameter.numel() for parameter in network.parameters()) <= FOLLOWED:
            parameters = {name: p.detach().clone() for name, p in network.named_parameters()}
        begun = _Baseline(trainer.step, rules, loss, parameters, weight_sizes(network))
        self._baseline = begun
        return begun

    def _journey(self, start: _Baseline) -> Journey:
        trainer = self.run.trainer
        if start.parameters is None or trainer.step == start.step:
            return Journey(start.step, start.loss)
        network = trainer.network
        with torch.inference_mode():
            now = dict(network.named_parameters())
            way = {name: now[name] - first for name, first in start.parameters.items()}
            moved = _norm(way) / max(_norm(start.parameters), _usual_size(trainer))
            if not 0 < moved < MOVED / 10:
                return Journey(start.step, start.loss, moved)
            factor = min(MOVED / moved, FARTHEST)
            beyond = {name: first + factor * way[name] for name, first in start.parameters.items()}
            return Journey(start.step, start.loss, moved, factor, self._loss_at(beyond))

    def _loss_at(self, parameters: dict[str, Tensor]) -> float:
        """The probe's loss with other parameters; the network keeps its own."""
        network, loss = self.run.trainer.network.eval(), self.run.trainer.spec.loss
        inputs, targets = self._samples(self._rows)
        z = functional_call(network, parameters, (inputs,))
        value = loss.value(z, network.activate(z), targets).item()
        network.train()
        return float(value)

    def _recall(self) -> float | None:
        """Of the rarest class."""
        if self._rare is None:
            return None
        trainer = self.run.trainer
        with torch.inference_mode():
            network = trainer.network.eval()
            z = network(as_float(trainer.data.train_inputs[self._rare]))
            labels = trainer.data.train_labels[self._rare]
            right = accuracy_of(network.activate(z), labels).float().mean()
            network.train()
        return float(right)


def _norm(tensors: dict[str, Tensor]) -> float:
    lengths = torch.stack([torch.linalg.vector_norm(tensor) for tensor in tensors.values()])
    return float(torch.linalg.vector_norm(lengths))


def _usual_size(trainer: Trainer) -> float:
    """The norm of weights of usual size: 1 / √fan-in each, so 1 a unit; half of it."""
    units = sum(len(weight) for weight in trainer.network.penalised())
    return 0.5 * math.sqrt(units)


def _spread(trainer: Trainer, most: int) -> Tensor:
    """(n,) int64: at most so many of the rows that an epoch draws, from the first to the last."""
    drawn = trainer.batches.every()
    places = torch.linspace(0, len(drawn) - 1, min(most, len(drawn))).long()
    return drawn[places].to(trainer.device)


def _data_evidence(trainer: Trainer) -> DataEvidence:
    data, spec = trainer.data, trainer.spec
    labels, samples = data.train_labels, trainer.batches.samples
    shape, outputs = data.shape, trainer.network.shapes[-1].output_shape[0]
    targets = spec.loss.encode(labels[_spread(trainer, RECKONED)], shape.outputs, outputs)
    guess = _guess(trainer, targets, outputs)
    if shape.task == "regression":
        low, high = float(labels.min()), float(labels.max())
        return DataEvidence(shape, samples, guess, low, high)
    counts = torch.bincount(labels, minlength=shape.outputs).tolist()
    return DataEvidence(shape, samples, guess, counts=tuple(counts), names=tuple(data.class_names))


def _guess(trainer: Trainer, targets: Tensor, outputs: int) -> float:
    """The loss of the mean target as the answer to every sample."""
    loss = trainer.spec.loss
    shares = targets.float()
    if targets.dim() == 1:
        shares = torch.nn.functional.one_hot(targets, outputs).float()
    a = shares.mean(0, keepdim=True)
    safe = a.clamp(1e-7, 1 - 1e-7)
    z = a if not loss.fuses else safe.log() if loss.fuses == "softmax" else safe.logit()
    return float(loss.value(z.expand_as(shares), a.expand_as(shares), targets))
