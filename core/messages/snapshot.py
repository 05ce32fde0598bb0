"""What views may see of an experiment: frozen values and read-only arrays, never a live tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.base import DataShape, Task
from core.experiment.layers import Path, Shape
from core.experiment.spec import ExperimentSpec
from core.messages.breakpoints import Breakpoint
from core.messages.curves import Curves
from core.messages.findings import Finding
from core.messages.record import Stepping
from core.messages.surface_views import Floats
from core.messages.twin import TwinView
from core.messages.why import WhyAnswer
from core.sentence import Sentence


class RunState(Enum):
    """Where a run stands."""

    LOADING = "loading"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def is_running(self) -> bool:
        """Whether it trains just now."""
        return self is RunState.RUNNING

    @property
    def is_idle(self) -> bool:
        """Whether there is a network, and it waits to be trained or stepped."""
        return self not in (RunState.LOADING, RunState.RUNNING, RunState.FAILED)

    @property
    def is_begun(self) -> bool:
        """Whether there is a run to end."""
        return self in (RunState.RUNNING, RunState.PAUSED)


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        step, epoch_step: Updates made since the weights were new, and in the present epoch.
        epoch: Whole epochs behind us.
        steps_per_epoch: Updates in an epoch; 0 while the data loads.
        total_steps: Where the run ends by its epochs or steps; None when neither is set.
        learning_rate: What the next update is taken with, after the schedule.
        samples_per_second: Over the last second or so; None while nothing runs.
        seconds_left: None while unknown.
    """

    step: int = 0
    epoch: int = 0
    epoch_step: int = 0
    steps_per_epoch: int = 0
    total_steps: int | None = None
    learning_rate: float = 0.0
    samples_per_second: float | None = None
    seconds_left: float | None = None

    @property
    def has_even_epochs(self) -> bool:
        """Whether all epochs have been as long as they are now, so that steps tell them."""
        return self.step == self.epoch * self.steps_per_epoch + self.epoch_step


@dataclass(frozen=True)
class DeviceReport:
    """The device in use: torch's name, the one to show, and why it was chosen."""

    name: str = "cpu"
    label: str = "CPU"
    reason: str = ""


@dataclass(frozen=True)
class LayerSummary:
    """One layer as built."""

    path: Path
    name: str
    input_shape: Shape
    output_shape: Shape
    parameters: int


@dataclass(frozen=True, eq=False)
class DataSummary:
    """The data as loaded.

    ``test_inputs`` is (test_count, *input_shape), uint8 pixels or float32, and ``test_labels``
    (test_count,) int64 or (test_count, outputs) float32: read-only views of the very data.
    """

    label: str
    task: Task
    input_shape: Shape
    outputs: int
    train_count: int
    test_count: int
    test_inputs: NDArray[Any]
    test_labels: NDArray[Any]
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()

    @property
    def shape(self) -> DataShape:
        """What a network for them has to fit."""
        return DataShape(self.input_shape, self.task, self.outputs)


@dataclass(frozen=True, eq=False)
class Branch:
    """A run that was left at a step for another: its curves, for comparison."""

    number: int
    step: int
    curves: Curves


@dataclass(frozen=True, eq=False)
class KeptSteps:
    """The run's past as it can be visited, from its ``first`` step to its ``last``.

    Attributes:
        kept: (k,) int64 rising, the steps whose states are kept; others are computed anew from
            the one before.
        bytes: What the states take, of the ``budget`` that they may take.
        branches: The runs left for this one, newest last.
    """

    first: int
    last: int
    kept: NDArray[np.int64]
    bytes: int
    budget: int
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, eq=False)
class Values:
    """What the network holds now, while somebody looks at it (``Watch({"values"})``).

    ``parameters`` are read-only copies by name (``0.weight``); so are ``gradients``, of the last
    step, and empty before the first.
    """

    step: int
    parameters: Mapping[str, Floats]
    gradients: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class LayerHistory:
    """One parameter over the run (``Watch({"history"})``); steps (k,) int64 rising.

    Attributes:
        name: ``0.weight``.
        gradient_norm: (k,) the norm of its gradient.
        ratio: (k,) the norm of its update over the norm of its values.
        weight_edges, gradient_edges: (k, 2) the least and the largest of what is binned.
        weights, gradients: (k, bins) how many of its values fall into each bin between the edges.
    """

    name: str
    steps: NDArray[np.int64]
    gradient_norm: Floats
    ratio: Floats
    weight_edges: Floats
    weights: Floats
    gradient_edges: Floats
    gradients: Floats


