"""What both pictures of a loss surface draw as height, and in which colours: one truth for both."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

from app.kit import theme
from app.link.surface_choice import Quantity
from core.messages.surface_views import Doubles, SurfaceView

Pixels = NDArray[np.uint8]
Limits = tuple[float, float]

TONES = 256
"""Colours from the least to the greatest height."""

_LIGHT = ("#2b2a63", "#2f5587", "#2b8090", "#44a88b", "#9bcd98", "#e3ebbd", "#fdfbee")
_DARK = ("#14163a", "#25336b", "#245a80", "#2b8288", "#52a283", "#97bf88", "#dad7a3")
"""From the valley to the hills, deep to pale: told apart by lightness alone, too."""

_SAME = 1e-6
"""Losses this far below zero, as a share of the largest, are zero but for rounding."""

_LEAST = 1e-12
"""On the logarithmic scale nothing lies lower, as a share of the largest loss."""

_FLAT = 1e-6
"""Heights that differ by less, as a share of their size, are one."""

_CLIP = 98.0
"""Percent of the surface that the colours are made for, where the rest explodes."""


def quantities(surface: SurfaceView) -> tuple[Quantity, ...]:
    """What can be drawn of a surface: penalties and accuracy only where there are any."""
    found: list[Quantity] = ["loss"]
    if not np.array_equal(surface.objective, surface.loss, equal_nan=True):
        found.append("objective")
    if surface.accuracy is not None:
        found.append("accuracy")
    return tuple(found)


def quantity_name(quantity: Quantity) -> str:
    """As axes, legends and choices call it."""
    translate = QCoreApplication.translate
    names: dict[Quantity, str] = {
        "loss": translate("surface", "Loss"),
        "objective": translate("surface", "Loss with penalties"),
        "accuracy": translate("surface", "Accuracy"),
    }
    return names[quantity]


def values_of(surface: SurfaceView, quantity: Quantity) -> Doubles:
    """(h, w) the quantity itself; the loss where the surface has no accuracy."""
    chosen = {"loss": surface.loss, "objective": surface.objective, "accuracy": surface.accuracy}
    values = chosen[quantity]
    return np.asarray(surface.loss if values is None else values, np.float64)


def is_logarithmic(surface: SurfaceView, quantity: Quantity, is_log: bool) -> bool:
    """Whether the logarithm is drawn: not of shares, nor where the loss falls below zero."""
    if not is_log or (quantity == "accuracy" and surface.accuracy is not None):
        return False
    finite = _finite(values_of(surface, quantity))
    return bool(len(finite)) and bool(finite.min() >= -_SAME * finite.max() and finite.max() > 0)


def heights(surface: SurfaceView, quantity: Quantity, is_log: bool) -> Doubles:
    """What is drawn: the quantity, or log10 of it.

    Where a loss is zero, the logarithm takes the smallest positive one of the surface, so that a
    perfect minimum is the valley's ground and no hole without one.

    Returns:
        (h, w), nan where there is no finite value.
    """
    values = values_of(surface, quantity)
    result = np.where(np.isfinite(values), values, np.nan)
    if not is_logarithmic(surface, quantity, is_log):
        return result
    positive = result[result > 0]
    floor = max(float(positive.min()), float(positive.max()) * _LEAST)
    # Not np.maximum's fault: nan stays nan.
    return np.log10(np.maximum(result, floor))


def height_of(value: float, *, logarithmic: bool) -> float:
    """Where a value stands among the heights; nan for one that has no logarithm."""
    if not logarithmic:
        return value
    return float(np.log10(value)) if value > 0 else float("nan")


def limits(drawn: Doubles) -> Limits:
    """The heights that get the first and the last colour.

    A few exploding corners would leave one colour for all the rest: what lies far above the
    98th percentile gets the last colour, too.
    """
    finite = _finite(drawn)
    if not len(finite):
        return 0.0, 1.0
    low, most = float(finite.min()), float(finite.max())
    clipped = float(np.percentile(finite, _CLIP))
    high = clipped if most - low > 1.5 * (clipped - low) > 0 else most
    # Of a flat surface the one value stands in the middle.
    least = _least(low, high)
    if high - low < least:
        return (low + high) / 2 - least / 2, (low + high) / 2 + least / 2
    return low, high


def is_flat(between: Limits) -> bool:
    """Whether the limits are those of a surface that has the same height everywhere."""
    low, high = between
    return high - low <= 1.01 * _least(low, high)


def _least(low: float, high: float) -> float:
    """How far apart the limits are at the least."""
    return _FLAT * max(abs(low), abs(high), _FLAT)


def shares(drawn: Doubles, between: Limits) -> Doubles:
    """How far up each height lies between the limits, 0..1; nan stays nan."""
    low, high = between
    return np.clip((drawn - low) / (high - low), 0.0, 1.0)


def table() -> Pixels:
    """(256, 3) the colours of the theme in use, from low to high, in equally visible steps."""
    return _table(_DARK if theme.current().dark else _LIGHT)


def nowhere() -> QColor:
    """The colour of places without a finite value."""
    tokens = theme.current()
    return QColor(tokens.hover if tokens.dark else tokens.line)


def pixels(drawn: Doubles, between: Limits, *, hatched: int = 0) -> Pixels:
    """Heights in colours.

    Args:
        drawn: (h, w) as ``heights`` gives them, or finer.
        between: The limits.
        hatched: Pixels from one stripe to the next over places without a value; 0 for plain grey.

    Returns:
        (h, w, 3).
    """
    share = shares(drawn, between)
    missing = ~np.isfinite(share)
    index = np.where(missing, 0.0, share) * (TONES - 1) + 0.5
    result: Pixels = table()[index.astype(np.intp)]
    if missing.any():
        result[missing] = _rgb(nowhere())
        if hatched:
            rows, columns = np.indices(drawn.shape)
            stripes = (rows + columns) % hatched < max(1, hatched // 4)
            result[missing & stripes] = _rgb(QColor(theme.current().disabled))
    return result


def colour_at(share: float) -> QColor:
    """The colour of one height, 0..1 of the way up."""
    red, green, blue = table()[round(min(max(share, 0.0), 1.0) * (TONES - 1))]
    return QColor(int(red), int(green), int(blue))


def _finite(values: Doubles) -> Doubles:
    return values[np.isfinite(values)]


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


@cache
def _table(stops: tuple[str, ...]) -> Pixels:
    """Through the stops in OKLab (Ottosson 2020), in steps that look equally large."""
    corners = _oklab(np.array([_rgb(QColor(stop)) for stop in stops], np.float64) / 255)
    way = _smooth(corners, 2048)
    walked = np.concatenate([[0.0], np.linalg.norm(np.diff(way, axis=0), axis=1).cumsum()])
    even = np.linspace(0.0, walked[-1], TONES)
    colours = np.stack([np.interp(even, walked, way[:, part]) for part in range(3)], -1)
    result: Pixels = np.round(np.clip(_srgb(colours), 0, 1) * 255).astype(np.uint8)
    result.flags.writeable = False
    return result


def _smooth(corners: Doubles, count: int) -> Doubles:
    """(count, 3) along a Catmull-Rom curve through the corners: a kink would look like an edge."""
    padded = np.concatenate(
        [2 * corners[:1] - corners[1:2], corners, 2 * corners[-1:] - corners[-2:-1]]
    )
    t = np.linspace(0, len(corners) - 1, count)
    first = np.minimum(t.astype(np.intp), len(corners) - 2)
    u = (t - first)[:, None]
    a, b, c, d = (padded[first + offset] for offset in range(4))
    slope_b, slope_c = (c - a) / 2, (d - b) / 2
    return np.asarray(
        b * (2 * u**3 - 3 * u**2 + 1)
        + slope_b * (u**3 - 2 * u**2 + u)
        + c * (3 * u**2 - 2 * u**3)
        + slope_c * (u**3 - u**2)
    )


_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _oklab(srgb: Doubles) -> Doubles:
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T)


def _srgb(oklab: Doubles) -> Doubles:
    linear = (oklab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    linear = np.clip(linear, 0, None)
    curved = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.asarray(np.where(linear <= 0.0031308, linear * 12.92, curved), np.float64)
