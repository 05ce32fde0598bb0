"""Where stepping and training hold by themselves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.experiment.layers import Path

Index = tuple[int, ...]


@dataclass(frozen=True)
class Interventions:
    """All of them, for one run.

    Attributes:
        frozen: A parameter's name (``0.weight``) and an index into it.
        knocked: A layer's path and one of its units (of an image: its channels).
        inputs: A training sample's row and an index into it: the value written there.
    """

    frozen: frozenset[tuple[str, Index]] = frozenset()
    knocked: frozenset[tuple[Path, int]] = frozenset()
    inputs: dict[tuple[int, Index], float] = field(default_factory=dict)

    def with_frozen(self, parameter: str, index: Index, *, on: bool) -> Interventions:
        """The same with one number held, or let go."""
        held = {(parameter, index)}
        return replace(self, frozen=self.frozen | held if on else self.frozen - held)

    def with_knocked(self, path: Path, unit: int, *, on: bool) -> Interventions:
        """The same with one neuron silenced, or brought back."""
        silenced = {(path, unit)}
        return replace(self, knocked=self.knocked | silenced if on else self.knocked - silenced)

    def with_input(self, row: int, index: Index, value: float) -> Interventions:
        """The same with one number of a training sample changed."""
        return replace(self, inputs=self.inputs | {(row, index): value})

    def units(self) -> dict[Path, frozenset[int]]:
        """The silenced units by the path of their layer."""
        found: dict[Path, set[int]] = defaultdict(set)
        for path, unit in self.knocked:
            found[path].add(unit)
        return {path: frozenset(units) for path, units in found.items()}


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
