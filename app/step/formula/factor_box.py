"""A factor of the chain rule in a box of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.kit import theme
from app.kit.layouts import in_column
from app.kit.math.label import MathLabel
from app.link.focus import Spot
from app.link.spots import matches
from app.step.formula.terms_model import exact, place_of, shown

if TYPE_CHECKING:
    from core.debugger.formulas.formula import Factor


class FactorBox(QFrame):
    """``pointed`` carries its factor while the pointer is in it, else None."""

    pointed = Signal(object)

    def __init__(
        self, identity: str, caption: str, parent: QWidget | None = None, *, captioned: bool = True
    ) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setAccessibleName(caption)
        self.factor: Factor | None = None
        self._lit = False
        self.caption = QLabel(caption, self)
        self.caption.setVisible(captioned)
        self.symbol = MathLabel(f"{identity}.symbol", caption, self)
        self.symbol.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.value = QLabel(self)
        self.value.setObjectName(f"{identity}.value")
        self.value.setFont(theme.number_font())
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        in_column(
            self.caption, None, self.symbol, None, self.value, into=self, around=(1, 0.5, 1, 0.5)
        ).setSpacing(theme.space(0.25))
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
