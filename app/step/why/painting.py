"""How a row of the tree is painted: what it is, what it comes from, its number and a bar."""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.kit import theme
from app.step.why.pieces import PieceRole, PieceRow

Index = QModelIndex | QPersistentModelIndex

_SMALL = 0.86
"""Of the second line, against the first."""
_PAD = 6
_BAR = 3
"""Pixels that a bar is high."""
_WIDEST = "-0.0001234"


class PieceDelegate(QStyledItemDelegate):
    """Paints both columns: words at the left, numbers at the right."""

    @staticmethod
    def width_of_numbers() -> int:
        """Of the column of numbers, a bold one of four digits in it."""
        face = theme.number_font()
        face.setBold(True)
        return round(QFontMetricsF(face).horizontalAdvance(_WIDEST)) + 2 * _PAD

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line, or two."""
        piece: PieceRow = index.data(PieceRole.PIECE)
        line = QFontMetricsF(option.font).height()
        small = QFontMetricsF(_smaller(option.font)).height() if piece.more else 0.0
        return QSize(theme.space(4), round(line + small) + theme.space(0.75))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell, on the ground that the style gives it."""
        piece: PieceRow = index.data(PieceRole.PIECE)
        self.initStyleOption(option, index)
        option.text = ""
        view = option.widget
        style = view.style() if isinstance(view, QWidget) else QApplication.style()
        painter.save()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, view)
        area = QRectF(option.rect)
        if piece.is_whole:
            line = QRectF(area.left(), area.top(), area.width(), 1)
            painter.fillRect(line, QColor(theme.current().line))
        if index.column() == 0:
            _draw_words(painter, option.font, area.adjusted(_PAD, 0, -_PAD, 0), piece)
        else:
            _draw_number(painter, area.adjusted(_PAD, 0, -_PAD, 0), piece, index.data())
        painter.restore()


def _smaller(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * _SMALL)
    return small


def _draw_words(painter: QPainter, font: QFont, area: QRectF, piece: PieceRow) -> None:
    """What can be pressed is in the accent's colour."""
    tokens, face = theme.current(), QFont(font)
    face.setBold(piece.is_whole)
    first, second = _lines(area, font, piece)
    painter.setFont(face)
    painter.setPen(QColor(tokens.accent if piece.at is not None else tokens.text))
    _draw_cut(painter, first, piece.text, Qt.TextElideMode.ElideMiddle)
    if piece.more:
        painter.setFont(_smaller(font))
        painter.setPen(QColor(tokens.text_dim))
        _draw_cut(painter, second, piece.more, Qt.TextElideMode.ElideRight)


def _lines(area: QRectF, font: QFont, piece: PieceRow) -> tuple[QRectF, QRectF]:
    """The room of the first line and of the second."""
    high = QFontMetricsF(font).height()
    small = QFontMetricsF(_smaller(font)).height() if piece.more else 0.0
    top = area.top() + (area.height() - high - small) / 2
    first = QRectF(area.left(), top, area.width(), high)
    return first, QRectF(area.left(), top + high, area.width(), small)


def _draw_cut(painter: QPainter, room: QRectF, text: str, cut: Qt.TextElideMode) -> None:
    """A way is cut in its middle, since its beginning and its end tell it from others."""
    shown = QFontMetricsF(painter.font()).elidedText(text, cut, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _draw_number(painter: QPainter, area: QRectF, piece: PieceRow, text: str) -> None:
    tokens, face = theme.current(), theme.number_font()
    face.setBold(piece.is_whole)
    painter.setFont(face)
    painter.setPen(QColor(tokens.text))
    first, _ = _lines(area, painter.font(), piece)
    painter.drawText(first, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    if piece.share is None or not isfinite(piece.share):
        return
    wide = area.width() * abs(piece.share)
    top = first.bottom() + 1 if piece.more else area.bottom() - _BAR
    bar = QRectF(area.right() - wide, top, wide, _BAR)
    painter.fillRect(bar, QColor(tokens.positive if piece.share >= 0 else tokens.negative))
