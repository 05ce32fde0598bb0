"""One recorded training step as views may see it: what was computed, from what, in which order.

Every array is a tensor that torch computed in that step. Keys name them:

=====================  ==========================================================================
``x``, ``y``           the batch's inputs (n, *shape) and targets
``z:P``, ``a:P``       what the layer at path P (``0``, ``2.1``) makes of its input, before and
                       after its activation, (n, *shape); one array where there is none
``in:P``               a residual group's input, as its first layer sees it
``keep:P``             1 for a neuron at work, 0 for one knocked out, (*shape)
``mask:P``             dropout's mask, (n, *shape)
``mean:P``, ``var:P``  batch norm's moments over the batch, (features,)
``moving_mean:P``      batch norm's running mean before the step, (features,), and after it:
                       ``moved_mean:P``; its running variance: ``moving_var:P``, ``moved_var:P``
``norm:P``             batch norm's input, centred and scaled, (n, *shape)
``terms``, ``loss``    each sample's own loss (n,), and the batch's, their mean, 0-d
``penalty``, ``total`` the L1 and L2 penalties, and what is differentiated: loss + penalty, 0-d
``d:K``                the gradient of ``total`` with respect to K, in K's shape
``p:N``                a parameter before the step; N is ``0.weight``, ``2.1.bias``
``penalty:N``          the penalty's part of its gradient
``norm``               the norm of all gradients together, which clipping looks at, 0-d
``clipped:N``          its gradient after clipping
``s:N:S``, ``s':N:S``  the optimizer's state S before and after, by torch's name (``exp_avg``)
``hat:N:S``            the state corrected for its bias towards zero (Adam's)
``t:N``                how many steps the optimizer has made with this one, 0-d
``after:N``            the parameter after the step
``step:N``             after - before
``frozen:N``           where the parameter is held fast, bool
=====================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.experiment.layers import LayerShape, Path, Shape
from core.experiment.spec import ExperimentSpec
from core.sentence import Sentence


class Phase(StrEnum):
    """The four parts of a training step."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


class Grain(StrEnum):
    """How far one press of Next or Back goes."""

    NUMBER = "number"
    OPERATION = "operation"
    PHASE = "phase"
    ITERATION = "iteration"


@dataclass(frozen=True)
class Entry:
    """One operation of a recorded step.

    Attributes:
        phase: The part of the step it belongs to.
        kind: What it does: forward ``linear convolution max_pool avg_pool flatten batch_norm
            dropout skip activation``; loss ``loss_terms loss penalty objective``; backward
            ``loss_gradient activation_gradient weight_gradient bias_gradient input_gradient
            skip_gradient``; update ``norm clip update``.
        name: The layer as messages show it (``2 Dense``); empty for loss and clipping.
        path: The layer's place; empty likewise.
        writes: The key of what it computes.
        reads: The keys of what it computes it from.
        shape: Of the numbers it computes, without the batch where it computes them per sample.
        per_sample: Whether the first axis of what it writes is the batch.
        parameter: ``0.weight``, for the gradient, clipping and update of a parameter.
        gives_output: Whether it computes what the network gives, ŷ.
    """

    phase: Phase
    kind: str
    name: str
    path: Path
    writes: str
    reads: tuple[str, ...]
    shape: Shape
    per_sample: bool
    parameter: str = ""
    gives_output: bool = False

    @property
    def count(self) -> int:
        """How many numbers it computes, for one sample where it computes them per sample."""
        return prod(self.shape)

    def has(self, index: tuple[int, ...]) -> bool:
        """Whether there is such a place in ``shape``."""
        fits = len(index) == len(self.shape)
        return fits and all(0 <= i < n for i, n in zip(index, self.shape, strict=True))

    def index_of(self, number: int) -> tuple[int, ...]:
        """The place in ``shape`` of the number computed as the ``number``-th, counted from 0."""
        return tuple(int(i) for i in np.unravel_index(number, self.shape)) if self.shape else ()


@dataclass(frozen=True)
class Hidden:
    """A number that a person is working out.

    Attributes:
        key: Of its array.
        index: Where in it, without the sample.
        sample: Whose it is; None for the whole batch's, or where a sample has none.
    """

    key: str
    index: tuple[int, ...]
    sample: int | None = None


