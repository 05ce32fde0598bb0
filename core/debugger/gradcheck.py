"""The proof: recorded gradients beside central finite differences in float64.

A finite difference knows nothing of the chain rule: it asks how the objective changes when one
number changes. Where both agree, the chain rule was applied rightly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf, isfinite
from operator import itemgetter
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.debugger.doubled import double, network_in_double
from core.debugger.tape import Tape
from core.experiment.layers import LayerShape
from core.experiment.network import Block, Network, Skip, blocks_of
from core.messages.record import Record
from core.messages.snapshot import GradientCheck
from core.sentence import Sentence
from core.training.step import Interrupted, objective, penalty_of
from core.training.trainer import Trainer

EPSILON = float(torch.finfo(torch.float32).eps)

TRIALS = 3
"""As in CESTAC: one disturbance alone may happen to cancel."""


def float32_noise(network: Network, objective: Callable[[], Tensor], fused: float) -> list[float]:
    """What float32 may round off a gradient, found by disturbing a float64 computation as it would.

    Stochastic arithmetic: Vignes 1978, "New methods for evaluating the validity of the results of
    mathematical computations", the CESTAC method. All that goes into a layer or comes out of it,
    and each gradient on its way back, is multiplied by 1 + ε u with u random from -1 to 1. So an
    error a - y of two numbers that nearly cancel, or a feature that batch norm divides by hardly
    any spread, is disturbed as much as float32 disturbs it, which cannot be read from the size of
    the gradient.

    Args:
        network: In float64.
        objective: Runs it forwards, and gives what is differentiated, 0-d.
        fused: Where the loss is computed from z, so that a - y is a difference inside of it: the
            most that the objective weighs a sample's loss by; 0 where it is not.

    Returns:
        For each parameter the largest change of any of its numbers.
    """
    parameters = list(network.parameters())
    with torch.enable_grad():
        exact = torch.autograd.grad(objective(), parameters)
        with _disturbed(network, fused):
            trials = [torch.autograd.grad(objective(), parameters) for _ in range(TRIALS)]
    return [
        max([EPSILON * _largest(plain), *(_largest(one - plain) for one in moved)])
        for plain, *moved in zip(exact, *trials, strict=True)
    ]


def _largest(tensor: Tensor) -> float:
    return float(tensor.abs().max())


@contextmanager
def _disturbed(network: Network, fused: float) -> Iterator[None]:
    generator = torch.Generator().manual_seed(0)

    def disturb(tensor: Tensor) -> Tensor:
        u = torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
        return tensor * (1 + EPSILON * (2 * u - 1))

    def both_ways(tensor: Tensor) -> Tensor:
        return _with_gradient(disturb(tensor), disturb)

    def into(_module: nn.Module, given: tuple[Tensor]) -> tuple[Tensor]:
        return (both_ways(given[0]),)

    def out_of(_module: nn.Module, _given: Any, made: Tensor) -> Tensor:
        return both_ways(made)

    def error(_module: nn.Module, _given: Any, z: Tensor) -> Tensor:
        a = network.activate(z.detach())
        rounded = (disturb(a) - a) * fused
        return _with_gradient(z.view_as(z), lambda gradient: gradient + rounded)

    parts = [part for block in blocks_of(network) for part in (block.transform, block.activation)]
    parts = [part for part in parts if not isinstance(part, Skip)]
    handles = [part.register_forward_pre_hook(into) for part in parts]
    handles += [part.register_forward_hook(out_of) for part in parts]
    if fused:
        handles.append(network.last.transform.register_forward_hook(error))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _with_gradient(tensor: Tensor, changed: Callable[[Tensor], Tensor]) -> Tensor:
    """The same tensor, whose gradient is changed on its way back."""
    if tensor.requires_grad:
        tensor.register_hook(changed)  # type: ignore[no-untyped-call]
    return tensor


MOST = 5000
"""Parameters that are compared; each asks for two forward passes or more."""

WIDTHS = (6e-6, 6e-7, 6e-8)
"""How far a number is moved, relative to itself where it is larger than 1. The first is the cube
root of float64's rounding, where truncation and rounding weigh about the same; a difference that
crosses a kink is tried again with the next, nearer to the point itself."""

UNSEEN = 1e-5
"""The relative difference that rounding alone is scaled down to."""

_ROUNDING64 = float(torch.finfo(torch.float64).eps)


def check_gradients(
    trainer: Trainer, tape: Tape, interrupted: Callable[[], bool] = lambda: False
) -> GradientCheck:
    """Compares every gradient of a recorded step with a finite difference.

    For a recorded gradient g and a difference f the relative difference is
    |g - f| / max(|g|, |f|, floor). Without a floor, a gradient that is truly zero, as that of a
    bias before batch norm, would be called entirely wrong for a rounding error of 1e-9. What
    float32 rounds off is not relative to the gradient but to what it is a sum and difference of:
    samples' shares that cancel, an error a - y near 0. So with N the change that disturbances of
    float32's size make to any number of that parameter (:func:`float32_noise`), and with float64's
    own rounding in the difference of two objectives, the floor is (N + 2^-52 |L| / h) / ``UNSEEN``.
    Rounding then shows as a few ``UNSEEN`` at the most, while a gradient of the wrong size or sign
    still stands out.

    Numbers whose difference crosses a kink even at the smallest width (a z that changes side of
    its activation's kink, a max pooling that takes its value from elsewhere, an L1 penalty at 0)
    have no derivative there; they are counted and left out.

    Args:
        trainer: Whose network the step was taken with; only its shapes are looked at.
        interrupted: Looked at before each number; True gives up.

    Raises:
        Interrupted: ``interrupted`` said so.
    """
    record = tape.record
    count = sum(array.size for array in record.parameters.values())
    if count > MOST:
        return GradientCheck(record.step, refused=_too_many(count))
    probe = Probe(trainer.network.shapes, record)
    if not isfinite(probe.centre):
        trouble = Sentence(
            "The loss of this step is not a finite number, so its gradients cannot be checked.",
            "Step back to before it diverged, and choose a smaller learning rate.",
        )
        return GradientCheck(record.step, refused=trouble)
    found: list[tuple[float, str, tuple[int, ...]]] = []
    kinks = 0
    for name in probe.parameters:
        gradient = record.arrays[f"d:p:{name}"]
        for index in np.ndindex(gradient.shape):
            if interrupted():
                raise Interrupted
            difference = probe.difference(name, index)
            if difference is None:
                kinks += 1
                continue
            slope, noise = difference
            apart = _apart(float(gradient[index]), slope, probe.noise[name] + noise)
            found.append((apart, name, index))
    largest = max(found, key=itemgetter(0), default=(0.0, "", ()))
    return GradientCheck(record.step, *largest, checked=len(found), kinks=kinks)


def _too_many(count: int) -> Sentence:
    return Sentence(
        "Gradients are checked for networks of up to {most:,} parameters; this one has {count:,}.",
        "Choose fewer units or channels to check it.",
        most=MOST,
        count=count,
    )


def _apart(gradient: float, slope: float, noise: float) -> float:
    """Infinite for a gradient that is none, since the objective is finite there."""
    if not isfinite(gradient):
        return inf
    largest = max(abs(gradient), abs(slope), noise / UNSEEN)
    return abs(gradient - slope) / largest if largest else 0.0


class Probe:
    """A recorded step's objective in float64, as a function of its parameters.

    Batch, dropout masks and silenced neurons are those of the record, and batch norm looks at the
    batch, as in the step.

    Attributes:
        parameters: By name, as they were before the step; put back after each difference.
        centre, noise: The objective with them, and what float32 may round off each one's gradient.
    """

    def __init__(self, shapes: tuple[LayerShape, ...], record: Record) -> None:
        self._loss = record.spec.loss
        self._penalty = penalty_of(record.spec.training)
        self._inputs = double(record.arrays["x"])
        self._targets = double(record.arrays["y"])
        self._network = network_in_double(shapes, record)
        self.parameters = self._network.named()
        count = len(self._inputs)
        fused = self._loss.weight(count) / count if self._loss.fuses else 0.0
        found = float32_noise(self._network, self._objective, fused)
        self.noise = dict(zip(self.parameters, found, strict=True))
        self._corners: list[Tensor] = []
        self._watch_corners()
        self.centre = self._value()[0]

    def _watch_corners(self) -> None:
        """Notes, at each forward pass, on which side of its kinks everything lies."""
        for block in blocks_of(self._network):
            if block.chosen.kinks:
                block.activation.register_forward_pre_hook(partial(self._note_sides, block))
            if isinstance(block.transform, nn.MaxPool2d):
                block.transform.register_forward_pre_hook(self._note_largest)

    def _note_sides(self, block: Block, _module: nn.Module, given: tuple[Tensor]) -> None:
        for kink in block.chosen.kinks:
            sides = torch.sign(given[0] - kink)
            self._corners.append(sides if block.keep is None else sides * block.keep)

    def _note_largest(self, pool: nn.MaxPool2d, given: tuple[Tensor]) -> None:
        _, places = functional.max_pool2d(
            given[0], pool.kernel_size, pool.stride, return_indices=True
        )
        self._corners.append(places)

    def _objective(self) -> Tensor:
        z = self._network(self._inputs)
        return objective(self._network, self._loss, self._penalty, z, self._targets)[1]

    def _value(self) -> tuple[float, list[Tensor]]:
        self._corners = []
        with torch.no_grad():
            return float(self._objective()), self._corners

    def difference(self, name: str, index: tuple[int, ...]) -> tuple[float, float] | None:
        """The central difference for one number, and what float64 may have rounded off it.

        None where it crosses a kink at any width.
        """
        parameter = self.parameters[name]
        here = float(parameter.detach()[index])
        cornered = self._penalty.l1 > 0 and any(parameter is w for w in self._network.penalised())
        for width in WIDTHS:
            h = width * max(1.0, abs(here))
            if cornered and abs(here) <= h:
                continue
            ends, values = (here - h, here + h), []
            for end in ends:
                parameter.data[index] = end
                values.append(self._value())
            parameter.data[index] = here
            (lower, below), (upper, above) = values
            if all(map(torch.equal, below, above)):
                apart = ends[1] - ends[0]
                noise = 2 * _ROUNDING64 * max(abs(lower), abs(upper)) / apart
                return (upper - lower) / apart, noise
        return None
