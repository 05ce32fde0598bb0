"""What views may see of an experiment: frozen values and read-only arrays, never a live tensor."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.base import Task
from core.errors import UserError
from core.layers import Path, Shape
from core.spec import ExperimentSpec

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
        parameters: How many numbers the network learns.
        undo: The label of the edit that Undo would take back; None when there is none.
        redo: The same for Redo.
        message: Why the run stands where it stands (finished, diverged, failed); empty otherwise.
    """

    version: int
    spec: ExperimentSpec
    state: RunState = RunState.LOADING
    progress: Progress = field(default_factory=Progress)
    curves: Curves = field(default_factory=Curves)
    device: DeviceReport | None = None
    layers: tuple[LayerSummary, ...] = ()
    data: DataSummary | None = None
    parameters: int = 0
    undo: str | None = None
    redo: str | None = None
    message: UserError | None = None


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

    reason: UserError


@dataclass(frozen=True)
class Diverged:
    """Loss or gradients became NaN or infinite; the last finite state stands."""

    explanation: UserError


@dataclass(frozen=True)
class Refused:
    """A command could not be carried out; nothing changed."""

    error: UserError


@dataclass(frozen=True)
class Notice:
    """Something the person should know that needs no answer."""

    message: UserError


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
