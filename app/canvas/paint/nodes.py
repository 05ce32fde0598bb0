"""Neurons: a circle each, in the colour of its number, with the number or a map in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from app.canvas.model.layout import Column
from app.canvas.model.numbers import Floats
from app.canvas.model.scene import NodeScene
from app.canvas.paint.drawing import (
    DIM,
    SMALLEST_POINTS,
    HeatImages,
    boxed,
    heat_image,
    mix,
    pill,
    readable_on,
    short,
    signed,
)
from app.canvas.paint.picture import Paper, Picture
from app.kit import theme
from app.kit.numbers import four_digits, locale, with_minus
from app.kit.theme import Theme

DIM_TEXT = 0.75
"""How much is left of the number of a node that is not lit, which has to be read all the same."""
LEAST_WITH_NUMBER = 8.0
"""Pixels of a node's radius from which its number is written."""
WIDEST = "-0.000000"
"""A number's room in its node: every node has it, so that no number makes one larger."""
STRETCH = 1.2
"""So much wider than high a node gets for numbers; a longer one has a smaller face."""
LEAST_WITH_MAP = 10
"""And from which a map is drawn in it."""


@dataclass(frozen=True)
class _Node:
    """One neuron as it is drawn."""

    middle: QPointF
    size: float
    text: str
    fill: QColor
    picture: QImage | None
    lit: bool
    dimmed: bool
    square: bool


class Nodes:
    """Every node of the network, dimmed where something is lit, and it is not."""

    def __init__(self) -> None:
        self._channels, self._maps = HeatImages(), HeatImages()

    def draw(self, paper: Paper, picture: Picture) -> None:
        """Column by column."""
        size = picture.layout.radius * paper.view.scale
        paper.painter.setFont(number_font(size))
        for column, nodes in picture.columns:
            if not column.is_block:
                images = self._inside(paper, picture, column, nodes)
                active = picture.scene.light.active
                _draw_column(paper, column, nodes, size, active=active, images=images)

    def _inside(
        self, paper: Paper, picture: Picture, column: Column, nodes: NodeScene
    ) -> list[QImage]:
        """What the nodes of a column show inside: maps of channels, or of the plane of inputs."""
        tokens, whole, units = paper.tokens, nodes.whole, column.units.tolist()
        if column.stage.is_image:
            if whole is None:
                return []

            def make() -> list[QImage]:
                return [heat_image(whole[unit], nodes.limit, tokens) for unit in units]

            return self._channels.get((picture.scene, tokens), column.path, make)
        decisions = picture.snapshot.decisions
        # In a step a node's colour and number are one sample's: a map would stand in their place.
        stepped = picture.snapshot.stepping is not None
        small = picture.layout.radius * paper.view.scale < LEAST_WITH_MAP
        if stepped or small or decisions is None or column.path not in decisions.units:
            return []
        planes = decisions.units[column.path]
        images = self._maps.get(
            (decisions, tokens), column.path, lambda: _images_of_planes(planes, tokens)
        )
        return [images[unit] for unit in units] if len(images) == column.stage.units else []


def _images_of_planes(planes: NDArray[np.float32], tokens: Theme) -> list[QImage]:
    """One a unit of (points, points, units), the second input upwards; none of any other shape."""
    if planes.ndim != 3:
        return []
    upward: Floats = np.flipud(planes).astype(np.float64)
    finite = np.abs(upward[np.isfinite(upward)])
    limit = float(finite.max()) if finite.size else 1.0
    return [heat_image(upward[:, :, unit], limit, tokens) for unit in range(planes.shape[2])]


def _draw_column(
    paper: Paper,
    column: Column,
    scene: NodeScene,
    size: float,
    *,
    active: bool,
    images: Sequence[QImage],
) -> None:
    for place, centre in enumerate(paper.view.to_screen(column.centres)):
        known, lit = bool(scene.known[place]), bool(scene.lit[place])
        value = float(scene.values[place])
        node = _Node(
            QPointF(*centre), size, _text(column, value, size) if known else "",
            signed(paper.tokens, value, scene.limit) if known else QColor(paper.tokens.surface),
            images[place] if images else None,
            lit and active, active and not lit, column.stage.is_image,
        )  # fmt: skip
        _draw(paper, node)
        if scene.knocked[place]:
            _cross(paper, node.middle, size)


def _text(column: Column, value: float, size: float) -> str:
    """The number; none for a channel, whose map tells more than its mean."""
    return "" if column.stage.is_image or size < LEAST_WITH_NUMBER else number_text(value)


