"""One formula: its rule, the same in symbols and in numbers, and the numbers it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.kit import theme
from app.kit.math.label import MathLabel
from app.kit.math.worker import LatexWorker
from app.kit.numbers import four_digits, full_number, whole
from app.link.focus import Focus, Spot
from app.link.spots import matches
from app.step.formula.terms_model import exact, place_of, shown
from app.step.formula.terms_table import TermsTable
from core.debugger.formulas.formula import Factor
from core.expression.latex import latex

if TYPE_CHECKING:
    from core.debugger.formulas.formula import Factor, Formula


class FactorBox(QFrame):
    """``pointed`` carries its factor while the pointer is in it, else None."""

    pointed = Signal(object)

    def __init__(self, identity: str, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setAccessibleName(caption)
        self.factor: Factor | None = None
        self._lit = False
        self.caption = QLabel(caption, self)
        self.symbol = MathLabel(f"{identity}.symbol", caption, self)
        self.symbol.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.value = QLabel(self)
        self.value.setObjectName(f"{identity}.value")
        self.value.setFont(theme.number_font())
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            theme.space(1), theme.space(0.5), theme.space(1), theme.space(0.5)
        )
        column.setSpacing(theme.space(0.25))
        column.addWidget(self.caption)
        column.addStretch()
        column.addWidget(self.symbol)
        column.addStretch()
        column.addWidget(self.value)
        self._restyle()

    def show_factor(self, factor: Factor) -> None:
        """Shows another number."""
        self.factor = factor
        self.symbol.show_formula(factor.symbol)
        self.value.setText(shown(factor))
        self.value.setToolTip(exact(factor))
        self.setToolTip(exact(factor))
        self.setAccessibleDescription(self.value.text())

    def light(self, spots: tuple[Spot, ...]) -> None:
        """Marks itself if its number belongs to one of these places."""
        place = place_of(self.factor) if self.factor is not None else None
        lit = place is not None and any(matches(place, spot) for spot in spots)
        if lit != self._lit:
            self._lit = lit
            self._restyle()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Points at its number."""
        self.pointed.emit(self.factor)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Points at nothing."""
        self.pointed.emit(None)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _restyle(self) -> None:
        tokens = theme.current()
        edge = tokens.accent if self._lit else tokens.line
        sheet = (
            f"FactorBox {{ border: 1px solid {edge}; border-radius: 6px;"
            f" background: {tokens.sunken}; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)
            self.caption.setStyleSheet(f"color: {tokens.text_dim};")


_SETTLE_MS = 150
"""Drawing begins when nothing was pressed for a moment: a piece once begun cannot be put off,
and would hold up the next step, since the two share one interpreter."""


class FormulaCard(QWidget):
    """Shows a formula, and lights up with the network, both ways."""

    def __init__(self, identity: str, focus: Focus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{identity}.card")
        self._identity = identity
        self.formula: Formula | None = None
        self._names: list[tuple[str, Spot | None]] = []
        self._focus = focus
        self._pointed: Spot | None = None
        self.worker = LatexWorker(self)
        self.worker.drawn.connect(self._take_drawings)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLE_MS)
        self._settled.timeout.connect(self._draw_missing)
        self._make_parts()
        self._lay_out()
        self._restyle()
        focus.changed.connect(self._light)

    def show_formula(self, formula: Formula | None) -> None:
        """Shows another number's formula; the drawings follow when they are made."""
        if formula is self.formula:
            return
        self.formula = formula
        self.worker.hold()
        self._settled.start(_SETTLE_MS)
        self._hover(None)
        self.setVisible(formula is not None)
        if formula is None:
            return
        self._names = [(latex(one.symbol), place_of(one)) for one in formula.factors]
        self.rule.show_formula(formula.rule)
        self.symbols.show_formula(formula.symbols)
        self.numbers.show_formula(formula.numbers)
        self.numbers.setToolTip(self._all_digits(formula))
        self._show_chain(formula)
        self.terms.show_formula(formula)
        self._show_rest(*formula.left_out)
        self.code.setText(formula.line)
        self.code.setCursorPosition(0)
        self.pytorch_button.setEnabled(bool(formula.code))
        self._light()

    def make_way(self) -> None:
        """Draws nothing for a moment: something else is about to be computed and shown."""
        if self.worker.is_busy or self._settled.isActive():
            self.worker.hold()
            self._settled.start(_SETTLE_MS)

    def latex(self) -> str:
        """Rule, symbols and numbers, a line each."""
        return "\n".join(label.latex() for label in (self.rule, self.symbols, self.numbers))

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _make_parts(self) -> None:
        tr, name = self.tr, self._identity
        self.rule = MathLabel(f"{name}.rule", tr("The rule"), self)
        self.symbols = MathLabel(f"{name}.symbols", tr("In symbols"), self)
        self.numbers = MathLabel(f"{name}.numbers", tr("In numbers"), self)
        self.symbols.pointed.connect(lambda piece: self._point_piece(self.symbols, piece))
        self.numbers.pointed.connect(lambda piece: self._point_piece(self.numbers, piece))
        self.chain = QWidget(self)
        self.upstream = FactorBox(f"{name}.upstream", tr("From above (upstream)"), self.chain)
        self.local = FactorBox(f"{name}.local", tr("Local derivative"), self.chain)
        self.times = QLabel("×", self.chain)
        self.terms = TermsTable(f"{name}.terms", self)
        self.rest = QLabel(self)
        self.rest.setObjectName(f"{name}.rest")
        self.rest.setIndent(theme.space(0.75))
        for part in (self.upstream, self.local, self.terms):
            part.pointed.connect(self._point)
        self._make_buttons()

    def _make_buttons(self) -> None:
        name = self._identity
        self.copy_button = QPushButton(self.tr("Copy LaTeX"), self)
        self.copy_button.setObjectName(f"{name}.copy")
        self.copy_button.setToolTip(self.tr("Copy the rule, the symbols and the numbers as LaTeX"))
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.latex()))
        self.pytorch_button = QPushButton(self.tr("PyTorch"), self)
        self.pytorch_button.setObjectName(f"{name}.pytorch")
        self.pytorch_button.setCheckable(True)
        self.pytorch_button.setToolTip(
            self.tr("Show the line of PyTorch that computes this, and where the number is in it")
        )
        self.code = QLineEdit(self)
        self.code.setObjectName(f"{name}.code")
        self.code.setAccessibleName(self.tr("The line of PyTorch"))
        self.code.setToolTip(
            self.tr("The line of PyTorch for all of this operation; it ends in the number shown")
        )
        self.code.setReadOnly(True)
        self.code.setFont(theme.number_font())
        self.copy_code_button = QPushButton(self.tr("Copy"), self)
        self.copy_code_button.setObjectName(f"{name}.code.copy")
        self.copy_code_button.setToolTip(self.tr("Copy the line of PyTorch"))
        self.copy_code_button.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.code.text())
        )
        for part in (self.code, self.copy_code_button):
            part.setVisible(False)
            self.pytorch_button.toggled.connect(part.setVisible)

    def _lay_out(self) -> None:
        boxes = QHBoxLayout(self.chain)
        boxes.setContentsMargins(0, 0, 0, 0)
        boxes.addWidget(self.upstream, 1)
        boxes.addWidget(self.times)
        boxes.addWidget(self.local, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(1))
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.pytorch_button)
        buttons.addStretch()
        code = QHBoxLayout()
        code.setSpacing(theme.space(1))
        code.addWidget(self.code, 1)
        code.addWidget(self.copy_code_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(1))
        for part in (self.rule, self.symbols, self.numbers, self.chain, self.terms, self.rest):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addLayout(code)

    def _show_chain(self, formula: Formula) -> None:
        upstream, local = formula.upstream, formula.local
        self.chain.setVisible(upstream is not None and local is not None)
        if upstream is not None and local is not None:
            self.upstream.show_factor(upstream)
            self.local.show_factor(local)

    def _show_rest(self, count: int, value: float) -> None:
        text = self.tr("and {count} more: {value}")
        self.rest.setText(text.format(count=whole(count), value=four_digits(value)))
        self.rest.setToolTip(full_number(value))
        self.rest.setVisible(count > 0)

    def _all_digits(self, formula: Formula) -> str:
        """All digits of the result, as torch has it and as the numbers shown come to it."""
        text = self.tr("PyTorch computed {exact}. The numbers shown come to {value}.")
        return text.format(exact=exact(formula.result), value=full_number(formula.value))

    @property
    def _labels(self) -> tuple[MathLabel, ...]:
        boxes = () if self.chain.isHidden() else (self.upstream.symbol, self.local.symbol)
        return (self.symbols, self.numbers, *boxes, self.rule)

    def _draw_missing(self) -> None:
        self.worker.release()
        missing = tuple(dict.fromkeys(piece for one in self._labels for piece in one.missing))
        if missing:
            self.worker.request(missing)
        self._take_drawings()

    def _take_drawings(self) -> None:
        for label in self._labels:
            label.refresh()

    def _point(self, factor: Factor | None) -> None:
        self._hover(place_of(factor) if factor is not None else None)

    def _hover(self, spot: Spot | None) -> None:
        """Points at a place; points at nothing only where it was the one that pointed."""
        before, self._pointed = self._pointed, spot
        if spot is not None or (before is not None and self._focus.hovered == before):
            self._focus.hover(spot)

    def _point_piece(self, label: MathLabel, piece: int) -> None:
        spots = self._spots_of(label, piece) if piece >= 0 else ()
        edges = [spot for spot in spots if spot.source is not None]
        self._hover(next(iter((*edges, *spots)), None))

    def _spots_of(self, label: MathLabel, piece: int) -> tuple[Spot, ...]:
        """The places of the factors that a piece of the symbols is made of.

        The numbers have the same pieces in the same order, and the value behind them.
        """
        pieces = self.symbols.pieces
        if self.formula is None or len(label.pieces) - len(pieces) not in (0, 1):
            return ()
        text = pieces[piece].latex if piece < len(pieces) else ""
        found = [place for name, place in self._names if name in text]
        if piece in (0, len(pieces)):
            found = [place_of(self.formula.result)]
        return tuple(spot for spot in found if spot is not None)

    def _light(self) -> None:
        if self.formula is None:
            return
        hovered, selected = self._focus.hovered, self._focus.selected
        spots = (*selected, *((hovered,) if hovered is not None else ()))
        if len({place_of(factor) for factor in self.formula.factors} - {None}) < 2:
            spots = ()  # what is all of one place has nothing to stand out from
        self.terms.terms.light(spots)
        self.upstream.light(spots)
        self.local.light(spots)
        for label in (self.symbols, self.numbers):
            label.light(
                frozenset(
                    piece
                    for piece in range(len(label.pieces))
                    if any(matches(a, b) for a in self._spots_of(label, piece) for b in spots)
                )
            )

    def _restyle(self) -> None:
        dim = f"color: {theme.current().text_dim};"
        self.rest.setStyleSheet(dim)
        self.times.setStyleSheet(dim)
        self.times.setAlignment(Qt.AlignmentFlag.AlignCenter)
