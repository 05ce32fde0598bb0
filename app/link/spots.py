"""Which place of the network a recorded number belongs to, and which number a place has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from app.link.focus import Focus, Spot
from core.experiment.layers import Path, Shape
from core.messages.record import Entry, Record, input_of, key_of, path_of
from core.messages.scope import is_per_sample

_PER_SAMPLE = ("x", "z", "a", "in", "mask", "norm")
_OF_LAYER = ("keep", "mean", "var")
_OF_PARAMETER = ("p", "penalty", "clipped", "s", "s'", "hat", "t", "after", "step", "frozen")


@dataclass(frozen=True)
class NumberPlace:
    """One number of a record.

    Attributes:
        key: Of its array, as core.messages.record names it.
        index: Where in it, without the sample.
        sample: Its place in the batch; None for the whole batch's.
    """

    key: str
    index: tuple[int, ...]
    sample: int | None = None


def number_of(key: str, index: tuple[int, ...]) -> NumberPlace | None:
    """The number of an array's index, with the sample first where it has samples: -1 for the
    whole batch. None for a constant, which has no key."""
    if not key:
        return None
    if not is_per_sample(key):
        return NumberPlace(key, index)
    return NumberPlace(key, index[1:], index[0] if index[0] >= 0 else None)


def spot_of(key: str, index: tuple[int, ...]) -> Spot | None:
    """The place that a number of a record belongs to; None for a loss, a norm, a constant.

    Args:
        key: As core.messages.record names it.
        index: Into that array, with the sample first where it has samples.
    """
    kind, _, where = key.removeprefix("d:").partition(":")
    if kind in _OF_PARAMETER:
        return _of_parameter(where.partition(":")[0], index)
    if kind in _PER_SAMPLE and len(index) > 1 and (where or kind == "x"):
        return _of_values(_home(kind, where), index[1:])
    if kind in _OF_LAYER and where and index:
        return _of_values(path_of(where), index)
    return None


def matches(one: Spot, other: Spot) -> bool:
    """Whether two places are the same; a channel is any of its pixels, a kernel its numbers."""
    return (
        one.path == other.path
        and one.unit == other.unit
        and one.source == other.source
        and (one.pixel == other.pixel or one.pixel is None or other.pixel is None)
        and (one.kernel == other.kernel or one.kernel is None or other.kernel is None)
    )


def index_in(entry: Entry, spot: Spot) -> tuple[int, ...] | None:
    """Which number of an entry belongs to a place; None where none does.

    An edge has the weight's gradient and update, and is an edge into the neuron of its end; of a
    whole kernel it is the first number.
    """
    name, _, kind = entry.parameter.rpartition(".")
    where = path_of(name) if entry.parameter else _values_of(entry.writes)
    if where is None or where != spot.path:
        return None
    found: tuple[int, ...] = (spot.unit,)
    if kind == "weight":
        found = weight_index(spot)
    elif not entry.parameter:
        found = (spot.unit, *(spot.pixel or ()))
    return _padded(found, entry.shape) if entry.shape else None


def parameter_at(record: Record, spot: Spot) -> tuple[str, tuple[int, ...]] | None:
    """The parameter of an edge or of a neuron (its bias), and where in it; None if it has none."""
    return parameter_among(lambda name: record.arrays.get(f"p:{name}"), spot)


def parameter_among(
    read: Callable[[str], NDArray[Any] | None], spot: Spot
) -> tuple[str, tuple[int, ...]] | None:
    """The same, of parameters that are read by their names."""
    kind = "bias" if spot.source is None else "weight"
    name = f"{key_of(spot.path)}.{kind}"
    array = read(name) if spot.path else None
    index = None if array is None else _padded(weight_index(spot), array.shape)
    return None if index is None else (name, index)


def _padded(start: tuple[int, ...], shape: Shape) -> tuple[int, ...] | None:
    """The first index with that start, or what of the start there is room for; None outside."""
    index = (*start, *[0] * len(shape))[: len(shape)]
    fits = all(0 <= i < size for i, size in zip(index, shape, strict=True))
    return index if fits else None


def weight_index(spot: Spot) -> tuple[int, ...]:
    """Where a place stands in its layer's weight: as many of (unit, source, row, column) as it has.

    A neuron is the start of all its weights, an edge that of its kernel.
    """
    if spot.source is None:
        return (spot.unit,)
    return (spot.unit, spot.source, *(spot.kernel or ()))


def shown_index(entry: Entry, index: tuple[int, ...] | None, focus: Focus) -> tuple[int, ...]:
    """The number of an entry to explain: that at ``index``, computed last, else that picked."""
    picked = index_in(entry, focus.selected[-1]) if focus.selected else None
    return next(one for one in (index, picked, entry.index_of(0)) if one is not None)


def sample_in(record: Record, sample: int | None) -> int | None:
    """The sample looked at: the last of a batch that is smaller than the one it was picked in."""
    return None if sample is None else min(sample, record.samples - 1)


def _home(kind: str, where: str) -> Path:
    """The layer that values come out of: a group's input comes out of the layer before it."""
    if kind == "x":
        return ()
    if kind != "in":
        return path_of(where)
    before = input_of(path_of(where))
    kind, _, where = before.partition(":")
    return _home(kind, where)


def _values_of(writes: str) -> Path | None:
    kind, _, where = writes.removeprefix("d:").partition(":")
    return _home(kind, where) if kind in _PER_SAMPLE else None


def _of_values(path: Path, index: tuple[int, ...]) -> Spot:
    pixel = (index[1], index[2]) if len(index) == 3 else None
    return Spot(path, index[0], pixel=pixel)


def _of_parameter(name: str, index: tuple[int, ...]) -> Spot | None:
    path, _, _ = name.rpartition(".")
    if not index or not path:
        return None
    source = index[1] if len(index) > 1 else None
    kernel = (index[2], index[3]) if len(index) == 4 else None
    return Spot(path_of(path), index[0], source=source, kernel=kernel)
