"""The picture of weights on a card, with what its colours are and the way to other kernels."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from app.canvas.card.weight_grid import WeightGrid
from app.canvas.model.weights import WeightPicture
from app.canvas.paint.drawing import short
from app.canvas.paint.legend import draw_scale
from app.kit import icons, theme
from app.kit.controls import dim
from app.kit.layouts import in_column, in_row, named


class WeightPanel(QWidget):
    """``picked`` carries a number's place, and whether to pick it beside the one before."""

    picked = Signal(object, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.card.weights")
        self.title = dim(QLabel(self))
        self.grid = WeightGrid(self)
        self.scale = _Scale(self)
        self._turns = {
            -1: self._button("earlier", "left", self.tr("The kernel before (Page Up)"), -1),
            1: self._button("later", "right", self.tr("The next kernel (Page Down)"), 1),
        }
        self.grid.picked.connect(self.picked)
        self.grid.turned.connect(self._turn)
        self._lay_out()
        self.hide()

    def show_weights(self, weights: WeightPicture | None, *, pinned: bool) -> None:
        """Shows numbers; without any, it takes no room."""
        self.setVisible(weights is not None)
        if weights is None:
            return
        self.title.setText(weights.title)
        self.grid.show_weights(weights, pinned=pinned)
        self.scale.show_limit(weights.limit)
        turns = {step: weights.beside(step) is not None for step in self._turns}
        for step, button in self._turns.items():
            button.setVisible(pinned and any(turns.values()))
            button.setEnabled(turns[step])

    def stations(self) -> tuple[QWidget, ...]:
        """What Tab stops at, in order."""
        return self.grid, *self._turns.values()

    def _turn(self, step: int) -> None:
        weights = self.grid.weights
        spot = weights.beside(step) if weights is not None else None
        if spot is not None:
            self.picked.emit(spot, False)

    def _lay_out(self) -> None:
        head = in_row((self.title, 1), *self._turns.values(), apart=0)
        column = in_column(head, into=self, apart=0.5)
        column.addWidget(self.grid, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.scale)
        column.addStretch(1)

    def _button(self, identifier: str, icon: str, tip: str, by: int) -> QToolButton:
        button = named(QToolButton(self), f"canvas.card.weights.{identifier}", tip, tip)
        icons.put(button, icon)
        button.setIconSize(button.iconSize() * 0.8)
        button.clicked.connect(lambda: self._turn(by))
        return button


class _Scale(QWidget):
    """Least, colours, most; or that nothing is there yet."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.card.weights.scale")
        self._limit: float | None = None
        self.setFixedHeight(theme.space(2))
        self.setMinimumWidth(theme.space(19))

    def show_limit(self, limit: float | None) -> None:
        """The magnitude at its ends; None for no numbers."""
        self._limit = limit
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.number_font(8.0))
        painter.setPen(tokens.text_dim)
        if self._limit is None:
            text = self.tr("Not computed yet")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft, text)
            return
        metrics, room, sides = QFontMetricsF(painter.font()), QRectF(self.rect()), Qt.AlignmentFlag
        least, most = short(-self._limit), short(self._limit)
        painter.drawText(room, sides.AlignVCenter | sides.AlignLeft, least)
        painter.drawText(room, sides.AlignVCenter | sides.AlignRight, most)
        left, right = (metrics.horizontalAdvance(text) + theme.space() for text in (least, most))
        bar = QRectF(left, room.height() / 2 - 4, room.width() - left - right, 8)
        draw_scale(painter, tokens, bar)
