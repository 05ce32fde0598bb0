"""What all plots of the debugger share with the curves: no frame, faint grid, small grey digits."""

from __future__ import annotations

from collections.abc import Iterable

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame

from app import theme


def set_up(plot: pg.PlotWidget) -> None:
    """No frame, no menu, no button, and nothing that moves by itself."""
    plot.setFrameShape(QFrame.Shape.NoFrame)
    plot.setMinimumHeight(theme.space(9))
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    item = plot.getPlotItem()
    item.setMenuEnabled(False)
    item.hideButtons()
    item.layout.setContentsMargins(0, 0, theme.space(1), 0)
    item.vb.setDefaultPadding(0)
    item.disableAutoRange()


def restyle(plot: pg.PlotWidget, axes: Iterable[pg.AxisItem]) -> None:
    """Takes the colours of the theme in use."""
    tokens = theme.current()
    plot.setBackground(tokens.surface)
    for axis in axes:
        axis.setTickFont(theme.number_font(plot.font().pointSizeF() * 0.85))
        axis.setTextPen(tokens.text_dim)
        axis.setPen(pg.mkPen(tokens.line))
        axis.setTickPen(pg.mkPen(tokens.line))
        axis.setStyle(tickLength=0, tickTextOffset=4, maxTickLevel=0)


def faint(colour: str, alpha: int) -> QColor:
    """A token that lets through what lies behind it, 0 to 255."""
    result = QColor(colour)
    result.setAlpha(alpha)
    return result


def between(stops: tuple[str, ...], share: float) -> QColor:
    """The colour so far along a row of tokens, 0 to 1."""
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    one, other, part = QColor(stops[first]), QColor(stops[first + 1]), place - first
    ends = (
        (one.redF(), other.redF()),
        (one.greenF(), other.greenF()),
        (one.blueF(), other.blueF()),
    )
    return QColor.fromRgbF(*(a + (b - a) * part for a, b in ends))


def layer_colours(count: int) -> list[QColor]:
    """A colour a layer, in their order: a row that passes by neither blue nor orange."""
    tokens = theme.current()
    stops = (tokens.test, tokens.text_dim, tokens.train)
    if count == 1:
        return [QColor(tokens.train)]
    return [between(stops, index / (count - 1)) for index in range(count)]
