"""What every layer of the picture is handed: the paper to draw on, and the moment to draw."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter

from app.canvas.model.colouring import Colouring
from app.canvas.model.layout import Column, Layout, Links
from app.canvas.model.numbers import Numbers
from app.canvas.model.scene import EdgeScene, NodeScene, Scene
from app.canvas.model.viewport import Viewport
from app.canvas.model.words import bends
from app.kit.theme import Theme
from app.link.focus import Spot
from core.messages.record import Entry
from core.messages.snapshot import Snapshot


@dataclass(frozen=True)
class Paper:
    """Where to draw.

    Attributes:
        painter: In pixels of the widget.
        view: The zoom.
        tokens: The colours.
        size: Of the widget.
        ratio: Pixels of the screen to one of the widget.
    """

    painter: QPainter
    view: Viewport
    tokens: Theme
    size: QSize
    ratio: float


@dataclass(frozen=True, eq=False)
class Picture:
    """All that a moment's painting needs beside the paper.

    Attributes:
        snapshot: For names, maps, and what is held fast.
        layout, scene: Where, and what.
        numbers: For the biases beneath the nodes of a small network.
        colouring: What colours stand for.
        sample: Whose numbers they are; None for the batch.
        selected: The places picked.
        hovered: The one under the pointer.
        way: How far the arrows have come, 0 to 1.
        lit: The places on a way that another view tells of.
    """

    snapshot: Snapshot
    layout: Layout
    scene: Scene
    numbers: Numbers
    colouring: Colouring
    sample: int | None
    selected: tuple[Spot, ...]
    hovered: Spot | None
    way: float = 1.0
    lit: tuple[Spot, ...] = ()

    @property
    def columns(self) -> list[tuple[Column, NodeScene]]:
        """Each column, with what it shows."""
        return list(zip(self.layout.columns, self.scene.nodes, strict=True))

    def output_letter(self, index: int) -> str:
        """In the last column, whether the network gives its "z" or its "a"; empty in others."""
        column = self.layout.columns[index]
        if index < len(self.layout.columns) - 1:
            return ""
        knocked = any(path == column.path for path, _ in self.snapshot.knocked)
        return "a" if knocked or bends(column.stage) else "z"

    @property
    def edges(self) -> list[tuple[Links, EdgeScene]]:
        """The edges of each column that has any, with what they show."""
        return [
            (links, edges)
            for links, edges in zip(self.layout.links, self.scene.edges, strict=True)
            if links is not None and edges is not None
        ]

    @property
    def spots(self) -> list[tuple[Spot, bool]]:
        """The places on a way, those picked, and the one pointed at; and whether each is picked."""
        pointed = () if self.hovered is None else (self.hovered,)
        chosen = [(spot, True) for spot in self.selected]
        on_the_way = [(spot, False) for spot in self.lit]
        return [*on_the_way, *chosen, *((spot, False) for spot in pointed)]

    @property
    def looked_at(self) -> Spot | None:
        """The place pointed at, or else the one picked last."""
        return self.hovered or (self.selected[-1] if self.selected else None)

    @property
    def entry(self) -> Entry | None:
        """What the cursor computed last."""
        stepping = self.snapshot.stepping
        return stepping.entry if stepping is not None else None
