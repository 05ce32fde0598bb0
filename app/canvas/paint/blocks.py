"""Blocks: the heat map of a layer that is too wide for nodes, and windows marked on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from app.canvas.model.blocks import heat
from app.canvas.model.layout import Box, Column
from app.canvas.model.light import LitPatch
from app.canvas.model.scene import NodeScene
from app.canvas.model.viewport import Viewport
from app.canvas.paint.drawing import Paper, rect
from app.canvas.paint.nodes import image_of
from app.kit.theme import Theme

DIM_BLOCK = 0.45
"""How much is left of a block that is not lit."""
FEW_MAPS = 12
"""Maps on which a window is framed broadly; on more, finely."""
PAD = 6.0
"""Between a block's edge and its map, in pixels."""


class Pictures:
    """The heat maps of one scene, each made once."""

    def __init__(self) -> None:
        self._of: object = None
        self._images: dict[tuple[int, ...], QImage] = {}

    def start(self, scene: object) -> None:
        """Forgets those of another moment."""
        if scene is not self._of:
            self._of = scene
            self._images.clear()

    def block(self, column: Column, scene: NodeScene, tokens: Theme) -> QImage | None:
        """All of a layer's numbers."""
        if scene.whole is None or column.grid is None:
            return None
        if column.path not in self._images:
            colours = (tokens.positive, tokens.negative, tokens.surface)
            spread = column.grid.spread(scene.whole)
            self._images[column.path] = image_of(heat(spread, scene.limit, colours))
        return self._images[column.path]

    def channels(self, column: Column, scene: NodeScene, tokens: Theme) -> list[QImage]:
        """The map of each channel that has a node; none for flat layers."""
        if scene.whole is None or column.is_block or scene.whole.ndim != 3:
            return []
        images = []
        colours = (tokens.positive, tokens.negative, tokens.surface)
        for unit in column.units.tolist():
            key = (*column.path, -1, unit)
            if key not in self._images:
                self._images[key] = image_of(heat(scene.whole[unit], scene.limit, colours))
            images.append(self._images[key])
        return images


def draw_block(
    paper: Paper,
    column: Column,
    scene: NodeScene,
    picture: QImage | None,
    *,
    active: bool,
) -> None:
    """One block: a rounded ground and its map."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    area = rect(view.box(column.box))
    ground = area.adjusted(-PAD, -PAD, PAD, PAD)
    lit = scene.any_lit and active
    painter.setOpacity(DIM_BLOCK if active and not lit else 1.0)
    painter.setBrush(QColor(tokens.sunken))
    edge = QPen(QColor(tokens.text if lit else tokens.disabled), 2.0 if lit else 1.0)
    painter.setPen(edge)
    painter.drawRoundedRect(ground, PAD, PAD)
    if picture is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(area, picture)
    painter.setOpacity(1.0)


def draw_patch(paper: Paper, column: Column, patch: LitPatch, colour: str = "") -> None:
    """A frame around a window of one map, or of each."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    channels = range(column.stage.units) if patch.channel is None else (patch.channel,)
    for channel in channels:
        area = _cells(column, channel, patch.corner, patch.size, view)
        if area is not None:
            ground = tokens.surface if len(channels) <= FEW_MAPS else ""
            _frame(painter, area, colour or tokens.text, ground)


def draw_pixel(
    paper: Paper,
    column: Column,
    unit: int,
    pixel: tuple[int, int] | None,
    colour: str,
) -> None:
    """A frame around one number, or around a whole map where no pixel is given."""
    painter, view, tokens = paper.painter, paper.view, paper.tokens
    shape = column.stage.shape
    size = (1, 1) if pixel is not None or len(shape) == 1 else (shape[1], shape[2])
    area = _cells(column, unit, pixel or (0, 0), size, view)
    if area is not None:
        _frame(painter, area, colour, tokens.surface)