@dataclass(frozen=True, eq=False)
class Record:
    """A training step, whole.

    Attributes:
        step: The step it makes, counted from 1.
        spec: The experiment it was taken with.
        rate: The learning rate after the schedule.
        layers: Every layer, those of residual groups before their group.
        entries: In the order of computing.
        arrays: Read-only, by the keys of this module.
        rows: Which training samples the batch holds, (n,) int64.
        hidden: The number that a person is working out, if the arrays are without one; see
            :mod:`core.messages.hiding`.
    """

    step: int
    spec: ExperimentSpec
    rate: float
    layers: tuple[LayerShape, ...]
    entries: tuple[Entry, ...]
    arrays: Mapping[str, NDArray[Any]]
    rows: NDArray[np.int64]
    hidden: Hidden | None = None

    @property
    def samples(self) -> int:
        """How many samples the batch has."""
        return len(self.rows)

    @cached_property
    def parameters(self) -> dict[str, NDArray[Any]]:
        """What the network held before the step, by name: ``0.weight``."""
        return {key[2:]: array for key, array in self.arrays.items() if key.startswith("p:")}

    @cached_property
    def output(self) -> str:
        """The key of what the network gives, which the loss compares with the targets."""
        last = max(layer.path for layer in self.layers if len(layer.path) == 1)
        return self.canonical(f"a:{key_of(last)}")

    def layer(self, path: Path) -> LayerShape:
        """The layer at a path."""
        return next(layer for layer in self.layers if layer.path == path)

    def canonical(self, key: str) -> str:
        """See :func:`canonical`."""
        return canonical(key, self.layers, self.arrays)


@dataclass(frozen=True)
class Place:
    """Where a cursor stands: the entry computed last, and how many of its numbers are there.

    ``Place(-1, 0)`` is before the first entry.
    """

    entry: int = -1
    number: int = 0


@dataclass(frozen=True, eq=False)
class Stepping:
    """A recorded step and where the cursor stands in it.

    Attributes:
        place: Up to where its numbers are shown.
        can_go_back: Whether there is anything before, in this step or in an earlier one.
        stopped: Why it stands here, if a breakpoint brought it here.
    """

    record: Record
    place: Place
    can_go_back: bool
    stopped: Sentence | None = None

    @property
    def entry(self) -> Entry | None:
        """The entry computed last; None before the first."""
        return self.record.entries[self.place.entry] if self.place.entry >= 0 else None

    @property
    def index(self) -> tuple[int, ...] | None:
        """Where in the entry's shape the number computed last stands; None if all are there."""
        entry = self.entry
        if entry is None or self.place.number >= entry.count:
            return None
        return entry.index_of(self.place.number - 1)

    def known(self, key: str) -> int | None:
        """How many numbers of a key (of one sample, if it has samples) stand at this place.

        None: all of them; what no entry computes (inputs, parameters) is known from the start.
        """
        key = self.record.canonical(key)
        for position, entry in enumerate(self.record.entries):
            if entry.writes == key:
                if position == self.place.entry and self.place.number < entry.count:
                    return self.place.number
                return None if position <= self.place.entry else 0
        return None


def bends(layer: LayerShape, arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether a layer's a is anything else than its z."""
    activation = layer.layer.activation_of()
    knocked = f"keep:{key_of(layer.path)}" in arrays
    return knocked or (activation is not None and activation.kind != "identity")


def input_of(path: Path) -> str:
    """The key of what the layer at a path takes in."""
    if path[-1] > 0:
        return f"a:{key_of((*path[:-1], path[-1] - 1))}"
    return "x" if len(path) == 1 else f"in:{key_of(path[:-1])}"


def canonical(key: str, layers: tuple[LayerShape, ...], arrays: Mapping[str, NDArray[Any]]) -> str:
    """The key under which an entry writes and reads what another key names too.

    A layer without an activation has its a in its z; the z of an activation alone is its input;
    a residual group's input is what stands before the group, though not so its gradient, which
    is what comes back through the group alone.
    """
    prefix, base = ("d:", key[2:]) if key.startswith("d:") else ("", key)
    kind, _, where = base.partition(":")
    if kind == "in" and not prefix:
        return canonical(input_of(tuple(map(int, where.split(".")))), layers, arrays)
    if kind not in ("a", "z"):
        return key
    layer = next(layer for layer in layers if key_of(layer.path) == where)
    if kind == "a" and not bends(layer, arrays) and layer.layer.kind != "activation":
        kind = "z"
    if kind == "z" and layer.layer.kind == "activation":
        return canonical(prefix + input_of(layer.path), layers, arrays)
    return f"{prefix}{kind}:{where}"


def path_of(key: str) -> Path:
    """The path in a key: ``2.1``."""
    return tuple(int(part) for part in key.split(".")) if key else ()


def key_of(path: Path) -> str:
    """A path as keys have it: ``2.1``."""
    return ".".join(map(str, path))
