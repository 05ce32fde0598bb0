"""Taking steps in a race: on a test function, and with a network; the last finite place stays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from time import perf_counter

import torch
from torch import Tensor
from torch.nn import Parameter

from core.catalog.functions import LossFunction
from core.catalog.optimizers import Optimizer
from core.landscape.losses.arena import Interruption
from core.landscape.race.trail import Measurement
from core.training import warmup
from core.training.metrics import Slice
from core.training.trainer import Trainer

HUGE = 1e12
"""A value of a test function that nobody comes back from."""

FAR = 1e6
"""A coordinate as bad: further out, float64 adds small numbers to large ones for nothing."""

BATCHES = 32
"""Losses that a mean is of at the most: enough to still it, and few enough to follow its fall."""

DRAWN = 1024
"""Steps whose noise is drawn at once: a generator costs more to seed than to draw from."""


def is_sane(point: Sequence[float], value: float) -> bool:
    """Whether a place on a test function is one to go on from; False for what is not finite."""
    return all(abs(each) <= FAR for each in point) and abs(value) <= HUGE


class Noise:
    """What a noisy function adds to its gradient: for one seed the same at the same step.

    Args:
        deviation: Of each entry.
        seed: Of the numbers.
    """

    def __init__(self, deviation: float, seed: int) -> None:
        self._deviation = deviation
        self._seed = seed
        self._block = -1
        self._drawn = torch.zeros(DRAWN, 2, dtype=torch.float64)

    def at(self, step: int) -> Tensor:
        """(2,) float64; asked for in any order."""
        block, row = divmod(step, DRAWN)
        if block != self._block:
            generator = torch.Generator().manual_seed((self._seed * 1_000_003 + block) % 2**63)
            drawn = torch.randn(DRAWN, 2, generator=generator, dtype=torch.float64)
            self._block, self._drawn = block, drawn * self._deviation
        return self._drawn[row]


class FunctionWalker:
    """Goes down a test function by autograd's gradient, in float64.

    Args:
        function: Where.
        optimizer: By which rule, as a trainer would apply it.
        start: (x, y), where the function is finite.
        seed: Of the noise, if there is any; the losses noted have none.

    Attributes:
        step: Updates made.
        diverged: The step at which loss or weights ceased to be finite; None while they are.
        seconds: What its steps have taken.
        window: So many losses in a row say how it does: the batches that make an epoch, and not
            more than :data:`BATCHES`; 1 where a loss is of all there is.
    """

    window = 1

    def __init__(
        self, function: LossFunction, optimizer: Optimizer, start: tuple[float, float], seed: int
    ) -> None:
        self._function = function
        self._optimizer = optimizer
        self._noise = Noise(function.noise, seed) if function.noise else None
        self.parameter = Parameter(torch.tensor(start, dtype=torch.float64))
        if optimizer.keeps_state:
            warmup.finish()  # see core.training.trainer.Trainer.optimizer
        self._torch = optimizer.build([self.parameter]) if optimizer.keeps_state else None
        self._loss = self._value()
        self.step = 0
        self.seconds = 0.0
        self.diverged: int | None = None
        self._measured = [self._measurement()]

    def _value(self) -> Tensor:
        x, y = self.parameter.unbind()
        return self._function.value(x, y)

    def take(self, interrupted: Interruption) -> bool:
        """Takes one step.

        Args:
            interrupted: Looked at amid a large step.

        Returns:
            Whether it was taken; a large one may be given up amid it.
        """
        begun = perf_counter()
        before = self.parameter.detach().clone()
        (gradient,) = torch.autograd.grad(self._loss, [self.parameter])
        if self._noise is not None:
            gradient = gradient + self._noise.at(self.step)
        rate = self._optimizer.learning_rate
        self._optimizer.advance(self._torch, [self.parameter], [gradient], rate)
        self._loss = self._value()
        if self._is_lost():
            self.diverged = self.step + 1
            with torch.no_grad():
                self.parameter.copy_(before)
            return True
        self.step += 1
        self.seconds += perf_counter() - begun
        self._measured.append(self._measurement())
        return True

    def _is_lost(self) -> bool:
        return not is_sane(self.parameter.tolist(), self._loss.item())

    def _measurement(self) -> Measurement:
        return Measurement(
            self.step, self._loss.item(), self.seconds, tuple(self.parameter.tolist())
        )

    def settle(self) -> list[Measurement]:
        """What was noted since the last time, finite all; notices divergence, and goes back to the
        last finite place then."""
        measured, self._measured = self._measured, []
        return measured

    def place(self) -> Tensor:
        """(p,) float32 on the CPU: a copy of the parameters."""
        return self.parameter.detach().to(torch.float32, copy=True)


class NetworkWalker:
    """Trains a network of its own.

    Losses are brought over and looked at when it is settled; what turned out not to be finite is
    taken back and walked anew, step by step, up to the last finite place.

    Args:
        trainer: At its first step; nobody else uses it.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._parameters = [p.detach() for p in trainer.network.parameters()]
        self._safe = trainer.state()
        self._clock: list[float] = []
        self.window = min(trainer.batches.steps_per_epoch, BATCHES)
        self.seconds = 0.0
        self.diverged: int | None = None

    @property
    def step(self) -> int:
        """Updates made."""
        return self._trainer.step

    def take(self, interrupted: Interruption) -> bool:
        """As :meth:`FunctionWalker.take`."""
        trainer, begun = self._trainer, perf_counter()
        before = trainer.step
        trainer.run(1, math.inf, interrupted)
        taken = trainer.step > before
        if taken:
            self._clock.append(self.seconds)
        self.seconds += perf_counter() - begun
        return taken

    def settle(self) -> list[Measurement]:
        """As :meth:`FunctionWalker.settle`."""
        part = self._flush()
        if part is None:
            return []
        measured = self._measurements(part)
        if part.finite:
            self._safe = self._trainer.state()
            return measured
        seconds, end = [measurement.seconds for measurement in measured], self._trainer.step
        self._trainer.restore(self._safe)
        return self._walk_again(end, seconds)

    def _flush(self) -> Slice | None:
        begun = perf_counter()
        part = self._trainer.flush()
        self.seconds += perf_counter() - begun  # where a GPU is waited for
        return part

    def _measurements(self, part: Slice) -> list[Measurement]:
        clock, self._clock = self._clock, []
        first = part.first_step - 1  # a slice counts from 1, and its losses are before the update
        return [
            Measurement(first + i, float(loss), seconds)
            for i, (loss, seconds) in enumerate(zip(part.losses, clock, strict=True))
        ]

    def _walk_again(self, end: int, seconds: list[float]) -> list[Measurement]:
        trainer, measured = self._trainer, []
        for at in seconds:
            before = trainer.state()
            trainer.run(1, math.inf, lambda: False)
            part = trainer.flush()
            assert part is not None
            loss = float(part.losses[0])
            if math.isfinite(loss):
                measured.append(Measurement(before.step, loss, at))
            if not part.finite:
                self.diverged = before.step + (1 if math.isfinite(loss) else 0)
                trainer.restore(before)
                break
        self._safe = trainer.state()
        return measured

    def place(self) -> Tensor:
        """As :meth:`FunctionWalker.place`."""
        parts = [parameter.reshape(-1) for parameter in self._parameters]
        return torch.cat(parts).to("cpu", torch.float32)


Walker = FunctionWalker | NetworkWalker
"""One that goes step by step until it diverges."""