def _cells(
    column: Column,
    channel: int,
    corner: tuple[int, int],
    size: tuple[int, int],
    view: Viewport,
) -> QRectF | None:
    """Cells of one map as they are drawn; those outside of it, in the padding, are cut off."""
    found = _map_of(column, channel)
    if found is None:
        return None
    box, rows, columns = found
    top, left = max(corner[0], 0), max(corner[1], 0)
    bottom, right = min(corner[0] + size[0], rows), min(corner[1] + size[1], columns)
    if bottom <= top or right <= left:
        return None
    high, wide = box.height / rows, box.width / columns
    cells = Box(
        box.x + left * wide, box.y + top * high, (right - left) * wide, (bottom - top) * high
    )
    return rect(view.box(cells))


def _map_of(column: Column, channel: int) -> tuple[Box, int, int] | None:
    """Where a channel's map is drawn, in a block or in its node, and its rows and columns."""
    grid, place = column.grid, column.place_of(channel)
    if grid is not None and channel < grid.shape[0]:
        _, rows, columns = grid.shape
        x, y = grid.corner(channel)
        box = Box(column.box.x + x, column.box.y + y, columns * grid.cell, rows * grid.cell)
        return box, rows, columns
    if grid is None and column.stage.is_image and place is not None:
        side = column.box.width
        x, y = column.centres[place] - side / 2
        return Box(x, y, side, side), column.stage.shape[1], column.stage.shape[2]
    return None


def _frame(painter: QPainter, area: QRectF, colour: str, ground: str) -> None:
    """Around an area, seen on any colour, and never too small to see."""
    least = 5.0
    grown = area.adjusted(
        -max(0.0, (least - area.width()) / 2), -max(0.0, (least - area.height()) / 2),
        max(0.0, (least - area.width()) / 2), max(0.0, (least - area.height()) / 2),
    )  # fmt: skip
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if ground:
        painter.setPen(QPen(QColor(ground), 4.0))
        painter.drawRect(grown)
    painter.setPen(QPen(QColor(colour), 1.8 if ground else 1.0))
    painter.drawRect(grown)


def place_rect(
    paper: Paper, column: Column, unit: int | None = None, radius: float = 0.0
) -> QRectF:
    """Where a column, or one unit of it, is drawn."""
    box = column.box
    place = None if unit is None else column.place_of(unit)
    if place is not None:
        x, y = column.centres[place]
        box = Box(x - radius, y - radius, 2 * radius, 2 * radius)
    elif column.grid is not None and unit is not None and unit < column.grid.shape[0]:
        _, rows, columns = column.grid.shape
        left, top = column.grid.corner(unit)
        cell = column.grid.cell
        box = Box(box.x + left, box.y + top, columns * cell, rows * cell)
    pad = PAD + 1 if column.is_block and box is column.box else 0.0
    return rect(paper.view.box(box)).adjusted(-pad, 0, pad, 0)


def draw_band(paper: Paper, start: QRectF, end: QRectF) -> None:
    """From a whole column to the next."""
    fill = QColor(paper.tokens.disabled)
    fill.setAlphaF(0.1)
    paper.painter.fillPath(_between(start, end), fill)


def draw_lit_band(
    paper: Paper, start: QRectF, end: QRectF, direction: int, way: float | None
) -> None:
    """What is lit of it; with an arrow that has come so far, where something runs."""
    fill = QColor(paper.tokens.text)
    fill.setAlphaF(0.16)
    path = _between(start, end)
    paper.painter.fillPath(path, fill)
    painter = paper.painter
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(paper.tokens.text_dim), 1.0))
    painter.drawPath(path)
    if way is not None:
        share = 0.15 + 0.5 * way
        share = share if direction > 0 else 1 - share
        left, right = (
            QPointF(start.right(), start.center().y()),
            QPointF(end.left(), end.center().y()),
        )
        _chevron(paper, left + (right - left) * share, direction)


def _between(start: QRectF, end: QRectF) -> QPainterPath:
    path = QPainterPath()
    corners = [start.topRight(), end.topLeft(), end.bottomLeft(), start.bottomRight()]
    path.addPolygon(QPolygonF([*corners, corners[0]]))
    return path


def _chevron(paper: Paper, point: QPointF, direction: int) -> None:
    reach = 8.0 * direction
    pen = QPen(QColor(paper.tokens.text), 3.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    paper.painter.setPen(pen)
    back = [point + QPointF(-reach, side) for side in (-12.0, 12.0)]
    paper.painter.drawPolyline(QPolygonF([back[0], point + QPointF(reach, 0), back[1]]))
