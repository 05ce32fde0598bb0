"""A lock on what is held fast."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.model.layout import centre_of
from app.canvas.paint.picture import Paper, Picture
from app.kit.theme import Theme
from app.link.focus import Spot
from app.link.spots import path_of


def draw_lock(painter: QPainter, tokens: Theme, middle: QPointF, size: float = 1.0) -> None:
    """A small lock."""
    painter.save()
    painter.translate(middle)
    painter.scale(size, size)
    painter.setPen(QPen(QColor(tokens.surface), 4.0))
    painter.setBrush(QColor(tokens.text))
    painter.drawRoundedRect(-5, -2, 10, 8, 1.5, 1.5)
    painter.setPen(QPen(QColor(tokens.text), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(-3, -7, 6, 9, 0, 180 * 16)
    painter.drawRoundedRect(-5, -2, 10, 8, 1.5, 1.5)
    painter.restore()


def draw_weights(paper: Paper, picture: Picture) -> None:
    """On the middle of each edge whose weight is held."""
    for links, edges in picture.edges:
        for x1, y1, x2, y2 in paper.view.to_screen(links.lines[edges.frozen]):
            draw_lock(paper.painter, paper.tokens, QPointF((x1 + x2) / 2, (y1 + y2) / 2))


def draw_biases(paper: Paper, picture: Picture) -> None:
    """Beside each node whose bias is held."""
    reach = picture.layout.radius * paper.view.scale
    for name, index in picture.snapshot.frozen:
        where, _, kind = name.rpartition(".")
        spot = Spot(path_of(where), index[0])
        centre = centre_of(picture.layout, spot) if kind == "bias" else None
        if centre is not None:
            x, y = paper.view.to_screen(centre)
            corner = QPointF(x + reach + 2, y - reach + 2)
            draw_lock(paper.painter, paper.tokens, corner)
