"""The name of an experiment follows what it is, until a person gives it one."""

from __future__ import annotations

from math import prod
from pathlib import Path

from core.data.table import CsvTable
from core.experiment.layers import Conv2d, Dense, Shape, shape_text, walk
from core.experiment.spec import ExperimentSpec
from core.presets import FOR_TABLE, PRESETS

LONGEST = 80
"""Letters of a name, as :class:`ExperimentSpec` allows."""


def followed(
    spec: ExperimentSpec, before: ExperimentSpec, was: Shape, now: Shape
) -> ExperimentSpec:
    """A changed description with a name that suits it, if its name was none of a person's.

    Args:
        spec: After the edit.
        before: Before it.
        was: One input sample's shape before it.
        now: And after it.
    """
    alike = (spec.data, _sizes(spec, now)) == (before.data, _sizes(before, was))
    if alike or spec.name != before.name or not _is_given(before, was):
        return spec
    return spec.model_copy(update={"name": name_of(spec, now)})


def name_of(spec: ExperimentSpec, input_shape: Shape) -> str:
    """``2-3-1 · XOR gate``: what a network is, in no language, and what it learns."""
    data = spec.data
    learns = Path(data.path).stem if isinstance(data, CsvTable) and data.path else data.label
    return f"{_sizes(spec, input_shape)} · {learns}"[:LONGEST]


def _is_given(spec: ExperimentSpec, input_shape: Shape) -> bool:
    """Whether a name is a preset's or follows already, so that nobody has chosen it."""
    presets = {preset.spec.name for preset in PRESETS.values()}
    return spec.name in presets | {"Untitled", FOR_TABLE.name, name_of(spec, input_shape)}


def _sizes(spec: ExperimentSpec, input_shape: Shape) -> str:
    """The units of the dense layers behind the inputs; of a convolutional network its channels."""
    layers = [layer for _, layer in walk(spec.layers)]
    channels = [str(layer.channels) for layer in layers if isinstance(layer, Conv2d)]
    units = [str(layer.units) for layer in layers if isinstance(layer, Dense)]
    inputs = shape_text(input_shape[-2:]) if channels else str(prod(input_shape))
    return "-".join((inputs, *channels, *units))
