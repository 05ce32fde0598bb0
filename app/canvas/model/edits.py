"""What a gesture on the graph makes of the network: commands, or the reason why not."""

from __future__ import annotations

from pydantic import ValidationError

from app.link.layer_places import is_output, new_layer, siblings, why_not_there
from core.catalog.activations import Activation
from core.experiment.layers import Conv2d, Dense, Layer, Path
from core.experiment.spec import ExperimentSpec
from core.messages.commands import Edit
from core.messages.edits import add_layer, move_layer, remove_layer, replace_layer
from core.messages.snapshot import Snapshot
from core.sentence import Sentence


def layer_at(spec: ExperimentSpec, path: Path) -> Layer | None:
    """The layer at a path; None where there is none any more, or for the inputs."""
    try:
        row = siblings(spec.layers, path)
        return row[path[-1]] if path else None
    except IndexError:
        return None


def size_of(layer: Layer | None) -> tuple[str, int] | None:
    """The field that says how many units a layer has, and what it says; None where none does."""
    if isinstance(layer, Dense):
        return "units", layer.units
    return ("channels", layer.channels) if isinstance(layer, Conv2d) else None


def can_resize(spec: ExperimentSpec, path: Path) -> bool:
    """Whether its units can be counted up and down; the data say how many the output has."""
    return size_of(layer_at(spec, path)) is not None and not is_output(spec.layers, path)


def resized(
    spec: ExperimentSpec, path: Path, by: int, gesture: int | None = None
) -> Edit | Sentence | None:
    """So many units more, or why not; None where the layer has none to count."""
    layer = layer_at(spec, path)
    size = size_of(layer)
    if layer is None or size is None:
        return None
    if not can_resize(spec, path):
        return Sentence("The data say how many outputs the last layer has.")
    changed = _with(layer, size[0], size[1] + by)
    if changed is None:
        few = "{layer} needs at least one unit."
        return Sentence(few if by < 0 else "{layer} is at its largest.", layer=layer.label)
    return replace_layer(path, changed, gesture)


def with_activation(spec: ExperimentSpec, path: Path, kind: type[Activation]) -> Edit | None:
    """Another activation; None where the layer has none."""
    layer = layer_at(spec, path)
    if layer is None or layer.activation_of() is None:
        return None
    changed = _with(layer, "activation", kind.model_validate({}))
    return None if changed is None else replace_layer(path, changed)


def _with(layer: Layer, field: str, value: object) -> Layer | None:
    try:
        return type(layer).model_validate(dict(layer) | {field: value})
    except ValidationError:
        return None


def removed(spec: ExperimentSpec, path: Path) -> Edit | Sentence | None:
    """Without the layer, or why not for the only one; None for the inputs."""
    if layer_at(spec, path) is None:
        return None
    if len(spec.layers) == 1 and len(path) == 1:
        return Sentence("A network needs at least one layer.", "Add another one first.")
    return remove_layer(path)


def duplicated(spec: ExperimentSpec, path: Path) -> Edit | None:
    """The same layer once more behind it; of the output, before it."""
    layer = layer_at(spec, path)
    if layer is None:
        return None
    after = path if is_output(spec.layers, path) else (*path[:-1], path[-1] + 1)
    return add_layer(after, layer)


def added(snapshot: Snapshot, path: Path, kind: type[Layer]) -> Edit | Sentence:
    """A new layer at a path, or what speaks against it where the data are known."""
    spec, data = snapshot.spec, snapshot.data
    layer = new_layer(kind, spec.layers, path)
    error = None if data is None else why_not_there(spec, path, layer, data.input_shape)
    return error or add_layer(path, layer)


def moved(spec: ExperimentSpec, path: Path, to: int) -> Edit | None:
    """To another place of its row; None where that changes nothing."""
    layer = layer_at(spec, path)
    if layer is None or to == path[-1] or not 0 <= to < len(siblings(spec.layers, path)):
        return None
    return move_layer(path, to)
