"""Where the paths of a gradient begin: a number of one sample, of all of them, or a parameter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.debugger.formulas.windows import window_of
from core.debugger.why.exact import Exact
from core.debugger.why.graph import PENALTY, Graph
from core.debugger.why.hops import Floats, Hop, Ints, Outlook
from core.experiment.layers import BatchNorm, Conv2d, Path
from core.messages.record import input_of, key_of, path_of


@dataclass(frozen=True, eq=False)
class Given(Hop):
    """From one parameter to all that it is used for.

    Attributes:
        places: In what it goes into, rising.
        local: By how much it moves each.
        source: The key of what it is multiplied by, which is that derivative; empty for a bias.
        seen: Where in that, the row first, (places, axes).
    """

    places: Ints
    local: Floats
    source: str = ""
    seen: Ints | None = None

    def ahead(self, row: int, flat: int) -> tuple[Ints, Floats]:
        return self.places, self.local

    def outlook(self, ahead: Outlook, rows: Iterable[int]) -> Outlook:
        lies = np.abs(self.local) * ahead.best.ravel()[self.places]
        ways = (self.local != 0) * ahead.ways.ravel()[self.places]
        return Outlook(lies.max(initial=0.0).reshape(1, 1), ways.sum().reshape(1, 1))

    def same(self, flat: int, to: int) -> tuple[str, tuple[int, ...]] | None:
        if self.seen is None:
            return None
        found = self.seen[int(np.searchsorted(self.places, to))]
        return self.source, tuple(int(i) for i in found)


def parameter_hop(exact: Exact, parameter: str, index: tuple[int, ...]) -> Given:
    """What a parameter moves in all samples that are there.

    Args:
        exact: The step.
        parameter: ``0.weight``.
        index: Which of its numbers.
    """
    where, _, kind = parameter.rpartition(".")
    path = path_of(where)
    layer, record = exact.record.layer(path).layer, exact.record
    to = record.canonical(f"z:{where}")
    if kind == "bias":
        places = _of_unit(exact, to, index[0])
        return Given(to, path, 1, places, np.ones(len(places)))
    if isinstance(layer, BatchNorm):
        return _scaled(exact, path, to, index[0])
    if isinstance(layer, Conv2d):
        return _of_kernel(exact, path, to, index)
    source, rows = record.canonical(input_of(path)), np.arange(len(exact.rows))
    places = rows * exact.array(to).shape[1] + index[0]
    seen = np.stack([rows, np.full_like(rows, index[1])], axis=1)
    return Given(to, path, 1, places, exact.array(source)[:, index[1]], source, seen)


def _of_unit(exact: Exact, to: str, unit: int) -> Ints:
    """All numbers of a unit, of an image's channel, in every sample."""
    shape = exact.array(to).shape
    places = np.arange(int(np.prod(shape))).reshape(shape)
    return np.asarray(places[:, unit].ravel())


def _scaled(exact: Exact, path: Path, to: str, feature: int) -> Given:
    key = f"norm:{key_of(path)}"
    normed, places = exact.array(key), _of_unit(exact, to, feature)
    seen = np.stack(np.unravel_index(places, normed.shape), axis=1)
    return Given(to, path, 1, places, normed[:, feature].ravel(), key, seen)


def _of_kernel(exact: Exact, path: Path, to: str, index: tuple[int, ...]) -> Given:
    """A number of a kernel is multiplied by another pixel at each place of the output."""
    (channel, d, u, v), source = index, exact.record.canonical(input_of(path))
    image, shape = exact.array(source), exact.array(to).shape
    window = window_of(exact.record.layer(path).layer)
    rows, from_rows = window.outputs_of(u, image.shape[2], shape[2])
    columns, from_columns = window.outputs_of(v, image.shape[3], shape[3])
    part = (slice(None), channel, rows, columns)
    places = np.arange(int(np.prod(shape))).reshape(shape)[part].ravel()
    seen = np.arange(image.size).reshape(image.shape)[:, d, from_rows, from_columns].ravel()
    where = np.stack(np.unravel_index(seen, image.shape), axis=1)
    return Given(to, path, 1, places, image.ravel()[seen], source, where)


def of_rows(hop: Given, size: int, rows: list[int]) -> Given:
    """The same in some samples only.

    Args:
        hop: In all of them.
        size: How many numbers a sample has in what it goes into.
        rows: Which samples, by their rows.
    """
    kept = np.isin(hop.places // size, rows)
    seen = None if hop.seen is None else hop.seen[kept]
    places, local = hop.places[kept], hop.local[kept]
    return Given(hop.to, hop.path, 1, places, local, hop.source, seen)


def penalty_hop(graph: Graph, parameter: str, index: tuple[int, ...]) -> Given | None:
    """From a weight straight to the penalty on it; None where there is none."""
    record = graph.exact.record
    if f"penalty:{parameter}" not in record.arrays:
        return None
    weight = float(record.arrays[f"p:{parameter}"][index])
    training = record.spec.training
    slope = training.l1 * float(np.sign(weight)) + training.l2 * weight
    return Given(PENALTY, (), 1, np.zeros(1, np.int64), np.array([slope]))
