"""The numbers that a formula reads, as rows: each term of its sum, then the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.kit.numbers import four_digits, in_full, whole, with_minus
from app.link.focus import Spot
from app.link.spots import matches, spot_of
from core.debugger.formulas.formula import Factor, Formula
from core.expression.hidden import is_hidden
from core.expression.plain import plain

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_SURVEYED = 8
_COUNT = 1e9
"""What is larger is no count."""


class Role(IntEnum):
    """What the delegate asks for."""

    FACTOR = Qt.ItemDataRole.UserRole + 1
    VALUE = Qt.ItemDataRole.UserRole + 2
    SHARE = Qt.ItemDataRole.UserRole + 3
    LIT = Qt.ItemDataRole.UserRole + 4


@dataclass(frozen=True)
class Row:
    """A term with its product, or a factor that stands by itself."""

    factors: tuple[Factor, ...]
    product: float | None


def place_of(factor: Factor) -> Spot | None:
    """Where in the network a factor is."""
    return spot_of(factor.key, factor.index) if factor.key else None


def exact(factor: Factor) -> str:
    """All digits of a number: of torch's, those that tell it from its neighbours."""
    value = factor.value
    is_torchs = factor.key and not is_hidden(value)
    return with_minus(str(np.float32(value))) if is_torchs else in_full(value)


def shown(factor: Factor) -> str:
    """A number to four digits; a class, a count or a constant without digits that it has not."""
    counts = factor.key.partition(":")[0] in ("", "y", "t")
    if counts and factor.value == round(factor.value, 0) and abs(factor.value) < _COUNT:
        return whole(int(factor.value))
    return four_digits(factor.value)


def rows_of(formula: Formula) -> tuple[Row, ...]:
    """The terms, the largest first, then the factors in none of them.

    Of a number that a person works out, each number it is made of by itself, as long as that is
    to be surveyed: what belongs to what, the symbols say.
    """
    alone = (*formula.factors, *formula.constants)
    if is_hidden(formula.value) and len(alone) <= _SURVEYED and not formula.left_out[0]:
        return tuple(Row((factor,), None) for factor in alone)
    if len(formula.terms) < 2:
        return tuple(Row((factor,), None) for factor in formula.factors)
    terms = tuple(Row(term.factors, term.value) for term in formula.terms)
    inside = {(factor.key, factor.index) for row in terms for factor in row.factors}
    others = [one for one in formula.factors if (one.key, one.index) not in inside and one.key]
    return (*terms, *(Row((factor,), None) for factor in others))


class TermsModel(QAbstractTableModel):
    """A column a factor, then the product, then its size as a bar."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self.width = 1
        self._largest = 1.0
        self._lit: tuple[Spot, ...] = ()

    def show_formula(self, formula: Formula | None) -> None:
        """Shows another formula's numbers."""
        self.beginResetModel()
        self.rows = rows_of(formula) if formula is not None else ()
        self.width = max((len(row.factors) for row in self.rows), default=1)
        products = [abs(row.product) for row in self.rows if row.product is not None]
        finite = [product for product in products if np.isfinite(product)]
        self._largest = max(finite, default=0.0) or 1.0
        self.endResetModel()

    @property
    def has_products(self) -> bool:
        """Whether there is a sum to lay out."""
        return any(row.product is not None for row in self.rows)

    def light(self, spots: tuple[Spot, ...]) -> None:
        """Marks the numbers of these places."""
        if spots == self._lit:
            return
        self._lit = spots
        if self.rows:
            last = self.index(len(self.rows) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Role.LIT])

    def factor_at(self, index: Index) -> Factor | None:
        """The factor of a cell: of a product's cell, its weight or else its first."""
        if not index.isValid():
            return None
        factors = self.rows[index.row()].factors
        if index.column() < len(factors):
            return factors[index.column()]
        placed = [factor for factor in factors if place_of(factor) is not None]
        edges = [factor for factor in placed if factor.key.startswith("p:")]
        return next(iter((*edges, *placed)), None)

    def rowCount(self, _parent: Index = _ROOT) -> int:
        """Terms and factors."""
        return len(self.rows)

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """The factors of the longest term; for a sum also product and bar."""
        return self.width + (2 if self.has_products else 0)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, all digits, or what the delegate draws."""
        row, column = self.rows[index.row()], index.column()
        known: dict[int, Callable[[Row, int], object]] = {
            Qt.ItemDataRole.DisplayRole: self._text,
            Qt.ItemDataRole.ToolTipRole: self._all_digits,
            Qt.ItemDataRole.AccessibleTextRole: self._all_digits,
            Role.FACTOR: self._factor,
            Role.VALUE: self._value,
            Role.SHARE: self._share,
            Role.LIT: self._is_lit,
        }
        return known[role](row, column) if role in known else None

    def _factor(self, row: Row, column: int) -> Factor | None:
        return row.factors[column] if column < len(row.factors) else None

    def _value(self, row: Row, column: int) -> float | None:
        factor = self._factor(row, column)
        if factor is not None:
            return factor.value
        return row.product if column == self.width else None

    def _share(self, row: Row, column: int) -> float | None:
        if column != self.width + 1 or row.product is None:
            return None
        return row.product / self._largest if np.isfinite(row.product) else None

    def _text(self, row: Row, column: int) -> str:
        factor = self._factor(row, column)
        if factor is not None:
            return shown(factor)
        value = self._value(row, column)
        return "" if value is None else four_digits(value)

    def _all_digits(self, row: Row, column: int) -> str:
        factor = self._factor(row, column)
        if factor is not None:
            return f"{plain(factor.symbol)} = {exact(factor)}"
        return "" if row.product is None else in_full(row.product)

    def _is_lit(self, row: Row, column: int) -> bool:
        factor = self._factor(row, column)
        place = place_of(factor) if factor is not None else None
        return place is not None and any(matches(place, spot) for spot in self._lit)
