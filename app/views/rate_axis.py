"""An axis of learning rates: positions are powers of ten."""

from __future__ import annotations

import math

import pyqtgraph as pg

from app.views.rate_grid_model import rate_text

_APART = 44
"""Pixels from one label to the next at the least."""
_PARTS = ((1,), (1, 3), (1, 2, 5))


class RateAxis(pg.AxisItem):  # type: ignore[misc]
    """Below the plot; as many round rates as there is room for."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Powers of ten, and round parts of them where there is room."""
        most = max(2.0, size / _APART)
        powers = range(math.floor(low), math.ceil(high) + 1)
        every = max(1, math.ceil((high - low) / most))
        best = [float(power) for power in powers if power % every == 0]
        for parts in _PARTS:
            ticks = [power + math.log10(part) for power in powers for part in parts]
            if sum(low <= tick <= high for tick in ticks) <= most:
                best = ticks
        return [(1.0, [tick for tick in best if low - 1e-9 <= tick <= high + 1e-9])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """``1e-5``, ``0.03``."""
        return [rate_text(10**value) for value in values]
