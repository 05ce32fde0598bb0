"""The whole picture, from the ground up."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from app.canvas.model.colouring import EdgeQuantity, Reach, shown_edges
from app.canvas.model.inputs import strongest_inputs, way_of
from app.canvas.model.layout import Column, Layout, centre_of, line_of
from app.canvas.model.light import LitPatch, patch_before
from app.canvas.model.numbers import Numbers
from app.canvas.model.scene import NodeScene, Scene
from app.canvas.model.words import place_text, sample_text
from app.canvas.paint.blocks import (
    Pictures,
    draw_band,
    draw_block,
    draw_lit_band,
    draw_patch,
    draw_pixel,
    place_rect,
)
from app.canvas.paint.drawing import SMALLEST_POINTS, Paper, digits_font, short, text_font
from app.canvas.paint.edges import (
    FEW,
    EdgeLayer,
    draw_inputs,
    draw_labels,
    draw_lit,
    draw_lock,
    draw_locks,
    draw_way,
    mark_edge,
)
from app.canvas.paint.headings import draw_groups, draw_headings, draw_loss, draw_words
from app.canvas.paint.legend import draw_legend, legend_rows
from app.canvas.paint.nodes import DIM, UnitMaps, draw_nodes, names_beside, node_area, ring
from app.link.focus import Spot
from core.messages.record import Entry, key_of
from core.messages.snapshot import Snapshot

LEAST_MAP = 10
"""Pixels of a node's radius from which a map is drawn in it."""


@dataclass(frozen=True, eq=False)
class Picture:
    """All that a moment's painting needs beside the paper.

    Attributes:
        snapshot: For names, maps, and what is held fast.
        layout, scene: Where, and what.
        numbers: For the biases beneath the nodes of a small network.
        reach: For the legend.
        sample: Whose numbers they are; None for the batch.
        selected: The places picked.
        hovered: The one under the pointer.
        edges: What edges show, where they are drawn for one unit alone.
        way: How far the arrows have come, 0 to 1.
    """

    snapshot: Snapshot
    layout: Layout
    scene: Scene
    numbers: Numbers
    reach: Reach
    sample: int | None
    selected: tuple[Spot, ...]
    hovered: Spot | None
    edges: EdgeQuantity = EdgeQuantity.FOLLOW
    way: float = 1.0


