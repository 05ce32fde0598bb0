"""The table of a formula's numbers: pointing at one lights its place in the network up."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.kit import theme
from app.step.formula.terms_model import Role, TermsModel
from core.debugger.formulas.formula import Formula
from core.expression.plain import Letters, runs

ROW = 3.0
"""The height of a row, in units of the grid."""
_MOST_ROWS = 14
_PAD = 6
_SMALL = 0.72
_LEAST_BARS = 4.0


class TermsTable(QTableView):
    """``pointed`` carries the factor under the pointer or the keyboard's place; None for none.
    ``menu_wanted`` carries the one whose menu is asked for, or None, and where on the screen."""

    pointed = Signal(object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = TermsModel(self)
        self.setObjectName(identity)
        self.setAccessibleName(self.tr("The numbers of this formula"))
        self.setModel(self.terms)
        self.setItemDelegate(_NumberDelegate(self))
        self._set_up()

    def show_formula(self, formula: Formula | None) -> None:
        """Shows another formula's numbers."""
        self.terms.show_formula(formula)
        self._fit()
        self.setVisible(bool(self.terms.rows))

    def _fit(self) -> None:
        """Rows as high as text of the present size needs, and all of them in sight."""
        self.verticalHeader().setDefaultSectionSize(theme.space(ROW))
        self._share_width()
        self.setFixedHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        """All rows, up to a screenful."""
        rows = min(len(self.terms.rows), _MOST_ROWS)
        return QSize(theme.space(30), rows * theme.space(ROW) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The last column takes what is left."""
        super().resizeEvent(event)
        self._give_rest(self.terms.columnCount() - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Says which number lies under the pointer."""
        self.pointed.emit(self.terms.factor_at(self.indexAt(event.position().toPoint())))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is elsewhere."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The arrow keys point too."""
        super().currentChanged(current, previous)
        if self.hasFocus():
            self.pointed.emit(self.terms.factor_at(current))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the number under the pointer, or where the keyboard stands."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        at = self.viewport().mapToGlobal(self.visualRect(index).center())
        self.menu_wanted.emit(self.terms.factor_at(index), at if by_key else event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()
        if event.type() == QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._fit)  # when all around it has its new size
        super().changeEvent(event)

    def _set_up(self) -> None:
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.hide()
            header.setMinimumSectionSize(1)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.space(ROW))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)

    def _share_width(self) -> None:
        """Each column as wide as its widest number; the bars take what is left."""
        header = self.horizontalHeader()
        last = self.terms.columnCount() - 1
        for column in range(last):
            header.resizeSection(column, round(self._needed(column)))
        self._give_rest(last)

    def _give_rest(self, last: int) -> None:
        """To the last column: numbers keep their width, and bars find another place."""
        header = self.horizontalHeader()
        used = sum(header.sectionSize(column) for column in range(last))
        header.resizeSection(last, max(self.viewport().width() - used, 1))

    def _needed(self, column: int) -> float:
        numbers = QFontMetricsF(theme.number_font(self.font().pointSizeF()))
        widest = 0.0
        for row in range(len(self.terms.rows)):
            index = self.terms.index(row, column)
            factor, value = index.data(Role.FACTOR), index.data(Role.VALUE)
            if value is None:
                continue
            symbol = width_of(runs(factor.symbol), self.font()) + _PAD if factor else 0.0
            # A product is bold, and a bold digit of some faces is wider.
            number = numbers.horizontalAdvance(index.data()) * (1.0 if factor else 1.1)
            widest = max(widest, symbol + number)
        return widest + 3 * _PAD