@dataclass(frozen=True, eq=False)
class DecisionMap:
    """The network over the plane of two inputs, or along one (``Watch({"map"})``).

    Attributes:
        x, y: (w,) and (h,) values of the two inputs; y is empty for one input.
        outputs: (h, w, outputs), or (w, outputs), after the output activation.
        units: Of each hidden layer by path: (h, w, units) activations, for the maps in the nodes.
        train_inputs, test_inputs: (n, features) some of the samples.
        train_labels, test_labels: Their (n,) classes or (n, outputs) values.
    """

    step: int
    x: Floats
    y: Floats
    outputs: Floats
    units: Mapping[Path, Floats]
    train_inputs: Floats
    train_labels: NDArray[Any]
    test_inputs: Floats
    test_labels: NDArray[Any]


@dataclass(frozen=True)
class GradientCheck:
    """How the recorded gradients compare with central differences in float64.

    Attributes:
        largest: The largest relative difference, kinks left out.
        parameter, index: Where it is.
        checked: How many numbers were compared.
        kinks: How many were left out, since a ReLU or its kin bends within the difference.
        refused: Why nothing was compared; None if it was.
    """

    step: int
    largest: float = 0.0
    parameter: str = ""
    index: tuple[int, ...] = ()
    checked: int = 0
    kinks: int = 0
    refused: Sentence | None = None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything on screen about one experiment, at one moment.

    Attributes:
        version: Rises with each snapshot of an engine.
        spec: The experiment as it stands after all edits.
        device: None until the device is chosen.
        layers: Empty until the network is built.
        data: None until the data is loaded.
        undo, redo: The label of the edit that would be taken back, or made again; None for none.
        undo_change, redo_change: The same in more words, where one field has changed.
        message: Why the run stands where it stands (finished, diverged, failed); empty otherwise.
        stepping: The recorded step; None while nothing is stepped.
        timeline: The run's past; None before the network is built.
        frozen, knocked: As in :class:`core.messages.breakpoints.Interventions`.
        why: The newest answer to why a number is what it is.
        twin: A second run beside this one; None while there is none, or nobody looks at it.
        values, history, decisions: See the classes; None while nobody watches.
        findings: What keeps it from learning, what explains most first.
        examples: (n, height, width) some training pictures as this epoch shows them; None where
            the data are no pictures.
    """

    version: int
    spec: ExperimentSpec
    state: RunState = RunState.LOADING
    progress: Progress = field(default_factory=Progress)
    curves: Curves = field(default_factory=Curves)
    device: DeviceReport | None = None
    layers: tuple[LayerSummary, ...] = ()
    data: DataSummary | None = None
    undo: str | None = None
    redo: str | None = None
    undo_change: Sentence | None = None
    redo_change: Sentence | None = None
    message: Sentence | None = None
    stepping: Stepping | None = None
    timeline: KeptSteps | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    frozen: frozenset[tuple[str, tuple[int, ...]]] = frozenset()
    knocked: frozenset[tuple[Path, int]] = frozenset()
    check: GradientCheck | None = None
    why: WhyAnswer | None = None
    twin: TwinView | None = None
    values: Values | None = None
    history: tuple[LayerHistory, ...] | None = None
    decisions: DecisionMap | None = None
    findings: tuple[Finding, ...] = ()
    examples: NDArray[Any] | None = None

    @property
    def held(self) -> Mapping[str, Floats]:
        """What the network holds where one stands, by name: in a recorded step what it held before
        it. Empty while nobody watches (``Watch({"values"})``)."""
        if self.stepping is not None:
            return self.stepping.record.parameters
        return self.values.parameters if self.values is not None else {}

    @property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(layer.parameters for layer in self.layers if len(layer.path) == 1)
