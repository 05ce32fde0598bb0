"""What the present operation reads and writes, as places on the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

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


@dataclass
class _Shine:
    """What a kind of entry gathers."""

    record: Record
    entry: Entry
    index: tuple[int, ...] | None
    units: list[LitUnits] = field(default_factory=list)
    links: list[LitLinks] = field(default_factory=list)
    patches: list[LitPatch] = field(default_factory=list)
    loss: bool = False

    @property
    def path(self) -> Path:
        return self.entry.path

    @property
    def source(self) -> Path:
        return source_of(self.record.layers, self.path)

    @property
    def layer(self) -> LayerShape:
        return self.record.layer(self.path)

    def number(self, place: int) -> int | None:
        return self.index[place] if self.index is not None and place < len(self.index) else None

    def pixel(self) -> tuple[int, int] | None:
        index = self.index
        return (index[1], index[2]) if index is not None and len(index) == 3 else None


def light_of(stepping: Stepping | None) -> Light:
    """What the entry that the cursor stands at lights up."""
    entry = stepping.entry if stepping is not None else None
    if stepping is None or entry is None:
        return Light()
    shine = _Shine(stepping.record, entry, stepping.index)
    _KINDS[entry.kind](shine)
    direction = {Phase.FORWARD: 1, Phase.LOSS: 1, Phase.BACKWARD: -1}.get(entry.phase, 0)
    return Light(
        tuple(shine.units), tuple(shine.links), tuple(shine.patches), direction, shine.loss, True
    )


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
    before: Path, layer: Layer, channel: int, pixel: tuple[int, int]
) -> LitPatch | None:
    """What an output pixel of a layer is made of, on the maps of the layer before it."""
    window = window_of(layer, *pixel)
    if window is None:
        return None
    return LitPatch(before, None if isinstance(layer, Conv2d) else channel, *window)


def _linear(shine: _Shine) -> None:
    unit = shine.number(0)
    shine.units += [LitUnits(shine.path, unit), LitUnits(shine.source)]
    shine.links.append(LitLinks(shine.path, unit))


def _windows(shine: _Shine) -> None:
    """A convolution, or a pool: one pixel and the window that it looks at."""
    channel, pixel = shine.number(0), shine.pixel()
    window = window_of(shine.layer.layer, *pixel) if pixel else None
    whole = shine.entry.kind == "convolution"
    shine.units.append(LitUnits(shine.path, channel, pixel))
    shine.units.append(LitUnits(shine.source))
    shine.links.append(LitLinks(shine.path, channel, None if whole else channel))
    if window is not None:
        shine.patches.append(LitPatch(shine.source, None if whole else channel, *window))


def _each(shine: _Shine) -> None:
    """What is computed number by number, from the very same place before."""
    unit, pixel = shine.number(0), shine.pixel()
    before = shine.layer.input_shape
    if unit is not None and shine.entry.kind == "flatten" and len(before) == 3:
        channel, inside = divmod(unit, before[1] * before[2])
        source = LitUnits(shine.source, channel, divmod(inside, before[2]))
    else:
        source = LitUnits(shine.source, unit, pixel)
    shine.units += [LitUnits(shine.path, unit, pixel), source]
    shine.links.append(LitLinks(shine.path, unit, source.unit))


def _skip(shine: _Shine) -> None:
    _each(shine)
    around = skipped_from(shine.record.layers, shine.path)
    shine.units.append(LitUnits(around, shine.number(0), shine.pixel()))


def skipped_from(layers: tuple[LayerShape, ...], path: Path) -> Path:
    """The column whose numbers go around a residual group."""
    first = next(layer.path for layer in layers if layer.path[: len(path)] == path)
    return source_of(layers, first)


def _activation(shine: _Shine) -> None:
    shine.units.append(LitUnits(shine.path, shine.number(0), shine.pixel()))
    if shine.layer.layer.kind == "activation":
        shine.units.append(LitUnits(shine.source, shine.number(0), shine.pixel()))
        shine.links.append(LitLinks(shine.path, shine.number(0)))


def _loss(shine: _Shine) -> None:
    shine.loss = True
    if shine.entry.kind == "loss_terms":
        shine.units.append(LitUnits(_output(shine.record)))


def _penalty(shine: _Shine) -> None:
    shine.loss = True
    shine.links += [LitLinks(layer.path) for layer in shine.record.layers]


def _loss_gradient(shine: _Shine) -> None:
    shine.loss = True
    shine.units.append(LitUnits(_output(shine.record), shine.number(0)))


def _weight_gradient(shine: _Shine) -> None:
    unit, source = shine.number(0), shine.number(1)
    if len(shine.entry.shape) == 1:  # batch norm's, which goes with one input
        source = unit
    shine.units += [LitUnits(shine.path, unit), LitUnits(shine.source, source)]
    shine.links.append(LitLinks(shine.path, unit, source))


def _bias_gradient(shine: _Shine) -> None:
    shine.units.append(LitUnits(shine.path, shine.number(0)))


def _input_gradient(shine: _Shine) -> None:
    """Its numbers stand in the column before: each gathers what comes back along its edges."""
    source, pixel = shine.number(0), shine.pixel()
    gathers = shine.layer.layer.kind in ("dense", "conv2d")
    shine.units.append(LitUnits(shine.source, source, pixel))
    shine.units.append(LitUnits(shine.path, None if gathers else _one_for_one(shine)))
    shine.links.append(LitLinks(shine.path, None, source))


def _one_for_one(shine: _Shine) -> int | None:
    """The unit that a number of the column before went into, where it went into one alone."""
    if shine.index is None or shine.layer.layer.kind != "flatten":
        return shine.number(0)
    return int(np.ravel_multi_index(shine.index, shine.entry.shape))


def _skip_gradient(shine: _Shine) -> None:
    """To the group's last layer, or to what went around the group."""
    writes = shine.entry.writes
    last = shine.source
    around = skipped_from(shine.record.layers, shine.path)
    inner = writes.endswith((f":a:{key_of(last)}", f":z:{key_of(last)}")) and last != around
    shine.units.append(LitUnits(last if inner else around, shine.number(0), shine.pixel()))
    shine.units.append(LitUnits(shine.path, shine.number(0), shine.pixel()))
    if inner:
        shine.links.append(LitLinks(shine.path, shine.number(0)))


