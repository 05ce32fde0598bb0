"""The cells of the trials: a colour, a sign and the loss, as far as there is room for them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.kit import theme
from app.kit.layouts import named
from app.kit.numbers import round_number
from app.kit.plots.style import between
from app.rates.verdicts import ink, paint_cell, paint_sign, strength
from core.messages.race import Verdict

if TYPE_CHECKING:
    from app.rates.grid_model import RateGridModel

_SMALL = 0.85
_SIGN = 12


class RateGridTable(QTableView):
    """All cells at once, as large as there is room for; a row is at least a line high.

    ``chosen`` carries row and column of a cell that was clicked, or entered by Enter; ``pointed``
    those under the pointer, or None.
    """

    chosen = Signal(int, int)
    pointed = Signal(object)

    def __init__(self, model: RateGridModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "rates.grid", self.tr("Trials of learning rates"))
        self.setHorizontalHeader(_Rates(self))
        self.setModel(model)
        self.setItemDelegate(_Cells(model, self))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        self.horizontalHeader().setMinimumSectionSize(theme.space(3))
        self.verticalHeader().setMinimumSectionSize(theme.space(2.25))
        self.verticalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.clicked.connect(lambda index: self.chosen.emit(index.row(), index.column()))
        self.entered.connect(lambda index: self.pointed.emit((index.row(), index.column())))
        self.setMinimumHeight(theme.space(3))
        self.restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.chosen.emit(index.row(), index.column())
            return
        super().keyPressEvent(event)

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.pointed.emit((current.row(), current.column()))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)
        super().leaveEvent(event)

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        font = theme.number_font(self.font().pointSizeF() * _SMALL)
        self.horizontalHeader().setFont(font)
        self.setStyleSheet(
            f"QTableView {{ background: {tokens.surface}; }}"
            f"QHeaderView {{ background: {tokens.surface}; }}"
            f"QTableCornerButton::section {{ background: {tokens.surface}; border: none; }}"
            f"QHeaderView::section {{ background: {tokens.surface}; color: {tokens.text_dim};"
            f" border: none; padding: 2px 8px 2px 0; }}"
            f"QHeaderView::section:horizontal {{ padding: 2px 0; }}"
        )
        self.viewport().update()


class _Rates(QHeaderView):
    """The rates over their columns: all of them, or every second or third where they are many."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    def apart(self) -> int:
        """One in so many rates is written, so that none touches the next."""
        model, room = self.model(), max(self.sectionSize(0), 1)
        metrics = QFontMetrics(self.font())
        texts = (str(model.headerData(i, self.orientation())) for i in range(self.count()))
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        return math.ceil((widest + theme.space(0.75)) / room)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """The rate in the middle, over its neighbours' places too where these stay empty."""
        apart = self.apart()
        if logical % apart:
            return
        painter.setFont(self.font())
        painter.setPen(QColor(theme.current().text_dim))
        text = str(self.model().headerData(logical, self.orientation()))
        beyond = (apart - 1) * rect.width() // 2
        wide = rect.adjusted(-beyond, 0, beyond, 0)
        painter.drawText(wide, Qt.AlignmentFlag.AlignCenter.value, text)


class _Cells(QStyledItemDelegate):
    def __init__(self, model: RateGridModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Small: the table stretches its cells."""
        return QSize(theme.space(4), theme.space(2.25))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        model, row, column = self._model, index.row(), index.column()
        verdict = model.verdict(row, column)
        share = strength(model.grid, row, column) if model.grid is not None else 0.0
        area = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_cell(painter, area, verdict, share)
        if verdict is Verdict.PENDING:
            painter.setPen(QPen(QColor(theme.current().line), 1))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        self._write(painter, area, (row, column), ink(verdict, share))
        self._frame(painter, area, option, (row, column))
        painter.restore()

    def _write(self, painter: QPainter, area: QRectF, place: tuple[int, int], tint: QColor) -> None:
        """The loss; where there is none, or no room for it, the sign in its place."""
        font = theme.number_font(painter.font().pointSizeF() * _SMALL)
        font.setBold(place == self._model.best)
        metrics = QFontMetrics(font)
        verdict = self._model.verdict(*place)
        text = fitting(self._model.loss(*place), area.width() - 4, metrics)
        both = area.height() >= metrics.height() + _SIGN and bool(text)
        if verdict is Verdict.EXPLODES or not text:
            paint_sign(painter, area.center(), verdict)
            return
        painter.setFont(font)
        painter.setPen(tint)
        words = area.adjusted(0, _SIGN * 0.75, 0, 0) if both else area
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, text)
        if both:
            middle = QPointF(area.center().x(), area.center().y() - metrics.height() / 2)
            paint_sign(painter, middle, verdict)

    def _frame(
        self,
        painter: QPainter,
        area: QRectF,
        option: QStyleOptionViewItem,
        place: tuple[int, int],
    ) -> None:
        tokens, state = theme.current(), option.state
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inside = area.adjusted(1, 1, -1, -1)
        if place == self._model.best:
            painter.setPen(QPen(QColor(tokens.text), 1.5))
            painter.drawRect(inside)
        if self._model.is_in_use(*place):
            painter.setPen(QPen(QColor(tokens.accent), 2.5))
            painter.drawRect(inside)
        focused = state & QStyle.StateFlag.State_HasFocus
        if state & QStyle.StateFlag.State_MouseOver or focused:
            painter.setPen(QPen(between((tokens.accent, tokens.text), 0.3), 1.5))
            painter.drawRect(inside.adjusted(1.5, 1.5, -1.5, -1.5))


def fitting(value: float, width: float, metrics: QFontMetrics) -> str:
    """A number with as many of four digits as fit; empty where not even one does."""
    if not math.isfinite(value):
        return ""
    texts = (round_number(value, digits) for digits in (4, 3, 2, 1))
    return next((text for text in texts if metrics.horizontalAdvance(text) <= width), "")
