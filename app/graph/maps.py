"""Each hidden neuron's own picture of the plane of two inputs, to stand in its node."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from app.graph.blocks import heat
from app.graph.node_painter import image_of
from app.theme import Theme
from core.layers import Path
from core.snapshot import DecisionMap


class UnitMaps:
    """The pictures of one decision map, each made when it is first seen."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._images: dict[Path, list[QImage]] = {}

    def images(self, decisions: DecisionMap | None, path: Path, tokens: Theme) -> list[QImage]:
        """One picture a unit, the second input upwards; empty where there is none."""
        if decisions is None or path not in decisions.units:
            return []
        if self._of != (decisions, tokens):
            self._of, self._images = (decisions, tokens), {}
        if path not in self._images:
            units = decisions.units[path]
            self._images[path] = self._draw(units, tokens) if units.ndim == 3 else []
        return self._images[path]

    def _draw(
        self, units: np.ndarray[tuple[int, ...], np.dtype[np.float32]], tokens: Theme
    ) -> list[QImage]:
        colours = (tokens.positive, tokens.negative, tokens.surface)
        upward = np.flipud(units).astype(np.float64)
        finite = np.abs(upward[np.isfinite(upward)])
        limit = float(finite.max()) if finite.size else 1.0
        return [
            image_of(heat(upward[:, :, unit], limit, colours)) for unit in range(units.shape[2])
        ]
