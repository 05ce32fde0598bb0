"""A formula drawn as mathematics, in lines as wide as there is room."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.kit import theme
from app.kit.math import latex
from app.kit.math.metrics import Extent
from core.expression import latex as printer
from core.expression.latex import Piece, pieces
from core.expression.plain import plain
from core.expression.tree import Expr

_LETTER = 1.3
"""The size of a letter, in that of the text around it: subscripts have to be readable."""
_INDENT = 2.0
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


Sizes = tuple[latex.Drawing | Extent, ...]
"""Of pieces: their drawings, or what these will take."""


@dataclass(frozen=True)
class _Placed:
    """One piece, and where it is drawn."""

    number: int
    area: QRectF


class MathLabel(QWidget):
    """Shows a formula: as plain letters at once, and as a drawing as soon as all of it is known,
    in the place that was kept for it.

    It draws nothing itself that takes time: ``missing`` says what a worker has to draw.

    Attributes:
        formula: What it shows; None for nothing.
        pieces: The same as LaTeX, cut where a line may break.
        lit: The pieces that are marked.
        pointed: Carries the number of the piece under the pointer, -1 for none.
    """

    pointed = Signal(int)

    def __init__(self, identity: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setAccessibleName(name)
        self.formula: Expr | None = None
        self.pieces: tuple[Piece, ...] = ()
        self._drawings: tuple[latex.Drawing, ...] = ()
        self._sizes: Sizes = ()
        self.lit: frozenset[int] = frozenset()
        self._renderers: list[QSvgRenderer] = []
        self._magnified = 1.0
        self._placed_as: tuple[Sizes, float] = ((), 0.0)
        self._by_width: dict[int, list[_Placed]] = {}
        self._under = -1
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)

    @property
    def missing(self) -> tuple[str, ...]:
        """The pieces that nobody has drawn yet."""
        if self._drawings:
            return ()
        return tuple(one.latex for one in self.pieces if latex.known(one.latex) is None)

    @property
    def is_drawn(self) -> bool:
        """Whether it shows mathematics, and not plain letters."""
        return bool(self._drawings)

    @property
    def text(self) -> str:
        """The formula in plain letters."""
        return plain(self.formula) if self.formula is not None else ""

    def show_formula(self, formula: Expr | None) -> None:
        """Shows another formula."""
        if formula == self.formula:
            return
        self.formula, self.pieces = formula, pieces(formula) if formula is not None else ()
        self.setAccessibleDescription(self.text)
        self._drawings, self._renderers, self.lit = (), [], frozenset()
        self._sizes = tuple(latex.size_of(piece.latex) for piece in self.pieces)
        self.refresh()
        self.updateGeometry()
        self.update()

    def magnify(self, factor: float) -> None:
        """Draws in larger letters than the text around it asks for."""
        if factor != self._magnified:
            self._magnified = factor
            self.updateGeometry()
            self.update()

    def refresh(self) -> None:
        """Takes the drawings if all of them are known by now."""
        found = [latex.known(piece.latex) for piece in self.pieces]
        drawings = tuple(drawing for drawing in found if drawing is not None)
        if self._drawings or len(drawings) < len(self.pieces):
            return
        self._drawings = self._sizes = drawings
        self._make_renderers()
        self.updateGeometry()
        self.update()

    def light(self, numbers: frozenset[int]) -> None:
        """Marks these pieces."""
        if numbers != self.lit:
            self.lit = numbers
            self.update()

    def hasHeightForWidth(self) -> bool:
        """A narrower one has more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """What all lines take, or will take when they are drawn."""
        if not self._sizes:
            return 0
        return round(max(one.area.bottom() for one in self.placed(width))) + 2

    def sizeHint(self) -> QSize:
        """One line, if there is room for it."""
        width = self.width() if self.width() > theme.space(8) else theme.space(40)
        return QSize(theme.space(20), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Small: how high it has to be follows from its width."""
        return QSize(theme.space(10), theme.space(2))

    def picture(self) -> QPixmap:
        """The formula as it stands here, for another program."""
        return self.grab()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The drawing, or the letters until it is there."""
        painter = QPainter(self)
        tokens = theme.current()
        if not self._drawings:
            painter.setPen(QColor(tokens.text_dim))
            painter.drawText(self.rect(), int(_WRAP), self.text)
        for one in self.placed(self.width()) if self._drawings else ():
            if one.number in self.lit:
                painter.fillRect(one.area.adjusted(-2, -1, 2, 1), QColor(tokens.hover))
                edge = QRectF(one.area.left(), one.area.bottom(), one.area.width(), 2)
                painter.fillRect(edge, QColor(tokens.accent))
            self._renderers[one.number].render(painter, one.area)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Says which piece lies under the pointer."""
        self._point(self.piece_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is elsewhere."""
        self._point(-1)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copies the formula."""
        self.menu().exec(event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._make_renderers()
            self.update()
        super().changeEvent(event)

    def menu(self) -> QMenu:
        """What can be done with the formula."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        clipboard = QGuiApplication.clipboard()
        rows = (
            ("latex", self.tr("Copy LaTeX"), lambda: clipboard.setText(self.latex())),
            ("text", self.tr("Copy as text"), lambda: clipboard.setText(self.text)),
            ("picture", self.tr("Copy as picture"), lambda: clipboard.setPixmap(self.picture())),
        )
        for name, text, do in rows:
            action = QAction(text, menu)
            action.setObjectName(f"{self.objectName()}.copy.{name}")
            action.triggered.connect(do)
            menu.addAction(action)
        return menu

    def latex(self) -> str:
        """The formula as LaTeX, for another program."""
        return printer.latex(self.formula) if self.formula is not None else ""

    def piece_at(self, position: QPointF) -> int:
        """The number of the piece at a position; -1 for none."""
        if not self._drawings:
            return -1
        for one in self.placed(self.width()):
            if one.area.adjusted(-3, -3, 3, 3).contains(position):
                return one.number
        return -1

    def _point(self, number: int) -> None:
        if number != self._under:
            self._under = number
            self.pointed.emit(number)

    def _make_renderers(self) -> None:
        colour = theme.current().text
        self._renderers = [
            QSvgRenderer(QByteArray(drawing.svg.replace("currentColor", colour).encode()))
            for drawing in self._drawings
        ]

    def placed(self, width: int) -> list[_Placed]:
        """Every piece in its line, on the line's base.

        A layout asks for the same width some twenty times before it is settled.
        """
        scale = self.fontInfo().pixelSize() * _LETTER * self._magnified / latex.SIZE
        looks = self._sizes, scale
        if self._placed_as != looks:
            self._placed_as, self._by_width = looks, {}
        if width not in self._by_width:
            self._by_width[width] = self._place(width, scale)
        return self._by_width[width]

    def _place(self, width: int, scale: float) -> list[_Placed]:
        indent = theme.space(_INDENT)
        widest = max(drawing.width for drawing in self._sizes) * scale + indent
        if widest > width:
            # Better small than cut.
            scale *= max(width - indent, 1) / (widest - indent)
        lines = self._lines(width, scale, indent)
        goes_on = [
            line[0] > 0 and not self._is_row(line[0]) and not self._whole(line[0]) for line in lines
        ]
        indents = [indent if after else 0 for after in goes_on]
        return _in_lines(lines, self._sizes, scale, indents)

    def _whole(self, number: int) -> float:
        """How wide an equation is that a piece begins behind a wide space; 0 for other pieces."""
        if self.pieces[number].begins != "aside":
            return 0.0
        after = range(number + 1, len(self.pieces))
        end = next((n for n in after if self.pieces[n].begins), len(self.pieces))
        return sum(drawing.width for drawing in self._sizes[number:end])

    def _is_row(self, number: int) -> bool:
        return self.pieces[number].begins == "row"

    def _lines(self, width: int, scale: float, indent: int) -> list[list[int]]:
        lines: list[list[int]] = [[]]
        used = 0.0
        for number, drawing in enumerate(self._sizes):
            needed = drawing.width * scale
            starts = self._is_row(number)
            whole = self._whole(number) * scale
            if lines[-1] and (starts or used + max(needed, whole) > width):
                lines.append([])
                used = 0.0 if starts or whole else float(indent)
            lines[-1].append(number)
            used += needed
        return lines


def _in_lines(
    lines: list[list[int]], sizes: Sizes, scale: float, indents: list[int]
) -> list[_Placed]:
    placed: list[_Placed] = []
    top = 2.0
    for numbers, indent in zip(lines, indents, strict=True):
        ascent = max(sizes[number].ascent for number in numbers) * scale
        descent = max(sizes[number].descent for number in numbers) * scale
        left = float(indent)
        for number in numbers:
            drawing = sizes[number]
            above = top + ascent - drawing.ascent * scale
            high = (drawing.ascent + drawing.descent) * scale
            placed.append(_Placed(number, QRectF(left, above, drawing.width * scale, high)))
            left += drawing.width * scale
        top += ascent + descent + theme.space(0.5)
    return placed