def _everything(shine: _Shine) -> None:
    shine.links += [LitLinks(layer.path) for layer in shine.record.layers]


def _parameter(shine: _Shine) -> None:
    """Clipping or updating: edges for weights, nodes for biases."""
    if not shine.entry.parameter.endswith(".weight"):
        shine.units.append(LitUnits(shine.path, shine.number(0)))
        return
    unit, source = shine.number(0), shine.number(1)
    shine.links.append(LitLinks(shine.path, unit, unit if len(shine.entry.shape) == 1 else source))


def _output(record: Record) -> Path:
    return max(layer.path for layer in record.layers if len(layer.path) == 1)


_KINDS: dict[str, Callable[[_Shine], None]] = {
    "linear": _linear,
    "convolution": _windows,
    "max_pool": _windows,
    "avg_pool": _windows,
    "flatten": _each,
    "batch_norm": _each,
    "dropout": _each,
    "skip": _skip,
    "activation": _activation,
    "loss_terms": _loss,
    "loss": _loss,
    "objective": _loss,
    "penalty": _penalty,
    "loss_gradient": _loss_gradient,
    "activation_gradient": _activation,
    "weight_gradient": _weight_gradient,
    "bias_gradient": _bias_gradient,
    "input_gradient": _input_gradient,
    "skip_gradient": _skip_gradient,
    "norm": _everything,
    "clip": _parameter,
    "update": _parameter,
}
