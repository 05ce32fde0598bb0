"""What a person sets by hand in an experiment: first weights, numbers held, neurons, inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, PlainSerializer

from core.catalog.base import Model
from core.data.base import LARGEST
from core.experiment.layers import LayerShape, Path, Residual, infer_shapes

Index = tuple[int, ...]


@dataclass(frozen=True)
class GivenNumbers:
    """Some numbers of an array, or all of it.

    In JSON an array is written as lists, null for a number that stays as it would be without;
    single numbers as an object by their index: ``{"1,0": 0.5}``.

    Attributes:
        cells: The numbers by their index.
        shape: Of the array, where it was written out; None for single numbers.
    """

    cells: dict[Index, float]
    shape: Index | None = None

    def with_number(self, index: Index, value: float) -> GivenNumbers:
        """The same with one number more, or another in its place."""
        return replace(self, cells=self.cells | {index: value})


def _read(given: Any) -> GivenNumbers:
    """Numbers as JSON has them; raises a ValueError that says what is wrong."""
    if isinstance(given, GivenNumbers):
        return given
    if isinstance(given, dict):
        return GivenNumbers({_index(place): _number(value) for place, value in given.items()})
    if not isinstance(given, list | tuple):
        raise ValueError('numbers are lists such as [[0.1, null]], or single ones: {"0,1": 0.2}')
    cells = np.array(given, dtype=object)
    if any(isinstance(cell, list | tuple) for cell in cells.flat) or not cells.size:
        raise ValueError("all rows need the same count of numbers, at least one")
    written = np.ndenumerate(cells)
    return GivenNumbers(
        {index: _number(value) for index, value in written if value is not None}, cells.shape
    )


def _index(text: Any) -> Index:
    if not isinstance(text, str) or not re.fullmatch(r"\d{1,9}(,\d{1,9})*", text):
        raise ValueError("an index is written as numbers from 0 on, parted by commas: 1,0")
    return tuple(int(part) for part in text.split(","))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is needed")
    if not isfinite(value) or abs(value) > LARGEST:
        raise ValueError("a finite number is needed, not too large for float32")
    return float(value)


def _written(numbers: GivenNumbers) -> Any:
    """As :func:`_read` takes it."""
    if numbers.shape is None:
        return {_spelt(index): value for index, value in sorted(numbers.cells.items())}
    cells = np.full(numbers.shape, None, object)
    for index, value in numbers.cells.items():
        cells[index] = value
    return cells.tolist()


def _spelt(index: Index) -> str:
    return ",".join(map(str, index))


def _read_places(given: Any) -> Any:
    """``["0,1"]`` as a set of indices; ``"all"`` as it is."""
    if isinstance(given, list | tuple | frozenset):
        return frozenset(i if isinstance(i, tuple) else _index(i) for i in given)
    if given != "all":
        raise ValueError('it is "all", or a list of indices such as ["0", "1"]')
    return given


def _read_path(text: Any) -> Path:
    """A layer's path, ``1`` or ``2.0``."""
    if isinstance(text, tuple):
        return text
    if not isinstance(text, str) or not re.fullmatch(r"\d{1,4}(\.\d{1,4})*", text):
        raise ValueError("a layer is named by its place, counted from 0: 1, or 2.0 in a group")
    return tuple(int(part) for part in text.split("."))


def _spelt_path(path: Path) -> str:
    return ".".join(map(str, path))


NumbersField = Annotated[GivenNumbers, BeforeValidator(_read), PlainSerializer(_written)]
Places = Annotated[
    Literal["all"] | frozenset[Index],
    BeforeValidator(_read_places),
    PlainSerializer(
        lambda places: places if places == "all" else [_spelt(i) for i in sorted(places)]
    ),
]
PathField = Annotated[Path, BeforeValidator(_read_path), PlainSerializer(_spelt_path)]
Units = Annotated[frozenset[Annotated[int, Field(ge=0)]], PlainSerializer(sorted)]


class ByHand(Model):
    """What a person sets by hand, beside what layers, data and seed make.

    Parameters go by the names of :meth:`core.experiment.network.Network.parameter_names`
    (``0.weight``, ``2.1.bias``), layers by their path, samples by their row in the training data.
    """

    start: dict[str, NumbersField] = Field(
        default_factory=dict,
        title="First numbers",
        description="Weights and biases before the first step, in the place of drawn ones.",
    )
    frozen: dict[str, Places] = Field(
        default_factory=dict,
        title="Frozen",
        description="Numbers that no update changes: their indices, or all of a parameter.",
    )
    silenced: dict[PathField, Units] = Field(
        default_factory=dict,
        title="Silenced",
        description="Neurons whose output is 0, by their layer.",
    )
    inputs: dict[Annotated[int, Field(ge=0)], NumbersField] = Field(
        default_factory=dict,
        title="Changed inputs",
        description="Numbers of training samples, in the place of the data's.",
    )

    def with_start(self, parameter: str, index: Index, value: float) -> ByHand:
        """The same with one number more to begin with."""
        numbers = self.start.get(parameter, GivenNumbers({})).with_number(index, value)
        return self.model_copy(update={"start": self.start | {parameter: numbers}})

    def without_start(self, path: Path) -> ByHand:
        """The same with the first numbers of a layer drawn again."""
        kept = {name: some for name, some in self.start.items() if layer_of(name) != path}
        return self.model_copy(update={"start": kept})

    def count_at(self, path: Path) -> int:
        """How many first numbers of a layer are set."""
        return sum(len(some.cells) for name, some in self.start.items() if layer_of(name) == path)


def layer_of(parameter: str) -> Path:
    """The path of the layer that a parameter belongs to."""
    return _read_path(parameter.rpartition(".")[0])


def still_fitting(
    by_hand: ByHand, before: tuple[LayerShape, ...], after: tuple[LayerShape, ...]
) -> ByHand:
    """What is left of it where layers were changed: that of layers whose weights are as before.

    Args:
        before: The row of layers in its place, as it was.
        after: The same as it becomes.
    """
    old = {place.path: _weights_of(place) for place in _inside(before)}
    kept = {place.path for place in _inside(after) if old.get(place.path) == _weights_of(place)}
    return by_hand.model_copy(
        update={
            "start": {name: some for name, some in by_hand.start.items() if layer_of(name) in kept},
            "frozen": {n: some for n, some in by_hand.frozen.items() if layer_of(n) in kept},
            "silenced": {path: units for path, units in by_hand.silenced.items() if path in kept},
        }
    )


def _inside(row: tuple[LayerShape, ...]) -> Iterator[LayerShape]:
    """Every layer of a row, those inside of groups too."""
    for place in row:
        yield place
        if isinstance(place.layer, Residual):
            yield from _inside(infer_shapes(place.layer.layers, place.input_shape, place.path))


def _weights_of(place: LayerShape) -> object:
    """What decides a layer's weights: all but its activation."""
    return place.input_shape, place.layer.model_dump(exclude={"activation", "layers"})
