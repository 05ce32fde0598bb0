"""Which height each colour of a surface stands for."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPolygonF
from PySide6.QtWidgets import QApplication, QStyleOptionGraphicsItem, QWidget

from app.kit import theme
from app.surface.shared.colours import TONES, table
from app.surface.shared.overlay import pen

_BAR = 14.0
_GAP = 6.0
_SMALLER = 0.88
_LEAST_WIDTH = 76.0


class SurfaceLegend(pg.GraphicsWidget):  # type: ignore[misc]
    """The quantity's name over a bar of its colours, with the contours' values beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.ticks: tuple[tuple[float, str], ...] = ()
        self._mark: float | None = None
        self.setFixedWidth(_LEAST_WIDTH)

    def show_scale(self, name: str, ticks: Sequence[tuple[float, str]]) -> None:
        """Names the quantity and its round values.

        Args:
            name: Of the quantity.
            ticks: Shares of the bar from its foot, 0..1 and rising, and what is written there.
        """
        if (name, tuple(ticks)) == (self.name, self.ticks):
            return
        self.name, self.ticks = name, tuple(ticks)
        self._make_room()
        self.update()

    def restyle(self) -> None:
        """Takes colours and type as they are now."""
        self.setFixedWidth(_LEAST_WIDTH)
        self._make_room()
        self.update()

    def _make_room(self) -> None:
        metrics = QFontMetricsF(_number_font())
        widest = max((metrics.horizontalAdvance(text) for _, text in self.ticks), default=0.0)
        needed = 2 * _GAP + _BAR + _GAP + widest + _GAP
        # Only ever wider: while a surface follows the training its picture must not jump.
        if needed > self.minimumWidth():
            self.setFixedWidth(needed)

    def show_mark(self, share: float | None) -> None:
        """Points at the height under the pointer, 0..1; None for none."""
        if share != self._mark:
            self._mark = share
            self.update()

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        font = QApplication.font()
        metrics = QFontMetricsF(font)
        place = QRectF(2 * _GAP, 0, self.rect().width() - 2 * _GAP, metrics.lineSpacing() * 3)
        wrap = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
        used = metrics.boundingRect(place, wrap, self.name)
        painter.setFont(font)
        painter.setPen(QColor(theme.current().text))
        painter.drawText(place, wrap, self.name)
        top = used.height() + theme.space(1)
        bar = QRectF(2 * _GAP, top, _BAR, max(0.0, self.rect().height() - top))
        self._draw_bar(painter, bar)
        self._draw_ticks(painter, bar)
        if self._mark is not None:
            _draw_mark(painter, bar, self._mark)

    def _draw_bar(self, painter: QPainter, bar: QRectF) -> None:
        column = table()[::-1].copy()
        image = QImage(column.tobytes(), 1, TONES, 3, QImage.Format.Format_RGB888)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(theme.current().line))
        painter.drawRect(bar)

    def _draw_ticks(self, painter: QPainter, bar: QRectF) -> None:
        painter.setFont(_number_font())
        height = QFontMetricsF(_number_font()).height()
        for share, _ in self.ticks:
            y = bar.bottom() - share * bar.height()
            painter.setPen(QColor(theme.current().line))
            painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 3, y))
        painter.setPen(QColor(theme.current().text_dim))
        for top, text in written(self.ticks, bar.height(), height):
            painter.drawText(
                QRectF(bar.right() + _GAP, bar.top() + top, self.rect().width(), height),
                int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
                text,
            )


def written(
    ticks: Sequence[tuple[float, str]], bar: float, height: float
) -> list[tuple[float, str]]:
    """The values that there is room for, each with its upper edge below the bar's.

    Args:
        ticks: Shares of the bar from its foot, rising, and what is to be written there.
        bar: Its height.
        height: Of a line of text; none leaves the bar's ends, and no two touch.
    """
    result: list[tuple[float, str]] = []
    for share, text in ticks:
        top = min(max((1 - share) * bar - height / 2, 0.0), bar - height)
        if not result or result[-1][0] - top >= height * 0.95:
            result.append((top, text))
    return result


def _draw_mark(painter: QPainter, bar: QRectF, share: float) -> None:
    y = bar.bottom() - min(max(share, 0.0), 1.0) * bar.height()
    tip, size = QPointF(bar.left() - 1, y), 5.0
    triangle = QPolygonF([tip, tip + QPointF(-size, -size * 0.7), tip + QPointF(-size, size * 0.7)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.current().text))
    painter.drawPolygon(triangle)
    painter.setPen(pen(theme.current().text, 1.2))
    painter.drawLine(QPointF(bar.left(), y), QPointF(bar.right(), y))


def _number_font() -> QFont:
    return theme.number_font(QApplication.font().pointSizeF() * _SMALLER)
