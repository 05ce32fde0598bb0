"""From where the loss surface is seen, and where on the screen each of its points then lies.

The surface stands in a box: u and v from -1 to 1 on its floor, z upwards from 0. Everything that
is drawn of it goes through ``Projection``, whoever draws it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.messages.surface_views import Doubles

TALL = 0.8
"""How high the surface may rise over its lowest point, where the floor is 2 by 2."""

FLOOR = -0.42
"""The floor lies so much lower than the surface's lowest point, that its contours can be seen."""

_MIDDLE = np.array([0.0, 0.0, (FLOOR + TALL) / 2])
_CORNERS = np.array([(u, v, z) for u in (-1, 1) for v in (-1, 1) for z in (FLOOR, TALL)])
_DISTANCE = 5.2
_LOWEST, _HIGHEST = math.radians(4), math.radians(89)
_SMALLEST, _LARGEST = 0.5, 6.0
_ASIDE, _BELOW = 88.0, 46.0
"""Pixels for numbers and titles."""


@dataclass(frozen=True)
class Camera:
    """A place of the eye, which looks at the middle of the box.

    Attributes:
        azimuth: Radians around the box, counted from the u axis.
        elevation: Radians above the floor.
        zoom: 1 shows the whole box.
    """

    azimuth: float = math.radians(-57)
    elevation: float = math.radians(32)
    zoom: float = 1.0

    def turned(self, azimuth: float, elevation: float) -> Camera:
        """Further around and up, never below the floor."""
        higher = min(max(self.elevation + elevation, _LOWEST), _HIGHEST)
        around = math.remainder(self.azimuth + azimuth, 2 * math.pi)
        return replace(self, azimuth=around, elevation=higher)

    def zoomed(self, factor: float) -> Camera:
        """Nearer, or further away."""
        return replace(self, zoom=min(max(self.zoom * factor, _SMALLEST), _LARGEST))

    @property
    def axes(self) -> tuple[Doubles, Doubles, Doubles]:
        """(3,) each: to the right and upwards in the picture, and towards the eye."""
        return _axes(self.azimuth, self.elevation)

    @property
    def outward(self) -> Doubles:
        """(3,) the unit vector from the middle of the box to the eye."""
        return self.axes[2]

    @property
    def eye(self) -> Doubles:
        """(3,) in the box's own units."""
        return np.asarray(_MIDDLE + _DISTANCE * self.outward)


@dataclass(frozen=True)
class Projection:
    """A camera and the picture it takes, in pixels; y points downwards, as on any screen."""

    camera: Camera
    width: float
    height: float

    @property
    def scale(self) -> float:
        """Pixels for each unit of the box at its middle: at zoom 1 all of it is seen, and as much
        beside it as the axes' words take."""
        wide, low, high = _reach(self.camera.elevation)
        room = min((self.width - _ASIDE) / wide, (self.height - _BELOW) / (high - low))
        return max(room, 1.0) * self.camera.zoom

    def to_screen(self, places: Doubles) -> Doubles:
        """Places (..., 3) of the box as x, y and the distance from the eye, which grows away."""
        right, up, outward = self.camera.axes
        offset = places - _MIDDLE
        far = _DISTANCE - offset @ outward
        enlarged = self.scale * _DISTANCE / far
        x, y = self._centre
        x = x + offset @ right * enlarged
        y = y - offset @ up * enlarged
        return np.stack([x, y, far], -1)

    def enlarged(self, places: Doubles) -> Doubles:
        """(...) pixels for each unit of the box at places (..., 3)."""
        far = _DISTANCE - (places - _MIDDLE) @ self.camera.outward
        return np.asarray(self.scale * _DISTANCE / far)

    def ray(self, x: float, y: float) -> Doubles:
        """(3,) the direction in which a pixel lies, seen from the eye."""
        right, up, outward = self.camera.axes
        aside = (x - self._centre[0]) / self.scale
        above = (self._centre[1] - y) / self.scale
        return np.asarray(right * aside + up * above - outward * _DISTANCE)

    @property
    def _centre(self) -> tuple[float, float]:
        """The pixel of the box's middle: as far above as below it is then left free."""
        _, low, high = _reach(self.camera.elevation)
        return self.width / 2, (self.height - _BELOW / 2) / 2 + (low + high) / 2 * self.scale


@lru_cache(maxsize=256)
def _reach(elevation: float) -> tuple[float, float, float]:
    """How wide the box is drawn, and how far below and above its middle, from the side where each
    is most: turned around, the box keeps its size."""
    widest, lowest, highest = 0.0, 0.0, 0.0
    for azimuth in np.linspace(0, math.pi / 2, 19):
        right, up, outward = _axes(float(azimuth), elevation)
        offset = _CORNERS - _MIDDLE
        enlarged = _DISTANCE / (_DISTANCE - offset @ outward)
        widest = max(widest, 2 * float(np.abs(offset @ right * enlarged).max()))
        lowest = min(lowest, float((offset @ up * enlarged).min()))
        highest = max(highest, float((offset @ up * enlarged).max()))
    return widest, lowest, highest


def _axes(azimuth: float, elevation: float) -> tuple[Doubles, Doubles, Doubles]:
    """(3,) each: to the right and upwards in the picture, and towards the eye."""
    flat, back = math.cos(elevation), math.sin(elevation)
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    up = np.array([-back * math.cos(azimuth), -back * math.sin(azimuth), flat])
    outward = np.array([flat * math.cos(azimuth), flat * math.sin(azimuth), back])
    return right, up, outward
