"""Colours of the decision map, from the theme's tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app import theme
from app.views.decision_response import Scale

Floats = NDArray[np.floating]
Pixels = NDArray[np.uint8]

SYMBOLS = ("o", "s", "t1", "d", "p", "star", "h", "t", "x", "+")
"""A shape a class too, for whom the colours look alike; pyqtgraph's names."""

_FILL = 0.55
"""How strong a colour is where the network is sure: the points over it must stand out."""


def class_colour(index: int) -> QColor:
    """A class's colour; neither blue nor orange. After five they come again, paler."""
    tokens = theme.current()
    hues = (tokens.train, tokens.test, tokens.warning, tokens.error, tokens.text_dim)
    colour = QColor(hues[index % len(hues)])
    return colour if index < len(hues) else colour.lighter(140)


def class_pixels(shares: Floats, *, discretise: bool) -> Pixels:
    """The likeliest class's colour, as strong as the network is sure of it.

    Args:
        shares: (h, w, classes).
        discretise: Whether only the class counts.

    Returns:
        (h, w, 3).
    """
    classes = shares.shape[-1]
    sure = (shares.max(-1) * classes - 1) / (classes - 1)
    strength = np.ones_like(sure) if discretise else np.clip(sure, 0, 1)
    hues = np.array([_rgb(class_colour(index)) for index in range(classes)])
    return _mixed(hues[shares.argmax(-1)], strength[..., None] * np.float32(_FILL))


def value_pixels(values: Floats, scale: Scale, *, discretise: bool) -> Pixels:
    """Values (h, w) in the colours of a scale, (h, w, 3); with ``discretise`` only two of them."""
    half = (scale.high - scale.low) / 2
    place = np.clip(np.nan_to_num((values - scale.middle) / half), -1, 1)
    if discretise:
        place = np.where(place > 0, 1.0, -1.0)
    tokens = theme.current()
    if scale.signed:
        positive, negative = _rgb(QColor(tokens.positive)), _rgb(QColor(tokens.negative))
        hues = np.where(place[..., None] > 0, positive, negative)
        return _mixed(hues, np.abs(place)[..., None] * 0.85)
    return _mixed(_rgb(QColor(tokens.train)), (place[..., None] + 1) / 2 * 0.85)


def _rgb(colour: QColor) -> Floats:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float32)


def _mixed(hues: Floats, strength: Floats) -> Pixels:
    surface = _rgb(QColor(theme.current().surface))
    return (surface + (hues - surface) * strength).astype(np.uint8)
