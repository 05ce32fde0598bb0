"""Which part of the picture is seen, and how large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.canvas.model.layout import Box
from app.canvas.model.numbers import Floats

SMALLEST, LARGEST = 0.1, 12.0
ROOMY = 1.25
"""The most that fitting enlarges a small network."""
HEADING = 48
"""Pixels of a heading's three lines at the least, in text of its own size."""
WORDS, LEGEND = 40, 34
"""Pixels at the top that the words on the present place take, and at the bottom the legend; with
text of its own size."""


@dataclass(frozen=True)
class Viewport:
    """A zoom and where the picture's corner is drawn, both in pixels of the widget."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_screen(self, points: Floats) -> Floats:
        """Points (..., 2), or lines (..., 4), as they are drawn."""
        offset = np.tile([self.x, self.y], points.shape[-1] // 2)
        moved: Floats = points * self.scale + offset
        return moved

    def to_world(self, x: float, y: float) -> tuple[float, float]:
        """What lies at a pixel."""
        return (x - self.x) / self.scale, (y - self.y) / self.scale

    def box(self, box: Box) -> Box:
        """A rectangle as it is drawn."""
        return Box(
            box.x * self.scale + self.x,
            box.y * self.scale + self.y,
            box.width * self.scale,
            box.height * self.scale,
        )

    def moved(self, dx: float, dy: float) -> Viewport:
        """Dragged by so many pixels."""
        return Viewport(self.scale, self.x + dx, self.y + dy)

    def zoomed(self, factor: float, x: float, y: float) -> Viewport:
        """Larger or smaller, with what lies at a pixel staying there."""
        scale = min(max(self.scale * factor, SMALLEST), LARGEST)
        real = scale / self.scale
        return Viewport(scale, x - (x - self.x) * real, y - (y - self.y) * real)


def widened(bounds: Box, left: float) -> Box:
    """With so much more at the left."""
    return Box(bounds.x - left, bounds.y, bounds.width + left, bounds.height)


def fit(bounds: Box, width: float, height: float, text: float = 1.0) -> Viewport:
    """The view that shows everything, in the middle; larger where text is larger."""
    scale = min(width / bounds.width, height / bounds.height, ROOMY * text)
    scale = max(scale, SMALLEST)
    middle_x, middle_y = bounds.centre
    return Viewport(scale, width / 2 - middle_x * scale, height / 2 - middle_y * scale)
