"""Where stepping and training hold by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.layers import Path


class Condition(StrEnum):
    """What a breakpoint waits for; what its number means stands beside it."""

    ENTRY = "entry"
    """The cursor reaches an operation: ``writes``."""
    LAYER = "layer"
    """The cursor reaches the first operation of a layer in a phase: ``path``."""
    NOT_FINITE = "not_finite"
    """A gradient is NaN or infinite."""
    NORM_ABOVE = "norm_above"
    """The norm of all gradients is above ``number``."""
    NORM_BELOW = "norm_below"
    """The norm of all gradients is below ``number``."""
    DEAD = "dead"
    """A neuron behind ReLU or its kin gives zero on the whole batch."""
    LOSS_RISES = "loss_rises"
    """The batch's loss has risen ``number`` times in a row."""
    ACCURACY = "accuracy"
    """The batch's accuracy is at least ``number``, 0 to 1."""
    EVERY = "every"
    """Every ``number`` iterations."""


AT_CURSOR = (Condition.ENTRY, Condition.LAYER)
"""Those that hold inside of an iteration, training too; the others look at a whole one."""


@dataclass(frozen=True)
class Breakpoint:
    """One condition; ``on`` is False for one that is kept, but asleep."""

    condition: Condition
    number: float = 0.0
    path: Path = ()
    writes: str = ""
    on: bool = True
