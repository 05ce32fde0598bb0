"""The chain from the loss to the number at hand: a click on a link goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.kit import theme
from app.kit.flow import FlowLayout
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import in_full, whole
from app.step.formula.terms_model import shown
from core.expression.plain import plain

if TYPE_CHECKING:
    from core.debugger.formulas.chain import Link


class _LinkButton(QWidget):
    """What is multiplied, then the number that it gives, to be pressed."""

    def __init__(self, place: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.factor = QLabel(self)
        self.button = named(QPushButton(self), f"formula.chain.{place}")
        self.button.setCheckable(True)
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.setProperty("role", "chain")
        in_row(self.factor, self.button, into=self, apart=0.5)

    def show_link(self, link: Link, *, here: bool) -> None:
        """Shows another number of a chain."""
        number = f"{plain(link.name)} = {shown(link.number)}"
        self.button.setText(number)
        self.button.setChecked(here)
        self.button.setAccessibleName(number)
        self.button.setToolTip(
            self.tr("{number}\nGo to where it is computed").format(
                number=f"{plain(link.name)} = {in_full(link.number.value)}"
            )
        )
        self.factor.setText(self._told(link))
        self.factor.setVisible(bool(self.factor.text()))

        several = self.tr("The largest of {count} parts that are added up")
        self.factor.setToolTip(several.format(count=whole(link.ways)) if link.ways > 1 else "")

    def _told(self, link: Link) -> str:
        """What makes this number of the one before: a product, and what is added to it."""
        more = whole(link.ways - 1)
        if link.local is None:
            return self.tr("+ {count} more →").format(count=more) if link.ways > 1 else ""
        name, value = plain(link.local.symbol), shown(link.local)
        by = value if name == value else f"{name} = {value}"
        if link.ways == 1:
            return f"× {by} →"
        return self.tr("× {factor}, + {count} more →").format(factor=by, count=more)


class ChainStrip(QWidget):
    """``picked`` carries the link that was pressed."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "formula.chain", self.tr("The chain from the loss to this number"))
        self.links: tuple[Link, ...] = ()
        self.here = -1
        self._buttons: list[_LinkButton] = []
        self.caption = QLabel(self.tr("From the loss to this number"), self)
        self._row = QWidget(self)
        self._flow = FlowLayout(self._row)
        in_column(self.caption, self._row, into=self, apart=0.5)
        self._restyle()
        self.hide()

    def show_chain(self, links: tuple[Link, ...], here: int = -1) -> None:
        """Shows a chain, and marks where in it one stands; without one, at its end."""
        self.links, self.here = links, here % len(links) if links else -1
        while len(self._buttons) < len(links):
            self._add_button()
        for place, button in enumerate(self._buttons):
            if place < len(links):
                button.show_link(links[place], here=place == self.here)
            button.setVisible(place < len(links))
        self._restyle()
        self._row.updateGeometry()
        self.setVisible(bool(links))

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _add_button(self) -> None:
        place = len(self._buttons)
        made = _LinkButton(place, self._row)
        made.button.clicked.connect(lambda: self._pick(place))
        self._flow.addWidget(made)
        self._buttons.append(made)

    def _pick(self, place: int) -> None:
        # Where one stands is told by what is shown next, not by the press.
        self._buttons[place].button.setChecked(place == self.here)
        self.picked.emit(self.links[place])

    def _restyle(self) -> None:
        tokens = theme.current()
        dim = f"color: {tokens.text_dim};"
        for label in (self.caption, *(button.factor for button in self._buttons)):
            if label.styleSheet() != dim:
                label.setStyleSheet(dim)