class _NumberDelegate(QStyledItemDelegate):
    """Draws a symbol with its number, a product, or a bar from its middle."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One cell."""
        tokens = theme.current()
        area = QRectF(option.rect)
        painter.save()
        if index.data(Role.LIT):
            painter.fillRect(area, QColor(tokens.hover))
            painter.fillRect(QRectF(area.left(), area.top(), 2, area.height()), tokens.accent)
        factor, value, share = (index.data(role) for role in (Role.FACTOR, Role.VALUE, Role.SHARE))
        inner = area.adjusted(_PAD, 0, -_PAD, 0)
        if share is not None:
            if not self._bars_are_squeezed():
                _draw_bar(painter, inner, share)
        elif value is not None:
            if factor is not None:
                symbol = runs(factor.symbol)
                draw_runs(painter, inner, symbol, QColor(tokens.text_dim))
                inner.setLeft(inner.left() + width_of(symbol, painter.font()) + _PAD)
            _draw_number(painter, inner, index.data(), strong=factor is None)
            if factor is None and self._bars_are_squeezed():
                beside = index.model().index(index.row(), index.column() + 1)
                _draw_bar(painter, inner, beside.data(Role.SHARE), low=True)
        painter.restore()

    def _bars_are_squeezed(self) -> bool:
        """Whether their column has no room: then each stands below its product."""
        table = self.parent()
        assert isinstance(table, QTableView)
        return table.columnWidth(table.model().columnCount() - 1) < theme.space(_LEAST_BARS)


def draw_runs(painter: QPainter, area: QRectF, symbol: tuple[Letters, ...], colour: QColor) -> None:
    """A symbol with its subscripts and superscripts, from the left."""
    font = painter.font()
    high = QFontMetricsF(font).capHeight()
    base = area.center().y() + high / 2
    painter.save()
    painter.setPen(colour)
    painter.setClipRect(area)
    for run, left in _placed(symbol, font):
        painter.setFont(_face(font, run))
        shift = high * (-0.5 if run.level > 0 else 0.4 if run.level < 0 else 0.0)
        painter.drawText(QPointF(area.left() + left, base + shift), run.text)
    painter.restore()


def width_of(symbol: tuple[Letters, ...], font: QFont) -> float:
    """How wide a symbol is drawn."""
    return max((left + _advance(run, font) for run, left in _placed(symbol, font)), default=0.0)


def _placed(symbol: tuple[Letters, ...], font: QFont) -> list[tuple[Letters, float]]:
    """Each run and where it begins; a subscript stands below the superscript before it."""
    placed: list[tuple[Letters, float]] = []
    left = right = 0.0
    for before, run in zip((None, *symbol), symbol, strict=False):
        stacked = before is not None and before.level * run.level < 0
        left = left if stacked else right
        placed.append((run, left))
        right = max(right, left + _advance(run, font))
    return placed


def _advance(run: Letters, font: QFont) -> float:
    return QFontMetricsF(_face(font, run)).horizontalAdvance(run.text)


def _face(font: QFont, run: Letters) -> QFont:
    face = QFont(font)
    face.setItalic(run.level == 0)
    if run.level:
        face.setPointSizeF(font.pointSizeF() * _SMALL)
    return face


def _draw_number(painter: QPainter, area: QRectF, text: str, *, strong: bool) -> None:
    face = theme.number_font(painter.font().pointSizeF())
    face.setBold(strong)
    painter.setFont(face)
    painter.setPen(QColor(theme.current().text))
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    room = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, flags, room)


def _draw_bar(painter: QPainter, area: QRectF, share: float | None, *, low: bool = False) -> None:
    """From the middle to the right in blue above zero, to the left in orange below."""
    if share is None:
        return
    tokens = theme.current()
    middle, half = area.center().x(), area.width() / 2
    colour = QColor(tokens.positive if share >= 0 else tokens.negative)
    bar = QRectF(middle, area.center().y() - 4, half * share, 8).normalized()
    if low:
        bar = QRectF(bar.left(), area.bottom() - 3, bar.width(), 2)
        painter.fillRect(bar, colour)
        return
    painter.fillRect(QRectF(middle, area.top() + 3, 1, area.height() - 6), QColor(tokens.line))
    painter.fillRect(bar, colour)
