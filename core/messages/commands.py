"""Everything a person can tell an experiment: edits of its description, and orders for its run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.catalog.losses import Loss
from core.catalog.optimizers import Optimizer
from core.catalog.schedules import Schedule
from core.data.base import DataSource
from core.errors import UserError
from core.experiment.layers import Layer, Path, Residual
from core.experiment.spec import Device, ExperimentSpec, Stop, Training
from core.messages.breakpoints import Breakpoint
from core.messages.record import Grain
from core.messages.surface_commands import SurveyCommand


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


def _changed(spec: ExperimentSpec, **fields: object) -> ExperimentSpec:
    # model_copy skips validation; a spec must never exist unvalidated.
    return ExperimentSpec.model_validate(dict(spec) | fields)


def rename(name: str) -> Edit:
    """Gives the experiment another name."""
    return Edit("Rename", lambda spec: _changed(spec, name=name))


def set_data(data: DataSource) -> Edit:
    """Chooses other data; the session fits the output layer and the loss to it."""
    return Edit("Change the data", lambda spec: _changed(spec, data=data))


def set_loss(loss: Loss) -> Edit:
    """Chooses another loss; the session fits the output's activation to it."""
    return Edit("Change the loss", lambda spec: _changed(spec, loss=loss))


def set_optimizer(optimizer: Optimizer, gesture: int | None = None) -> Edit:
    """Chooses another optimizer, or other values for its fields."""
    return Edit("Change the optimizer", lambda spec: _changed(spec, optimizer=optimizer), gesture)


def set_schedule(schedule: Schedule, gesture: int | None = None) -> Edit:
    """Chooses how the learning rate moves over the run."""
    return Edit(
        "Change the learning-rate schedule", lambda spec: _changed(spec, schedule=schedule), gesture
    )


def set_training(training: Training, gesture: int | None = None) -> Edit:
    """Changes batch size, penalties or clipping."""
    return Edit("Change the training", lambda spec: _changed(spec, training=training), gesture)


def set_stop(stop: Stop, gesture: int | None = None) -> Edit:
    """Changes when the run ends."""
    return Edit("Change when to stop", lambda spec: _changed(spec, stop=stop), gesture)


def set_seed(seed: int) -> Edit:
    """Chooses another seed for weights, data and order."""
    return Edit("Change the seed", lambda spec: _changed(spec, seed=seed))


def set_device(device: Device) -> Edit:
    """Chooses where to compute."""
    return Edit("Change the device", lambda spec: _changed(spec, device=device))


def set_layers(layers: tuple[Layer, ...], label: str = "Change the layers") -> Edit:
    """Replaces all layers at once."""
    return Edit(label, lambda spec: _changed(spec, layers=layers))


def add_layer(path: Path, layer: Layer) -> Edit:
    """Puts a layer at the path, before the one that stands there."""

    def insert(row: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
        return (*row[:index], layer, *row[index:])

    return _layer_edit(f"Add {layer.label}", path, insert)


def remove_layer(path: Path) -> Edit:
    """Takes the layer at the path away."""

    def remove(row: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
        _standing(row, index)
        return (*row[:index], *row[index + 1 :])

    return _layer_edit("Remove a layer", path, remove)


def move_layer(path: Path, to: int) -> Edit:
    """Moves the layer at the path to another index in the same row."""

    def move(row: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
        moved = _standing(row, index)
        rest = [*row[:index], *row[index + 1 :]]
        rest.insert(to, moved)
        return tuple(rest)

    return _layer_edit("Move a layer", path, move)


def replace_layer(path: Path, layer: Layer, gesture: int | None = None) -> Edit:
    """Puts another layer in the place of the one at the path."""

    def replace(row: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
        _standing(row, index)
        return (*row[:index], layer, *row[index + 1 :])

    return _layer_edit(f"Change {layer.label}", path, replace, gesture)


def _layer_edit(
    label: str,
    path: Path,
    change: Callable[[tuple[Layer, ...], int], tuple[Layer, ...]],
    gesture: int | None = None,
) -> Edit:
    def apply(spec: ExperimentSpec) -> ExperimentSpec:
        return _changed(spec, layers=_at(spec.layers, path, change))

    return Edit(label, apply, gesture)


def _at(
    row: tuple[Layer, ...],
    path: Path,
    change: Callable[[tuple[Layer, ...], int], tuple[Layer, ...]],
) -> tuple[Layer, ...]:
    index, *rest = path
    if not rest:
        return change(row, index)
    group = _standing(row, index)
    if not isinstance(group, Residual):
        raise UserError("{layer} is no group of layers.", layer=group.label)
    inner = Residual.model_validate(
        dict(group) | {"layers": _at(group.layers, tuple(rest), change)}
    )
    return (*row[:index], inner, *row[index + 1 :])


def _standing(row: tuple[Layer, ...], index: int) -> Layer:
    """The layer at an index; a click may come when it is already gone."""
    if not 0 <= index < len(row):
        raise UserError("There is no layer {place} any more.", place=index + 1)
    return row[index]


@dataclass(frozen=True)
class Train:
    """Starts the run, or goes on with it."""


@dataclass(frozen=True)
class Pause:
    """Holds the run where it is."""


@dataclass(frozen=True)
class StepOnce:
    """Makes one update, then pauses."""


@dataclass(frozen=True)
class EpochOnce:
    """Runs to the end of the present epoch, then pauses."""


@dataclass(frozen=True)
class StopRun:
    """Ends the run where it is, with a last evaluation."""


@dataclass(frozen=True)
class ResetWeights:
    """Goes back to new weights: the very same ones, or with another seed others."""

    seed: int | None = None


@dataclass(frozen=True)
class Undo:
    """Takes the last edit back."""


@dataclass(frozen=True)
class Redo:
    """Makes the edit last undone again."""


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
class StepOut:
    """Goes on to the last operation of the present layer in the present phase."""


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
class RunToBreakpoint:
    """Steps until a breakpoint holds, or until somebody pauses."""


@dataclass(frozen=True)
class LeaveStep:
    """Puts the recorded step away; the weights are those before it, or after it if it is whole."""


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
class CheckGradients:
    """Compares the recorded step's gradients with finite differences in float64."""


@dataclass(frozen=True)
class Watch:
    """Says what somebody looks at, so that it is worth measuring: see core.messages.snapshot."""

    parts: frozenset[str]


Command = (
    Edit
    | Train
    | Pause
    | StepOnce
    | EpochOnce
    | StopRun
    | ResetWeights
    | Undo
    | Redo
    | SaveWeights
    | LoadWeights
    | Next
    | Back
    | StepOut
    | RunTo
    | RunToPlace
    | RunToBreakpoint
    | LeaveStep
    | SetBreakpoints
    | Visit
    | SetTimelineBudget
    | SetNumber
    | SetInput
    | Freeze
    | KnockOut
    | CheckGradients
    | Watch
    | SurveyCommand
)
