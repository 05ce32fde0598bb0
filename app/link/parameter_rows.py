"""All numbers that a network learns in one row after another: names, places, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from app.link.focus import Spot
from app.link.spots import spot_of, weight_index
from core.experiment import symbols
from core.experiment.layers import Path, Shape
from core.messages.record import path_of

Rows = NDArray[np.intp]

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


class ParameterRows:
    """Parameters of one network as rows, in the order of the network.

    Args:
        shapes: Of each parameter by name (``0.weight``).
        layers: The names of the layers, by path.
    """

    def __init__(self, shapes: Mapping[str, Shape], layers: Mapping[Path, str]) -> None:
        self.shapes = dict(shapes)
        self.names = tuple(shapes)
        self._layer_names = dict(layers)
        self._layers = [layers.get(_path(name), name) for name in self.names]
        self._letters = [symbols.letter(name, self.shapes) for name in self.names]
        sizes = [int(np.prod(shape)) for shape in shapes.values()]
        self._starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)

    def __len__(self) -> int:
        """How many numbers there are."""
        return int(self._starts[-1])

    def fits(self, shapes: Mapping[str, Shape], layers: Mapping[Path, str]) -> bool:
        """Whether these are the rows of such parameters, too."""
        return self.shapes == shapes and self._layer_names == layers

    def place(self, row: int) -> tuple[str, tuple[int, ...]]:
        """The parameter that a row belongs to, and the index into it."""
        owner = self._owner(row)
        name = self.names[owner]
        index = np.unravel_index(row - int(self._starts[owner]), self.shapes[name] or (1,))
        return name, tuple(int(i) for i in index)[: len(self.shapes[name])]

    def row_of(self, name: str, index: tuple[int, ...]) -> int | None:
        """The row of one number; None where there is no such number."""
        shape = self.shapes.get(name)
        if shape is None or len(index) != len(shape):
            return None
        if not all(0 <= i < size for i, size in zip(index, shape, strict=True)):
            return None
        flat = int(np.ravel_multi_index(index, shape)) if shape else 0
        return int(self._starts[self.names.index(name)]) + flat

    def layer(self, row: int) -> str:
        """The name of its layer: ``2 Dense``."""
        return self._layers[self._owner(row)]

    def symbol(self, row: int) -> str:
        """Its name, with indices counted from 1: ``w₂,₁``."""
        return symbols.symbol(*self.place(row), self.shapes)

    def spot(self, row: int) -> Spot | None:
        """The place of the network where it is seen: an edge, or a neuron."""
        name, index = self.place(row)
        return spot_of(f"p:{name}", index)

    def rows_at(self, spot: Spot) -> Rows:
        """All numbers at a place: of an edge its weights, of a neuron weights and bias.

        Of a convolution an edge is a kernel, and has as many weights.
        """
        of_layer = [one for one, name in enumerate(self.names) if _path(name) == spot.path]
        found = [self._of_unit(owner, weight_index(spot)) for owner in of_layer]
        return np.concatenate([np.zeros(0, np.intp), *found])

    def _of_unit(self, owner: int, start: tuple[int, ...]) -> Rows:
        """Those of one parameter whose index begins so."""
        shape = self.shapes[self.names[owner]]
        fits = all(0 <= i < size for i, size in zip(start, shape, strict=False))
        if not fits or len(start) > len(shape):
            return np.zeros(0, np.intp)
        each = int(np.prod(shape[len(start) :]))
        inside = int(np.ravel_multi_index(start, shape[: len(start)])) * each
        first = int(self._starts[owner]) + inside
        return np.arange(first, first + each, dtype=np.intp)

    def _owner(self, row: int) -> int:
        return int(np.searchsorted(self._starts, row, "right")) - 1

    def spread(self, each: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Arrays by parameter as one value a row; NaN where there is none of its shape."""
        values = np.full(len(self), np.nan, np.float32)
        for owner, (name, shape) in enumerate(self.shapes.items()):
            array = each.get(name)
            if array is not None and array.shape == shape:
                values[self._starts[owner] : self._starts[owner + 1]] = array.reshape(-1)
        return values

    def first(self, counts: Mapping[str, int | None]) -> NDArray[np.bool_]:
        """Of each parameter its first so many rows: all for None, none where it is not named."""
        chosen = np.zeros(len(self), np.bool_)
        for owner, name in enumerate(self.names):
            start, end = self._starts[owner], self._starts[owner + 1]
            count = counts.get(name, 0)
            chosen[start : end if count is None else start + count] = True
        return chosen

    def by_name(self) -> Rows:
        """The rows with all weights before all biases, otherwise in order."""
        kinds = [name.rpartition(".")[2] != "weight" for name in self.names]
        return np.argsort(np.repeat(kinds, np.diff(self._starts)), kind="stable")

    def search(self, phrases: Iterable[str]) -> NDArray[np.bool_]:
        """The rows whose layer and name, ``2 Dense w₂,₁``, hold all of the phrases."""
        wanted = [phrase.translate(_SUBSCRIPTS).lower() for phrase in phrases]
        return np.array([all(part in text for part in wanted) for text in self._texts], np.bool_)

    @cached_property
    def _texts(self) -> list[str]:
        """What a search looks at, a row each; made when somebody first searches."""
        found: list[str] = []
        for owner, name in enumerate(self.names):
            begin = f"{self._layers[owner]} {self._letters[owner]}".lower()
            axes = [[str(i + 1) for i in range(size)] for size in self.shapes[name]]
            found += [begin + ",".join(places) for places in product(*axes)]
        return found


def _path(name: str) -> Path:
    return path_of(name.rpartition(".")[0])
