"""A step as a graph of numbers: from any of them the ways on to the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from core.catalog.activations import Softmax
from core.debugger.formulas.windows import window_of
from core.debugger.why.batch_norm import ThroughBatch
from core.debugger.why.exact import Exact
from core.debugger.why.hops import (
    Each,
    EachToEach,
    Floats,
    Hop,
    Ints,
    Kernel,
    Outlook,
    Together,
    Windows,
)
from core.experiment.layers import BatchNorm
from core.messages.record import Entry, Phase, input_of, key_of, path_of

LOSS, PENALTY = "loss", "penalty"
"""Where paths end."""


class Ahead(NamedTuple):
    """The numbers that one number moves and that lead to the loss, the most promising first.

    Attributes:
        hops: By which operation each is made.
        places: Where each stands in what that makes.
        locals: The local derivatives.
        bounds: What no product from here on by way of each is larger than.
        ways: How many paths lead on.
    """

    hops: list[Hop]
    places: Ints
    locals: Floats
    bounds: Floats
    ways: float


@dataclass(frozen=True, eq=False)
class _Made:
    """What an operation is made a hop of."""

    exact: Exact
    entry: Entry

    @property
    def where(self) -> str:
        return key_of(self.entry.path)

    @property
    def source(self) -> str:
        return self.exact.record.canonical(input_of(self.entry.path))

    @property
    def rows(self) -> int:
        return len(self.exact.rows)

    def size(self, key: str) -> int:
        return int(self.exact.array(key)[0].size)

    def each(self, source: str, local: Floats) -> Each:
        local = local.reshape(len(local), -1)
        return Each(self.entry.writes, self.entry.path, local.shape[1], local)


Found = Iterator[tuple[str, Hop]]
"""Hops, by the key of what they come from."""


def _linear(made: _Made) -> Found:
    weight = f"p:{made.where}.weight"
    local = made.exact.array(weight)
    to, path = made.entry.writes, made.entry.path
    yield made.source, EachToEach(to, path, local.shape[1], local, weight)


def _convolution(made: _Made) -> Found:
    weight, place = f"p:{made.where}.weight", made.exact.record.layer(made.entry.path)
    yield (
        made.source,
        Kernel(
            made.entry.writes,
            made.entry.path,
            made.size(made.source),
            window_of(place.layer),
            made.exact.array(weight),
            weight,
            place.input_shape,
            place.output_shape,
        ),
    )


def _max_pool(made: _Made) -> Found:
    window = window_of(made.exact.record.layer(made.entry.path).layer)
    image = torch.tensor(made.exact.array(made.source))
    _, found = functional.max_pool2d(image, window.size, window.stride, return_indices=True)
    channels, pixels = image.shape[1], image.shape[2] * image.shape[3]
    firsts = (torch.arange(channels) * pixels)[:, None, None]
    seen = (found + firsts).reshape(made.rows, -1, 1).numpy()
    yield made.source, _windows(made, seen, 1.0)


def _windows(made: _Made, seen: Ints, share: float) -> Windows:
    return Windows(made.entry.writes, made.entry.path, made.size(made.source), seen, share)


def _avg_pool(made: _Made) -> Found:
    window = window_of(made.exact.record.layer(made.entry.path).layer)
    shape = made.exact.array(made.source).shape[1:]
    places = torch.arange(int(np.prod(shape))).reshape(1, *shape)
    for axis in (2, 3):
        places = places.unfold(axis, window.size, window.stride)
    seen = places.reshape(1, -1, window.size**2).numpy()
    yield made.source, _windows(made, seen, 1 / window.size**2)


def _flatten(made: _Made) -> Found:
    yield made.source, made.each(made.source, np.ones((made.rows, made.size(made.source))))


def _batch_norm(made: _Made) -> Found:
    layer, exact = made.exact.record.layer(made.entry.path).layer, made.exact
    assert isinstance(layer, BatchNorm)
    normed = exact.array(f"norm:{made.where}")
    spread = np.sqrt(exact.array(f"var:{made.where}") + layer.eps)
    scale = exact.array(f"p:{made.where}.weight") / spread
    numbers = normed.reshape(len(normed), len(scale), -1)
    size = made.size(made.source)
    yield made.source, ThroughBatch(made.entry.writes, made.entry.path, size, scale, numbers)


def _dropout(made: _Made) -> Found:
    mask = made.exact.array(f"mask:{made.where}")
    yield made.source, made.each(made.source, mask)


def _skip(made: _Made) -> Found:
    """Around a group and through it; an empty group is its own input once more."""
    *_, inner = made.entry.reads
    ones = np.ones((made.rows, made.size(made.source)))
    if inner == made.source:
        yield made.source, made.each(made.source, 2 * ones)
        return
    yield made.source, made.each(made.source, ones)
    yield inner, made.each(inner, ones)


def _activation(made: _Made) -> Found:
    source = made.exact.record.canonical(f"z:{made.where}")
    layer = made.exact.record.layer(made.entry.path).layer
    if isinstance(layer.activation_of(), Softmax):
        a = made.exact.array(f"a:{made.where}")
        local = a[:, :, None] * (np.eye(a.shape[1]) - a[:, None, :])
        yield source, EachToEach(made.entry.writes, made.entry.path, a.shape[1], local)
        return
    yield source, made.each(source, made.exact.slopes(made.entry.path))


def _loss_terms(made: _Made) -> Found:
    slopes = made.exact.loss_slopes
    source, local = made.entry.reads[0], slopes[:, None, :]
    yield source, EachToEach(made.entry.writes, (), slopes.shape[1], local)


def _loss(made: _Made) -> Found:
    yield "terms", Together(LOSS, (), 1, made.exact.share, made.rows)


RULES: dict[str, Callable[[_Made], Found]] = {
    "linear": _linear,
    "convolution": _convolution,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "flatten": _flatten,
    "batch_norm": _batch_norm,
    "dropout": _dropout,
    "skip": _skip,
    "activation": _activation,
    "loss_terms": _loss_terms,
    "loss": _loss,
}
"""By the kind of an entry."""


class Graph:
    """The numbers of a step between its inputs and its loss, and how each moves the next.

    Args:
        exact: The step in float64.
        searched: Where in its rows the samples stand through which paths are looked for; None for
            all.
    """

    def __init__(self, exact: Exact, searched: list[int] | None = None) -> None:
        self.exact = exact
        self.searched = list(range(len(exact.rows))) if searched is None else searched
        self.hops: dict[str, list[Hop]] = {}
        for entry in exact.record.entries:
            if entry.phase in (Phase.FORWARD, Phase.LOSS) and entry.kind in RULES:
                for source, hop in RULES[entry.kind](_Made(exact, entry)):
                    self.hops.setdefault(source, []).append(hop)
        end = Outlook(np.ones((1, 1)), np.ones((1, 1)))
        self._outlooks = {LOSS: end, PENALTY: end}
        self._ahead: dict[tuple[str, int], Ahead] = {}

    def leading_on(self, key: str) -> list[Hop]:
        """The operations that read an array; of a group's own input those inside of the group."""
        hops = self.hops.get(self.exact.record.canonical(key), [])
        if not key.startswith("in:"):
            return hops
        group = path_of(key.removeprefix("in:"))
        return [hop for hop in hops if len(hop.path) > len(group) and _begins(hop, group)]

    def behind(self, keys: list[str]) -> set[str]:
        """All arrays that lie between these and the loss, themselves too."""
        found: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += [hop.to for hop in self.hops.get(key, [])]
        return found

    def work(self, keys: list[str]) -> int:
        """About how many multiplications a sample's outlook from these arrays takes."""
        return sum(hop.work for key in self.behind(keys) for hop in self.hops.get(key, []))

    def ties_samples(self, keys: list[str]) -> bool:
        """Whether samples move one another between these arrays and the loss."""
        hops = (hop for key in self.behind(keys) for hop in self.hops.get(key, []))
        return any(isinstance(hop, ThroughBatch) for hop in hops)

    def outlook(self, key: str) -> Outlook:
        """What lies between an array's numbers and the loss."""
        if key not in self._outlooks:
            made = Outlook.nothing(*self.exact.array(key).reshape(len(self.exact.rows), -1).shape)
            for hop in self.hops.get(key, []):
                made = made.beside(hop.outlook(self.outlook(hop.to), self.searched))
            self._outlooks[key] = made
        return self._outlooks[key]

    def ahead(self, key: str, place: int) -> Ahead:
        """Where one number of an array leads to."""
        if (key, place) not in self._ahead:
            found = []
            for hop in self.leading_on(key):
                places, local = hop.ahead(*divmod(place, hop.size))
                found.append((hop, places, local))
            self._ahead[key, place] = self.sorted(found)
        return self._ahead[key, place]

    def sorted(self, found: list[tuple[Hop, Ints, Floats]]) -> Ahead:
        """What is ahead by these hops, without what comes to nothing."""
        hops: list[Hop] = []
        bounds, ways = [np.empty(0)], 0.0
        for hop, places, local in found:
            outlook = self.outlook(hop.to)
            bounds.append(np.abs(local) * outlook.best.ravel()[places])
            ways += float(((local != 0) * outlook.ways.ravel()[places]).sum())
            hops += [hop] * len(places)
        size = np.concatenate(bounds)
        order = np.argsort(-size, kind="stable")[: int((size > 0).sum())]
        places = np.concatenate([np.empty(0, np.int64), *(one[1] for one in found)])
        slopes = np.concatenate([np.empty(0), *(one[2] for one in found)])
        return Ahead([hops[i] for i in order], places[order], slopes[order], size[order], ways)


def _begins(hop: Hop, group: tuple[int, ...]) -> bool:
    return hop.path[: len(group)] == group
