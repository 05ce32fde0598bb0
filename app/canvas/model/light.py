"""What the present operation reads and writes, as places on the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.experiment.layers import Conv2d, Layer, LayerShape, Path
from core.messages.record import Entry, Phase, Record, Stepping, key_of


@dataclass(frozen=True)
class LitUnits:
    """Neurons of a layer; all of them, where ``unit`` is None. ``pixel`` of a map, if one is."""

    path: Path
    unit: int | None = None
    pixel: tuple[int, int] | None = None


@dataclass(frozen=True)
class LitLinks:
    """Edges into a layer; None stands for all of them."""

    path: Path
    unit: int | None = None
    source: int | None = None


@dataclass(frozen=True)
class LitPatch:
    """A window on the maps of what a layer gives; on one map, or on all.

    Attributes:
        path: Of the layer; ``()`` for the inputs.
        channel: Which map; None for all.
        corner: Its first row and column; may lie outside, in the padding.
        size: Its height and width.
    """

    path: Path
    channel: int | None
    corner: tuple[int, int]
    size: tuple[int, int]


@dataclass(frozen=True)
class Light:
    """Everything that is lit.

    Attributes:
        units, links, patches: See their classes.
        direction: 1 where the data runs to the right, -1 to the left, 0 where nothing runs.
        loss: Whether the loss is lit.
        active: Whether anything is at all; if not, nothing is dimmed either.
    """

    units: tuple[LitUnits, ...] = ()
    links: tuple[LitLinks, ...] = ()
    patches: tuple[LitPatch, ...] = ()
    direction: int = 0
    loss: bool = False
    active: bool = False


@dataclass(frozen=True)
class _Standing:
    """Where the cursor stands: an entry, and its number computed last if not all of them are."""

    record: Record
    entry: Entry
    index: tuple[int, ...] | None

    @property
    def path(self) -> Path:
        return self.entry.path

    @property
    def source(self) -> Path:
        return source_of(self.record.layers, self.path)

    @property
    def layer(self) -> LayerShape:
        return self.record.layer(self.path)

    @property
    def pixel(self) -> tuple[int, int] | None:
        index = self.index
        return (index[1], index[2]) if index is not None and len(index) == 3 else None

    def number(self, place: int) -> int | None:
        return self.index[place] if self.index is not None and place < len(self.index) else None

    def units(self, path: Path) -> LitUnits:
        """The same number in another column, or in its own."""
        return LitUnits(path, self.number(0), self.pixel)


def light_of(stepping: Stepping | None) -> Light:
    """What the entry that the cursor stands at lights up."""
    if stepping is None or stepping.entry is None:
        return Light()
    entry = stepping.entry
    lit = _KINDS[entry.kind](_Standing(stepping.record, entry, stepping.index))
    direction = {Phase.FORWARD: 1, Phase.LOSS: 1, Phase.BACKWARD: -1}.get(entry.phase, 0)
    return replace(lit, direction=direction, active=True)


def source_of(layers: tuple[LayerShape, ...], path: Path) -> Path:
    """The column before a layer's own: of the layer that it reads, or ``()`` for the inputs."""
    place = next(i for i, layer in enumerate(layers) if layer.path == path)
    return layers[place - 1].path if place else ()


