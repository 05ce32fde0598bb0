"""One run: network, optimizer, data and where it stands; the loop that takes its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from math import inf
from time import perf_counter

import torch
from torch import Tensor

from core.data import Dataset
from core.data.balance import Balance
from core.experiment.layers import BatchNorm, LayerShape, walk
from core.experiment.network import Network
from core.experiment.spec import ExperimentSpec
from core.messages.breakpoints import Interventions
from core.training import state as states
from core.training import warmup
from core.training.augmented import augmented_of
from core.training.batches import Batches
from core.training.evaluation import Evaluation
from core.training.held_out import HeldOut
from core.training.intervening import ChangedInputs, Frozen, interventions_of, write_start
from core.training.metrics import Log, Slice
from core.training.recording import Differentiation
from core.training.state import TrainingState
from core.training.step import Differentiate, Interrupted, Result, clipping_of, penalty_of

Interruption = Callable[[], bool]
"""Looked at after each step; True asks to end."""


class Trainer:
    """Takes training steps and can put everything back where it was.

    All of it belongs to one thread. Data, parameters and optimizer state lie on the device; the
    only synchronisation with it is one transfer a slice.

    Args:
        shapes: The network's, checked against data and loss.
        data: On the CPU; it is moved once to the device.
        accuracy: Whether to keep the accuracy of each step's batch, for the curves.

    Attributes:
        loss: What is computed and differentiated: the description's, or what a fault made of it.
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
        seams = spec.seams
        self.data = seams.data(data).to(device)
        self.loss = seams.loss(spec.loss)
        network = Network(shapes, spec.seed)
        seams.alter(network)
        write_start(network, spec.by_hand)
        self.network = network.to(device).train()
        self.step = self.epoch = self.epoch_step = 0
        self._parameters: list[Tensor] = list(self.network.parameters())
        self.names = self.network.parameter_names()
        self.gradients: list[Tensor] = []
        self.interventions = Interventions()
        self._changed_inputs = ChangedInputs()
        self._generator = torch.Generator(device).manual_seed(spec.seed)
        self._normed = any(isinstance(layer, BatchNorm) for _, layer in walk(spec.layers))
        self._classification = data.shape.task == "classification"
        self._keeps_outputs = accuracy and self._classification
        outputs = (data.shape.outputs, self.network.shapes[-1].output_shape[0])
        self._targets = self.loss.encode(self.data.train_labels, *outputs)
        self.held_out = HeldOut(self.network, self.loss, self.data, spec.seed)
        self._log = Log(self.network)
        self._iterator: Iterator[tuple[Tensor, Tensor]] | None = None
        self._frozen = Frozen({})
        self._prepare_batches()
        self._prepare_step()
        self._optimizer: torch.optim.Optimizer | None = None
        self.intervene(interventions_of(self.network, self.data, spec.by_hand))

    def _prepare_batches(self) -> None:
        inputs, smallest = self.data.train_inputs, 2 if self._normed else 1
        whole = self.spec.optimizer.full_batch
        balance = self._balance if self.spec.training.balanced else None
        samples = len(inputs) if balance is None else balance.samples
        size = samples if whole else self.spec.training.batch_size
        changed, seed = augmented_of(self.spec, self.data, self.interventions), self.spec.seed
        self.batches = Batches(
            inputs, self._targets, size, seed, smallest, augmented=changed, balance=balance
        )

    @cached_property
    def _balance(self) -> Balance | None:
        """Of the classes, where there are any and they are not equally frequent."""
        return Balance.of(self.data.train_labels) if self._classification else None

    def _prepare_step(self) -> None:
        self.penalty = penalty_of(self.spec.training)
        self._clipping = clipping_of(self.spec.training)
        self.differentiation = Differentiation(
            self.network, self.loss, self.penalty, self._generator, divides=not self._normed
        )
        self._prepared_at = self.step

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
            self._optimizer = self.spec.optimizer.build(self.network.parameters())
        return self._optimizer

    def run_on(
        self, steps: int, until: float = inf, interrupted: Interruption = lambda: False
    ) -> None:
        """As :meth:`run`, but from epoch to epoch; takes none if none is asked for."""
        end, before = self.step + steps, -1
        while before < self.step < end:
            before = self.step
            self.run(end - before, until, interrupted)
            if perf_counter() >= until or interrupted():
                return

    def run(
        self, steps: int, until: float = inf, interrupted: Interruption = lambda: False
    ) -> None:
        """Takes steps: at most so many, to the end of the epoch at the furthest.

        At least one is taken, unless a command comes in amid a large one.

        Args:
            steps: The most to take.
            until: A moment of ``perf_counter`` after which no step is begun.
        """
        # Broken code is run as it stands, never replayed: it is looked at, not trained for long.
        taken = self.step - self._prepared_at if self.spec.fault is None else 0
        differentiate = self.differentiation.choose(self.batches.batch_size, taken, interrupted)
        found = self.spec.seams.gradients(self.network, differentiate)
        self._run(found, steps, until, interrupted)

    def take_one(self, eager: Differentiate) -> tuple[list[Tensor], list[Tensor]]:
        """Takes one step, the very next, with something else in the place of autograd's call.

        Returns:
            The batch's gradients, one a parameter, before and after clipping.
        """
        plain = self.differentiation.around(eager, self.batches.batch_size)
        differentiate = self.spec.seams.gradients(self.network, plain)
        raw: list[Tensor] = []

        def watched(inputs: Tensor, targets: Tensor) -> Result:
            loss, z, gradients = differentiate(inputs, targets)
            raw.extend(gradient.clone() for gradient in gradients)
            return loss, z, gradients

        self._run(watched, 1, 0.0, lambda: False)
        return raw, self.gradients

    def _run(
        self, differentiate: Differentiate, steps: int, until: float, interrupted: Interruption
    ) -> None:
        if self._iterator is None:
            self._iterator = self.batches.epoch(self.epoch, self.epoch_step)
        with torch.inference_mode():
            self._take(differentiate, steps, until, interrupted)
        if self.epoch_step >= self.batches.steps_per_epoch:
            self.epoch += 1
            self.epoch_step = 0
            self._iterator = None

    def _take(
        self, differentiate: Differentiate, steps: int, until: float, interrupted: Interruption
    ) -> None:
        """The loop itself: thousands of rounds a second, so all that can be is looked up once."""
        assert self._iterator is not None
        advance = self.spec.seams.advance(self.network, self.spec.optimizer)
        parameters = self._parameters
        optimizer = self.optimizer if self.spec.optimizer.keeps_state else None
        rate_at, rest = self.spec.schedule.rate, self._rate_arguments()
        base, end = self.spec.optimizer.learning_rate, self.step + steps
        # In a large batch each piece has masks of its own.
        whole = self.batches.batch_size <= self.differentiation.piece
        draw = self.differentiation.draw_masks if self.network.has_dropout and whole else None
        hold = self._frozen.hold if self._frozen else None
        clip = self._clipping.apply if self._clipping else None
        log = self._log
        keep_loss, keep_z, keep_targets = log.losses.append, log.zs.append, log.targets.append
        keeps_outputs = self._keeps_outputs
        step = begun = self.step
        for inputs, targets in self._iterator:
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

    def flush(self) -> Slice | None:
        """Brings the losses of the steps since the last flush over from the device."""
        return self._log.bring(self.step)

    def evaluation(self, *, whole: bool = True) -> Evaluation | None:
        """A pass over the test set; see :meth:`core.training.held_out.HeldOut.evaluation`."""
        return self.held_out.evaluation(whole=whole)

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
        if _batching(before) != _batching(spec):
            seen = self.epoch_step * self.batches.batch_size
            self._prepare_batches()
            # The samples of this epoch already seen are not taken again.
            self.epoch_step = min(seen // self.batches.batch_size, self.batches.steps_per_epoch - 1)
            self._iterator = None

    def intervene(self, wanted: Interventions) -> None:
        """Lets a person's interventions act from the next step on, and takes back earlier ones."""
        before, self.interventions = self.interventions, wanted
        if wanted.frozen != before.frozen:
            self._frozen = Frozen.of(self.network, wanted)
        if wanted.knocked != before.knocked:
            self.network.knock_out(wanted.units())
            self._prepare_step()
        if wanted.inputs != before.inputs:
            self.data = self._changed_inputs.write(self.data, wanted)
            self._prepare_batches()
            self._iterator = None

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
        """Puts everything back where it was; the next step is the one taken then, bit for bit.

        Under another optimizer than the state's it begins without that one's memory.
        """
        states.write_tensors(self.network, state.tensors)
        if self._remembers_as(state):
            states.write_optimizer(self.optimizer, state.optimizer)
        else:
            self._optimizer = None
        self._generator.set_state(state.generator)
        self.step, self.epoch, self.epoch_step = state.step, state.epoch, state.epoch_step
        self._iterator = None
        self._log.clear()

    def _remembers_as(self, state: TrainingState) -> bool:
        """Whether a state has of each parameter what the present optimizer keeps, and no other's.

        Without any it is the one before the first step, which is not empty with Adagrad.
        """
        optimizer = self.spec.optimizer
        asked, known = set(optimizer.used), {*optimizer.state_names, "step"}
        memories = state.optimizer.values()
        return bool(memories) and all(asked <= set(kept) <= known for kept in memories)


def _batching(spec: ExperimentSpec) -> tuple[object, ...]:
    training = spec.training
    return (
        training.batch_size,
        training.balanced,
        spec.optimizer.full_batch,
        spec.augmentation,
    )
