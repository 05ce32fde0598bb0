"""How batch norm lets each sample move every other, and what that makes of the paths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.debugger.why.hops import Floats, Hop, Ints, Outlook

LARGE = 4_000_000
"""Pairs of numbers that batch norm's samples are compared in one by one; beyond, by a bound."""


@dataclass(frozen=True, eq=False)
class ThroughBatch(Hop):
    """Batch norm: a number moves its feature's mean and spread, and by them every other sample.

    dz'/dx = γ/s (1 where they are the same − (1 + x̂ x̂') / m), over the m numbers of a feature.

    Attributes:
        scale: γ/s, (features,).
        normed: x̂, (k, features, pixels).
    """

    scale: Floats
    normed: Floats

    @property
    def work(self) -> int:
        """See :class:`Hop`."""
        rows, features, pixels = self.normed.shape
        return int(min(features * pixels * rows * pixels, LARGE // rows))

    def ahead(self, row: int, flat: int) -> tuple[Ints, Floats]:
        rows, _, pixels = self.normed.shape
        feature, pixel = divmod(flat, pixels)
        hats = self.normed[:, feature]
        local = -(1 + hats[row, pixel] * hats) / hats.size
        local[row, pixel] += 1
        firsts = np.arange(rows)[:, None] * self.size + feature * pixels
        places = firsts + np.arange(pixels)
        return places.ravel(), (self.scale[feature] * local).ravel()

    def outlook(self, ahead: Outlook, rows: Iterable[int]) -> Outlook:
        made = Outlook.nothing(len(ahead.best), self.size)
        count = self.normed.shape[0] * self.normed.shape[2]
        find = self._found if count * count * len(self.scale) <= LARGE else self._bound
        for feature in range(len(self.scale)):
            part = (slice(None), feature)
            shape = self.normed.shape
            best, ways = (one.reshape(shape)[part] for one in (made.best, made.ways))
            best[:], ways[:] = (
                one.reshape(best.shape)
                for one in find(
                    feature,
                    ahead.best.reshape(shape)[part].ravel(),
                    ahead.ways.reshape(shape)[part].ravel(),
                )
            )
        return made

    def _found(self, feature: int, best: Floats, ways: Floats) -> tuple[Floats, Floats]:
        hats = self.normed[:, feature].ravel()
        local = self.scale[feature] * (np.eye(len(hats)) - (1 + np.outer(hats, hats)) / len(hats))
        return (np.abs(local) * best).max(axis=1), (local != 0) @ ways

    def _bound(self, feature: int, best: Floats, ways: Floats) -> tuple[Floats, Floats]:
        """No product is larger; few are much smaller."""
        hats, scale = np.abs(self.normed[:, feature].ravel()), abs(self.scale[feature])
        others = (best.max() + hats * (hats * best).max()) / len(hats)
        whole = np.full(len(hats), ways.sum()) if scale else np.zeros(len(hats))
        return scale * np.maximum(best, others), whole
