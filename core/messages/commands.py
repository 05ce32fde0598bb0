"""Everything a person can tell an experiment: edits of its description, and orders for its run.

What the window's menus send stands in :mod:`core.messages.orders`, the edits themselves in
:mod:`core.messages.edits`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from core.messages.orders import (
    CheckGradients,
    EpochOnce,
    LeaveStep,
    Pause,
    Redo,
    ResetWeights,
    RunToBreakpoint,
    StepOnce,
    StepOut,
    StopRun,
    Train,
    Undo,
)

if TYPE_CHECKING:
    from core.experiment.layers import Path
    from core.experiment.spec import ExperimentSpec
    from core.messages.breakpoints import Breakpoint
    from core.messages.race import SurveyCommand
    from core.messages.record import Grain
    from core.messages.why import About


@dataclass(frozen=True)
class Edit:
    """A pure change of the description, which can be undone.

    Attributes:
        label: What it does, in the imperative, as Undo shows it.
        apply: Description before -> description after; may raise UserError or ValidationError.
        gesture: Edits of one gesture (a slider's drag) share a number and undo as one.
    """

    label: str
    apply: Callable[[ExperimentSpec], ExperimentSpec]
    gesture: int | None = None


@dataclass(frozen=True)
class BeginWith:
    """Puts another experiment in the place of this one, untrained; undo brings this one back.

    Attributes:
        spec: The experiment.
        label: What it does, in the imperative, as Undo shows it.
    """

    spec: ExperimentSpec
    label: str


@dataclass(frozen=True)
class TrainUntil:
    """Trains to a step, then pauses."""

    step: int


@dataclass(frozen=True)
class SaveWeights:
    """Writes the weights and the description to a safetensors file."""

    path: str


@dataclass(frozen=True)
class LoadWeights:
    """Reads a safetensors file: its experiment and its weights take this one's place."""

    path: str


@dataclass(frozen=True)
class Next:
    """Goes on in the recorded step; records the next step where there is none."""

    grain: Grain


@dataclass(frozen=True)
class Back:
    """Goes back in the recorded step, at its beginning into the step before."""

    grain: Grain


@dataclass(frozen=True)
class RunTo:
    """Goes on until something of a layer is computed next: of one unit, where one is given."""

    path: Path
    unit: int | None = None


@dataclass(frozen=True)
class RunToPlace:
    """Goes to an entry of the recorded step, forwards or back."""

    entry: int


@dataclass(frozen=True)
class SetBreakpoints:
    """Replaces all breakpoints."""

    breakpoints: tuple[Breakpoint, ...]


@dataclass(frozen=True)
class Visit:
    """Goes to a step of the run's past, or back to its newest."""

    step: int


@dataclass(frozen=True)
class SetTimelineBudget:
    """How many bytes the states of the run's past may take."""

    size: int


@dataclass(frozen=True)
class SetNumber:
    """Writes one number of a parameter: ``0.weight`` at (unit, input)."""

    parameter: str
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class SetInput:
    """Writes one number of a training sample, by its row in the training set."""

    row: int
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Freeze:
    """Holds one number of a parameter fast while training, or lets it go."""

    parameter: str
    index: tuple[int, ...]
    on: bool


@dataclass(frozen=True)
class KnockOut:
    """Silences a neuron (of an image: a channel), or brings it back."""

    path: Path
    unit: int
    on: bool


@dataclass(frozen=True)
class Watch:
    """Says what somebody looks at, so that it is worth measuring: see core.messages.snapshot."""

    parts: frozenset[str]


@dataclass(frozen=True)
class AskWhy:
    """Asks why a number is what it is; the newest question alone is answered.

    Attributes:
        request: A number that the answer carries.
        about: Of a gradient its paths to the loss, of a weight the updates that made it.
    """

    request: int
    about: About


Change = SetNumber | SetInput | Freeze | KnockOut
"""What a person's hand does to a network or its data."""

WhatIf = Edit | Change
"""The one thing that is another in a second run: of the description, so that the weights stay, or
a number by hand."""


@dataclass(frozen=True)
class BeginTwin:
    """Sets a second run out from where this one stands, with one thing changed.

    Attributes:
        change: It is made in the second run, and in that alone.
    """

    change: WhatIf


@dataclass(frozen=True)
class EndTwin:
    """Leaves the second run."""


Command: TypeAlias = (
    "Edit | BeginWith | Train | TrainUntil | Pause | StepOnce | EpochOnce | StopRun "
    "| ResetWeights | Undo | Redo | SaveWeights | LoadWeights | Next | Back | StepOut | RunTo "
    "| RunToPlace | RunToBreakpoint | LeaveStep | SetBreakpoints | Visit | SetTimelineBudget "
    "| SetNumber | SetInput | Freeze | KnockOut | CheckGradients | Watch | AskWhy | BeginTwin "
    "| EndTwin | SurveyCommand"
)
