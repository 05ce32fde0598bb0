"""How the numbers of one array move those of the next: local derivatives, one class a pattern.

A number's place is its flat index in an array of samples (k, size). All are float64.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.debugger.formulas.windows import SlidingWindow
from core.experiment.layers import Path, Shape

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Outlook:
    """What lies between the numbers of an array and the loss.

    Attributes:
        best: The largest size that the product along any path can have, (k, size).
        ways: How many paths carry anything, (k, size).
    """

    best: Floats
    ways: Floats

    @classmethod
    def nothing(cls, rows: int, size: int) -> Outlook:
        """Of numbers from which no path leads on."""
        return cls(np.zeros((rows, size)), np.zeros((rows, size)))

    def beside(self, other: Outlook) -> Outlook:
        """Where one can go on in this way or in another."""
        return Outlook(np.maximum(self.best, other.best), self.ways + other.ways)


@dataclass(frozen=True, eq=False)
class Hop(ABC):
    """One operation, from an array to the one that it makes.

    Attributes:
        to: The key of what it makes.
        path: The layer's place.
        size: How many numbers one sample has before it.
        work: About how many multiplications a sample's outlook takes.
    """

    to: str
    path: Path
    size: int

    @property
    def work(self) -> int:
        """See the class."""
        return self.size

    @abstractmethod
    def ahead(self, row: int, flat: int) -> tuple[Ints, Floats]:
        """The numbers that one number moves: their places, and the local derivatives."""

    @abstractmethod
    def outlook(self, ahead: Outlook, rows: Iterable[int]) -> Outlook:
        """What lies before the numbers of these samples, from what lies behind them."""

    def same(self, flat: int, to: int) -> tuple[str, tuple[int, ...]] | None:
        """The parameter that the local derivative is, where it is one: key and index."""
        return None


@dataclass(frozen=True, eq=False)
class Each(Hop):
    """Number by number: activations, dropout, flattening, a skip.

    Attributes:
        local: (k, size).
    """

    local: Floats

    def ahead(self, row: int, flat: int) -> tuple[Ints, Floats]:
        place = row * self.size + flat
        return np.array([place]), self.local[row, flat : flat + 1]

    def outlook(self, ahead: Outlook, rows: Iterable[int]) -> Outlook:
        return Outlook(np.abs(self.local) * ahead.best, (self.local != 0) * ahead.ways)


@dataclass(frozen=True, eq=False)
class EachToEach(Hop):
    """Every number of a sample moves every number behind it: dense layers, softmax, the loss.

    Attributes:
        local: (outputs, inputs) alike for all samples, or (k, outputs, inputs).
        weight: The key of the parameter that it is, if it is one.
    """

    local: Floats
    weight: str = ""

    @property
    def work(self) -> int:
        """See :class:`Hop`."""
        return int(self.local.shape[-1] * self.local.shape[-2])

    def _of(self, row: int) -> Floats:
        return self.local if self.local.ndim == 2 else np.asarray(self.local[row])

    def ahead(self, row: int, flat: int) -> tuple[Ints, Floats]:
        column = self._of(row)[:, flat]
        return row * len(column) + np.arange(len(column)), column

    def outlook(self, ahead: Outlook, rows: Iterable[int]) -> Outlook:
        made = Outlook.nothing(len(ahead.best), self.size)
        for row in rows:
            local = self._of(row)
            made.best[row] = (np.abs(local) * ahead.best[row][:, None]).max(axis=0)
            made.ways[row] = ahead.ways[row] @ (local != 0)
        return made

    def same(self, flat: int, to: int) -> tuple[str, tuple[int, ...]] | None:
        return (self.weight, (to % len(self.local), flat)) if self.weight else None


@dataclass(frozen=True, eq=False)
class Kernel(Hop):
    """A convolution.

    Attributes:
        window: How the kernel slides.
        local: The kernel, (channels, inputs, height, width).
        weight: Its key.
        before, behind: The shapes of a sample's image on both sides.
    """

    window: SlidingWindow
    local: Floats
    weight: str
    before: Shape
    behind: Shape

    @property
    def work(self) -> int:
        """See :class:`Hop`."""
        return int(self.local.size * self.behind[1] * self.behind[2])

    def ahead(self, row: int, flat: int) -> tuple[Ints, Floats]:
        d, h, g = (int(i) for i in np.unravel_index(flat, self.before))
        places, found = [], []
        channels, rows, columns = self.behind
        first = np.arange(channels) * rows * columns + row * channels * rows * columns
        for u, r in self.window.seen_by(h, rows):
            for v, q in self.window.seen_by(g, columns):
                places.append(first + r * columns + q)
                found.append(self.local[:, d, u, v])
        if not places:
            return np.empty(0, np.int64), np.empty(0)
        return np.concatenate(places), np.concatenate(found)

    def outlook(self, ahead: Outlook, rows: Iterable[int]) -> Outlook:
        made = Outlook.nothing(len(ahead.best), self.size)
        image = (-1, *self.before)
        best, ways = made.best.reshape(image), made.ways.reshape(image)
        sizes, alive = np.abs(self.local), (self.local != 0).astype(np.float64)
        for u, v in np.ndindex(self.local.shape[2:]):
            outs, froms = self.window.outputs_of(u, self.before[1], self.behind[1])
            across, columns = self.window.outputs_of(v, self.before[2], self.behind[2])
            for row in rows:
                seen = ahead.best[row].reshape(self.behind)[:, outs, across]
                flat = seen.reshape(len(seen), -1)
                largest = (sizes[:, :, u, v][:, :, None] * flat[:, None]).max(axis=0)
                place = best[row, :, froms, columns]
                np.maximum(place, largest.reshape(place.shape), out=place)
                counted = ahead.ways[row].reshape(self.behind)[:, outs, across]
                ways[row, :, froms, columns] += np.tensordot(alive[:, :, u, v].T, counted, 1)
        return made

    def same(self, flat: int, to: int) -> tuple[str, tuple[int, ...]] | None:
        d, h, g = (int(i) for i in np.unravel_index(flat, self.before))
        rows, columns = self.behind[1:]
        c, r, q = (int(i) for i in np.unravel_index(to % int(np.prod(self.behind)), self.behind))
        own = {out: u for u, out in self.window.seen_by(h, rows)}
        across = {out: v for v, out in self.window.seen_by(g, columns)}
        return self.weight, (c, d, own[r], across[q])


@dataclass(frozen=True, eq=False)
class Windows(Hop):
    """A pooling.

    Attributes:
        seen: Which inputs move each output, (k or 1, outputs, inputs of a window).
        share: By how much: all of it, or a share of the mean.
    """

    seen: Ints
    share: float

    def _of(self, row: int) -> Ints:
        return np.asarray(self.seen[row if len(self.seen) > 1 else 0])

    def ahead(self, row: int, flat: int) -> tuple[Ints, Floats]:
        seen = self._of(row)
        outputs = np.flatnonzero((seen == flat).any(axis=1))
        return row * len(seen) + outputs, np.full(len(outputs), self.share)

    def outlook(self, ahead: Outlook, rows: Iterable[int]) -> Outlook:
        made = Outlook.nothing(len(ahead.best), self.size)
        for row in rows:
            seen = self._of(row)
            best, ways = (np.repeat(one[row], seen.shape[1]) for one in (ahead.best, ahead.ways))
            np.maximum.at(made.best[row], seen.ravel(), self.share * best)
            np.add.at(made.ways[row], seen.ravel(), ways)
        return made


@dataclass(frozen=True, eq=False)
class Together(Hop):
    """From the samples' own losses to the batch's.

    Attributes:
        share: By how much: 1/n, or all of it.
        rows: How many samples there are in the arrays.
    """

    share: float
    rows: int

    def ahead(self, row: int, flat: int) -> tuple[Ints, Floats]:
        return np.zeros(1, np.int64), np.array([self.share])

    def outlook(self, ahead: Outlook, rows: Iterable[int]) -> Outlook:
        made = Outlook.nothing(self.rows, 1)
        for row in rows:
            made.best[row], made.ways[row] = self.share, 1
        return made
