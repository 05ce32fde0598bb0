"""The samples over the decision map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app import theme
from app.views.decision_colours import SYMBOLS, class_colour, value_pixels
from app.views.decision_response import Scale

_SIZE = 8


@dataclass(frozen=True)
class PointStyle:
    """How samples are drawn: by class, or by the value of their target where there is a scale.

    Attributes:
        scale: None for classes.
        hollow: For the test set: rings, or diamonds where a ring would not show its colour.
        dark: The theme.
    """

    scale: Scale | None
    hollow: bool
    dark: bool


class Points:
    """Some samples on a plot; drawn anew only when they change, since there may be hundreds."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self.item = pg.ScatterPlotItem(size=_SIZE, pxMode=True)
        self._shown: tuple[object, ...] = ()
        plot.addItem(self.item, ignoreBounds=True)

    def show(self, inputs: NDArray[np.float32], labels: NDArray[Any], style: PointStyle) -> None:
        """Draws a point a sample.

        Args:
            inputs: (n, 1) or (n, 2): the place, of one input with the target as its height.
            labels: (n,) classes or (n, targets), of which the first counts.
            style: Filled, or a ring.
        """
        key = (inputs.tobytes(), labels.tobytes(), style)
        if key == self._shown:
            return
        self._shown = key
        values = labels.reshape(len(labels), -1)[:, 0]
        along = inputs.shape[1] == 1
        y = _height(values, style) if along else inputs[:, 1]
        colours, symbols = _colours(values, style, along=along)
        tokens = theme.current()
        # Of a value near zero a ring would be as good as invisible.
        ring = style.hollow and (along or style.scale is None)
        edge = tokens.surface if along or style.scale is None else tokens.text
        brushes = [pg.mkBrush(tokens.surface if ring else one) for one in colours]
        pens = [pg.mkPen(one, width=1.5) for one in colours] if ring else pg.mkPen(edge)
        self.item.setData(inputs[:, 0], y, brush=brushes, pen=pens, symbol=symbols)

    def set_visible(self, on: bool) -> None:
        """Shows or hides all of them."""
        self.item.setVisible(on)


def _height(values: NDArray[Any], style: PointStyle) -> NDArray[np.float32]:
    """Over one input: a target as it is; of two classes 0 and 1, of more the top."""
    if style.scale is not None or len(values) == 0 or values.max() <= 1:
        return values.astype(np.float32)
    return np.ones(len(values), np.float32)


def _colours(
    values: NDArray[Any], style: PointStyle, *, along: bool
) -> tuple[list[QColor], list[str]]:
    """Over one input a target is seen by its height, and the colour tells the sets apart."""
    if style.scale is None:
        return _of_classes(values)
    symbols = ["d" if style.hollow and not along else "o"] * len(values)
    if along:
        return [set_colour(hollow=style.hollow)] * len(values), symbols
    return _of_values(values, style.scale), symbols


def set_colour(*, hollow: bool) -> QColor:
    """Of the training set or, in rings, of the test set."""
    tokens = theme.current()
    return QColor(tokens.test if hollow else tokens.train)


def _of_classes(labels: NDArray[Any]) -> tuple[list[QColor], list[str]]:
    count = int(labels.max()) + 1 if len(labels) else 0
    hues = [class_colour(index) for index in range(count)]
    shapes = [SYMBOLS[label % len(SYMBOLS)] for label in labels]
    return [hues[label] for label in labels], shapes


def _of_values(values: NDArray[Any], scale: Scale) -> list[QColor]:
    pixels = value_pixels(values[None, :], scale, discretise=False)[0]
    return [QColor(int(r), int(g), int(b)) for r, g, b in pixels]
