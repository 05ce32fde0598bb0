"""Which columns a network has, in the order in which it is computed."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment.layers import Layer, Path, Residual, Shape, walk
from core.messages.snapshot import Snapshot


@dataclass(frozen=True)
class NetworkStage:
    """What one column shows: the inputs, or what one layer makes of them.

    Attributes:
        path: The layer's place; ``()`` for the inputs.
        layer: None for the inputs.
        before: One sample's shape before it; for the inputs their own.
        shape: One sample's shape after it.
        group: For a residual group: how many stages before its own the first of its layers
            stands; 0 for all others.
    """

    path: Path
    layer: Layer | None
    before: Shape
    shape: Shape
    group: int = 0

    @property
    def units(self) -> int:
        """How many neurons, or channels of an image."""
        return self.shape[0]

    @property
    def is_image(self) -> bool:
        """Whether its numbers are laid out in rows and columns."""
        return len(self.shape) == 3

    @property
    def map_shape(self) -> tuple[int, int]:
        """Rows and columns of one unit's numbers; of a neuron, which has one number, 1 and 1."""
        return (self.shape[1], self.shape[2]) if self.is_image else (1, 1)

    @property
    def is_dense(self) -> bool:
        """Whether each of its units has a weight for each unit before it."""
        return self.layer is not None and self.layer.kind in ("dense", "conv2d")


def stages_of(snapshot: Snapshot) -> tuple[NetworkStage, ...]:
    """The columns of a network, the inputs first; none before it is built.

    A group's own layers stand before the group, which is the sum behind them. A layer's input is
    so always the stage just before it.
    """
    layers = dict(walk(snapshot.spec.layers))
    found = sorted(snapshot.layers, key=lambda summary: (*summary.path, float("inf")))
    if not found or any(summary.path not in layers for summary in found):
        return ()
    shape = found[0].input_shape
    stages = [NetworkStage((), None, shape, shape)]
    for summary in found:
        layer = layers[summary.path]
        # Those of groups inside it included.
        inside = len(list(walk(layer.layers))) if isinstance(layer, Residual) else 0
        shapes = summary.input_shape, summary.output_shape
        stages.append(NetworkStage(summary.path, layer, *shapes, inside))
    return tuple(stages)
