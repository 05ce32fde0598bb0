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
from core.messages.record import Stepping
from core.sentence import Sentence

Floats = NDArray[np.float32]


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
        step: Updates made since the weights were new.
        epoch: Whole epochs behind us.
        epoch_step: Updates made in the present epoch.
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


_NO_STEPS: NDArray[np.int64] = np.zeros(0, np.int64)
_NO_VALUES: Floats = np.zeros(0, np.float32)


@dataclass(frozen=True, eq=False)
class Curve:
    """One measured quantity over the run: ``steps`` (n,) int64 rising, ``values`` (n,) float32."""

    steps: NDArray[np.int64] = field(default_factory=lambda: _NO_STEPS)
    values: Floats = field(default_factory=lambda: _NO_VALUES)

    def __len__(self) -> int:
        """How many points it has."""
        return len(self.steps)

    @property
    def last(self) -> float | None:
        """The newest value, if there is one."""
        return float(self.values[-1]) if len(self.values) else None


@dataclass(frozen=True, eq=False)
class Curves:
    """Loss and accuracy for training and test; the accuracies stay empty for regression.

    The training curves are means over bins of steps, taken as the steps were made; the test
    curves are measured on the whole test set at the step given.
    """

    train_loss: Curve = field(default_factory=Curve)
    train_accuracy: Curve = field(default_factory=Curve)
    test_loss: Curve = field(default_factory=Curve)
    test_accuracy: Curve = field(default_factory=Curve)


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
    """The run's past as it can be visited.

    Attributes:
        first: The earliest step that can be visited exactly.
        last: The newest step of this run.
        kept: (k,) int64 rising, the steps whose states are kept; others are computed anew from
            the one before.
        bytes: What the states take.
        budget: What they may take.
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

    Attributes:
        step: Updates made.
        parameters: By name (``0.weight``), read-only copies.
        gradients: Of the last step, by the same names; empty before the first.
    """

    step: int
    parameters: Mapping[str, Floats]
    gradients: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class LayerHistory:
    """One parameter over the run (``Watch({"history"})``); steps (k,) int64 rising.

    Attributes:
        name: ``0.weight``.
        steps: (k,) where it was measured.
        gradient_norm: (k,) the norm of its gradient.
        ratio: (k,) the norm of its update over the norm of its values.
        edges: (k, 2) the least and the largest of what is binned, for weights, then gradients:
            ``weight_edges`` and ``gradient_edges``.
        weights: (k, bins) how many of its values fall into each bin between the edges.
        gradients: (k, bins) the same for its gradient.
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
        step: Updates made when it was computed.
        x: (w,) the values of the first input.
        y: (h,) of the second; empty for one input.
        outputs: (h, w, outputs), or (w, outputs), after the output activation.
        units: Of each hidden layer by path: (h, w, units) activations, for the maps in the nodes.
        train_inputs: (n, features) some of the training samples.
        train_labels: (n,) classes or (n, outputs) values.
        test_inputs: The same of the test set.
        test_labels: The same.
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
        step: Of the record that was checked.
        largest: The largest relative difference, kinks left out.
        parameter: Where it is.
        index: And at which number.
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
        state: Where the run stands.
        progress: How far it is.
        curves: What was measured so far.
        device: None until the device is chosen.
        layers: Empty until the network is built.
        data: None until the data is loaded.
        undo: The label of the edit that Undo would take back; None when there is none.
        redo: The same for Redo.
        message: Why the run stands where it stands (finished, diverged, failed); empty otherwise.
        stepping: The recorded step; None while nothing is stepped.
        timeline: The run's past; None before the network is built.
        breakpoints: Where stepping and training hold.
        frozen: The numbers held fast: a parameter's name and an index into it.
        knocked: The neurons silenced: a layer's path and a unit.
        check: The newest comparison of gradients.
        values, history, decisions: See the classes; None while nobody watches.
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
    message: Sentence | None = None
    stepping: Stepping | None = None
    timeline: KeptSteps | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    frozen: frozenset[tuple[str, tuple[int, ...]]] = frozenset()
    knocked: frozenset[tuple[Path, int]] = frozenset()
    check: GradientCheck | None = None
    values: Values | None = None
    history: tuple[LayerHistory, ...] | None = None
    decisions: DecisionMap | None = None

    @property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(layer.parameters for layer in self.layers if len(layer.path) == 1)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the network makes of one drawing.

    Attributes:
        request: The number that the request was given, to tell a stale answer.
        input: (height, width) float32 in 0..1, just what the network saw; None for an empty pad.
        probabilities: (classes,) float32 summing to 1; None for an empty pad.
        class_names: One a class.
        step: The training step whose weights answered.
    """

    request: int
    input: Floats | None
    probabilities: Floats | None
    class_names: tuple[str, ...] = ()
    step: int = 0


@dataclass(frozen=True)
class EpochDone:
    """An epoch is over and the test set has been measured.

    Attributes:
        epoch: Counted from 1.
        step: Updates made so far.
        train_loss: The mean over the epoch's batches, as they were trained.
        train_accuracy: The same for accuracy; None for regression, or where nobody watches.
        test_loss: None without a test set.
        test_accuracy: None for regression or without a test set.
        samples_per_second: While training, evaluation left out.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    samples_per_second: float


@dataclass(frozen=True)
class Finished:
    """A run ended by one of its stop conditions, or was stopped."""

    reason: Sentence


@dataclass(frozen=True)
class Diverged:
    """Loss or gradients became NaN or infinite; the last finite state stands."""

    explanation: Sentence


@dataclass(frozen=True)
class Refused:
    """A command could not be carried out; nothing changed."""

    reason: Sentence


@dataclass(frozen=True)
class Notice:
    """Something the person should know that needs no answer."""

    message: Sentence


@dataclass(frozen=True)
class Saved:
    """A file was written."""

    path: str


@dataclass(frozen=True)
class Failed:
    """A defect in Chainrule; the engine lives on. The traceback is for a report."""

    message: str
    traceback: str


Event = EpochDone | Finished | Diverged | Refused | Notice | Saved | Failed
