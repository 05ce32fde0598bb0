"""Neurons: a circle each, in the colour of its number, with the number in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from app.canvas.model.blocks import heat
from app.canvas.model.layout import Column
from app.canvas.model.scene import NodeScene
from app.canvas.paint.drawing import (
    SMALLEST_POINTS,
    Paper,
    digits_font,
    pill,
    readable_on,
    short,
    signed,
)
from app.kit.theme import Theme
from core.experiment.layers import Path
from core.messages.snapshot import DecisionMap

DIM = 0.36
"""How much is left of what is not lit."""
DIM_TEXT = 0.75
"""And of its number, which has to be read all the same."""
LEAST_WITH_NUMBER = 8.0
"""Pixels of a node's radius from which its number is written."""


@dataclass(frozen=True)
class _Node:
    """One neuron as it is drawn."""

    middle: QPointF
    size: float
    text: str
    fill: QColor | None
    picture: QImage | None
    lit: bool
    dimmed: bool
    square: bool

    def area(self, metrics: QFontMetricsF) -> QRectF:
        """A circle's square; wider where the number needs it."""
        wide = max(self.size, metrics.horizontalAdvance(self.text) / 2 + 5)
        half = self.size if self.picture is not None or not self.text else wide
        x, y = self.middle.x(), self.middle.y()
        return QRectF(x - half, y - self.size, 2 * half, 2 * self.size)


def draw_nodes(
    paper: Paper,
    column: Column,
    scene: NodeScene,
    radius: float,
    *,
    active: bool,
    pictures: Sequence[QImage] = (),
) -> None:
    """One column of nodes, dimmed where something is lit, and they are not (``active``).

    ``pictures``, one a node, stand in them in place of a plain colour; ``radius`` is theirs at a
    zoom of one.
    """
    size = radius * paper.view.scale
    paper.painter.setFont(_font(size))
    for place, centre in enumerate(paper.view.to_screen(column.centres)):
        picture = pictures[place] if pictures else None
        known, lit = bool(scene.known[place]), bool(scene.lit[place])
        value = float(scene.values[place])
        fill = signed(paper.tokens, value, scene.limit) if known else None
        node = _Node(
            QPointF(*centre), size, _text(column, value, size) if known else "", fill, picture,
            lit and active, active and not lit, column.stage.is_image,
        )  # fmt: skip
        _draw(paper, node)
        if scene.knocked[place]:
            _cross(paper, node.middle, size)


def _text(column: Column, value: float, size: float) -> str:
    """The number; none for a channel, whose map tells more than its mean."""
    return "" if column.stage.is_image or size < LEAST_WITH_NUMBER else short(value)


def _font(size: float) -> QFont:
    """Of the number in a node of that radius, in pixels."""
    return digits_font(max(min(8.5 * size / 24, 11.0), SMALLEST_POINTS + 0.5))


def _draw(paper: Paper, node: _Node) -> None:
    painter, tokens = paper.painter, paper.tokens
    area = node.area(QFontMetricsF(painter.font()))
    shape = _shape(painter, node, area)
    if node.dimmed or node.picture is not None:  # so that no edge shines through
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.surface))
        shape(area)
    painter.setOpacity(DIM if node.dimmed else 1.0)
    painter.setPen(QPen(QColor(tokens.text if node.lit else tokens.disabled), 1.2 + 1.2 * node.lit))
    if node.picture is not None:
        _picture(painter, area, node.picture, square=node.square)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(node.fill or QColor(tokens.surface))
    shape(area)
    painter.setOpacity(DIM_TEXT if node.dimmed else 1.0)
    if node.text:
        _number(paper, node, area)
    painter.setOpacity(1.0)


def _shape(painter: QPainter, node: _Node, area: QRectF) -> Callable[[QRectF], None]:
    """Draws a circle, pulled wide enough for its number; a square around the map of a channel."""
    if node.square:
        return painter.drawRect
    if area.width() == area.height():
        return painter.drawEllipse
    return lambda area: painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)


def _number(paper: Paper, node: _Node, area: QRectF) -> None:
    """In the middle; at the foot of a picture, on a ground of its own."""
    painter, tokens = paper.painter, paper.tokens
    if node.picture is not None:
        below = node.middle + QPointF(0, node.size - painter.fontMetrics().height() / 2 + 2)
        pill(painter, below, node.text, tokens.surface, tokens.text)
        return
    painter.setPen(
        QColor(tokens.text) if node.dimmed else readable_on(node.fill or QColor(tokens.surface))
    )
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, node.text)


def _picture(painter: QPainter, area: QRectF, picture: QImage, *, square: bool) -> None:
    round_ = QPainterPath()
    round_.addEllipse(area)
    painter.save()
    if not square:
        painter.setClipPath(round_)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not square)
    painter.drawImage(area, picture)
    painter.restore()


def _cross(paper: Paper, middle: QPointF, size: float) -> None:
    """Through a neuron that is silenced."""
    painter, tokens = paper.painter, paper.tokens
    reach = size * 0.72
    for width, colour in ((5.0, tokens.surface), (2.4, tokens.error)):
        painter.setPen(QPen(QColor(colour), width))
        for sign in (-1, 1):
            start = middle + QPointF(-reach, -reach * sign)
            painter.drawLine(start, middle + QPointF(reach, reach * sign))


def node_area(paper: Paper, column: Column, scene: NodeScene, unit: int, radius: float) -> QRectF:
    """What a unit's node takes up, its number included."""
    place = column.place_of(unit) or 0
    size = radius * paper.view.scale
    wide = size
    if scene.known[place]:
        text = _text(column, float(scene.values[place]), size)
        wide = max(size, QFontMetricsF(_font(size)).horizontalAdvance(text) / 2 + 5)
    x, y = paper.view.to_screen(column.centres[place])
    return QRectF(x - wide, y - size, 2 * wide, 2 * size)


def ring(painter: QPainter, area: QRectF, colour: str, width: float, *, square: bool) -> None:
    """An outline around a node."""
    around = area.adjusted(-4, -4, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colour), width))
    corner = 3.0 if square else around.height() / 2
    painter.drawRoundedRect(around, corner, corner)


def names_beside(
    paper: Paper,
    column: Column,
    names: Sequence[str],
    radius: float,
    *,
    right: bool,
) -> None:
    """What inputs and outputs are called, next to their nodes."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    widest = QFontMetricsF(_font(radius * view.scale)).horizontalAdvance("-0.000000") / 2
    width = 64 * max(view.scale, 0.6)
    gap = max(radius * view.scale, widest) + 8
    side = Qt.AlignmentFlag.AlignLeft if right else Qt.AlignmentFlag.AlignRight
    painter.setPen(QColor(tokens.text_dim))
    metrics = QFontMetricsF(painter.font())
    for unit, (x, y) in zip(column.units.tolist(), view.to_screen(column.centres), strict=True):
        left = x + gap if right else x - gap - width
        text = metrics.elidedText(names[unit], Qt.TextElideMode.ElideRight, width)
        area = QRectF(left, y - 12, width, 24)
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, text)


def image_of(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> QImage:
    """A picture of (rows, columns, 4) bytes, which keeps its own copy."""
    rows, columns = pixels.shape[:2]
    held = np.ascontiguousarray(pixels)
    return QImage(held.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()


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
