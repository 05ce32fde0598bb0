"""The number to be explained, and the numbers it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.debugger.formulas.formula import Factor
from core.debugger.formulas.names import symbol_of
from core.experiment.layers import LayerShape
from core.messages.record import Entry, Record, input_of, key_of


@dataclass(frozen=True, eq=False)
class OneNumber:
    """One number of one entry.

    Attributes:
        record: The step.
        entry: The operation.
        index: Where in ``entry.shape``.
        sample: Which sample of the batch; None for the whole batch.
    """

    record: Record
    entry: Entry
    index: tuple[int, ...]
    sample: int | None

    @property
    def layer(self) -> LayerShape:
        """The entry's layer."""
        return self.record.layer(self.entry.path)

    @property
    def where(self) -> str:
        """The layer's place as keys have it."""
        return key_of(self.entry.path)

    @property
    def one(self) -> int:
        """The sample, where a rule speaks of one."""
        assert self.sample is not None
        return self.sample

    @property
    def samples(self) -> int:
        """How many samples the batch has."""
        return self.record.samples

    @property
    def source(self) -> str:
        """The key of what the layer takes in."""
        return self.record.canonical(input_of(self.entry.path))

    @property
    def delta(self) -> str:
        """The key of the gradient of the layer's z."""
        return self.record.canonical(f"d:z:{self.where}")

    @property
    def output(self) -> str:
        """Where the network's last layer stands, as keys have it."""
        return key_of(max(layer.path for layer in self.record.layers if len(layer.path) == 1))

    def array(self, key: str) -> NDArray[Any]:
        """An array of the record, read-only."""
        return self.record.arrays[self.record.canonical(key)]

    def has(self, key: str) -> bool:
        """Whether the record has such an array."""
        return self.record.canonical(key) in self.record.arrays

    def at(self, key: str, index: tuple[int, ...], *, marked: bool = False) -> Factor:
        """One number of an array, with its name; ``marked``: with its sample in the name."""
        key = self.record.canonical(key)
        symbol = symbol_of(self.record, key, index, marked=marked)
        return Factor(symbol, float(self.record.arrays[key][index]), key, index)

    def of(self, key: str, *place: int) -> Factor:
        """One number of this sample."""
        return self.at(key, (self.one, *place))

    def in_all_samples(self) -> NDArray[np.float64]:
        """The number in every sample of the batch, (n,), of what is computed per sample."""
        place: tuple[int | slice, ...] = (slice(None), *self.index)
        return np.asarray(self.array(self.entry.writes)[place], np.float64)

    def result(self) -> Factor:
        """The number itself, as torch computed it."""
        entry = self.entry
        index = (self.one, *self.index) if entry.per_sample else self.index
        return self.at(entry.writes, index)
