"""One run: network, optimizer, data and where it stands; the loop that takes its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data import Dataset
from core.experiment.layers import BatchNorm, LayerShape, walk
from core.experiment.network import Network
from core.experiment.spec import ExperimentSpec
from core.messages.breakpoints import Interventions
from core.training import state as states
from core.training import warmup
from core.training.batches import Batches
from core.training.evaluation import Evaluation, widest
from core.training.frozen import Frozen
from core.training.metrics import accuracy_of
from core.training.state import TrainingState
from core.training.step import (
    CapturedStep,
    Differentiate,
    EagerStep,
    Interrupted,
    PiecewiseStep,
    Result,
    clipping_of,
    penalty_of,
)

CAPTURE_AFTER = 16
"""Steps taken plainly before one is recorded: recording costs some tens of plain steps."""

PIECE = 4096
"""The most samples to be differentiated at once; beyond it nothing is gained but memory lost."""

PIECE_ELEMENTS = 2**22
"""The most values of the widest layer to be differentiated at once: some 50 ms of work on a CPU."""


Interruption = Callable[[], bool]
"""Looked at after each step; True asks to end."""


@dataclass(frozen=True, eq=False)
class Slice:
    """What a stretch of steps gave.

    Attributes:
        first_step: The step of the first value, counted from 1.
        losses: (k,) float32, the data's loss of each step's batch.
        accuracies: (k,) float32 for classification; None for regression, or if not asked for.
        finite: Whether losses and parameters all are.
    """

    first_step: int
    losses: NDArray[np.float32]
    accuracies: NDArray[np.float32] | None
    finite: bool


class Trainer:
    """Takes training steps and can put everything back where it was.

    All of it belongs to one thread. Data, parameters and optimizer state lie on the device; the
    only synchronisation with it is one transfer a slice.

    Args:
        spec: The experiment.
        shapes: The network's, checked against data and loss.
        data: On the CPU; it is moved once.
        device: Where to compute.
        accuracy: Whether to keep the accuracy of each step's batch, for the curves.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        shapes: tuple[LayerShape, ...],
        data: Dataset,
        device: torch.device,
        *,
        accuracy: bool = True,
    ) -> None:
        self.spec = spec
        self.device = device
        self.data = data.to(device)
        self.network = Network(shapes, spec.seed).to(device)
        self.network.train()
        self.step = 0
        self.epoch = 0
        self.epoch_step = 0
        self._parameters = list(self.network.parameters())
        self.names = self.network.parameter_names()
        self.gradients: list[Tensor] = []
        self.interventions = Interventions()
        self._original_inputs: dict[tuple[int, tuple[int, ...]], Tensor] = {}
        self._tensors: list[Tensor] = list(self._parameters)
        self._generator = torch.Generator(device)
        self._generator.manual_seed(spec.seed)
        self._normed = any(isinstance(layer, BatchNorm) for _, layer in walk(spec.layers))
        self._classification = data.shape.task == "classification"
        self._keeps_outputs = accuracy and self._classification
        self._targets = self._encoded(self.data.train_labels)
        self._test_targets = self._encoded(self.data.test_labels)
        self._log: tuple[list[Tensor], list[Tensor], list[Tensor]] = ([], [], [])
        self._iterator: Iterator[tuple[Tensor, Tensor]] | None = None
        self._frozen = Frozen({})
        self._prepare_batches()
        self._prepare_step()
        self._optimizer: torch.optim.Optimizer | None = None

    def _encoded(self, labels: Tensor) -> Tensor:
        shape = self.data.shape
        outputs = self.network.shapes[-1].output_shape[0]
        return self.spec.loss.encode(labels, shape.outputs, outputs)

    def _prepare_batches(self) -> None:
        whole = self.spec.optimizer.full_batch
        size = len(self.data.train_inputs) if whole else self.spec.training.batch_size
        self.batches = Batches(
            self.data.train_inputs, self._targets, size, self.spec.seed, 2 if self._normed else 1
        )

    def _prepare_step(self) -> None:
        self.penalty = penalty_of(self.spec.training)
        self.eager = EagerStep(self.network, self.spec.loss, self.penalty)
        self._captured = CapturedStep(self.network, self.spec.loss, self.penalty)
        self._clipping = clipping_of(self.spec.training)
        self._piecewise = PiecewiseStep(self.eager, self._piece(), self._draw_masks)
        self._prepared_at = self.step

    def _piece(self) -> int:
        """Samples to be differentiated at once; all, where batch norm looks at the whole batch."""
        if self._normed:
            return self.batches.samples
        elements = PIECE_ELEMENTS * (1 if self.device.type == "cpu" else 64)
        return max(1, min(PIECE, elements // widest(self.network)))

    def _draw_masks(self, samples: int) -> None:
        self.network.draw_masks(samples, self._generator)

    @property
    def total_steps(self) -> int | None:
        """Where the run ends by epochs or steps, whichever comes first; None without either."""
        stop = self.spec.stop
        ends = [] if stop.steps is None else [stop.steps]
        if stop.epochs is not None:
            # From where the present epoch began, since the batch size may have changed before it.
            left = (stop.epochs - self.epoch) * self.batches.steps_per_epoch
            ends.append(self.step - self.epoch_step + left)
        return min(ends) if ends else None

    @property
    def rate(self) -> float:
        """The learning rate of the next step, after the schedule."""
        base = self.spec.optimizer.learning_rate
        return self.spec.schedule.rate(base, self.step, *self._rate_arguments())

    def _rate_arguments(self) -> tuple[int, int]:
        """Total steps and steps an epoch; a run without an end is scheduled over ten epochs."""
        per_epoch = self.batches.steps_per_epoch
        return self.total_steps or 10 * per_epoch, per_epoch

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """torch's optimizer with its state, made when first needed: see core.training.warmup."""
        if self._optimizer is None:
            # The first one of a process imports half of torch; two threads at it at once fail.
            warmup.finish()
            self._optimizer = self.spec.optimizer.build(self._parameters)
        return self._optimizer

    def run_on(self, steps: int, until: float, interrupted: Interruption) -> None:
        """As :meth:`run`, but from epoch to epoch."""
        end = self.step + steps
        while True:
            before = self.step
            self.run(end - self.step, until, interrupted)
            out_of_time = perf_counter() >= until or interrupted()
            if self.step >= end or self.step == before or out_of_time:
                return

    def run(self, steps: int, until: float, interrupted: Interruption) -> None:
        """Takes steps: at most so many, to the end of the epoch at the furthest.

        At least one is taken, unless a command comes in amid a large one.

        Args:
            steps: The most to take.
            until: A moment of ``perf_counter`` after which no step is begun.
            interrupted: Looked at after each step; True ends the stretch.
        """
        self._run(self._differentiation(interrupted), steps, until, interrupted)

    def take_one(self, eager: Differentiate) -> tuple[list[Tensor], list[Tensor]]:
        """Takes one step, the very next, with something else in the place of autograd's call.

        Returns:
            The batch's gradients, one a parameter, before and after clipping.
        """
        differentiate = eager
        if self.batches.batch_size > self._piece():
            differentiate = PiecewiseStep(eager, self._piece(), self._draw_masks)
        raw: list[Tensor] = []
        used: list[Tensor] = []

        def watched(inputs: Tensor, targets: Tensor) -> Result:
            loss, z, gradients = differentiate(inputs, targets)
            raw.extend(gradient.clone() for gradient in gradients)
            used.extend(gradients)
            return loss, z, gradients

        self._run(watched, 1, 0.0, lambda: False)
        return raw, used

    def _run(
        self, differentiate: Differentiate, steps: int, until: float, interrupted: Interruption
    ) -> None:
        if self._iterator is None:
            self._iterator = self.batches.epoch(self.epoch, self.epoch_step)
        with torch.inference_mode():
            self._take(self._iterator, differentiate, steps, until, interrupted)
        if self.epoch_step >= self.batches.steps_per_epoch:
            self.epoch += 1
            self.epoch_step = 0
            self._iterator = None

    def _take(
        self,
        batches: Iterator[tuple[Tensor, Tensor]],
        differentiate: Differentiate,
        steps: int,
        until: float,
        interrupted: Interruption,
    ) -> None:
        """The loop itself: thousands of rounds a second, so all that can be is looked up once."""
        advance = self.spec.optimizer.advance
        parameters = self._tensors
        optimizer = self.optimizer if self.spec.optimizer.keeps_state else None
        rate_at, rest = self.spec.schedule.rate, self._rate_arguments()
        base, end = self.spec.optimizer.learning_rate, self.step + steps
        whole = self.batches.batch_size <= self._piece()  # each piece has masks of its own
        draw = self._draw_masks if self.network.has_dropout and whole else None
        hold = self._frozen.hold if self._frozen else None
        clip = self._clipping.apply if self._clipping else None
        keep_loss, keep_z, keep_targets = (kept.append for kept in self._log)
        keeps_outputs = self._keeps_outputs
        step = begun = self.step
        for inputs, targets in batches:
            if draw is not None:
                draw(len(inputs))
            try:
                loss, z, gradients = differentiate(inputs, targets)
            except Interrupted:
                self._iterator = None
                break
            if clip is not None:
                clip(gradients)
            if hold is not None:
                hold(parameters)
            advance(optimizer, parameters, gradients, rate_at(base, step, *rest))
            if hold is not None:
                self._frozen.put_back(parameters)
            keep_loss(loss)
            if keeps_outputs:
                keep_z(z)
                keep_targets(targets)
            step += 1
            if step >= end or perf_counter() >= until or interrupted():
                break
        if step > begun:
            self.gradients = gradients
        self.step = step
        self.epoch_step += step - begun

    def _differentiation(self, interrupted: Interruption) -> Differentiate:
        """In pieces where the batch is large; by replay where that can be had without waiting."""
        if self.batches.batch_size > self._piece():
            self._piecewise.interrupted = interrupted
            return self._in_pieces
        if self.step - self._prepared_at >= CAPTURE_AFTER:
            warmup.begin()
            if warmup.is_done():
                return self._captured
        return self.eager

    def _in_pieces(self, inputs: Tensor, targets: Tensor) -> Result:
        """A large step; one given up half-way leaves the masks to come as they were."""
        generator = self._generator.get_state()
        try:
            return self._piecewise(inputs, targets)
        except Interrupted:
            self._generator.set_state(generator)
            raise

    def flush(self) -> Slice | None:
        """Brings the losses of the steps since the last flush over from the device."""
        losses, zs, targets = self._log
        if not losses:
            return None
        with torch.inference_mode():
            values = torch.stack(losses).float().cpu().numpy()
            accuracies = self._accuracies(zs, targets) if self._keeps_outputs else None
            finite = bool(np.isfinite(values).all()) and self._parameters_finite()
        self._forget()
        return Slice(self.step - len(values) + 1, values, accuracies, finite)

    def _forget(self) -> None:
        for kept in self._log:
            kept.clear()

    def _accuracies(self, zs: list[Tensor], targets: list[Tensor]) -> NDArray[np.float32]:
        a = torch.cat(zs)
        if a.shape[1] == 1:
            a = self.network.activate(a)
        right = accuracy_of(a, _labels_of(torch.cat(targets))).float().cpu().numpy()
        # All batches are of one size, but for an epoch's last and where the size was changed.
        if len(zs[0]) == len(zs[-1]) and len(right) == len(zs) * len(zs[0]):
            means: NDArray[np.float32] = right.reshape(len(zs), -1).mean(1)
            return means
        sizes = [len(z) for z in zs]
        starts = np.cumsum([0, *sizes[:-1]])
        return (np.add.reduceat(right, starts) / sizes).astype(np.float32)

    def _parameters_finite(self) -> bool:
        # NaN and infinity reach an extreme, and finding both costs a tenth of isfinite().all().
        extremes = [extreme for p in self._parameters for extreme in torch.aminmax(p)]
        return bool(torch.stack(extremes).isfinite().all())

    def evaluation(self) -> Evaluation | None:
        """A pass over the test set with the present weights; None where there is no test set."""
        if not len(self.data.test_inputs):
            return None
        labels = self.data.test_labels if self._classification else None
        return Evaluation(
            self.network, self.spec.loss, self.data.test_inputs, self._test_targets, labels
        )

    def retune(self, spec: ExperimentSpec) -> None:
        """Takes another optimizer, rate, batch size, penalty, clipping or stop from the next step.

        The weights stay; so does the optimizer's state, while the optimizer is of the same kind.
        """
        before, self.spec = self.spec, spec
        if type(before.optimizer) is not type(spec.optimizer):
            self._optimizer = None
        elif self._optimizer is not None:
            with torch.inference_mode():
                spec.optimizer.retune(self._optimizer)
        if before.training != spec.training:
            self._prepare_step()
        self._rebatch(before)

    def _rebatch(self, before: ExperimentSpec) -> None:
        size = self.batches.batch_size
        if (before.training.batch_size, before.optimizer.full_batch) == (
            self.spec.training.batch_size,
            self.spec.optimizer.full_batch,
        ):
            return
        seen = self.epoch_step * size
        self._prepare_batches()
        # The samples of this epoch already seen are not taken again.
        self.epoch_step = min(seen // self.batches.batch_size, self.batches.steps_per_epoch - 1)
        self._iterator = None

    def intervene(self, wanted: Interventions) -> None:
        """Lets a person's interventions act from the next step on, and takes back earlier ones."""
        before, self.interventions = self.interventions, wanted
        if wanted.frozen != before.frozen:
            self._freeze(wanted)
        if wanted.knocked != before.knocked:
            self.network.knock_out(wanted.units())
            self._prepare_step()
        if wanted.inputs != before.inputs:
            self._write_inputs(before, wanted)

    def _freeze(self, wanted: Interventions) -> None:
        shapes = {name: p.shape for name, p in zip(self.names, self._parameters, strict=True)}
        places: dict[int, list[int]] = {}
        for name, index in wanted.frozen:
            flat = int(np.ravel_multi_index(index, shapes[name]))
            places.setdefault(self.names.index(name), []).append(flat)
        self._frozen = Frozen(
            {
                index: torch.tensor(sorted(held), device=self.device)
                for index, held in places.items()
            }
        )

    def _write_inputs(self, before: Interventions, wanted: Interventions) -> None:
        if not self._original_inputs:
            # The data belong to the session, and to runs before and after this one.
            self.data = replace(self.data, train_inputs=self.data.train_inputs.clone())
        inputs = self.data.train_inputs
        for row, index in before.inputs.keys() - wanted.inputs.keys():
            inputs[(row, *index)] = self._original_inputs[row, index]
        for (row, index), value in wanted.inputs.items():
            self._original_inputs.setdefault((row, index), inputs[(row, *index)].clone())
            inputs[(row, *index)] = round(value * 255) if inputs.dtype == torch.uint8 else value
        self._prepare_batches()
        self._iterator = None

    def write(self, name: str, index: tuple[int, ...], value: float) -> None:
        """Writes one number of a parameter."""
        with torch.inference_mode():
            self._tensors[self.names.index(name)][index] = value

    @property
    def state_bytes(self) -> int:
        """About what a state takes, without making one."""
        kept = 1 + len(self.spec.optimizer.state_names)
        return kept * sum(parameter.nbytes for parameter in self._parameters)

    def state(self) -> TrainingState:
        """A copy of everything that a step changes."""
        return TrainingState(
            self.step,
            self.epoch,
            self.epoch_step,
            states.copy_tensors(self.network),
            states.copy_optimizer(self._optimizer) if self._optimizer is not None else {},
            self._generator.get_state(),
        )

    def restore(self, state: TrainingState) -> None:
        """Puts everything back where it was; the next step is the one taken then, bit for bit."""
        states.write_tensors(self.network, state.tensors)
        if state.optimizer:
            states.write_optimizer(self.optimizer, state.optimizer)
        else:  # Adagrad's is not empty before its first step: it is made anew
            self._optimizer = None
        self._generator.set_state(state.generator)
        self.step = state.step
        self.epoch = state.epoch
        self.epoch_step = state.epoch_step
        self._iterator = None
        self._forget()


def _labels_of(targets: Tensor) -> Tensor:
    """Class indices from targets in either encoding."""
    if targets.dim() == 1:
        return targets
    return targets[:, 0].round().long() if targets.shape[1] == 1 else targets.argmax(1)
