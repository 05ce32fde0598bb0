"""Blocks: the heat map of a layer that is too wide for nodes, and frames on it."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.canvas.model.layout import Box, Column
from app.canvas.model.light import LitPatch
from app.canvas.model.scene import NodeScene
from app.canvas.paint.drawing import HeatImages, heat_image, outline, rect
from app.canvas.paint.picture import Paper, Picture

DIM_BLOCK = 0.45
"""How much is left of a block that is not lit."""
FEW_MAPS = 12
"""Maps on which a window is framed broadly; on more, finely."""
PAD = 6.0
"""Between a block's edge and its map, in pixels."""
LEAST_FRAME = 5.0
"""Pixels that a frame is wide and high at least, to be seen."""


class Blocks:
    """Every block of the network."""

    def __init__(self) -> None:
        self._images = HeatImages()

    def draw(self, paper: Paper, picture: Picture) -> None:
        """A rounded ground and its map, each; dimmed where something is lit, and it is not."""
        for column, nodes in picture.columns:
            if column.is_block:
                _ground(paper, column, lit=nodes.any_lit, active=picture.scene.light.active)
                self._map(paper, picture, column, nodes)
        paper.painter.setOpacity(1.0)

    def _map(self, paper: Paper, picture: Picture, column: Column, nodes: NodeScene) -> None:
        grid, whole = column.grid, nodes.whole
        if grid is None or whole is None:
            return

        def make() -> list[QImage]:
            return [heat_image(grid.spread(whole), nodes.limit, paper.tokens)]

        (image,) = self._images.get((picture.scene, paper.tokens), column.path, make)
        paper.painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        paper.painter.drawImage(rect(paper.view.box(column.box)), image)


def _ground(paper: Paper, column: Column, *, lit: bool, active: bool) -> None:
    painter, tokens, lit = paper.painter, paper.tokens, lit and active
    painter.setOpacity(DIM_BLOCK if active and not lit else 1.0)
    line = tokens.text if lit else tokens.disabled
    outline(painter, line, 2.0 if lit else 1.0, tokens.sunken)
    area = rect(paper.view.box(column.box)).adjusted(-PAD, -PAD, PAD, PAD)
    painter.drawRoundedRect(area, PAD, PAD)


def draw_patch(paper: Paper, column: Column, patch: LitPatch | None, colour: str) -> None:
    """A frame around a window of one map, or of each; nothing around none."""
    if patch is None:
        return
    channels = range(column.stage.units) if patch.channel is None else (patch.channel,)
    for channel in channels:
        area = _cells(paper, column, channel, patch.corner, patch.size)
        if area is not None:
            _frame(paper, area, colour, broad=len(channels) <= FEW_MAPS)


def draw_pixel(
    paper: Paper, column: Column, unit: int, pixel: tuple[int, int] | None, colour: str
) -> None:
    """A frame around one number, or around a whole map where no pixel is given."""
    size = column.stage.map_shape if pixel is None else (1, 1)
    area = _cells(paper, column, unit, pixel or (0, 0), size)
    if area is not None:
        _frame(paper, area, colour)


def _cells(
    paper: Paper, column: Column, unit: int, corner: tuple[int, int], size: tuple[int, int]
) -> QRectF | None:
    """Cells of one map as they are drawn; those outside of it, in the padding, are cut off."""
    whole = column.box_of(unit)
    if whole is None or not (column.is_block or column.stage.is_image):
        return None
    rows, columns = column.stage.map_shape
    top, left = max(corner[0], 0), max(corner[1], 0)
    down, across = (
        min(at + n, end) for at, n, end in zip(corner, size, (rows, columns), strict=True)
    )
    if down <= top or across <= left:
        return None
    high, wide = whole.height / rows, whole.width / columns
    x, y = whole.x + left * wide, whole.y + top * high
    return rect(paper.view.box(Box(x, y, (across - left) * wide, (down - top) * high)))


def _frame(paper: Paper, area: QRectF, colour: str, *, broad: bool = True) -> None:
    """Around an area; a broad one is seen on any colour."""
    painter = paper.painter
    wide = max(0.0, (LEAST_FRAME - area.width()) / 2)
    high = max(0.0, (LEAST_FRAME - area.height()) / 2)
    grown = area.adjusted(-wide, -high, wide, high)
    if broad:
        outline(painter, paper.tokens.surface, 4.0)
        painter.drawRect(grown)
    outline(painter, colour, 1.8 if broad else 1.0)
    painter.drawRect(grown)
