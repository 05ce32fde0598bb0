"""One formula: its rule, the same in symbols and in numbers, and the numbers it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.kit import theme
from app.kit.handles import Line
from app.kit.math.label import MathLabel
from app.kit.numbers import four_digits, in_full, whole
from app.link.focus import Focus, Spot
from app.link.spots import matches
from app.step.formula.drawer import Drawer
from app.step.formula.terms_model import exact, place_of
from app.step.formula.terms_table import TermsTable
from app.step.formula.ways import WaysBox
from core.expression.hidden import is_hidden
from core.expression.latex import latex

if TYPE_CHECKING:
    from core.debugger.formulas.formula import Factor, Formula


class FormulaCard(QWidget):
    """Shows a formula, and lights up with the network, both ways.

    Attributes:
        drawer: Has what it shows drawn, and what it may show next.
    """

    def __init__(self, identity: str, focus: Focus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{identity}.card")
        self._identity = identity
        self.formula: Formula | None = None
        self._names: list[tuple[str, Spot | None]] = []
        self._focus = focus
        self._pointed: Spot | None = None
        self.drawer = Drawer(self._missing, self)
        self.drawer.drawn.connect(self._take_drawings)
        self._make_parts()
        self._lay_out()
        self._restyle()
        focus.changed.connect(self._light)

    def show_formula(self, formula: Formula | None) -> None:
        """Shows another number's formula; the drawings follow when they are made."""
        if formula is self.formula:
            return
        self.formula = formula
        self.drawer.wait()
        self._hover(None)
        self.setVisible(formula is not None)
        if formula is None:
            return
        self._names = [(latex(one.symbol), place_of(one)) for one in formula.factors]
        self.rule.show_formula(formula.rule)
        self._show_told()
        self.numbers.setToolTip(self._all_digits(formula))
        self.terms.show_formula(formula)
        self._show_rest(*formula.left_out)
        self.code.setText(formula.line)
        self.code.setCursorPosition(0)
        self.pytorch_button.setEnabled(bool(formula.code))
        self._light()

    def magnify(self, factor: float) -> None:
        """Draws formulas in larger letters than the text around them."""
        for part in (self.rule, self.symbols, self.numbers, self.chain):
            part.magnify(factor)

    def open_chain(self) -> None:
        """Opens a gradient that is computed in one go into the chain rule's factors."""
        self.open_button.setChecked(True)

    def latex(self) -> str:
        """Rule, symbols and numbers, a line each; without numbers, where they are put in by a
        person."""
        lines = (self.rule, self.symbols, *([] if self._is_asked else [self.numbers]))
        return "\n".join(label.latex() for label in lines)

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
        self.chain = WaysBox(name, self)
        self.upstream, self.local = self.chain.upstream, self.chain.local
        self.terms = TermsTable(f"{name}.terms", self)
        self.rest = QLabel(self)
        self.rest.setObjectName(f"{name}.rest")
        self.rest.setIndent(theme.space(0.75))
        for part in (self.chain, self.terms):
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
        self.open_button = QPushButton(self.tr("As a chain"), self)
        self.open_button.setObjectName(f"{name}.open")
        self.open_button.setCheckable(True)
        self.open_button.setToolTip(
            self.tr(
                "Open this gradient into how the loss changes with the output, "
                "times how the output changes with its sum"
            )
        )
        self.open_button.toggled.connect(self._open)
        self.code = Line(self)
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
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.space(1))
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.pytorch_button)
        buttons.addWidget(self.open_button)
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

    @property
    def _is_asked(self) -> bool:
        """Whether a person works the number out. Then symbols say how, and a row each what of:
        with the numbers put in and laid out factor by factor there were nothing left but to type
        them into a calculator."""
        return self.formula is not None and is_hidden(self.formula.value)

    def _show_told(self) -> None:
        """Symbols, numbers and boxes: as computed, or opened into the chain rule's factors."""
        formula = self.formula
        if formula is None:
            return
        opened = formula.opened if self.open_button.isChecked() else None
        told = opened or formula
        self.symbols.show_formula(told.symbols)
        self.numbers.show_formula(told.numbers)
        self.numbers.setHidden(self._is_asked)
        ways = (opened.way,) if opened is not None else formula.ways
        ways = () if self._is_asked else ways
        count = max(len(ways), len(formula.terms)) + formula.left_out[0]
        self.chain.show_ways(ways, count, formula.value)
        self.open_button.setVisible(formula.opened is not None)

    def _show_rest(self, count: int, value: float) -> None:
        text = self.tr("and {count} more: {value}")
        self.rest.setText(text.format(count=whole(count), value=four_digits(value)))
        self.rest.setToolTip(in_full(value))
        self.rest.setVisible(count > 0)

    def _all_digits(self, formula: Formula) -> str:
        """All digits of the result, as torch has it and as the numbers shown come to it."""
        text = self.tr("PyTorch computed {exact}. The numbers shown come to {value}.")
        return text.format(exact=exact(formula.result), value=in_full(formula.value))

    @property
    def _labels(self) -> tuple[MathLabel, ...]:
        numbers = () if self._is_asked else (self.numbers,)
        return (self.symbols, *numbers, *self.chain.labels, self.rule)

    def _open(self) -> None:
        self._show_told()
        self._light()
        self.drawer.draw_now()

    def _missing(self) -> tuple[str, ...]:
        """What is shown in letters still."""
        return tuple(dict.fromkeys(piece for one in self._labels for piece in one.missing))

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
        self.chain.light(spots)
        for label in (self.symbols, self.numbers):
            label.light(
                frozenset(
                    piece
                    for piece in range(len(label.pieces))
                    if any(matches(a, b) for a in self._spots_of(label, piece) for b in spots)
                )
            )

    def _restyle(self) -> None:
        self.rest.setStyleSheet(f"color: {theme.current().text_dim};")
