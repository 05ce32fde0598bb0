"""Looks at each training step for what the breakpoints wait for."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

import numpy as np
import torch

from core.debugger.tape import record_step
from core.messages.breakpoints import AT_CURSOR, Breakpoint, Condition
from core.messages.record import Record, key_of
from core.sentence import Sentence
from core.training.metrics import accuracy_of
from core.training.trainer import Trainer

CAN_DIE = {"relu"}
"""The activations that are flat on one side, where no gradient passes at all."""


class Watcher:
    """Takes a trainer's steps one by one; says whether a breakpoint holds at it.

    Args:
        breakpoints: Those that are on.
    """

    def __init__(self, breakpoints: tuple[Breakpoint, ...]) -> None:
        self._breakpoints = [
            one for one in breakpoints if one.on and one.condition not in AT_CURSOR
        ]
        self._last_loss: float | None = None
        self._rises = 0

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._breakpoints)

    def __call__(self, trainer: Trainer) -> Sentence | None:
        """Takes the next step; gives the reason to hold at it, if there is one."""
        record = record_step(trainer).record
        loss = float(record.arrays["loss"])
        rose = self._last_loss is not None and loss > self._last_loss
        self._rises = self._rises + 1 if rose else 0
        self._last_loss = loss
        reasons = (CHECKS[one.condition](record, one, self._rises) for one in self._breakpoints)
        return next((reason for reason in reasons if reason is not None), None)


Check = Callable[[Record, Breakpoint, int], Sentence | None]


def _not_finite(record: Record, one: Breakpoint, rises: int) -> Sentence | None:
    for entry in record.entries:
        if not np.isfinite(record.arrays[entry.writes]).all():
            return Sentence(
                "Step {step}: {name} holds a NaN or an infinite number.",
                "It is the first operation of the step that does.",
                step=record.step,
                name=entry.name or entry.writes,
            )
    return None


def _norm_check(is_beyond: Callable[[float, float], bool], template: str) -> Check:
    """Of the norm of all gradients, above a limit or below it."""

    def check(record: Record, one: Breakpoint, rises: int) -> Sentence | None:
        gradients = (a for key, a in record.arrays.items() if key.startswith("d:p:"))
        norm = math.sqrt(sum(np.square(a, dtype=np.float64).sum() for a in gradients))
        if not is_beyond(norm, one.number):
            return None
        return Sentence(template, step=record.step, norm=norm, limit=one.number)

    return check


def _dead(record: Record, one: Breakpoint, rises: int) -> Sentence | None:
    for layer in record.layers:
        activation = layer.layer.activation_of()
        if activation is None or activation.kind not in CAN_DIE:
            continue
        z = record.arrays[f"z:{key_of(layer.path)}"]
        silent = (z <= 0).reshape(*z.shape[:2], -1).all(axis=(0, 2))
        if silent.any():
            return Sentence(
                "Step {step}: neuron {unit} of {layer} is dead on the whole batch.",
                "Its weighted sum is nowhere above zero, so no gradient passes it.",
                step=record.step,
                unit=int(silent.argmax()) + 1,
                layer=layer.name,
            )
    return None


def _loss_rises(record: Record, one: Breakpoint, rises: int) -> Sentence | None:
    if rises < one.number:
        return None
    return Sentence(
        "Step {step}: the loss of the batch has risen {rises} times in a row.",
        step=record.step,
        rises=rises,
    )


def _accuracy(record: Record, one: Breakpoint, rises: int) -> Sentence | None:
    if record.spec.data.shape().task != "classification":
        return None
    last = max(layer.path for layer in record.layers if len(layer.path) == 1)
    a, y = record.arrays[f"a:{key_of(last)}"], record.arrays["y"]
    labels = y if y.ndim == 1 else (y[:, 0].round() if y.shape[1] == 1 else y.argmax(1))
    right = accuracy_of(torch.tensor(a), torch.tensor(labels).long())
    reached = float(right.float().mean())
    if reached < one.number:
        return None
    return Sentence(
        "Step {step}: the batch's accuracy is {reached:.1%}.", step=record.step, reached=reached
    )


def _every(record: Record, one: Breakpoint, rises: int) -> Sentence | None:
    if record.step % max(1, round(one.number)):
        return None
    return Sentence("Step {step} is reached.", step=record.step)


CHECKS: Mapping[Condition, Check] = {
    Condition.NOT_FINITE: _not_finite,
    Condition.NORM_ABOVE: _norm_check(
        operator.gt, "Step {step}: the gradient's norm is {norm:.4g}, above {limit:.4g}."
    ),
    Condition.NORM_BELOW: _norm_check(
        operator.lt, "Step {step}: the gradient's norm is {norm:.4g}, below {limit:.4g}."
    ),
    Condition.DEAD: _dead,
    Condition.LOSS_RISES: _loss_rises,
    Condition.ACCURACY: _accuracy,
    Condition.EVERY: _every,
}
