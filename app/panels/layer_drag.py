"""The gesture of dragging a layer to another place in its row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app import theme
from app.panels.layer_card import LayerCard


class DropLine(QWidget):
    """Where the layer would land."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One line in the accent colour."""
        QPainter(self).fillRect(self.rect(), QColor(theme.current().accent))


class LayerDrag:
    """One drag, from the press on the handle to the drop.

    Args:
        card: The layer taken.
        row: The cards of its row, itself among them, from first to last.
        content: The list that they stand in.
        bottoms: For each of the row, where it ends in the list, its inner layers included.
    """

    def __init__(
        self, card: LayerCard, row: Sequence[LayerCard], content: QWidget, bottoms: Sequence[int]
    ) -> None:
        self._row = list(row)
        self._from = self._row.index(card)
        self._content = content
        self._bottoms = list(bottoms)
        self._gap: int | None = None
        self._line = DropLine(content)

    @property
    def target(self) -> int | None:
        """The index that the layer would have; None where it would stay."""
        if self._gap is None or self._gap in (self._from, self._from + 1):
            return None
        return self._gap if self._gap < self._from else self._gap - 1

    def move(self, mouse: QPoint) -> None:
        """Follows the mouse, given on the screen."""
        y = self._content.mapFromGlobal(mouse).y()
        tops = [card.y() for card in self._row]
        middles = [(top + end) / 2 for top, end in zip(tops, self._bottoms, strict=True)]
        self._gap = sum(middle < y for middle in middles)
        edge = tops[self._gap] if self._gap < len(tops) else self._bottoms[-1]
        left = theme.space(2) * (len(self._row[0].place.path) - 1)
        self._line.setGeometry(left, edge - 1, self._content.width() - left, 2)
        self._line.setVisible(self.target is not None)
        self._line.raise_()

    def end(self) -> None:
        """Takes the line away."""
        self._line.hide()
        self._line.deleteLater()
