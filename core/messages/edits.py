"""The edits of a description: pure functions from one to the next, as undo names them."""

from __future__ import annotations

from collections.abc import Callable

from core.catalog.losses import Loss
from core.catalog.optimizers import Optimizer
from core.catalog.optimizers.switching import differing
from core.catalog.schedules import Schedule
from core.data.augment.settings import Augmentation
from core.data.base import DataSource
from core.errors import UserError
from core.experiment.layers import Layer, Path, Residual
from core.experiment.spec import Device, ExperimentSpec, Stop, Training
from core.messages.commands import Edit


def _changed(spec: ExperimentSpec, **fields: object) -> ExperimentSpec:
    # model_copy skips validation; a spec must never exist unvalidated.
    return ExperimentSpec.model_validate(dict(spec) | fields)


def rename(name: str) -> Edit:
    """Gives the experiment another name."""
    return Edit("Rename", lambda spec: _changed(spec, name=name))


def set_data(data: DataSource) -> Edit:
    """Chooses other data; the session fits the output layer and the loss to it."""
    return Edit("Change the data", lambda spec: _changed(spec, data=data))


def set_augmentation(augmentation: Augmentation, gesture: int | None = None) -> Edit:
    """Chooses how far training pictures are changed, from the next step on."""
    return Edit(
        "Change the augmentation", lambda spec: _changed(spec, augmentation=augmentation), gesture
    )


def set_loss(loss: Loss) -> Edit:
    """Chooses another loss; the session fits the output's activation to it."""
    return Edit("Change the loss", lambda spec: _changed(spec, loss=loss))


def set_optimizer(
    optimizer: Optimizer, gesture: int | None = None, *, by_hand: bool = False
) -> Edit:
    """Chooses another optimizer, or other values for its fields.

    Args:
        optimizer: As it is to be.
        gesture: As in :class:`Edit`.
        by_hand: Whether a person entered the values that change, and so pins them: they stay when
            another optimizer is chosen. A value that was found or proposed is pinned no longer.
    """

    def apply(spec: ExperimentSpec) -> ExperimentSpec:
        changed = differing(spec.optimizer, optimizer)
        pinned = {name: value for name, value in spec.pinned.items() if name not in changed}
        return _changed(spec, optimizer=optimizer, pinned=pinned | changed if by_hand else pinned)

    return Edit("Change the optimizer", apply, gesture)


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


def repair() -> Edit:
    """Puts the sound line in the place of the faulty one; the run begins anew."""
    return Edit("Repair the code", lambda spec: _changed(spec, fault=None))


def set_layers(layers: tuple[Layer, ...], label: str = "Change the layers") -> Edit:
    """Replaces all layers at once."""
    return Edit(label, lambda spec: _changed(spec, layers=layers))


def draw_again(path: Path) -> Edit:
    """Lets the first numbers of a layer that were typed in be drawn again."""

    def without(spec: ExperimentSpec) -> ExperimentSpec:
        return _changed(spec, by_hand=spec.by_hand.without_start(path))

    return Edit("Draw the first numbers again", without)


def add_layer(path: Path, layer: Layer) -> Edit:
    """Puts a layer at the path, before the one that stands there."""

    def insert(row: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
        return (*row[:index], layer, *row[index:])

    return _layer_edit(f"Add {layer.label}", path, insert)


def remove_layer(path: Path) -> Edit:
    """Takes the layer at the path away."""
    return _layer_edit("Remove a layer", path, _put_there())


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
    return _layer_edit(f"Change {layer.label}", path, _put_there(layer), gesture)


_Change = Callable[[tuple[Layer, ...], int], tuple[Layer, ...]]
"""A row of layers and an index in it to the row as it becomes."""


def _put_there(*layers: Layer) -> _Change:
    def put(row: tuple[Layer, ...], index: int) -> tuple[Layer, ...]:
        _standing(row, index)
        return (*row[:index], *layers, *row[index + 1 :])

    return put


def _layer_edit(label: str, path: Path, change: _Change, gesture: int | None = None) -> Edit:
    def apply(spec: ExperimentSpec) -> ExperimentSpec:
        return _changed(spec, layers=_at(spec.layers, path, change))

    return Edit(label, apply, gesture)


def _at(row: tuple[Layer, ...], path: Path, change: _Change) -> tuple[Layer, ...]:
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