def window_of(layer: Layer, i: int, j: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Corner and size of the window that an output pixel of a layer looks at."""
    kernel = getattr(layer, "kernel", getattr(layer, "size", None))
    if kernel is None:
        return None
    stride = getattr(layer, "stride", None) or kernel
    padding = layer.padding if isinstance(layer, Conv2d) else 0
    return (i * stride - padding, j * stride - padding), (kernel, kernel)


def patch_before(
    before: Path, layer: Layer, channel: int | None, pixel: tuple[int, int]
) -> LitPatch | None:
    """What an output pixel of a layer is made of, on the maps of the layer before it."""
    window = window_of(layer, *pixel)
    if window is None:
        return None
    return LitPatch(before, None if isinstance(layer, Conv2d) else channel, *window)


def _linear(at: _Standing) -> Light:
    unit = at.number(0)
    return Light((LitUnits(at.path, unit), LitUnits(at.source)), (LitLinks(at.path, unit),))


def _windows(at: _Standing) -> Light:
    """A convolution, or a pool: one pixel and the window that it looks at."""
    channel, layer = at.number(0), at.layer.layer
    link = LitLinks(at.path, channel, None if isinstance(layer, Conv2d) else channel)
    patch = patch_before(at.source, layer, channel, at.pixel) if at.pixel else None
    units = at.units(at.path), LitUnits(at.source)
    return Light(units, (link,), () if patch is None else (patch,))


def _each(at: _Standing) -> Light:
    """What is computed number by number, from the very same place before."""
    unit, before, source = at.number(0), at.layer.input_shape, at.units(at.source)
    if unit is not None and at.entry.kind == "flatten" and len(before) == 3:
        channel, inside = divmod(unit, before[1] * before[2])
        source = LitUnits(at.source, channel, divmod(inside, before[2]))
    return Light((at.units(at.path), source), (LitLinks(at.path, unit, source.unit),))


def _skip(at: _Standing) -> Light:
    each = _each(at)
    return replace(each, units=(*each.units, at.units(skipped_from(at.record.layers, at.path))))


def skipped_from(layers: tuple[LayerShape, ...], path: Path) -> Path:
    """The column whose numbers go around a residual group."""
    first = next(layer.path for layer in layers if layer.path[: len(path)] == path)
    return source_of(layers, first)


def _activation(at: _Standing) -> Light:
    if at.layer.layer.kind != "activation":
        return Light((at.units(at.path),))
    return Light((at.units(at.path), at.units(at.source)), (LitLinks(at.path, at.number(0)),))


def _loss(_at: _Standing) -> Light:
    return Light(loss=True)


def _loss_terms(at: _Standing) -> Light:
    return Light((LitUnits(_output(at.record)),), loss=True)


def _loss_gradient(at: _Standing) -> Light:
    return Light((LitUnits(_output(at.record), at.number(0)),), loss=True)


def _weight_gradient(at: _Standing) -> Light:
    weight = _weight(at)
    return Light((LitUnits(at.path, weight.unit), LitUnits(at.source, weight.source)), (weight,))


def _weight(at: _Standing) -> LitLinks:
    """Batch norm's goes with one input."""
    unit = at.number(0)
    return LitLinks(at.path, unit, unit if len(at.entry.shape) == 1 else at.number(1))


def _input_gradient(at: _Standing) -> Light:
    """Its numbers stand in the column before: each gathers what comes back along its edges."""
    gathers = at.layer.layer.kind in ("dense", "conv2d")
    unit = None if gathers else _one_for_one(at)
    units = at.units(at.source), LitUnits(at.path, unit)
    return Light(units, (LitLinks(at.path, None, at.number(0)),))


def _one_for_one(at: _Standing) -> int | None:
    """The unit that a number of the column before went into, where it went into one alone."""
    if at.index is None or at.layer.layer.kind != "flatten":
        return at.number(0)
    return int(np.ravel_multi_index(at.index, at.entry.shape))


def _skip_gradient(at: _Standing) -> Light:
    """To the group's last layer, or to what went around the group."""
    last, around = at.source, skipped_from(at.record.layers, at.path)
    last_keys = f":a:{key_of(last)}", f":z:{key_of(last)}"
    inner = at.entry.writes.endswith(last_keys) and last != around
    links = (LitLinks(at.path, at.number(0)),) if inner else ()
    return Light((at.units(last if inner else around), at.units(at.path)), links)


def _everything(at: _Standing) -> Light:
    return Light(links=tuple(LitLinks(layer.path) for layer in at.record.layers))


def _penalty(at: _Standing) -> Light:
    return replace(_everything(at), loss=True)


def _parameter(at: _Standing) -> Light:
    """Of a weight its edges, of a bias its nodes."""
    if at.entry.parameter.endswith(".weight"):
        return Light(links=(_weight(at),))
    return Light((LitUnits(at.path, at.number(0)),))


def _output(record: Record) -> Path:
    return max(layer.path for layer in record.layers if len(layer.path) == 1)


_KINDS: dict[str, Callable[[_Standing], Light]] = {
    "linear": _linear,
    "convolution": _windows,
    "max_pool": _windows,
    "avg_pool": _windows,
    "flatten": _each,
    "batch_norm": _each,
    "dropout": _each,
    "skip": _skip,
    "activation": _activation,
    "loss_terms": _loss_terms,
    "loss": _loss,
    "objective": _loss,
    "penalty": _penalty,
    "loss_gradient": _loss_gradient,
    "activation_gradient": _activation,
    "weight_gradient": _weight_gradient,
    "bias_gradient": _parameter,
    "input_gradient": _input_gradient,
    "skip_gradient": _skip_gradient,
    "norm": _everything,
    "clip": _parameter,
    "update": _parameter,
}