def number_text(value: float) -> str:
    """Four digits; three where those are wider than a node has room for."""
    text = short(value)
    if len(text) <= len(WIDEST):
        return text
    return (
        four_digits(value, tiny=3) if "e" in text else with_minus(locale().toString(value, "f", 6))
    )


def number_font(size: float) -> QFont:
    """Of the number in a node of that radius, in pixels."""
    return theme.number_font(
        max(min(8.5 * size / 24, theme.points(11.0)), theme.points(SMALLEST_POINTS + 0.5))
    )


def _draw(paper: Paper, node: _Node) -> None:
    tokens = paper.tokens
    area = _area(node.middle, node.size, round_=node.square or node.picture is not None)
    around = QColor(tokens.text if node.lit else tokens.disabled)
    width = 1.2 + 1.2 * node.lit
    if node.picture is None and not node.square:
        _plain(paper, node, area, QPen(around, width))
    else:
        _pictured(paper, node, area, QPen(around, width))
    if node.text:
        _number(paper, node, area)


def _plain(paper: Paper, node: _Node, area: QRectF, line: QPen) -> None:
    """One fill in another, and opaque, so that no edge shines through.

    What is dimmed is mixed with the ground for the same reason: a fill that the ground shines
    through takes eight times as long.
    """
    around, fill = line.color(), node.fill
    if node.dimmed:
        around, fill = _seen(paper, around, DIM), _seen(paper, fill, DIM)
    boxed(paper.painter, area, area.height() / 2, QPen(around, line.widthF()), fill)


def _seen(paper: Paper, colour: QColor, share: float) -> QColor:
    """A colour of which so much is left on the ground."""
    return mix(paper.tokens.surface, colour.name(), share)


def _pictured(paper: Paper, node: _Node, area: QRectF, line: QPen) -> None:
    """A map in a circle, or in a square for a channel; an empty one where there is none yet."""
    painter = paper.painter
    shape = painter.drawRect if node.square else painter.drawEllipse
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(paper.tokens.surface))  # so that no edge shines through
    shape(area)
    painter.setOpacity(DIM if node.dimmed else 1.0)
    painter.setPen(line)
    painter.setBrush(node.fill if node.picture is None else Qt.BrushStyle.NoBrush)
    if node.picture is not None:
        _picture(painter, area, node.picture, square=node.square)
    shape(area)
    painter.setOpacity(1.0)


def _number(paper: Paper, node: _Node, area: QRectF) -> None:
    """In the middle; at the foot of a picture, on a ground of its own."""
    painter, tokens = paper.painter, paper.tokens
    if node.picture is not None:
        below = node.middle + QPointF(0, node.size - painter.fontMetrics().height() / 2 + 2)
        painter.setOpacity(DIM_TEXT if node.dimmed else 1.0)
        pill(painter, below, node.text, tokens.surface, tokens.text)
        painter.setOpacity(1.0)
        return
    text = QColor(tokens.text)
    painter.setPen(_seen(paper, text, DIM_TEXT) if node.dimmed else readable_on(node.fill))
    face, room = painter.font(), area.width() - 4
    if QFontMetricsF(face).horizontalAdvance(node.text) > room:
        painter.setFont(_narrowed(face, node.text, room))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, node.text)
    painter.setFont(face)


def _narrowed(face: QFont, text: str, room: float) -> QFont:
    """A face in which a number of more letters than most has room."""
    result = QFont(face)
    share = room / QFontMetricsF(face).horizontalAdvance(text)
    result.setPointSizeF(face.pointSizeF() * share)
    return result


def _picture(painter: QPainter, area: QRectF, picture: QImage, *, square: bool) -> None:
    painter.save()
    if not square:
        round_ = QPainterPath()
        round_.addEllipse(area)
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


def node_area(paper: Paper, column: Column, unit: int, radius: float) -> QRectF:
    """What a unit's node takes up, its number included."""
    place, size = column.place_of(unit) or 0, radius * paper.view.scale
    middle = QPointF(*paper.view.to_screen(column.centres[place]))
    return _area(middle, size, round_=column.stage.is_image)


def half_width(size: float) -> float:
    """From the middle to the side of a node of that radius: one for all, whatever its number."""
    if size < LEAST_WITH_NUMBER:
        return size
    return max(size, min(_widest(size, theme.scale()) / 2 + 4, STRETCH * size))


@lru_cache(maxsize=64)
def _widest(size: float, _scale: float) -> float:
    return QFontMetricsF(number_font(size)).horizontalAdvance(WIDEST)


def _area(middle: QPointF, size: float, *, round_: bool) -> QRectF:
    """A circle's square; wide enough for numbers where there are any."""
    half = size if round_ else half_width(size)
    return QRectF(middle.x() - half, middle.y() - size, 2 * half, 2 * size)
