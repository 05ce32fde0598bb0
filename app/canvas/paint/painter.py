"""The whole picture, from the ground up: a list of layers, each painted over those before it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QPainter

from app.canvas.paint import ground, headings, labels, legend, light, marks, weights
from app.canvas.paint.blocks import Blocks
from app.canvas.paint.edges import Edges
from app.canvas.paint.nodes import Nodes
from app.canvas.paint.picture import Paper, Picture


class GraphPainter:
    """Paints pictures; a layer that is a class keeps what the next picture can use again.

    Attributes:
        edges: The layer of all edges.
    """

    def __init__(self) -> None:
        self.edges = Edges()
        self._layers: tuple[Callable[[Paper, Picture], None], ...] = (
            ground.draw_groups,
            ground.draw_bands,
            self.edges.draw,
            marks.draw_edges,
            light.LitEdges(self.edges).draw,
            marks.draw_held_weights,
            Blocks().draw,
            Nodes().draw,
            weights.draw_numbers,
            marks.draw_inputs,
            labels.draw_biases,
            light.draw_parts,
            marks.draw_places,
            marks.draw_held_biases,
            labels.draw_names,
            headings.draw,
            headings.draw_loss,
            legend.draw,
        )

    def paint(self, paper: Paper, picture: Picture) -> None:
        """Every layer."""
        paper.painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        for draw in self._layers:
            draw(paper, picture)
