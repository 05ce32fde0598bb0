"""The products of the chain rule that a gradient is made of, box times box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.kit import theme
from app.kit.layouts import in_column, in_row
from app.kit.numbers import four_digits, in_full, whole
from app.link.focus import Spot
from app.step.formula.factor_box import FactorBox

if TYPE_CHECKING:
    from app.kit.math.label import MathLabel
    from core.debugger.formulas.formula import Way

SHOWN = 3
"""The most ways that stand in boxes of their own."""


class _Row(QWidget):
    """One way: what comes back, times the local derivative."""

    def __init__(self, identity: str, parent: QWidget, *, first: bool) -> None:
        super().__init__(parent)
        self.upstream = FactorBox(
            f"{identity}.upstream", self.tr("Comes back (upstream)"), self, captioned=first
        )
        self.local = FactorBox(
            f"{identity}.local", self.tr("Local derivative"), self, captioned=first
        )
        self.sign = QLabel("+", self)
        self.sign.setVisible(not first)
        self.times = QLabel("×", self)
        for mark in (self.sign, self.times):
            mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        in_row(self.sign, (self.upstream, 1), self.times, (self.local, 1), into=self)


class WaysBox(QWidget):
    """``pointed`` carries the factor under the pointer, else None."""

    pointed = Signal(object)

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{identity}.ways")
        self.ways: tuple[Way, ...] = ()
        names = (identity, *(f"{identity}.{i}" for i in range(2, SHOWN + 1)))
        self._rows = [_Row(name, self, first=name == identity) for name in names]
        self.upstream, self.local = self._rows[0].upstream, self._rows[0].local
        self.rest = QLabel(self)
        self.rest.setObjectName(f"{identity}.ways.rest")
        self.rest.setIndent(theme.space(0.75))
        for box in self._boxes:
            box.pointed.connect(self.pointed)
        in_column(*self._rows, self.rest, into=self, apart=0.5)
        self._restyle()

    def show_ways(self, ways: tuple[Way, ...], count: int, value: float) -> None:
        """Shows the largest ways, and what the others come to.

        Args:
            ways: The largest first.
            count: How many summands there are, with those that are not given.
            value: What all of them come to.
        """
        self.ways = ways
        shown = ways[:SHOWN]
        for row, way in zip(self._rows, shown, strict=False):
            row.upstream.show_factor(way.upstream)
            row.local.show_factor(way.local)
        for position, row in enumerate(self._rows):
            row.setVisible(position < len(shown))
        missing = value - sum(way.value for way in shown)
        text = self.tr("and {count} more: {value}")
        self.rest.setText(text.format(count=whole(count - len(shown)), value=four_digits(missing)))
        self.rest.setToolTip(in_full(missing))
        self.rest.setVisible(count > len(shown) > 0)
        self.setVisible(bool(shown))

    @property
    def labels(self) -> tuple[MathLabel, ...]:
        """The formulas in the boxes that are shown."""
        return tuple(
            box.symbol for row in self._rows[: len(self.ways)] for box in (row.upstream, row.local)
        )

    def magnify(self, factor: float) -> None:
        """Draws the factors in larger letters."""
        for box in self._boxes:
            box.symbol.magnify(factor)

    def light(self, spots: tuple[Spot, ...]) -> None:
        """Marks the boxes whose numbers belong to one of these places."""
        for box in self._boxes:
            box.light(spots)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    @property
    def _boxes(self) -> list[FactorBox]:
        return [box for row in self._rows for box in (row.upstream, row.local)]

    def _restyle(self) -> None:
        dim = f"color: {theme.current().text_dim};"
        for label in (self.rest, *(mark for row in self._rows for mark in (row.sign, row.times))):
            label.setStyleSheet(dim)