class GraphPainter:
    """Paints pictures, and keeps what the next one can use again."""

    def __init__(self) -> None:
        self.edge_layer = EdgeLayer()
        self._pictures = Pictures()
        self._maps = UnitMaps()

    def paint(self, paper: Paper, picture: Picture) -> None:
        """Everything."""
        paper.painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        self._pictures.start((picture.scene, paper.tokens))
        layout, scene = picture.layout, picture.scene
        draw_groups(paper, layout, scene)
        self._bands(paper, picture)
        self._edges(paper, picture)
        for column, nodes in zip(layout.columns, scene.nodes, strict=True):
            self._column(paper, picture, column, nodes)
        draw_labels(paper, layout, scene)
        self._inputs(paper, picture)
        self._biases(paper, picture)
        self._lit_parts(paper, picture)
        self._marked(paper, picture)
        self._locked_biases(paper, picture)
        self._names(paper, picture)
        draw_headings(paper, layout, scene)
        data = picture.snapshot.data
        named = data is not None and bool(data.class_names or data.target_names)
        label = QCoreApplication.translate("graph", "Loss")
        draw_loss(paper, layout, scene, label, named=named and layout.columns[-1].stage.units > 1)
        self._corners(paper, picture)

    def _bands(self, paper: Paper, picture: Picture) -> None:
        """Between a block and its neighbour; what is lit of it, from the very places it joins."""
        columns, light = picture.layout.columns, picture.scene.light
        for index, links in enumerate(picture.layout.links, 1):
            before, here = columns[index - 1], columns[index]
            if links is not None:
                continue
            draw_band(paper, place_rect(paper, before), place_rect(paper, here))
            for part in light.links:
                if part.path == here.path:
                    start = place_rect(paper, before, part.source, picture.layout.radius)
                    end = place_rect(paper, here, part.unit, picture.layout.radius)
                    way = picture.way if light.direction else None
                    draw_lit_band(paper, start, end, light.direction, way)

    def _edges(self, paper: Paper, picture: Picture) -> None:
        layout, scene = picture.layout, picture.scene
        layer = self.edge_layer.pixmap(paper, layout, scene)
        paper.painter.setOpacity(DIM * 0.8 if scene.light.active else 1.0)
        paper.painter.drawPixmap(0, 0, layer)
        paper.painter.setOpacity(1.0)
        marked = [(spot, 7.0) for spot in picture.selected]
        for spot, width in [*marked, (picture.hovered, 5.0)]:
            line = None if spot is None else line_of(layout, spot)
            if line is not None:
                screen = paper.view.to_screen(line)
                mark_edge(paper.painter, screen, paper.tokens.accent, width)
        draw_lit(paper, layout, scene, self.edge_layer.lines, picture.way)
        draw_locks(paper, layout, scene)

    def _inputs(self, paper: Paper, picture: Picture) -> None:
        """The strongest inputs of the unit looked at, and the weight picked, across a band."""
        spots = [spot for spot in (*picture.selected, picture.hovered) if spot is not None]
        looked_at = picture.hovered or (spots[-1] if spots else None)
        index = None if looked_at is None else picture.layout.index_of(looked_at.path)
        if looked_at is not None and index:
            stage, entry = picture.layout.columns[index].stage, _entry(picture)
            _, shown = shown_edges(stage, picture.edges, entry, picture.numbers)
            draw_inputs(paper, strongest_inputs(picture.layout, looked_at, shown))
        for spot in spots:
            line = way_of(picture.layout, spot)
            if line is not None:
                draw_way(paper, line)

    def _column(self, paper: Paper, picture: Picture, column: Column, nodes: NodeScene) -> None:
        active = picture.scene.light.active
        if column.is_block:
            image = self._pictures.block(column, nodes, paper.tokens)
            draw_block(paper, column, nodes, image, active=active)
            return
        inside = self._inside(paper, picture, column, nodes)
        draw_nodes(paper, column, nodes, picture.layout.radius, active=active, pictures=inside)

    def _inside(
        self, paper: Paper, picture: Picture, column: Column, nodes: NodeScene
    ) -> list[QImage]:
        """What the nodes of a column show inside: maps of channels, or of the plane of inputs."""
        if column.stage.is_image:
            return self._pictures.channels(column, nodes, paper.tokens)
        # In a step a node's colour and number are one sample's: a map would stand in their place.
        stepped = picture.snapshot.stepping is not None
        if stepped or not column.path or picture.layout.radius * paper.view.scale < LEAST_MAP:
            return []
        images = self._maps.images(picture.snapshot.decisions, column.path, paper.tokens)
        return [images[unit] for unit in column.units] if len(images) == column.stage.units else []

    def _biases(self, paper: Paper, picture: Picture) -> None:
        """Beneath the nodes, where the network is small enough to read every number."""
        layout, painter = picture.layout, paper.painter
        points = 7.5 * min(paper.view.scale, 1.2)
        few = layout.edges <= FEW and not any(column.is_block for column in layout.columns)
        if not few or points < SMALLEST_POINTS:
            return
        painter.setFont(digits_font(points))
        painter.setPen(QColor(paper.tokens.text_dim))
        for column in layout.columns[1:]:
            bias = picture.numbers.parameter(f"{key_of(column.path)}.bias")
            if bias is None or bias.values.shape != column.stage.shape:
                continue
            centres = paper.view.to_screen(column.centres)
            for unit, (x, y) in zip(column.units.tolist(), centres, strict=True):
                text = f"b {short(float(bias.values[unit]))}"
                wide = painter.fontMetrics().horizontalAdvance(text)
                low = y + layout.radius * paper.view.scale + painter.fontMetrics().ascent() + 4
                painter.drawText(QPointF(x - wide / 2, low), text)

    def _lit_parts(self, paper: Paper, picture: Picture) -> None:
        """Windows and single numbers on blocks."""
        layout, light = picture.layout, picture.scene.light
        for patch in light.patches:
            index = layout.index_of(patch.path)
            if index is not None:
                draw_patch(paper, layout.columns[index], patch)
        for part in light.units:
            index = layout.index_of(part.path)
            if index is not None and part.unit is not None:
                column = layout.columns[index]
                draw_pixel(paper, column, part.unit, part.pixel, paper.tokens.text)

    def _marked(self, paper: Paper, picture: Picture) -> None:
        """What is picked or pointed at, here or in another view."""
        layout, accent = picture.layout, paper.tokens.accent
        picked = [(spot, 3.0) for spot in picture.selected]
        for spot, width in [*picked, (picture.hovered, 1.8)]:
            index = None if spot is None else layout.index_of(spot.path)
            if spot is None or index is None or spot.source is not None:
                continue
            centre = centre_of(layout, spot)
            if centre is not None:
                column, nodes = layout.columns[index], picture.scene.nodes[index]
                area = node_area(paper, column, nodes, spot.unit, layout.radius)
                ring(paper.painter, area, accent, width, square=column.stage.is_image)
            if centre is not None and spot.pixel is None:
                continue
            draw_pixel(paper, layout.columns[index], spot.unit, spot.pixel, accent)
            patch = _patch(layout, index, spot)
            if patch is not None:
                draw_patch(paper, layout.columns[index - 1], patch, accent)

    def _locked_biases(self, paper: Paper, picture: Picture) -> None:
        """A lock on each node whose bias is held fast."""
        reach = picture.layout.radius * paper.view.scale
        for name, number in picture.snapshot.frozen:
            where, _, kind = name.rpartition(".")
            spot = Spot(tuple(map(int, where.split("."))), number[0])
            centre = centre_of(picture.layout, spot) if kind == "bias" else None
            if centre is not None:
                x, y = paper.view.to_screen(centre)
                corner = QPointF(x + reach + 2, y - reach + 2)
                draw_lock(paper.painter, paper.tokens, corner)

    def _names(self, paper: Paper, picture: Picture) -> None:
        """What inputs and outputs are called."""
        data, columns, radius = picture.snapshot.data, picture.layout.columns, picture.layout.radius
        paper.painter.setFont(text_font(paper.view.scale * 0.92))
        if data is None or radius * paper.view.scale < 8:
            return
        for column, names, right in (
            (columns[0], data.feature_names, False),
            (columns[-1], data.class_names or data.target_names, True),
        ):
            if len(names) == column.stage.units and len(column.units):
                names_beside(paper, column, names, radius, right=right)

    def _corners(self, paper: Paper, picture: Picture) -> None:
        """Words at the top, the legend at the bottom."""
        stepping = picture.snapshot.stepping
        entry = _entry(picture)
        looked_at = picture.hovered or (picture.selected[-1] if picture.selected else None)
        place = looked_at.path if looked_at is not None else None
        if place is None and entry is not None and entry.name:
            place = entry.path
        rows = legend_rows(picture.layout, picture.scene, picture.reach, place)
        whose = sample_text(stepping, picture.sample) if rows or stepping else ""
        draw_words(paper, place_text(stepping), whose)
        draw_legend(paper, rows)


def _entry(picture: Picture) -> Entry | None:
    """What the cursor computed last."""
    stepping = picture.snapshot.stepping
    return stepping.entry if stepping is not None else None


def _patch(layout: Layout, index: int, spot: Spot) -> LitPatch | None:
    """The window of the column before that a pixel was made of."""
    layer = layout.columns[index].stage.layer
    if layer is None or spot.pixel is None:
        return None
    return patch_before(layout.columns[index - 1].path, layer, spot.unit, spot.pixel)
